// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "lib/callback/sdk_version.h"

namespace webhook::callback_host {
namespace {

using VersionFunction = int (*)();
using EntryFunction = const webhook_sdk_entry_table* (*)();

template <typename Function>
Function Symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

std::string LoaderMessage() {
  const char* message = dlerror();
  return message == nullptr ? "for a reason that the loader does not tell" : message;
}

}  // namespace

std::string RefuseVersion(const std::string& path, int version) {
  if (version == callback::kSdkVersion) return "";
  if (version < callback::kSdkVersion) {
    return fmt::format(
        "{} was built with version {} of the SDK, this worker has {}: build {} again", path,
        version, callback::kSdkVersion, path);
  }
  return fmt::format(
      "{} was built with version {} of the SDK, this worker has {}: install a newer worker, or "
      "build "
      "{} with this worker's SDK",
      path, version, callback::kSdkVersion, path);
}

base::Result<const webhook_sdk_entry_table*, std::string> LoadLibrary(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fmt::format("{} cannot be loaded: {}", path, LoaderMessage());
  const auto version = Symbol<VersionFunction>(library, callback::kVersionSymbol);
  const auto entry = Symbol<EntryFunction>(library, callback::kEntrySymbol);
  if (version == nullptr || entry == nullptr) {
    return fmt::format("{} has no callbacks: nothing in it uses WEBHOOK_CALLBACK", path);
  }
  // Before anything else of it is called: only this function's form never changes.
  std::string refusal = RefuseVersion(path, version());
  if (!refusal.empty()) return refusal;
  return entry();
}

}  // namespace webhook::callback_host
