// SPDX-License-Identifier: LGPL-3.0-or-later
// A CallbackHost with real processes, on a loop that runs while a call is waited for.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/callback/context_json.h"
#include "lib/callback_host/callback_host.h"
#include "lib/net/event_loop.h"
#include "tests/fakes/recording_log.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::callback_host {

// In a directory of its own, with mode 0755: library_good.cc by default.
std::string CopiedLibrary(const fakes::TemporaryDirectory& folder,
                          const std::string& name = "callback_library.so");

class HostFixture {
 public:
  // With callback_library.so when nothing else is said.
  HostFixture();
  explicit HostFixture(HostOptions options);

  struct Ended {
    delivery::CallbackResult result;
    base::Milliseconds after;
  };

  // Runs the call to its end.
  Ended Run(const std::string& callback, const std::string& context,
            base::Milliseconds deadline = std::chrono::seconds(60));

  // With an event whose body is `body`.
  Ended RunEvent(const std::string& callback, const std::string& body = "{}",
                 base::Milliseconds deadline = std::chrono::seconds(60));

  // Starts calls at once and waits for all; in the order of their ends.
  struct Named {
    std::string callback;
    delivery::CallbackResult result;
  };
  struct Wanted {
    std::string callback;
    std::string context;
    base::Milliseconds deadline = std::chrono::seconds(60);
  };
  std::vector<Named> RunAll(const std::vector<Wanted>& calls);

  // The process that answers now.
  pid_t Pid();

  static HostOptions Options(std::vector<std::string> libraries, std::size_t processes_max = 1);

  fakes::TemporaryDirectory folder;
  base::SystemClock clock;
  net::EventLoop loop{clock};
  fakes::RecordingLog log;
  std::unique_ptr<CallbackHost> host;
  delivery::ReadAsFunction read_as;  // refuses unless a test sets it
};

std::string EventContextOf(const std::string& body);
std::string DeliveryContextOf(const model::Delivery& delivery);

// Of a result that must be an answer, or an error.
const delivery::CallbackAnswer& AnswerOf(const delivery::CallbackResult& result);
const delivery::CallbackError& ErrorOf(const delivery::CallbackResult& result);

}  // namespace webhook::callback_host
