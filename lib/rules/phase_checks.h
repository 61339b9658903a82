// SPDX-License-Identifier: LGPL-3.0-or-later
// What exists in which phase: actions, sources, scopes of assignments. Pure.
//
//   event        done dead_letter retry create_record update_record upsert_record
//   before_send  send cancel dead_letter retry; assignments to request, header, payload
//   response     done dead_letter retry create_record update_record upsert_record
//
//   everywhere   payload_path header endpoint_field company_field literal template
//   event        query_parameter resolved_value semantic_field event_field
//   deliveries   delivery_field partner_field record_field context_key request_field
//   response     response_status response_header response_body
//   items        item_path: only in assignments to the fields of a list's items
#pragma once

#include <string>
#include <vector>

#include "lib/model/rule.h"
#include "lib/rules/rule_findings.h"

namespace webhook::rules {

bool IsRecordAction(model::Action action);

// The rule's action, and that a record action has a target model and what finds the record.
void CheckAction(RuleFindings& findings);

// Why the source, or what its template refers to, does not exist in a phase's rules; empty: it
// does.
std::string SourceProblem(const model::Source& source, model::Phase phase, bool is_of_item);

// Also what a template refers to. `is_of_item`: the row assigns to a field of a list's items.
void CheckSource(RuleFindings& findings, RuleRow row, const model::Source& source, bool is_of_item);

// Whether the assignment's scope exists there; findings when it does not, or its target is none.
bool CheckScope(RuleFindings& findings, RuleRow row, const model::Assignment& assignment);

}  // namespace webhook::rules
