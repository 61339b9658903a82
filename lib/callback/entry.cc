// SPDX-License-Identifier: LGPL-3.0-or-later
// The C functions of sdk_abi.h over the registry of this executable or shared object.
#include "lib/callback/dispatch.h"

namespace webhook::callback {
namespace {

void Put(webhook_sdk_sink sink, std::string_view text) {
  sink.put(sink.self, text.data(), text.size());
}

void PutNames(webhook_sdk_sink names, webhook_sdk_sink problems) {
  const Registry& registry = Registry::OfThisProgram();
  for (const std::string& name : registry.Names()) Put(names, name);
  for (const std::string& problem : registry.problems()) Put(problems, problem);
}

int LevelNumber(LogLevel level) { return static_cast<int>(level); }

std::string Ask(const webhook_sdk_host& host, const std::string& question) {
  std::string reply;
  const webhook_sdk_sink sink{&reply, [](void* self, const char* text, size_t size) {
                                static_cast<std::string*>(self)->assign(text, size);
                              }};
  host.read_as(host.self, question.data(), question.size(), sink);
  return reply;
}

ContextHost HostOf(const webhook_sdk_host& host) {
  return {[&host](LogLevel level, std::string_view text) {
            host.log(host.self, LevelNumber(level), text.data(), text.size());
          },
          [&host](const std::string& question) { return Ask(host, question); },
          [&host] { return std::chrono::milliseconds(host.remaining_ms(host.self)); }};
}

void Run(const char* name, size_t name_size, const char* context, size_t context_size,
         const webhook_sdk_host* host, webhook_sdk_sink answer) {
  const Reply reply = Dispatch(Registry::OfThisProgram(), std::string(name, name_size),
                               std::string_view(context, context_size), HostOf(*host));
  Put(answer, EncodeReply(reply));
}

}  // namespace

const webhook_sdk_entry_table* EntryOfThisProgram() {
  static const webhook_sdk_entry_table table{PutNames, Run};
  return &table;
}

}  // namespace webhook::callback
