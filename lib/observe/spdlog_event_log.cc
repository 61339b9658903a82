// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/spdlog_event_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <exception>
#include <stdexcept>
#include <utility>

namespace webhook::observe {
namespace {

spdlog::sink_ptr OpenSink(const std::string& file) {
  if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error("log file: " + std::string(error.what()));
  }
}

spdlog::level::level_enum ToSpdlog(base::Level level) {
  switch (level) {
    case base::Level::kDebug:
      return spdlog::level::debug;
    case base::Level::kInfo:
      return spdlog::level::info;
    case base::Level::kWarning:
      return spdlog::level::warn;
    case base::Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

// The line is finished before spdlog sees it: spdlog brings the sink, its lock and its flushing.
SpdlogEventLog::SpdlogEventLog(const base::Clock& clock, LogOptions options)
    : clock_(clock),
      options_(std::move(options)),
      logger_(std::make_unique<spdlog::logger>("webhook", OpenSink(options_.file))) {
  logger_->set_pattern("%v");
  logger_->set_level(ToSpdlog(options_.level));
  logger_->flush_on(spdlog::level::debug);
  logger_->set_error_handler(
      [this](const std::string&) { lines_lost_.fetch_add(1, std::memory_order_relaxed); });
}

SpdlogEventLog::~SpdlogEventLog() = default;

void SpdlogEventLog::Write(base::Level level, std::string_view event,
                           base::Fields fields) noexcept {
  if (level < options_.level) return;
  try {
    const std::string line =
        FormatLine({clock_.Now(), level, event, fields}, options_.format, options_.limits);
    logger_->log(ToSpdlog(level), spdlog::string_view_t(line));
  } catch (const std::exception&) {  // out of memory: the event is lost, the work goes on
    lines_lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace webhook::observe
