// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "app/webhook_worker/explain_report.h"
#include "app/webhook_worker/odoo_configuration.h"
#include "lib/base/clock.h"
#include "lib/config/diagnosis.h"

namespace webhook::app {
namespace {

constexpr std::streamoff kFileBytesMax = std::streamoff{64} << 20;

// What cannot be explained, and the exit code for it.
struct Refusal {
  int exit_code;
  std::string sentence;
};

template <typename T>
using Given = base::Result<T, Refusal>;

Given<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? std::streamoff(file.tellg()) : -1;
  if (size < 0) return Refusal{kExitUsage, path + ": cannot be read"};
  if (size > kFileBytesMax) return Refusal{kExitUsage, path + ": larger than 64 MiB"};
  file.seekg(0);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

model::Phase PhaseNamed(const std::string& name) {
  if (name == "before_send") return model::Phase::kBeforeSend;
  return name == "response" ? model::Phase::kResponse : model::Phase::kEvent;
}

Given<ExplainedEvent> ReadEvent(const ExplainOptions& options) {
  auto text = ReadFile(options.event_path);
  if (!text.ok()) return text.error();
  auto event = ReadEventFile(text.value(), PhaseNamed(options.phase));
  if (!event.ok()) return Refusal{kExitUsage, options.event_path + ": " + event.error()};
  return std::move(event).value();
}

Given<model::Handler> ReadRules(const ExplainOptions& options) {
  auto text = ReadFile(options.rules_path);
  if (!text.ok()) return text.error();
  auto handler = model::DecodeHandler(text.value());
  if (!handler.ok()) {
    return Refusal{kExitUsage, options.rules_path + ": " + handler.error().message};
  }
  if (!options.handler_code.empty() && handler.value().code != options.handler_code) {
    return Refusal{kExitUsage, options.rules_path + " holds the handler " + handler.value().code +
                                   ", not " + options.handler_code};
  }
  return std::move(handler).value();
}

Given<model::Handler> HandlerWithCode(const model::Configuration& configuration,
                                      const std::string& code) {
  const model::Handler* found = nullptr;
  for (const auto& [id, handler] : configuration.handlers) {
    if (handler.code != code) continue;
    if (found != nullptr) {
      return Refusal{kExitProblem, "several handlers have the code " + code +
                                       ", of different "
                                       "companies: save one as a file and give it with --rules"};
    }
    found = &handler;
  }
  if (found == nullptr) return Refusal{kExitProblem, "Odoo has no handler with the code " + code};
  return *found;
}

Given<model::Handler> FetchHandler(const ExplainOptions& options, const config::Config& config) {
  const base::SystemClock clock;
  const auto configuration = FetchConfiguration(config, clock);
  if (!configuration.ok()) {
    return Refusal{kExitProblem,
                   config::FindingText(config::ExplainFault(configuration.error(), config))};
  }
  return HandlerWithCode(configuration.value(), options.handler_code);
}

int Refuse(const Refusal& refusal) {
  fmt::print(stderr, "webhook-worker: {}\n", refusal.sentence);
  return refusal.exit_code;
}

}  // namespace

int ExplainCommand(const ExplainOptions& options, const config::Config* config) {
  const auto event = ReadEvent(options);
  if (!event.ok()) return Refuse(event.error());
  const auto handler = config == nullptr ? ReadRules(options) : FetchHandler(options, *config);
  if (!handler.ok()) return Refuse(handler.error());
  const ExplainReport report = Explain(handler.value(), event.value());
  fmt::print("{}", report.text);
  return report.ok ? kExitOk : kExitProblem;
}

}  // namespace webhook::app
