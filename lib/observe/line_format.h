// SPDX-License-Identifier: LGPL-3.0-or-later
// One event as one line. Whatever the values hold, the result is a single printable line of UTF-8:
// no control character, line separator or bidirectional override gets through. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/event_log.h"
#include "lib/base/time.h"

namespace webhook::observe {

enum class LogFormat {
  kText,  // 2026-11-24T08:00:00.123Z INFO delivery.attempted delivery=0192… attempt=3
  kJson,  // {"time":"…","level":"info","event":"delivery.attempted","delivery":"0192…","attempt":3}
};

struct LineLimits {
  std::size_t value_bytes_max = 2'048;  // of one value; a longer one ends in "…"
  std::size_t line_bytes_max = 16'384;  // fields beyond it are left out, and the line says so
};

struct LineEvent {
  base::WallTime time;
  base::Level level;
  std::string_view name;
  base::Fields fields;
};

// Without the line break at the end.
std::string FormatLine(const LineEvent& event, LogFormat format, const LineLimits& limits = {});

// 2026-11-24T08:00:00.123Z (RFC 3339, UTC).
std::string FormatTime(base::WallTime time);

}  // namespace webhook::observe
