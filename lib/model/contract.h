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

struct HelloRequest {
  std::string worker_uid;
  std::string name;
  std::string version;
  std::string host;
  bool journal_healthy = true;
  std::string wake_address;         // empty: no wake-ups
  std::string confirm_fingerprint;  // empty but for confirm-database
  bool check_only = false;          // answer, but register nothing
};

struct HelloAnswer {
  Envelope envelope;
  bool compatible = false;
  std::string incompatible_message;
  int contract_version = 0;
  std::string addon_version;
  std::string odoo_version;
  std::string wake_secret;  // base64; a secret
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

struct ClaimRequest {
  std::string worker_uid;
  std::string claim_token;
  int limit = 0;
  std::chrono::seconds lease{0};
  bool takeover = false;
  std::vector<Quota> quotas;
};

struct ClaimAnswer {
  Envelope envelope;
  std::vector<Delivery> deliveries;
  int interrupted = 0;
  int poisoned = 0;
  std::optional<base::WallTime> next_due_at;
};

struct Lease {
  RecordId delivery_id;
  std::string lease_token;
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

}  // namespace webhook::model
