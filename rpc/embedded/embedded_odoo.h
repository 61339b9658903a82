// SPDX-License-Identifier: LGPL-3.0-or-later
// The Odoo double: an in-memory state machine of the contract (schema/contract/README.md), for
// tests, simulation and the demo. One thread; the same calls on the same clock give the same
// answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/embedded/shapes.h"
#include "rpc/embedded/state.h"

namespace webhook::embedded {

struct QueueOptions {
  std::string identity_key = {};  // not empty: one delivery per endpoint and key
  Headers headers = {};
  std::string lane = {};
  int priority = 2;
  std::string http_method = "post";
  std::string body_mode = "json";  // of form_urlencoded and multipart the payload is an object
  std::vector<File> files = {};
  std::int64_t expires_at_ms = 0;   // 0: never
  std::string context_values = {};  // JSON objects; empty: none
  std::string field_values = {};
};

class EmbeddedOdoo {
 public:
  // A database nobody said hello to yet, with one retry policy of id 1. The clock outlives it.
  explicit EmbeddedOdoo(const base::Clock& clock, std::uint64_t seed = 1);

  // Calls the method as a user of the Worker group. A request that does not fit its schema is
  // kRejected, and so is what writes (settle, ingest, run_python_handler) in a database that is
  // held; there is no other fault.
  base::Result<std::string, delivery::RpcFault> Handle(delivery::ContractMethod method,
                                                       std::string_view request_json);

  // What administrators and business code do. A record with the id of an existing one replaces it;
  // id 0 takes the next free one. Each grows the configuration revision. Returns the id.
  std::int64_t AddRetryPolicy(RetryPolicy policy);
  std::int64_t AddHandler(Handler handler);
  std::int64_t AddEndpoint(Endpoint endpoint);
  std::int64_t AddInboundEndpoint(InboundEndpoint endpoint);
  std::int64_t AddSecret(Secret secret);

  // A request that Odoo's own controller took, waiting to be verified. Precondition: the endpoint
  // exists.
  std::int64_t AddIntake(IntakeRow row);

  // An administrator compared the fingerprint and confirmed the key, a base64 text.
  void ConfirmKey(std::string public_key) { db_.sealing_public_key = std::move(public_key); }
  // "Stop all".
  void SetCompanyPaused(bool paused);
  // No worker was heard of for an hour.
  void ForgetWorkers();

  // Due at once. `payload` is UTF-8. Returns the id, that of the existing delivery when the
  // identity key is taken. Precondition: the endpoint exists.
  std::int64_t QueueDelivery(std::int64_t endpoint_id, std::string payload,
                             const QueueOptions& options = {});

  // An accepted event, due at once, as after `ingest`; more of it through EditEvent. Returns the
  // id. Precondition: the endpoint exists.
  std::int64_t ReceiveEvent(std::int64_t endpoint_id, std::string_view body);
  Event& EditEvent(std::int64_t id);

  // A probe that waits, from a handler and a list of samples as claim hands them out. Returns its
  // uid.
  std::string AddProbe(const std::string& handler_json, const std::string& samples_json);
  // One of kind send: the test request as claim hands it out.
  std::string AddSendProbe(std::int64_t endpoint_id, const std::string& delivery_json);

  // From now on operations on the model are refused with the category of settle.schema.json, or end
  // as `conflict`; an empty category ends that.
  void Refuse(const std::string& model, const std::string& category);

  // From now on run_python_handler answers this: an answer without its envelope, as a JSON object.
  // Of events its member `settlement` is what the event is settled with (default: done).
  void SetPythonAnswer(std::string answer_json) { db_.python_json = std::move(answer_json); }
  void SetReadAnswer(std::string answer_json) { db_.read_json = std::move(answer_json); }

  // A person's change by hand: cancel, reprocess, move a time. Precondition: it exists.
  Delivery& EditDelivery(std::int64_t id);

  void SetNeutralized(bool neutralized) { db_.neutralized = neutralized; }
  // As after createdb -T: unconfirmed until a hello confirms it.
  void ChangeFingerprint();
  // Lower than before: an older copy.
  void SetSettlementNumber(std::int64_t number) { db_.settlement_number = number; }

  const std::vector<Delivery>& deliveries() const { return db_.deliveries; }
  const std::vector<Attempt>& attempts() const { return db_.attempts; }
  const std::vector<Event>& events() const { return db_.events; }
  // What is not ingested yet, by id; and rejected requests that were counted only, by endpoint and
  // category.
  const std::map<std::int64_t, IntakeRow>& intake() const { return db_.intake; }
  IntakeRow& EditIntake(std::int64_t id) { return db_.intake.at(id); }
  const std::map<std::pair<std::int64_t, std::string>, std::int64_t>& rejected_counts() const {
    return db_.rejected_counts;
  }
  const std::map<std::string, Worker>& workers() const { return db_.workers; }
  // In the order in which they were applied, and as they were sent.
  const std::vector<Operation>& operations() const { return db_.operations; }
  const std::vector<Execution>& executions() const { return db_.executions; }
  const std::map<std::string, Probe>& probes() const { return db_.probes; }
  const std::string& findings_json() const {
    return db_.findings_json;
  }  // the last accepted report
  const std::map<std::int64_t, Endpoint>& endpoints() const { return db_.endpoints; }
  const std::string& fingerprint() const { return db_.fingerprint; }
  std::map<std::string, std::int64_t> CountByState() const;

 private:
  const base::Clock& clock_;
  Shapes shapes_;
  Database db_;
};

// The name that Odoo knows the method by, and null-safe back: nullopt for a name that is none.
std::string_view MethodName(delivery::ContractMethod method);
std::optional<delivery::ContractMethod> MethodOfName(std::string_view name);

}  // namespace webhook::embedded
