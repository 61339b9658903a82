// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/check_gateway.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "app/webhook_worker/gateway_options.h"
#include "lib/base/clock.h"
#include "lib/journal/journal_error.h"
#include "lib/journal/sqlite_inbox.h"
#include "lib/net/event_loop.h"
#include "lib/net/tls_server.h"

namespace webhook::app {
namespace {

// Nothing is served here: what the TLS code has to say comes as its exception.
class SilentLog final : public base::EventLog {
 public:
  void Write(base::Level, std::string_view, base::Fields) noexcept override {}
};

std::string ListenText(const config::GatewayConfig& gateway) {
  const char* protocol = gateway.tls_certificate_file.empty() ? "plain HTTP" : "TLS";
  const std::string known_as = gateway.public_url.empty() ? "" : ", known as " + gateway.public_url;
  return fmt::format("gateway: listens at {}, {}{}", gateway.listen, protocol, known_as);
}

void CheckCertificate(const config::GatewayConfig& gateway, GatewayReport& report) {
  if (gateway.tls_certificate_file.empty()) return;
  const base::SystemClock clock;
  SilentLog log;
  try {
    const net::TlsServer server(gateway.tls_certificate_file, gateway.tls_key_file, clock, log);
    report.lines.push_back("gateway: certificate and key fit");
  } catch (const std::runtime_error& error) {
    report.errors.push_back(std::string("gateway.tls_certificate_file: ") + error.what());
  }
}

// The nearest directory above that exists: the worker makes those between.
std::string ExistingDirectory(const std::string& path) {
  std::error_code ignored;
  std::filesystem::path directory = std::filesystem::path(path).parent_path();
  while (!directory.empty() && directory != directory.parent_path() &&
         !std::filesystem::exists(directory, ignored)) {
    directory = directory.parent_path();
  }
  return directory.empty() ? "." : directory.string();
}

void CheckNewInbox(const std::string& path, GatewayReport& report) {
  const std::string directory = ExistingDirectory(path);
  if (access(directory.c_str(), W_OK | X_OK) == 0) {
    report.lines.push_back(fmt::format("inbox: {} will be made when the worker starts", path));
    return;
  }
  report.errors.push_back(fmt::format(
      "gateway.inbox: {} cannot be made: {}: {}; let the worker's user write there, or name "
      "another path",
      path, directory, std::strerror(errno)));
}

std::string InboxText(const std::string& path, const model::InboxState& state) {
  return fmt::format("inbox: {} holds {} events that are not in Odoo yet, and {} set aside", path,
                     state.event_count, state.set_aside_count);
}

void CheckInbox(const config::GatewayConfig& gateway, GatewayReport& report) {
  if (access(gateway.inbox.c_str(), F_OK) != 0) return CheckNewInbox(gateway.inbox, report);
  if (access(gateway.inbox.c_str(), R_OK | W_OK) != 0) {
    report.errors.push_back(
        fmt::format("gateway.inbox: {} cannot be read and written: {}; run check as the worker's "
                    "user, and let the file be that user's",
                    gateway.inbox, std::strerror(errno)));
    return;
  }
  base::SystemClock clock;
  net::EventLoop loop(clock);
  try {
    const journal::SqliteInbox inbox(InboxOptions(gateway), loop, clock);
    report.lines.push_back(InboxText(gateway.inbox, inbox.State()));
  } catch (const journal::JournalLocked&) {
    report.lines.push_back(fmt::format("inbox: {} is in use by a running worker", gateway.inbox));
  } catch (const journal::JournalError& error) {
    report.errors.push_back(std::string("gateway.inbox: ") + error.what());
  }
}

}  // namespace

GatewayReport CheckGateway(const config::Config& config) {
  const config::GatewayConfig& gateway = config.gateway;
  GatewayReport report;
  if (gateway.listen.empty()) {
    report.lines.push_back("gateway: none (gateway.listen is empty)");
    return report;
  }
  report.lines.push_back(ListenText(gateway));
  CheckCertificate(gateway, report);
  CheckInbox(gateway, report);
  return report;
}

}  // namespace webhook::app
