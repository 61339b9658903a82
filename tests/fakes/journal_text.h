// SPDX-License-Identifier: LGPL-3.0-or-later
// Journal contents as text, one line each, so that two can be compared and a difference read.
#pragma once

#include <string>

#include "lib/base/text.h"
#include "lib/delivery/ports/journal.h"
#include "lib/model/spelling.h"

namespace webhook::fakes {

inline std::string JournalText(const delivery::JournalContents& contents) {
  std::string text;
  const auto line = [&](const std::string& kind, std::initializer_list<std::string> fields) {
    text += kind;
    for (const std::string& field : fields) {
      text += " [" + base::PrintableText(field, field.size()) + "]";
    }
    text += "\n";
  };
  for (const auto& token : contents.claim_tokens) line("claim", {token});
  for (const auto& token : contents.event_claim_tokens) line("event claim", {token});
  for (const auto& intent : contents.intents) {
    line("intent", {std::to_string(intent.delivery_id), intent.lease_token, intent.attempt_uid,
                    intent.settlement_uid, intent.http_method, intent.target_url,
                    std::to_string(base::ToUnixMs(intent.started_at)), intent.frozen_json});
  }
  for (const auto& settlement : contents.settlements) {
    line("settlement",
         {settlement.settlement_uid, std::to_string(settlement.job_id), settlement.lease_token,
          settlement.settlement_json, std::string(model::Spelling(settlement.kind))});
  }
  for (const auto& settlement : contents.set_aside) {
    line("set aside",
         {settlement.settlement_uid, std::to_string(settlement.job_id), settlement.lease_token,
          settlement.settlement_json, std::string(model::Spelling(settlement.kind))});
  }
  for (const auto& [key, value] : contents.meta) line("meta", {key, value});
  return text;
}

}  // namespace webhook::fakes
