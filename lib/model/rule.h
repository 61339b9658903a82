// SPDX-License-Identifier: LGPL-3.0-or-later
// The rules of a handler, as an administrator wrote them. Plain data; what a row means is said in
// lib/rules.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/model/record_id.h"

namespace webhook::model {

// Spelled as in schema/contract/rules.schema.json (spelling of `kPayloadPath`: payload_path).
enum class SourceKind {
  kPayloadPath,
  kHeader,
  kQueryParameter,
  kResolvedValue,
  kSemanticField,
  kEventField,
  kDeliveryField,
  kEndpointField,
  kCompanyField,
  kPartnerField,
  kRecordField,
  kContextKey,
  kRequestField,
  kResponseStatus,
  kResponseHeader,
  kResponseBody,
  kItemPath,
  kLiteral,
  kTemplate,
};

struct Source {
  SourceKind kind = SourceKind::kLiteral;
  std::string expression;  // a path, a name or a template
  std::string literal;     // as typed
  bool literal_is_json = false;
};

enum class Operator {
  kEquals,
  kNotEquals,
  kIsSet,
  kNotSet,
  kContains,
  kNotContains,
  kIn,
  kNotIn,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kStartsWith,
  kEndsWith,
  kMatches,
};

struct Condition {
  RowId id = 0;
  Source source;
  Operator op = Operator::kEquals;
  std::string expected;  // as typed; of in and not_in one value a line
  bool expected_is_json = false;
  bool ignore_case = false;
};

struct Lookup {
  RowId id = 0;
  std::string field;  // or a path of fields with dots
  Source source;
};

enum class Scope { kField, kRequest, kHeader, kPayload };
enum class ListMode { kReplace, kAdd };

struct Assignment {
  RowId id = 0;
  Scope scope = Scope::kField;
  std::string target;
  Source source;
  ListMode list_mode = ListMode::kReplace;
};

enum class Phase { kEvent, kBeforeSend, kResponse };

enum class Action {
  kDone,
  kDeadLetter,
  kRetry,
  kCreateRecord,
  kUpdateRecord,
  kUpsertRecord,
  kSend,
  kCancel,
};

// What becomes of a rule whose lookup does not find exactly one record.
enum class LookupPolicy { kError, kFirst, kDeadLetter };

struct Rule {
  RowId id = 0;
  int sequence = 10;
  std::string name;
  Phase phase = Phase::kEvent;
  Action action = Action::kDone;
  std::chrono::seconds retry_after{0};  // 0: by the retry policy
  std::string note;
  std::string target_model;  // of the record actions
  LookupPolicy on_key_missing = LookupPolicy::kError;
  LookupPolicy on_none = LookupPolicy::kError;
  LookupPolicy on_many = LookupPolicy::kError;
  bool include_archived = false;
  std::vector<Condition> conditions;
  std::vector<Lookup> lookups;
  std::vector<Assignment> assignments;
};

enum class FieldType {
  kBoolean,
  kInteger,
  kFloat,
  kMonetary,
  kChar,
  kText,
  kHtml,
  kDate,
  kDatetime,
  kSelection,
  kMany2one,
  kMany2many,
  kOne2many,
  kBinary,
  kProperties,
  kReference,
  kOther,
};

// What coercion needs to know about a field, as the execution user sees it.
struct FieldMeta {
  FieldType type = FieldType::kOther;
  std::string label;
  bool required = false;
  bool readonly = false;
  std::string relation;                                        // the model of a relational field
  std::vector<std::pair<std::string, std::string>> selection;  // key, label
  std::optional<std::size_t> size;                             // characters
};

// Model, field.
using FieldMetadata = std::map<std::string, std::map<std::string, FieldMeta>>;

}  // namespace webhook::model
