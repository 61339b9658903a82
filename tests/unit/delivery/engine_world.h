// SPDX-License-Identifier: LGPL-3.0-or-later
// The engine's parts, wired as Engine does it, over scripted ports and virtual time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/delivery/dispatcher.h"
#include "lib/delivery/link.h"
#include "lib/delivery/sender.h"
#include "lib/delivery/settler.h"
#include "tests/fakes/fake_callback_runner.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_secrets.h"
#include "tests/fakes/faulty_journal.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/recording_log.h"
#include "tests/unit/delivery/scripted_odoo.h"

namespace webhook::delivery {

using base::Milliseconds;
using model::RecordId;
using std::chrono::seconds;

inline const std::string kWorkerUid = "01890a5d-ac96-774b-bcce-b302099a8057";
inline const std::string kOurs(64, 'a');
inline const std::string kOther(64, 'b');

// What the envelope of every answer says; changed by the tests.
struct Database {
  std::string fingerprint = kOurs;
  bool confirmed = true;
  bool neutralized = false;
  std::int64_t revision = 1;
  std::int64_t settlement_number = 100;
  std::vector<RecordId> endpoints = {1, 2};
  int concurrency_max = 10;
  Json policy = {{"id", 1},
                 {"name", "Standard"},
                 {"delays_seconds", {5, 300}},
                 {"attempts_max", 3},
                 {"age_max_seconds", 86400},
                 {"jitter_percent", 0},
                 {"retry_after_max_seconds", 3600}};
};

// A transport that answers when it is told to.
class ScriptedTransport final : public HttpTransport {
 public:
  struct Sent {
    HttpRequest request;
    std::function<void(HttpResult)> done;
  };

  void Send(HttpRequest request, std::function<void(HttpResult)> done) override {
    ++count;
    under_way.push_back({std::move(request), std::move(done)});
  }
  void CancelAll() override { canceled = true; }

  std::deque<Sent> under_way;
  int count = 0;
  bool canceled = false;
};

struct EngineWorld {
  explicit EngineWorld(fakes::JournalFault fault = {0})
      : journal(memory, strand, fault), link(LinkOptionsOf(), ports) {}
  virtual ~EngineWorld() = default;

  static LinkOptions LinkOptionsOf() {
    LinkOptions options;
    options.worker_uid = kWorkerUid;
    options.worker_name = "worker-1";
    options.version = "0.1.0";
    options.host = "host";
    options.wake_address = "127.0.0.1:4711";
    return options;
  }

  Json Envelope(const Json& members) const {
    Json answer = {{"fingerprint", database.fingerprint},
                   {"fingerprint_confirmed", database.confirmed},
                   {"neutralized", database.neutralized},
                   {"configuration_revision", database.revision},
                   {"settlement_number", database.settlement_number},
                   {"server_time_ms", base::ToUnixMs(clock.Now()) + kServerAheadMs}};
    answer.update(members);
    return answer;
  }
  Json Hello(const Json& members = Json::object()) const {
    Json answer = Envelope({{"compatible", true},
                            {"contract_version", 1},
                            {"addon_version", "19.0.1.0.0"},
                            {"odoo_version", "19.0"}});
    answer.update(members);
    return answer;
  }
  Json Configuration() const {
    Json endpoints = Json::array();
    for (const RecordId id : database.endpoints) {
      endpoints.push_back({{"id", id},
                           {"code", "endpoint" + std::to_string(id)},
                           {"name", "Endpoint"},
                           {"company_id", 1},
                           {"state", "active"},
                           {"target_hostname", "https://example.com"},
                           {"target_path", "/" + std::to_string(id)},
                           {"timeout_seconds", 30},
                           {"retry_policy_id", 1},
                           {"concurrency_max", database.concurrency_max},
                           {"capture_request", true},
                           {"capture_response", true},
                           {"capture_bytes_max", 1000}});
      endpoints.back().update(endpoint_details);
    }
    return Envelope({{"unchanged", false},
                     {"configuration",
                      {{"revision", database.revision},
                       {"handlers", Json::array()},
                       {"endpoints", endpoints},
                       {"inbound_endpoints", Json::array()},
                       {"retry_policies", Json::array({database.policy})}}}});
  }

  Json EventAnswer(const Json& events = Json::array(), const Json& probes = Json::array()) const {
    return Envelope({{"deliveries", Json::array()},
                     {"events", events},
                     {"probes", probes},
                     {"interrupted", 0},
                     {"poisoned", 0}});
  }

  void Advance(Milliseconds by) { strand.AdvanceTo(clock.SteadyNow() + by); }

  // Answers hello and configuration as long as one of them is asked.
  void AnswerLink() {
    strand.RunReady();
    for (bool more = true; more;) {
      more = false;
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello()), more = true;
      if (odoo.IsPending(Method::kConfiguration)) {
        odoo.Answer(Method::kConfiguration, Configuration());
        more = true;
      }
      if (odoo.IsPending(Method::kReportFindings)) {
        odoo.Answer(Method::kReportFindings, Envelope({{"accepted", true}}));
        more = true;
      }
      if (odoo.IsEventClaimPending()) odoo.ReplyEventClaim(EventAnswer().dump()), more = true;
    }
  }
  // Waits for the next hello and answers it.
  void Recover() {
    for (int i = 0; i < 100 && !odoo.IsPending(Method::kHello); ++i) Advance(Milliseconds(500));
    AnswerLink();
    REQUIRE(link.ready());
  }

  JournalContents Journaled() { return memory.Load(); }

  // Odoo's clock is not ours.
  static constexpr std::int64_t kServerAheadMs = 7'777;

  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  base::SeededRandom random{20260103};
  fakes::RecordingLog log;
  Database database;
  Json endpoint_details = Json::object();  // what every endpoint's configuration says besides
  ScriptedOdoo odoo{strand, clock};
  fakes::MemoryJournal memory{strand};
  fakes::FaultyJournal journal;
  ScriptedTransport transport;
  fakes::FakeCallbackRunner callbacks;
  fakes::FakeSecrets secrets;
  EnginePorts ports{strand, clock, random, log, odoo, transport, journal, callbacks, secrets};
  Link link;
};

}  // namespace webhook::delivery
