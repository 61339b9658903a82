// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/findings_reporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/model/contract.h"

namespace webhook::delivery {

using base::Level;

namespace {

constexpr int kFailuresMax = 3;  // in a row, of one report

std::vector<model::Finding> FindingsOf(const HandlerBook& book) {
  std::vector<model::Finding> findings;
  for (const auto& [id, handler] : book.compiled) {
    findings.insert(findings.end(), handler.findings.begin(), handler.findings.end());
  }
  for (const auto& [id, endpoint] : book.endpoints) {
    findings.insert(findings.end(), endpoint.findings.begin(), endpoint.findings.end());
  }
  return findings;
}

}  // namespace

FindingsReporter::FindingsReporter(std::string worker_uid, base::Milliseconds call_timeout,
                                   base::EventLog& log, OdooClient& odoo, Link& link)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      log_(log),
      odoo_(odoo),
      link_(link) {}

void FindingsReporter::Report(HandlerBookPtr book, std::vector<model::Finding> inbound) {
  findings_ = FindingsOf(*book);
  findings_.insert(findings_.end(), std::make_move_iterator(inbound.begin()),
                   std::make_move_iterator(inbound.end()));
  // A report holds so many: warnings are the ones to leave out.
  std::stable_partition(findings_.begin(), findings_.end(),
                        [](const model::Finding& finding) { return finding.is_error; });
  for (const model::Finding& finding : findings_) {
    log_.Write(finding.is_error ? Level::kError : Level::kWarning, "configuration.finding",
               {{"model", finding.model},
                {"id", finding.record_id},
                {"field", finding.field},
                {"message", finding.message}});
  }
  waiting_ = std::move(book);
  failures_ = 0;
  Send();
}

void FindingsReporter::Send() {
  if (!waiting_ || call_under_way_ || link_.state() == Link::State::kHeld) return;
  call_under_way_ = true;
  std::vector<model::HandlerNeeds> needs;
  for (const auto& [id, handler] : waiting_->compiled) needs.push_back({id, handler.needs});
  std::vector<model::EndpointNeeds> endpoint_needs;
  for (const auto& [id, endpoint] : waiting_->endpoints) {
    if (!endpoint.needs.empty()) endpoint_needs.push_back({id, endpoint.needs});
  }
  const std::int64_t revision = waiting_->configuration->revision;
  odoo_.Call(ContractMethod::kReportFindings,
             model::EncodeReportFindings(worker_uid_, revision, findings_, needs, endpoint_needs),
             call_timeout_,
             [this, revision](RpcReply reply) { OnReply(revision, std::move(reply)); });
}

// Not accepted: Odoo has a newer revision, whose report follows its configuration.
void FindingsReporter::OnReply(std::int64_t revision, RpcReply reply) {
  call_under_way_ = false;
  if (!reply.ok()) return OnFault(revision, reply.error());
  const auto answer = model::DecodeReportFindings(reply.value());
  if (!answer.ok()) {
    return OnFault(revision, {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  failures_ = 0;
  if (waiting_ && waiting_->configuration->revision == revision) waiting_ = nullptr;
  link_.OnEnvelope(answer.value().envelope);
  Send();
}

// A report that Odoo will not have must not keep the worker from its work: a fault makes the link
// wait. It is sent again after the next outage.
void FindingsReporter::OnFault(std::int64_t revision, const RpcFault& fault) {
  const bool may_be_its_fault = fault.kind == RpcFaultKind::kRejected ||
                                fault.kind == RpcFaultKind::kUnknown ||
                                fault.kind == RpcFaultKind::kNotOdoo;
  if (may_be_its_fault && ++failures_ >= kFailuresMax) {
    log_.Write(Level::kError, "findings.not_reported",
               {{"revision", revision}, {"why", fault.detail}});
    return;
  }
  link_.OnFault("report_findings", fault);
}

}  // namespace webhook::delivery
