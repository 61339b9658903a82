// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/spelling.h"

#include "lib/base/assert.h"
#include "lib/base/result.h"

namespace webhook::model {

std::string_view Spelling(DeliveryState state) {
  switch (state) {
    case DeliveryState::kQueued:
      return "queued";
    case DeliveryState::kDone:
      return "done";
    case DeliveryState::kError:
      return "error";
    case DeliveryState::kDeadLetter:
      return "dead_letter";
    case DeliveryState::kCanceled:
      return "canceled";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(FailureReason reason) {
  switch (reason) {
    case FailureReason::kHttpStatus:
      return "http_status";
    case FailureReason::kTimeout:
      return "timeout";
    case FailureReason::kConnect:
      return "connect";
    case FailureReason::kTls:
      return "tls";
    case FailureReason::kConnectionLost:
      return "connection_lost";
    case FailureReason::kResponseInvalid:
      return "response_invalid";
    case FailureReason::kAddressRefused:
      return "address_refused";
    case FailureReason::kAuth:
      return "auth";
    case FailureReason::kRequestInvalid:
      return "request_invalid";
    case FailureReason::kEndpointGone:
      return "endpoint_gone";
    case FailureReason::kAttemptsExhausted:
      return "attempts_exhausted";
    case FailureReason::kExpired:
      return "expired";
    case FailureReason::kInterrupted:
      return "interrupted";
    case FailureReason::kSettlementRefused:
      return "settlement_refused";
    case FailureReason::kRule:
      return "rule";
    case FailureReason::kRuleInvalid:
      return "rule_invalid";
    case FailureReason::kRecordOperation:
      return "record_operation";
    case FailureReason::kCallback:
      return "callback";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(const Outcome& outcome) {
  return std::visit(base::Overloaded{
                        [](const Delivered&) { return std::string_view("delivered"); },
                        [](const Retry&) { return std::string_view("retry"); },
                        [](const DeadLetter&) { return std::string_view("dead_letter"); },
                        [](const Canceled&) { return std::string_view("canceled"); },
                        [](const Deferred&) { return std::string_view("deferred"); },
                        [](const Interrupted&) { return std::string_view("interrupted"); },
                    },
                    outcome);
}

std::string_view Spelling(SourceKind kind) {
  switch (kind) {
    case SourceKind::kPayloadPath:
      return "payload_path";
    case SourceKind::kHeader:
      return "header";
    case SourceKind::kQueryParameter:
      return "query_parameter";
    case SourceKind::kResolvedValue:
      return "resolved_value";
    case SourceKind::kSemanticField:
      return "semantic_field";
    case SourceKind::kEventField:
      return "event_field";
    case SourceKind::kDeliveryField:
      return "delivery_field";
    case SourceKind::kEndpointField:
      return "endpoint_field";
    case SourceKind::kCompanyField:
      return "company_field";
    case SourceKind::kPartnerField:
      return "partner_field";
    case SourceKind::kRecordField:
      return "record_field";
    case SourceKind::kContextKey:
      return "context_key";
    case SourceKind::kRequestField:
      return "request_field";
    case SourceKind::kResponseStatus:
      return "response_status";
    case SourceKind::kResponseHeader:
      return "response_header";
    case SourceKind::kResponseBody:
      return "response_body";
    case SourceKind::kItemPath:
      return "item_path";
    case SourceKind::kLiteral:
      return "literal";
    case SourceKind::kTemplate:
      return "template";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(Operator op) {
  switch (op) {
    case Operator::kEquals:
      return "equals";
    case Operator::kNotEquals:
      return "not_equals";
    case Operator::kIsSet:
      return "is_set";
    case Operator::kNotSet:
      return "not_set";
    case Operator::kContains:
      return "contains";
    case Operator::kNotContains:
      return "not_contains";
    case Operator::kIn:
      return "in";
    case Operator::kNotIn:
      return "not_in";
    case Operator::kGreater:
      return "gt";
    case Operator::kGreaterOrEqual:
      return "gte";
    case Operator::kLess:
      return "lt";
    case Operator::kLessOrEqual:
      return "lte";
    case Operator::kStartsWith:
      return "starts_with";
    case Operator::kEndsWith:
      return "ends_with";
    case Operator::kMatches:
      return "matches";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(Scope scope) {
  switch (scope) {
    case Scope::kField:
      return "field";
    case Scope::kRequest:
      return "request";
    case Scope::kHeader:
      return "header";
    case Scope::kPayload:
      return "payload";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(Phase phase) {
  switch (phase) {
    case Phase::kEvent:
      return "event";
    case Phase::kBeforeSend:
      return "before_send";
    case Phase::kResponse:
      return "response";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(Action action) {
  switch (action) {
    case Action::kDone:
      return "done";
    case Action::kDeadLetter:
      return "dead_letter";
    case Action::kRetry:
      return "retry";
    case Action::kCreateRecord:
      return "create_record";
    case Action::kUpdateRecord:
      return "update_record";
    case Action::kUpsertRecord:
      return "upsert_record";
    case Action::kSend:
      return "send";
    case Action::kCancel:
      return "cancel";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(LookupPolicy policy) {
  switch (policy) {
    case LookupPolicy::kError:
      return "error";
    case LookupPolicy::kFirst:
      return "first";
    case LookupPolicy::kDeadLetter:
      return "dead_letter";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(FieldType type) {
  switch (type) {
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kFloat:
      return "float";
    case FieldType::kMonetary:
      return "monetary";
    case FieldType::kChar:
      return "char";
    case FieldType::kText:
      return "text";
    case FieldType::kHtml:
      return "html";
    case FieldType::kDate:
      return "date";
    case FieldType::kDatetime:
      return "datetime";
    case FieldType::kSelection:
      return "selection";
    case FieldType::kMany2one:
      return "many2one";
    case FieldType::kMany2many:
      return "many2many";
    case FieldType::kOne2many:
      return "one2many";
    case FieldType::kBinary:
      return "binary";
    case FieldType::kProperties:
      return "properties";
    case FieldType::kReference:
      return "reference";
    case FieldType::kOther:
      return "other";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreate:
      return "create";
    case OperationKind::kUpdate:
      return "update";
    case OperationKind::kUpsert:
      return "upsert";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(JobKind kind) {
  switch (kind) {
    case JobKind::kDelivery:
      return "delivery";
    case JobKind::kEvent:
      return "event";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(DeliveryIdentity policy) {
  switch (policy) {
    case DeliveryIdentity::kDeliveryId:
      return "delivery_id";
    case DeliveryIdentity::kIdempotencyKey:
      return "idempotency_key";
    case DeliveryIdentity::kBodySha256:
      return "body_sha256";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(ReplayIdentity policy) {
  switch (policy) {
    case ReplayIdentity::kNone:
      return "none";
    case ReplayIdentity::kEventId:
      return "event_id";
    case ReplayIdentity::kIdempotencyKey:
      return "idempotency_key";
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::model
