// SPDX-License-Identifier: LGPL-3.0-or-later
// An event log that remembers what was written, as text: "key=value" for each field.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/event_log.h"
#include "lib/base/mutex.h"
#include "lib/base/result.h"

namespace webhook::fakes {

struct RecordedEvent {
  base::Level level;
  std::string event;
  std::vector<std::pair<std::string, std::string>> fields;  // those left out are not here

  // The value of the field, "" when it is not there.
  std::string Get(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return "";
  }
};

// Any thread.
class RecordingLog final : public base::EventLog {
 public:
  using base::EventLog::Write;

  void Write(base::Level level, std::string_view event, base::Fields fields) noexcept override {
    RecordedEvent recorded{level, std::string(event), {}};
    for (const base::Field& field : fields) {
      if (std::holds_alternative<std::monostate>(field.value.state())) continue;
      recorded.fields.emplace_back(field.name, Text(field.value));
    }
    base::MutexLock lock(mutex_);
    events_.push_back(std::move(recorded));
  }

  std::vector<RecordedEvent> events() const {
    base::MutexLock lock(mutex_);
    return events_;
  }

  std::vector<RecordedEvent> Named(std::string_view event) const {
    std::vector<RecordedEvent> found;
    for (RecordedEvent& recorded : events()) {
      if (recorded.event == event) found.push_back(std::move(recorded));
    }
    return found;
  }

  void Clear() {
    base::MutexLock lock(mutex_);
    events_.clear();
  }

 private:
  static std::string Text(const base::FieldValue& value) {
    return std::visit(base::Overloaded{[](std::monostate) { return std::string(); },
                                       [](const auto& known) { return fmt::format("{}", known); }},
                      value.state());
  }

  mutable base::Mutex mutex_;
  std::vector<RecordedEvent> events_ WEBHOOK_GUARDED_BY(mutex_);
};

}  // namespace webhook::fakes
