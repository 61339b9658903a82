// SPDX-License-Identifier: LGPL-3.0-or-later
// The event log of the running worker: one line an event to stderr or to a file, written and
// flushed before Write returns, so that the last lines before a crash are there.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/observe/line_format.h"

namespace spdlog {
class logger;
}

namespace webhook::observe {

struct LogOptions {
  base::Level level = base::Level::kInfo;  // events below it are not written
  LogFormat format = LogFormat::kText;
  std::string file;  // appended to; empty: stderr
  LineLimits limits = {};
};

// Any thread. Throws std::runtime_error when the file cannot be opened.
class SpdlogEventLog final : public base::EventLog {
 public:
  using base::EventLog::Write;

  // The clock must outlive the log.
  SpdlogEventLog(const base::Clock& clock, LogOptions options);
  ~SpdlogEventLog() override;

  void Write(base::Level level, std::string_view event, base::Fields fields) noexcept override;

  // Lines that could not be written (disk full, closed pipe).
  std::uint64_t lines_lost() const { return lines_lost_.load(std::memory_order_relaxed); }

 private:
  const base::Clock& clock_;
  const LogOptions options_;
  std::atomic<std::uint64_t> lines_lost_ = 0;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace webhook::observe
