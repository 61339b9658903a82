// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/inbox_alarm.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_log.h"

namespace webhook::observe {
namespace {

using base::Milliseconds;

struct Watched {
  fakes::FakeClock clock;
  fakes::RecordingLog log;
  InboxAlarm alarm{log};

  void Check(const InboxNumbers& inbox) { alarm.Check(inbox, clock.SteadyNow()); }

  std::vector<std::string> Said() const {
    std::vector<std::string> names;
    for (const auto& event : log.events()) names.push_back(event.event);
    return names;
  }
};

InboxNumbers Aged(std::int64_t age_ms) {
  InboxNumbers inbox;
  inbox.event_count = 3;
  inbox.oldest_age = Milliseconds(age_ms);
  return inbox;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an inbox in order is not talked about") {
  Watched watched;
  watched.Check(InboxNumbers());
  watched.Check(Aged(60'000));
  CHECK(watched.Said().empty());
}

TEST_CASE("a late event is said at once, every five minutes, and once when it is over") {
  Watched watched;
  for (int i = 0; i <= 60; ++i) {  // ten minutes
    watched.Check(Aged(60'001 + 10'000 * i));
    watched.clock.Advance(Milliseconds(10'000));
  }
  CHECK(watched.Said() == Names{"inbox.late", "inbox.late", "inbox.late"});
  const auto last = watched.log.events().back();
  CHECK(last.level == base::Level::kError);
  CHECK(last.Get("oldest_age_ms") == "660001");
  CHECK(last.Get("events") == "3");
  watched.Check(InboxNumbers());
  watched.Check(InboxNumbers());
  CHECK(watched.Said().size() == 4);
  CHECK(watched.log.events().back().event == "inbox.in_time_again");
  CHECK(watched.log.events().back().Get("after_ms") == "610000");
}

TEST_CASE("an unhealthy inbox is said beside a late event") {
  Watched watched;
  InboxNumbers inbox = Aged(90'000);
  inbox.healthy = false;
  inbox.failure = "the disk is full";
  watched.Check(inbox);
  CHECK(watched.log.events().front().Get("why") == "the disk is full");
  watched.clock.Advance(Milliseconds(299'999));
  watched.Check(inbox);
  CHECK(watched.Said() == Names{"inbox.unhealthy", "inbox.late"});
  watched.clock.Advance(Milliseconds(1));
  inbox.oldest_age.reset();
  watched.Check(inbox);
  CHECK(watched.Said() ==
        Names{"inbox.unhealthy", "inbox.late", "inbox.unhealthy", "inbox.in_time_again"});
  watched.Check(InboxNumbers());
  CHECK(watched.log.events().back().event == "inbox.healthy_again");
}

}  // namespace webhook::observe
