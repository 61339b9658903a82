// SPDX-License-Identifier: LGPL-3.0-or-later
// Random journal entries over few ids, so that they meet: settlements find their intents,
// acknowledgements their settlements.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/random.h"
#include "lib/delivery/ports/journal.h"

namespace webhook::property {

inline std::string RandomId(base::Random& random, const char* prefix) {
  return prefix + std::to_string(random.Next() % 12);
}

// Mostly short, sometimes over several pages of the database, now and then with odd bytes.
inline std::string RandomText(base::Random& random) {
  const std::uint64_t choice = random.Next() % 40;
  if (choice == 0) return std::string(random.Next() % 9000, 'x');
  if (choice == 1) return std::string("\0\xff'", 3);
  return std::to_string(random.Next());
}

inline model::JobKind RandomKind(base::Random& random) {
  return random.Next() % 2 == 0 ? model::JobKind::kDelivery : model::JobKind::kEvent;
}

// A token is of deliveries or of events, for ever.
inline delivery::ClaimStarted RandomClaim(base::Random& random) {
  std::string token = RandomId(random, "c");
  const bool is_of_events = token.back() % 2 != 0;
  return {std::move(token), is_of_events ? model::JobKind::kEvent : model::JobKind::kDelivery};
}

inline delivery::JournalEntry RandomEntry(base::Random& random) {
  const auto delivery_id = static_cast<std::int64_t>(random.Next() % 5);
  switch (random.Next() % 7) {
    case 0:
      return RandomClaim(random);
    case 1:
      return delivery::ClaimFinished{RandomId(random, "c")};
    case 2:
      return delivery::SendIntent{
          .delivery_id = delivery_id,
          .lease_token = RandomId(random, "l"),
          .attempt_uid = RandomText(random),
          .settlement_uid = RandomId(random, "s"),
          .http_method = "POST",
          .target_url = RandomText(random),
          .started_at = base::FromUnixMs(static_cast<std::int64_t>(random.Next() >> 20)),
          .frozen_json = RandomText(random)};
    case 3:
      return delivery::SettlementRecorded{.settlement_uid = RandomId(random, "s"),
                                          .job_id = delivery_id,
                                          .lease_token = RandomId(random, "l"),
                                          .settlement_json = RandomText(random),
                                          .kind = RandomKind(random)};
    case 4:
      return delivery::SettlementAcknowledged{RandomId(random, "s")};
    case 5:
      return delivery::SettlementSetAside{RandomId(random, "s"), RandomText(random)};
    default:
      return delivery::MetaSet{RandomId(random, "m"), RandomText(random)};
  }
}

inline std::vector<delivery::JournalEntry> RandomAppend(base::Random& random,
                                                        std::size_t entries_max = 6) {
  std::vector<delivery::JournalEntry> entries;
  const std::size_t count = random.Next() % (entries_max + 1);
  for (std::size_t i = 0; i < count; ++i) entries.push_back(RandomEntry(random));
  return entries;
}

}  // namespace webhook::property
