// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/config/config_error.h"

namespace webhook::config {
namespace {

using delivery::RpcFault;
using delivery::RpcFaultKind;

constexpr base::Milliseconds kClockSkewMax = std::chrono::seconds(10);
constexpr std::chrono::days kKeyExpiryWarning{14};

// The detail in brackets, on one line; nothing when there is none.
std::string Detail(const RpcFault& fault) {
  if (fault.detail.empty()) return "";
  return " (" + Printable(fault.detail) + ")";
}

std::string KeyPlace(const OdooConfig& odoo) {
  if (odoo.api_key_file.empty()) return "odoo.api_key";
  return fmt::format("odoo.api_key_file ({})", odoo.api_key_file);
}

std::string UrlPlace(const OdooConfig& odoo) { return fmt::format("odoo.url ({})", odoo.url); }

std::string DatabasePlace(const OdooConfig& odoo) {
  return fmt::format("odoo.database ({}) on {}", odoo.database, odoo.url);
}

std::string LoginPlace(const OdooConfig& odoo) {
  return fmt::format("odoo.login ({}) in the database {}", odoo.login, odoo.database);
}

Finding Unreachable(const RpcFault& fault, const OdooConfig& odoo) {
  return {Severity::kError, "Odoo cannot be reached" + Detail(fault) + ".", UrlPlace(odoo),
          fmt::format("Check that Odoo runs and that this machine reaches it: curl -sSI "
                      "{}/web/login. If that fails too, look at host name, port, firewall and "
                      "certificate.",
                      odoo.url)};
}

Finding Unknown(const RpcFault& fault, const OdooConfig& odoo) {
  return {Severity::kError,
          "Odoo did not answer properly in time, or its answer was lost" + Detail(fault) + ".",
          UrlPlace(odoo),
          "Look into Odoo's log at this minute. If Odoo is overloaded or hangs, repair that first; "
          "a running worker repeats the call by itself and loses nothing."};
}

Finding Busy(const RpcFault& fault, const OdooConfig& odoo) {
  return {
      Severity::kError, "Odoo is busy and asks to come back later" + Detail(fault) + ".",
      UrlPlace(odoo),
      "If Odoo is starting or being upgraded, wait and check again; a running worker goes on by "
      "itself. If it stays like this, Odoo has too few processes or database connections."};
}

Finding KeyRefused(const RpcFault& fault, const OdooConfig& odoo) {
  return {
      Severity::kError, "Odoo refuses the API key" + Detail(fault) + ".",
      fmt::format("{}, user {}", KeyPlace(odoo), odoo.login),
      fmt::format("The key is wrong, expired or belongs to another user or database. Let a system "
                  "administrator make a new key for {} in the database {} (Webhooks > "
                  "Configuration > Worker key), and put it {}.",
                  odoo.login, odoo.database,
                  odoo.api_key_file.empty()
                      ? std::string("into odoo.api_key, then restart the worker")
                      : fmt::format("alone into {}; a running worker reads it again by itself",
                                    odoo.api_key_file))};
}

Finding AccessDenied(const RpcFault& fault, const OdooConfig& odoo) {
  return {Severity::kError,
          "The user may log in, but is not in the group Webhook Worker" + Detail(fault) + ".",
          LoginPlace(odoo),
          fmt::format("Use the user that the addon creates (webhook_worker), or let a system "
                      "administrator add {} to the group Webhook Worker in Odoo.",
                      odoo.login)};
}

Finding DatabaseMissing(const RpcFault& fault, const OdooConfig& odoo) {
  return {
      Severity::kError,
      fmt::format("Odoo has no database named {}{}.", odoo.database, Detail(fault)),
      DatabasePlace(odoo),
      "Check the spelling, upper and lower case included. If the name is right, Odoo's dbfilter "
      "or db_name may hide the database under this host name: use the URL by which users reach "
      "it."};
}

Finding AddonMissing(const RpcFault& fault, const OdooConfig& odoo) {
  return {Severity::kError,
          "The addon webhook_worker is not installed in this database, or is too old" +
              Detail(fault) + ".",
          DatabasePlace(odoo),
          fmt::format("Put the addon into Odoo's addons path, restart Odoo, and install or upgrade "
                      "it: odoo-bin -d {} -i webhook_worker (-u to upgrade).",
                      odoo.database)};
}

Finding Rejected(const RpcFault& fault, const OdooConfig& odoo) {
  return {
      Severity::kError, "Odoo rejected the worker's request" + Detail(fault) + ".",
      DatabasePlace(odoo),
      "Worker and addon do not fit together. Compare their versions (webhook-worker version, and "
      "Apps in Odoo) and upgrade the older one; if they are equal, report this message."};
}

Finding NotOdoo(const RpcFault& fault, const OdooConfig& odoo) {
  return {Severity::kError, "Something answers there, but not as Odoo does" + Detail(fault) + ".",
          UrlPlace(odoo),
          "Check host and port; a proxy, a log-in page or another service may stand in front. If "
          "odoo.protocol is set, set it to auto: this Odoo may not speak that protocol."};
}

std::string ShortFingerprint(const std::string& fingerprint) { return fingerprint.substr(0, 16); }

std::string DateText(base::WallTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

class HelloChecks {
 public:
  HelloChecks(const HelloFacts& hello, const LocalFacts& local, const Config& config)
      : hello_(hello), local_(local), odoo_(config.odoo), worker_(config.worker) {}

  Findings Run() {
    CheckVersion();
    CheckNeutralized();
    CheckFingerprint();
    CheckSettlementNumber();
    CheckKeyExpiry();
    CheckClock();
    CheckLimits();
    CheckSealingKey();
    return std::move(findings_);
  }

 private:
  void Add(Severity severity, std::string what, std::string where, std::string what_to_do) {
    findings_.push_back({severity, std::move(what), std::move(where), std::move(what_to_do)});
  }

  void CheckVersion() {
    if (hello_.compatible) return;
    Add(Severity::kError,
        fmt::format("Worker and addon do not speak the same contract (addon {} on Odoo {}).",
                    Printable(hello_.addon_version), Printable(hello_.odoo_version)),
        DatabasePlace(odoo_),
        hello_.incompatible_message.empty() ? "Upgrade the older of the two."
                                            : Printable(hello_.incompatible_message));
  }

  void CheckNeutralized() {
    if (!hello_.neutralized) return;
    Add(Severity::kError, "The database is neutralized: a test copy that must not send anything.",
        DatabasePlace(odoo_),
        "If this is the copy, all is well: nothing is sent on purpose. If this should be the "
        "production database, odoo.database or odoo.url points at the copy.");
  }

  void CheckFingerprint() {
    const bool changed =
        !local_.known_fingerprint.empty() && local_.known_fingerprint != hello_.fingerprint;
    if (hello_.fingerprint_confirmed && !changed) return;
    const std::string known = changed ? fmt::format(", this worker last worked for {}",
                                                    ShortFingerprint(local_.known_fingerprint))
                                      : std::string();
    Add(Severity::kError,
        fmt::format("The database is not the one it was: it was copied, restored, renamed or moved "
                    "(fingerprint {}{}). Everything is on hold.",
                    ShortFingerprint(hello_.fingerprint), known),
        DatabasePlace(odoo_),
        "Make sure that no other copy of it sends webhooks, then let this one go on: "
        "webhook-worker "
        "confirm-database. On a test copy, do not confirm.");
  }

  void CheckSettlementNumber() {
    if (hello_.settlement_number >= local_.known_settlement_number) return;
    Add(Severity::kError,
        fmt::format(
            "The database went back in time: it has seen settlement {}, this worker knows of "
            "{}. It was restored from a backup. Everything is on hold.",
            hello_.settlement_number, local_.known_settlement_number),
        DatabasePlace(odoo_),
        "What was sent since the backup would be sent again. Look through the waiting deliveries "
        "in "
        "Odoo, cancel what must not be repeated, then run: webhook-worker confirm-database.");
  }

  void CheckKeyExpiry() {
    if (!hello_.key_expires_at || *hello_.key_expires_at - local_.now > kKeyExpiryWarning) return;
    const auto left =
        std::chrono::floor<std::chrono::days>(*hello_.key_expires_at - local_.now).count();
    const std::string when = left < 0    ? std::string("has passed its end")
                             : left == 0 ? std::string("expires within a day")
                             : left == 1 ? std::string("expires in 1 day")
                                         : fmt::format("expires in {} days", left);
    Add(Severity::kWarning,
        fmt::format("The API key {} ({}).", when, DateText(*hello_.key_expires_at)),
        fmt::format("{}, user {}", KeyPlace(odoo_), odoo_.login),
        "Let a system administrator make a new key (Webhooks > Configuration > Worker key) and "
        "replace this one before that day; without a valid key nothing is delivered, though "
        "nothing is lost.");
  }

  // The server read its clock somewhere within the call.
  void CheckClock() {
    const base::Milliseconds ahead = hello_.server_time - local_.now;
    const base::Milliseconds behind = local_.now - local_.round_trip - hello_.server_time;
    if (ahead <= kClockSkewMax && behind <= kClockSkewMax) return;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::max(ahead, behind)).count();
    Add(Severity::kWarning,
        fmt::format("Odoo's clock is {} seconds {} this machine's.", seconds,
                    ahead > behind ? "ahead of" : "behind"),
        "the clocks of both machines",
        "Let both follow a time server (timedatectl status). Retries come early or late, and "
        "signed "
        "requests may be refused by receivers as too old.");
  }

  void CheckLimits() {
    CheckLimit("worker.claim_batch_max", worker_.claim_batch_max, hello_.claim_batch_max);
    CheckLimit("worker.settle_batch_max", worker_.settle_batch_max, hello_.settle_batch_max);
    CheckLimit("worker.lease_seconds", worker_.lease_seconds, hello_.lease_seconds_max);
    CheckLimit("odoo.calls_in_flight_max", odoo_.calls_in_flight_max, hello_.calls_in_flight_max);
  }

  void CheckSealingKey() {
    const std::string& ours = local_.key_fingerprint;
    const std::string& theirs = hello_.sealing_key_fingerprint;
    if (ours == theirs) return;
    if (ours.empty()) {
      Add(Severity::kWarning,
          fmt::format("Odoo seals secrets to the key {}, which this worker does not have.", theirs),
          "secrets.key_file",
          "Copy the key file of the other workers of this database here, and name it in key_file; "
          "until then this worker sends nothing for endpoints with sealed secrets.");
    } else if (theirs.empty()) {
      Add(Severity::kWarning,
          "Nobody has confirmed this worker's key in Odoo, so that no secret can be sealed.",
          DatabasePlace(odoo_),
          fmt::format(
              "Start the worker. Then let a system administrator compare the fingerprint of "
              "the key that waits (Webhooks > Configuration > Worker Public Keys) with {}, and "
              "confirm it.",
              ours));
    } else {
      Add(Severity::kWarning,
          fmt::format("Odoo seals secrets to another key ({}) than this worker's ({}).", theirs,
                      ours),
          "secrets.key_file",
          "If this one is new, keep the other one in old_key_files and confirm the new one in "
          "Odoo. "
          "If it was made by mistake, use the key file of the other workers of this database.");
    }
  }

  void CheckLimit(std::string_view key, int configured, int allowed) {
    if (allowed <= 0 || configured <= allowed) return;
    Add(Severity::kWarning, fmt::format("{} is {}, but Odoo allows {}.", key, configured, allowed),
        std::string(key),
        fmt::format("Odoo's limit holds. Set {} to {} or less to silence this.",
                    key.substr(key.find('.') + 1), allowed));
  }

  const HelloFacts& hello_;
  const LocalFacts& local_;
  const OdooConfig& odoo_;
  const WorkerConfig& worker_;
  Findings findings_;
};

}  // namespace

Finding ExplainFault(const RpcFault& fault, const Config& config) {
  switch (fault.kind) {
    case RpcFaultKind::kUnreachable:
      return Unreachable(fault, config.odoo);
    case RpcFaultKind::kUnknown:
      return Unknown(fault, config.odoo);
    case RpcFaultKind::kBusy:
      return Busy(fault, config.odoo);
    case RpcFaultKind::kKeyRefused:
      return KeyRefused(fault, config.odoo);
    case RpcFaultKind::kAccessDenied:
      return AccessDenied(fault, config.odoo);
    case RpcFaultKind::kDatabaseMissing:
      return DatabaseMissing(fault, config.odoo);
    case RpcFaultKind::kAddonMissing:
      return AddonMissing(fault, config.odoo);
    case RpcFaultKind::kRejected:
      return Rejected(fault, config.odoo);
    case RpcFaultKind::kNotOdoo:
      return NotOdoo(fault, config.odoo);
  }
  return Rejected(fault, config.odoo);
}

Findings ExplainHello(const HelloFacts& hello, const LocalFacts& local, const Config& config) {
  return HelloChecks(hello, local, config).Run();
}

std::string SealingKeyText(const HelloFacts& hello, const LocalFacts& local) {
  if (local.key_fingerprint.empty()) {
    return "sealed secrets: this worker has no key (webhook-worker keygen makes one)";
  }
  return fmt::format("sealed secrets: key {}, {}", local.key_fingerprint,
                     hello.sealing_key_fingerprint == local.key_fingerprint
                         ? "confirmed in Odoo"
                         : "not the one that Odoo seals to");
}

std::string FindingText(const Finding& finding) {
  return fmt::format("{}: {}\n  where: {}\n  do: {}\n",
                     finding.severity == Severity::kError ? "error" : "warning", finding.what,
                     finding.where, finding.what_to_do);
}

}  // namespace webhook::config
