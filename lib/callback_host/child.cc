// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/child.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/callback/answer_json.h"
#include "lib/callback/json_members.h"
#include "lib/callback/sdk_version.h"
#include "lib/callback_host/channel.h"
#include "lib/callback_host/confinement.h"
#include "lib/callback_host/loaded_callbacks.h"

namespace webhook::callback_host {
namespace {

using model::Value;

// A question gives up this long before the deadline, so that the callback can still answer.
constexpr base::Milliseconds kLastWordTime{200};
constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

Value TextList(const std::vector<std::string>& texts) {
  Value::List items;
  for (const std::string& text : texts) items.push_back(Value::Text(text));
  return Value::ListOf(std::move(items));
}

Value Message(const char* type) { return Value::ObjectOf({{"type", Value::Text(type)}}); }

// One call under way: what the library may ask for.
class Call {
 public:
  Call(Channel& channel, const base::Clock& clock, base::SteadyTime deadline)
      : channel_(channel), clock_(clock), deadline_(deadline) {}

  webhook_sdk_host Host() {
    return {this,
            [](void* self, int level, const char* text, size_t size) {
              static_cast<Call*>(self)->Log(level, {text, size});
            },
            [](void* self, const char* question, size_t size, webhook_sdk_sink reply) {
              const std::string text = static_cast<Call*>(self)->Ask({question, size});
              reply.put(reply.self, text.data(), text.size());
            },
            [](void* self) { return static_cast<Call*>(self)->Remaining().count(); }};
  }

 private:
  base::Milliseconds Remaining() const {
    return std::max(deadline_ - clock_.SteadyNow(), base::Milliseconds(0));
  }

  void Log(int level, std::string_view text) {
    Value message = Message("log");
    message.Set("level", Value::Integer(level));
    message.Set("text", Value::Text(std::string(text)));
    channel_.Write(message);
  }

  // One question at a time, whatever threads the callback has.
  std::string Ask(std::string_view question) {
    base::MutexLock lock(asking_);
    Value message = Message("ask");
    message.Set("number", Value::Integer(++number_));
    message.Set("question", Value::Text(std::string(question)));
    if (!channel_.Write(message)) return R"({"error": "the question is too long"})";
    return WaitForAnswer();
  }

  std::string WaitForAnswer() {
    while (true) {
      const auto patience = std::max(Remaining() - kLastWordTime, base::Milliseconds(0));
      const std::optional<Value> message = channel_.Read(patience);
      if (!message) return R"({"error": "the callback's time is over"})";
      std::int64_t number = 0;
      std::string reply;
      if (TypeOf(*message) == "answer" &&
          callback::ReadWhole(*message, "number", number_, number_, number) &&
          callback::ReadText(*message, "reply", reply)) {
        return reply;
      }
    }
  }

  Channel& channel_;
  const base::Clock& clock_;
  const base::SteadyTime deadline_;
  base::Mutex asking_;
  std::int64_t number_ = 0;
};

class Child {
 public:
  Child(Channel& channel, const LoadedCallbacks& callbacks)
      : channel_(channel), callbacks_(callbacks) {}

  void SayReady() {
    Value message = Message("ready");
    message.Set("sdk_version", Value::Integer(callback::kSdkVersion));
    message.Set("callbacks", TextList(callbacks_.Names()));
    message.Set("problems", TextList(callbacks_.problems()));
    channel_.Write(message);
  }

  void RunCalls() {
    while (const std::optional<Value> message = channel_.Read({})) {
      if (TypeOf(*message) == "call" && !RunCall(*message)) return;
    }
  }

 private:
  // False: the worker speaks another language.
  bool RunCall(const Value& message) {
    std::int64_t number = 0;
    std::int64_t remaining_ms = 0;
    std::string name;
    std::string context;
    if (!callback::ReadWhole(message, "call", 0, kNumberMax, number) ||
        !callback::ReadWhole(message, "remaining_ms", 0, kNumberMax, remaining_ms) ||
        !callback::ReadText(message, "callback", name) ||
        !callback::ReadText(message, "context", context)) {
      return false;
    }
    const auto deadline = clock_.SteadyNow() + base::Milliseconds(remaining_ms);
    return Answer(number, ReplyOf(name, context, deadline));
  }

  std::string ReplyOf(const std::string& name, const std::string& context,
                      base::SteadyTime deadline) {
    const webhook_sdk_entry_table* entry = callbacks_.Find(name);
    if (entry == nullptr) {
      return callback::EncodeReply(callback::Failure{callback::FailureKind::kUnknownCallback,
                                                     "no library has a callback of that name"});
    }
    Call call(channel_, clock_, deadline);
    const webhook_sdk_host host = call.Host();
    std::string reply;
    const webhook_sdk_sink sink{&reply, [](void* self, const char* text, size_t size) {
                                  static_cast<std::string*>(self)->assign(text, size);
                                }};
    entry->run(name.data(), name.size(), context.data(), context.size(), &host, sink);
    return reply;
  }

  static Value Failed(const std::string& why) {
    auto reply = model::ParseJson(
        callback::EncodeReply(callback::Failure{callback::FailureKind::kNoAnswer, why}));
    return std::move(reply).value();
  }

  bool Answer(std::int64_t number, const std::string& reply) {
    const auto parsed = model::ParseJson(reply);
    const Value body =
        parsed.ok() ? parsed.value() : Failed("its answer is not JSON: " + parsed.error().message);
    Value message = Message("reply");
    message.Set("call", Value::Integer(number));
    message.Set("reply", body);
    if (channel_.Write(message)) return true;
    message.Set("reply", Failed("its answer is too long"));
    return channel_.Write(message);
  }

  Channel& channel_;
  const LoadedCallbacks& callbacks_;
  base::SystemClock clock_;
};

}  // namespace

int RunCallbackHost(int socket_fd, const std::vector<std::string>& libraries) {
  ConfineThisProcess(socket_fd);
  Channel channel{base::FileDescriptor(socket_fd)};
  const LoadedCallbacks callbacks(libraries);
  Child child(channel, callbacks);
  child.SayReady();
  child.RunCalls();
  return 0;
}

}  // namespace webhook::callback_host
