// SPDX-License-Identifier: LGPL-3.0-or-later
// The JSON texts of the contract (schema/contract/): requests are encoded to ASCII, answers are
// decoded strictly; what the schema does not promise is an error, never a default. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"
#include "lib/model/event.h"
#include "lib/model/ingest.h"

namespace webhook::model {

inline constexpr int kContractVersion = 1;

// An answer that is not what the contract says: what, and where in the answer.
struct ContractError {
  std::string message;
};

template <typename T>
using Decoded = base::Result<T, ContractError>;

// What every answer says about the database it came from.
struct Envelope {
  std::string fingerprint;
  bool fingerprint_confirmed = false;
  bool neutralized = false;
  std::int64_t configuration_revision = 0;
  std::int64_t settlement_number = 0;
  base::WallTime server_time;
};

// Events that a gateway accepted and Odoo does not have yet.
struct InboxState {
  std::int64_t event_count = 0;
  std::int64_t bytes_used = 0;
  std::int64_t bytes_max = 0;
  std::int64_t set_aside_count = 0;  // that Odoo refused for good
  std::optional<base::WallTime> oldest_accepted_at = std::nullopt;
  bool healthy = true;  // the last commit succeeded
};

struct HelloRequest {
  std::string worker_uid;
  std::string name;
  std::string version;
  std::string host;
  bool journal_healthy = true;
  std::optional<InboxState> inbox = std::nullopt;  // where this worker has a gateway
  std::string gateway_url = {};        // what comes before /webhooks/in/; empty: unknown
  std::vector<std::string> callbacks;  // native ones that it has
  std::string wake_address;            // empty: no wake-ups
  std::string public_key = {};         // 32 bytes of X25519; empty: this worker opens no secrets
  std::string confirm_fingerprint;     // empty but for confirm-database
  bool check_only = false;             // answer, but register nothing
};

struct HelloAnswer {
  Envelope envelope;
  bool compatible = false;
  std::string incompatible_message;
  int contract_version = 0;
  std::string addon_version;
  std::string odoo_version;
  std::string wake_secret;              // base64; a secret
  std::string sealing_public_key = {};  // 32 bytes: the confirmed one; empty: none is
  std::optional<base::WallTime> key_expires_at;
  int claim_batch_max = 1000;
  int settle_batch_max = 1000;
  int lease_seconds_max = 3600;
  int calls_in_flight_max = 2;
};

struct ConfigurationAnswer {
  Envelope envelope;
  std::optional<Configuration> configuration;  // empty: unchanged
};

struct Quota {
  RecordId endpoint_id;
  int free;
};

enum class Work { kDeliveries, kEvents, kIntake };

struct IngestAnswer {
  Envelope envelope;
  std::vector<IngestResult> results;  // one per event, in the order sent
};

// One event or delivery, pasted or recorded, that rules are tried on. Absent things are empty.
struct ProbeSample {
  std::string name;
  Phase phase = Phase::kEvent;
  std::string body;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> query;
  std::string resolved_values = "{}";  // JSON object
  std::map<std::string, std::string> semantics;
  std::string field_values = "{}";    // JSON object
  std::string context_values = "{}";  // JSON object
  std::optional<int> response_status_code;
  std::map<std::string, std::string> response_headers;
  std::string response_body;
  std::string recorded_action;  // empty: it was not processed
  std::optional<RowId> recorded_rule_id;
};

enum class ProbeKind { kRules, kSend };

// A question of the UI: what would these rules do? What does the receiver answer?
struct Probe {
  std::string probe_uid;
  ProbeKind kind = ProbeKind::kRules;
  Handler handler;                   // of kRules
  std::vector<ProbeSample> samples;  // of kRules
  Delivery delivery = {};            // of kSend: no lease, no row in Odoo
};

struct ProbeResult {
  std::string name;
  std::string action;  // of the rule that matched; none, or error
  std::optional<RowId> rule_id;
  std::string rule_name;
  bool changed = false;  // other than recorded
  std::string message;
  std::string trace;
  std::optional<Attempt> attempt = std::nullopt;  // of a send test
};

struct ProbeAnswer {
  std::string summary;
  std::vector<ProbeResult> results;
};

struct ClaimRequest {
  std::string worker_uid;
  std::string claim_token;
  int limit = 0;
  std::chrono::seconds lease{0};
  bool takeover = false;
  std::vector<Quota> quotas;
  Work work = Work::kDeliveries;
};

struct ClaimAnswer {
  Envelope envelope;
  std::vector<Delivery> deliveries;
  std::vector<Event> events;
  std::vector<Probe> probes;
  int interrupted = 0;
  int poisoned = 0;
  int workers_alive = 1;  // this one included: they share rate limits
  std::optional<base::WallTime> next_due_at;
  std::vector<IntakeRow> intake = {};
  bool intake_waiting = false;  // of a claim of events: rows of the intake could be claimed
};

struct Lease {
  RecordId job_id;  // of the delivery or event
  std::string lease_token;
  JobKind kind = JobKind::kDelivery;
};

struct RenewAnswer {
  Envelope envelope;
  std::vector<Lease> lost;
};

enum class SettlementStatus { kApplied, kAlreadyApplied, kSuperseded, kConflict, kFailed };

struct SettlementResult {
  std::string settlement_uid;
  SettlementStatus status;
  std::string category;
  std::string message;
};

struct SettleAnswer {
  Envelope envelope;
  std::vector<SettlementResult> results;
};

// What is wrong with a configuration, where, and what to do.
struct Finding {
  std::string model;  // bwt.webhook.handler, …
  RecordId record_id = 0;
  std::string field;  // empty: the whole record
  bool is_error = true;
  std::string message;
};

// The fields of records that a handler's rules read: "event_field:topic".
struct HandlerNeeds {
  RecordId handler_id = 0;
  std::vector<std::string> expressions;
};

// The same of an outbound endpoint's rules.
struct EndpointNeeds {
  RecordId endpoint_id = 0;
  std::vector<std::string> expressions;
};

// A secret that was sealed anew.
struct ResealedSecret {
  RecordId id = 0;
  std::string previous_value;
  std::string value;
};

struct ResealAnswer {
  Envelope envelope;
  std::vector<RecordId> resealed_ids;
};

struct AcceptedAnswer {
  Envelope envelope;
  bool accepted = false;
};

struct PythonCall {
  Lease lease;
  std::string settlement_uid;
  Transition otherwise;                           // when the method raises
  std::optional<base::WallTime> next_attempt_at;  // of a retry without seconds
  // Of a delivery whose endpoint's own rules changed it: the request as it is now.
  std::optional<FrozenContent> request = std::nullopt;
};

enum class PythonOutcome { kSend, kCancel, kDeadLetter, kRetry };

// A delivery's, before it is sent.
struct PythonDecision {
  PythonOutcome outcome = PythonOutcome::kSend;
  std::chrono::seconds retry_after{0};
  std::string note;
  std::optional<std::string> http_method;
  std::optional<std::string> target_path;
  std::optional<std::map<std::string, std::string>> headers;
  std::optional<std::string> payload;
};

struct PythonAnswer {
  Envelope envelope;
  // Settled (events): the status. Decided (deliveries): the decision.
  std::optional<SettlementStatus> settled;
  std::optional<PythonDecision> decision;
  std::string category;
  std::string message;
};

// What a native callback asks of Odoo, as JSON texts that are passed on.
struct ReadAs {
  std::string model;
  std::string operation;  // read, search, search_read, search_count
  std::string domain;     // JSON list; empty: none
  std::vector<RecordId> record_ids;
  std::vector<std::string> fields;
  std::string order;
  int limit = 0;  // 0: the contract's maximum
};

struct ReadAsAnswer {
  Envelope envelope;
  bool ok = false;
  std::string records;  // JSON
  std::string category;
  std::string message;
};

std::string EncodeHello(const HelloRequest& request);
Decoded<HelloAnswer> DecodeHello(std::string_view answer);

std::string EncodeConfigurationRequest(const std::string& worker_uid,
                                       std::optional<std::int64_t> known_revision);
Decoded<ConfigurationAnswer> DecodeConfiguration(std::string_view answer);

std::string EncodeClaim(const ClaimRequest& request);
Decoded<ClaimAnswer> DecodeClaim(std::string_view answer);

std::string EncodeRenew(const std::string& worker_uid, std::chrono::seconds lease,
                        const std::vector<Lease>& leases);
Decoded<RenewAnswer> DecodeRenew(std::string_view answer);
std::string EncodeRelease(const std::string& worker_uid, const std::vector<Lease>& leases);
Decoded<Envelope> DecodeRelease(std::string_view answer);

// One item of a settle request. Kept in the journal in this form.
std::string EncodeSettlement(const Settlement& settlement);

// `settlements` are texts of EncodeSettlement.
std::string EncodeSettle(const std::string& worker_uid,
                         const std::vector<std::string_view>& settlements);
Decoded<SettleAnswer> DecodeSettle(std::string_view answer);

std::string EncodeReportFindings(const std::string& worker_uid, std::int64_t revision,
                                 const std::vector<Finding>& findings,
                                 const std::vector<HandlerNeeds>& needs,
                                 const std::vector<EndpointNeeds>& endpoint_needs = {});
Decoded<AcceptedAnswer> DecodeReportFindings(std::string_view answer);

std::string EncodeAnswerProbe(const std::string& worker_uid, const std::string& probe_uid,
                              const ProbeAnswer& answer);
Decoded<AcceptedAnswer> DecodeAnswerProbe(std::string_view answer);

std::string EncodeRunPythonHandler(const std::string& worker_uid, const PythonCall& call);
Decoded<PythonAnswer> DecodeRunPythonHandler(std::string_view answer);

std::string EncodeReadAs(const std::string& worker_uid, const Lease& lease, const ReadAs& read);
Decoded<ReadAsAnswer> DecodeReadAs(std::string_view answer);

std::string EncodeReseal(const std::string& worker_uid, const std::vector<ResealedSecret>& secrets);
Decoded<ResealAnswer> DecodeReseal(std::string_view answer);

// One item of an ingest request. Kept in the inbox in this form. Texts come out as PostgreSQL can
// hold them: what is not is written visibly. An identity key of more than 512 bytes is left out.
std::string EncodeIngestedEvent(const IngestedEvent& event);
// Of duplicates and counts no more than one call takes: the first 1000 of each.
std::string EncodeIngest(const IngestRequest& request);
Decoded<IngestAnswer> DecodeIngest(std::string_view answer);

// A handler as the configuration document spells it (for explain and probes), strictly read.
Decoded<Handler> DecodeHandler(std::string_view json);
// The same of an inbound endpoint.
Decoded<InboundEndpoint> DecodeInboundEndpoint(std::string_view json);

}  // namespace webhook::model
