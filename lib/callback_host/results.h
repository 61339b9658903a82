// SPDX-License-Identifier: LGPL-3.0-or-later
// How calls end, in the words of the port. Each message is one sentence that names the callback.
// Pure.
#pragma once

#include <string>

#include "lib/base/time.h"
#include "lib/callback/answer_json.h"
#include "lib/delivery/ports/callback_runner.h"

namespace webhook::callback_host {

// The reply of a process to a call.
delivery::CallbackResult ResultOf(const std::string& callback, callback::Reply reply);

delivery::CallbackError Crashed(const std::string& callback, const std::string& how);
delivery::CallbackError NotStarted(const std::string& callback, const std::string& why);
delivery::CallbackError DeadlineOver(const delivery::CallbackCall& call);
delivery::CallbackError NeverRun(const delivery::CallbackCall& call);  // no process was free
delivery::CallbackError NoAnswer(const std::string& callback, const std::string& why);
delivery::CallbackError Unknown(const std::string& callback);
delivery::CallbackError Stopping(const std::string& callback);

}  // namespace webhook::callback_host
