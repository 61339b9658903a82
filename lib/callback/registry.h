// SPDX-License-Identifier: LGPL-3.0-or-later
// Native callbacks by name. Start here:
//
//   WEBHOOK_CALLBACK("acme.invoice_paid",
//                    [](webhook::callback::EventContext& context) -> webhook::callback::Outcome {
//                      return webhook::callback::Outcome::Done();
//                    });
//
// The same with DeliveryContext before a delivery is sent for the first time. A callback runs in a
// process of its own, one call at a time. It may be called again for the same event or delivery:
// record operations take effect once, effects of its own do not.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lib/callback/context.h"
#include "lib/callback/outcome.h"
#include "lib/callback/sdk_abi.h"
#include "lib/callback/sdk_version.h"

namespace webhook::callback {

using EventFunction = std::function<Outcome(EventContext&)>;
using DeliveryFunction = std::function<Outcome(DeliveryContext&)>;

struct Callback {
  EventFunction on_event;  // exactly one of the two
  DeliveryFunction on_delivery;
};

inline constexpr std::size_t kNameCharactersMax = 128;

// Lower-case letters, digits, `.`, `_` and `-`, at most kNameCharactersMax.
bool IsCallbackName(std::string_view name);

// What WEBHOOK_CALLBACK has filled: one for each executable or shared object, complete before main
// or when the shared object is loaded, and read only from then on.
class Registry {
 public:
  // Of the executable or shared object that this is linked into. The one global of the SDK: only
  // initialisers that run before main can fill it.
  static Registry& OfThisProgram();

  void Add(std::string name, Callback callback);

  // nullptr when nobody has it, or when two have.
  const Callback* Find(std::string_view name) const;

  std::vector<std::string> Names() const;  // sorted, those that can be found

  // A sentence for each name that is no name or that two have.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::map<std::string, Callback, std::less<>> callbacks_;
  std::map<std::string, int, std::less<>> times_;
  std::vector<std::string> problems_;
};

class Registration {
 public:
  template <typename Function>
  Registration(std::string name, Function function) {
    constexpr bool kForEvents = std::is_invocable_r_v<Outcome, Function&, EventContext&>;
    constexpr bool kForDeliveries = std::is_invocable_r_v<Outcome, Function&, DeliveryContext&>;
    static_assert(kForEvents != kForDeliveries,
                  "a callback takes an EventContext& or a DeliveryContext& and returns an Outcome");
    Callback callback;
    if constexpr (kForEvents) callback.on_event = std::move(function);
    if constexpr (kForDeliveries) callback.on_delivery = std::move(function);
    Registry::OfThisProgram().Add(std::move(name), std::move(callback));
  }
};

// The functions of sdk_abi.h over Registry::OfThisProgram().
const webhook_sdk_entry_table* EntryOfThisProgram();

}  // namespace webhook::callback

// In a header, so that every shared object that registers a callback exports them, with the version
// that it was compiled for.
extern "C" {
__attribute__((used, visibility("default"))) inline int webhook_sdk_version() {
  return webhook::callback::kSdkVersion;
}
__attribute__((used, visibility("default"))) inline const webhook_sdk_entry_table*
webhook_sdk_entry() {
  return webhook::callback::EntryOfThisProgram();
}
}

#define WEBHOOK_CALLBACK_JOIN_(a, b) a##b
#define WEBHOOK_CALLBACK_NAME_(line) WEBHOOK_CALLBACK_JOIN_(webhook_callback_registration_, line)

// At namespace scope: the name, then anything that can be called with the context.
#define WEBHOOK_CALLBACK(name, ...)                                                       \
  [[maybe_unused]] static const ::webhook::callback::Registration WEBHOOK_CALLBACK_NAME_( \
      __LINE__)(name, __VA_ARGS__)
