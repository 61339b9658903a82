// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/odoo_session.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "lib/base/text.h"

namespace webhook::demo {
namespace {

using nlohmann::json;

constexpr base::Milliseconds kCallTimeout{120'000};
constexpr std::size_t kMessageBytesMax = 500;

rpc::ServerUrl UrlOf(const OdooAccount& account) {
  auto url = rpc::ParseServerUrl(account.url);
  if (!url.ok()) {
    throw std::runtime_error(
        fmt::format("\"{}\" is not the address of an Odoo: {}", account.url, url.error()));
  }
  return std::move(url).value();
}

rpc::ConnectionOptions OptionsOf(const OdooAccount& account) {
  rpc::ConnectionOptions options;
  options.url = account.url;
  options.database = account.database;
  return options;
}

// What Odoo's own sentence says, which is the last line of a longer text at most.
std::string Message(const json& body, const std::string& fallback) {
  if (!body.is_object()) return fallback;
  return base::PrintableText(body.value("message", fallback), kMessageBytesMax);
}

std::string Explain(const OdooAccount& account, const std::string& model, const std::string& method,
                    const rpc::HttpAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  const std::string where = fmt::format("Odoo at {}", account.url);
  if (answer.status == 401) {
    return fmt::format("{} refuses the administrator's API key for the database {}", where,
                       account.database);
  }
  if (answer.status == 404 && !body.is_object()) {
    return fmt::format("{} has no database {}, or does not speak JSON-2 (Odoo 19 does)", where,
                       account.database);
  }
  if (answer.status == 404) {
    return fmt::format(
        "{} has no {} in the database {}: install the addon webhook_worker there (Apps, Webhook "
        "Worker)",
        where, model, account.database);
  }
  return fmt::format("{} answered {} to {}.{}: {}", where, answer.status, model, method,
                     Message(body, "no explanation"));
}

}  // namespace

OdooSession::OdooSession(const OdooAccount& account, const base::Clock& clock)
    : account_(account), http_(UrlOf(account), OptionsOf(account), clock) {}

json OdooSession::Call(const std::string& model, const std::string& method, const json& arguments) {
  const rpc::HttpCall call{.method = "POST",
                           .path = fmt::format("/json/2/{}/{}", model, method),
                           .headers = {{"Authorization", "bearer " + account_.key},
                                       {"X-Odoo-Database", account_.database}},
                           .content_type = "application/json",
                           .body = arguments.dump()};
  const rpc::HttpOutcome outcome = http_.Send(call, http_.DeadlineAfter(kCallTimeout));
  if (!outcome.ok()) {
    throw std::runtime_error(
        fmt::format("Odoo at {} does not answer: {}", account_.url, outcome.error().detail));
  }
  const rpc::HttpAnswer& answer = outcome.value();
  if (answer.status != 200) throw std::runtime_error(Explain(account_, model, method, answer));
  json value = json::parse(answer.body, nullptr, false);
  if (value.is_discarded()) {
    throw std::runtime_error(fmt::format("what answers at {} is no Odoo", account_.url));
  }
  return value;
}

}  // namespace webhook::demo
