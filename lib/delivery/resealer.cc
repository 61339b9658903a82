// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/resealer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lib/model/contract.h"

namespace webhook::delivery {

using base::Level;

namespace {

// A sealed certificate key has some kilobytes, so a batch is a request of at most a few megabytes.
constexpr std::size_t kBatchMax = 100;

constexpr int kFailuresMax = 3;  // in a row, of one batch

std::map<model::RecordId, const model::SecretEntry*> SecretsOf(
    const model::Configuration& configuration) {
  std::map<model::RecordId, const model::SecretEntry*> secrets;
  for (const auto& [id, endpoint] : configuration.endpoints) {
    for (const model::SecretEntry& secret : endpoint.secrets) secrets[secret.id] = &secret;
  }
  for (const auto& [id, endpoint] : configuration.inbound_endpoints) {
    for (const model::SecretEntry& secret : endpoint.secrets) secrets[secret.id] = &secret;
  }
  return secrets;
}

}  // namespace

Resealer::Resealer(std::string worker_uid, base::Milliseconds call_timeout,
                   const EnginePorts& ports, Link& link)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      log_(ports.log),
      odoo_(ports.odoo),
      secrets_(ports.secrets),
      link_(link) {}

// Each revision is gone through once for a key: what Odoo did not replace has changed meanwhile,
// and comes with the next one.
void Resealer::Check() {
  const auto configuration = link_.configuration();
  const std::string& key = link_.sealing_public_key();
  if (call_under_way_ || !configuration || link_.state() == Link::State::kHeld) return;
  if (key.empty() || secrets_.PublicKey() != key) return;
  if (revision_ != configuration->revision || key_ != key) {
    revision_ = configuration->revision;
    key_ = key;
    after_ = 0;
  }
  SendBatch();
}

void Resealer::SendBatch() {
  std::vector<model::ResealedSecret> batch;
  const auto configuration = link_.configuration();
  const auto secrets = SecretsOf(*configuration);
  auto next = secrets.upper_bound(after_);
  for (; next != secrets.end() && batch.size() < kBatchMax; ++next) {
    std::string value = secrets_.Reseal(*next->second, key_);
    if (!value.empty()) batch.push_back({next->first, next->second->value, std::move(value)});
    after_ = next->first;
  }
  if (batch.empty()) return;
  call_under_way_ = true;
  const model::RecordId before = batch.front().id - 1;
  odoo_.Call(ContractMethod::kReseal, model::EncodeReseal(worker_uid_, batch), call_timeout_,
             [this, count = batch.size(), before](RpcReply reply) {
               OnReply(count, before, std::move(reply));
             });
}

// A call that failed is repeated when Odoo is back. A batch that Odoo cannot take is left out: it
// must not keep the worker from its work.
void Resealer::OnReply(std::size_t sent, model::RecordId before, RpcReply reply) {
  call_under_way_ = false;
  auto fault = reply.ok() ? std::nullopt : std::optional<RpcFault>(reply.error());
  if (reply.ok()) {
    const auto answer = model::DecodeReseal(reply.value());
    if (answer.ok()) {
      log_.Write(Level::kInfo, "secrets.resealed",
                 {{"sent", sent}, {"replaced", answer.value().resealed_ids.size()}});
      failures_ = 0;
      if (link_.OnEnvelope(answer.value().envelope)) Check();
      return;
    }
    fault = RpcFault{RpcFaultKind::kNotOdoo, answer.error().message};
  }
  log_.Write(Level::kWarning, "secrets.not_resealed", {{"why", fault->detail}});
  const bool may_be_its_fault = fault->kind == RpcFaultKind::kRejected ||
                                fault->kind == RpcFaultKind::kUnknown ||
                                fault->kind == RpcFaultKind::kNotOdoo;
  if (may_be_its_fault && ++failures_ >= kFailuresMax) {
    failures_ = 0;
    return Check();
  }
  after_ = std::min(after_, before);
  link_.OnFault("reseal", *fault);
}

}  // namespace webhook::delivery
