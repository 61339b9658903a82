// SPDX-License-Identifier: LGPL-3.0-or-later
// A worker that dies while a callback runs: `callback_parent PROGRAM LIBRARY` calls test.loop,
// which writes its process id to standard error, so that it is in the log, and is then killed by
// whoever started it.
#include <cstdio>
#include <string>

#include "lib/base/clock.h"
#include "lib/callback/context_json.h"
#include "lib/callback_host/callback_host.h"
#include "lib/net/event_loop.h"

namespace {

class PrintingLog final : public webhook::base::EventLog {
 public:
  void Write(webhook::base::Level, std::string_view event,
             webhook::base::Fields fields) noexcept override {
    if (event != "callback.output") return;
    for (const auto& field : fields) {
      const auto* text = std::get_if<std::string_view>(&field.value.state());
      if (field.name == "text" && text != nullptr) {
        std::printf("%.*s\n", static_cast<int>(text->size()), text->data());
        std::fflush(stdout);
      }
    }
  }
};

}  // namespace

int main(int, char** argv) {
  webhook::base::SystemClock clock;
  webhook::net::EventLoop loop(clock);
  PrintingLog log;
  webhook::callback_host::HostOptions options;
  options.program = argv[1];
  options.libraries = {argv[2]};
  webhook::callback_host::CallbackHost host(options, clock, loop, log);
  loop.Post([&] {
    host.Run({"test.loop", EncodeContext(webhook::callback::EventFacts{}),
              webhook::base::Milliseconds(60'000)},
             {}, [&](const auto&) { loop.Stop(); });
  });
  loop.Run();
}
