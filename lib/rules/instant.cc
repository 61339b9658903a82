// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/instant.h"

#include <chrono>

namespace webhook::rules {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr int kFractionDigitsMax = 18;
constexpr int kYearMax = 9999;

std::chrono::year_month_day Ymd(int year, int month, int day) {
  return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
          std::chrono::day(static_cast<unsigned>(day))};
}

// Reads the text from its beginning; every step says whether it fitted.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool Skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly so many digits.
  bool Digits(int count, int& number) {
    number = 0;
    for (int i = 0; i < count; ++i) {
      const int digit = Digit();
      if (digit < 0) return false;
      number = number * 10 + digit;
    }
    return true;
  }

  bool Fraction(std::int64_t& attoseconds) {
    int count = 0;
    for (int digit = Digit(); digit >= 0; digit = Digit()) {
      if (++count > kFractionDigitsMax) return false;
      attoseconds = attoseconds * 10 + digit;
    }
    for (int i = count; i < kFractionDigitsMax; ++i) attoseconds *= 10;
    return count > 0;
  }

 private:
  int Digit() {
    if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return -1;
    const int digit = rest_[0] - '0';
    rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
};

bool ReadDate(Reader& reader, CalendarDate& date) {
  return reader.Digits(4, date.year) && reader.Skip("-") && reader.Digits(2, date.month) &&
         reader.Skip("-") && reader.Digits(2, date.day) &&
         DateExists(date.year, date.month, date.day);
}

bool ReadTime(Reader& reader, Instant& instant) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!reader.Digits(2, hour) || !reader.Skip(":") || !reader.Digits(2, minute)) return false;
  if (reader.Skip(":")) {
    if (!reader.Digits(2, second)) return false;
    if (reader.Skip(".,") && !reader.Fraction(instant.attoseconds)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  instant.unix_seconds += hour * 3600 + minute * 60 + second;
  return true;
}

// Nothing, Z, or an offset: the time written is that much ahead of UTC.
bool ReadZone(Reader& reader, Instant& instant) {
  if (reader.at_end()) return true;
  instant.has_zone = true;
  if (reader.Skip("Zz")) return reader.at_end();
  const bool behind = reader.Skip("-");
  if (!behind && !reader.Skip("+")) return false;
  int hours = 0;
  int minutes = 0;
  if (!reader.Digits(2, hours)) return false;
  if (!reader.at_end()) {
    reader.Skip(":");
    if (!reader.Digits(2, minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  const int offset = hours * 3600 + minutes * 60;
  instant.unix_seconds += behind ? offset : -offset;
  return reader.at_end();
}

bool IsInRange(std::int64_t unix_seconds) {
  const std::int64_t first = DaysFromDate({1, 1, 1}) * kDaySeconds;
  const std::int64_t end = (DaysFromDate({kYearMax, 12, 31}) + 1) * kDaySeconds;
  return unix_seconds >= first && unix_seconds < end;
}

std::int64_t FloorDays(std::int64_t unix_seconds) {
  const std::int64_t days = unix_seconds / kDaySeconds;
  return unix_seconds % kDaySeconds < 0 ? days - 1 : days;
}

std::string Padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

std::optional<Instant> ParseInstant(std::string_view text) {
  // Most texts are no dates: the dash tells at once.
  if (text.size() < 10 || text[4] != '-') return std::nullopt;
  Reader reader(text);
  Instant instant;
  if (!ReadDate(reader, instant.written_date)) return std::nullopt;
  instant.unix_seconds = DaysFromDate(instant.written_date) * kDaySeconds;
  if (reader.at_end()) return instant;
  instant.has_time = true;
  if (!reader.Skip("Tt ") || !ReadTime(reader, instant) || !ReadZone(reader, instant)) {
    return std::nullopt;
  }
  if (!IsInRange(instant.unix_seconds)) return std::nullopt;
  return instant;
}

std::strong_ordering Compare(const Instant& left, const Instant& right) {
  if (left.unix_seconds != right.unix_seconds) return left.unix_seconds <=> right.unix_seconds;
  return left.attoseconds <=> right.attoseconds;
}

std::string DateText(const CalendarDate& date) {
  return Padded(date.year, 4) + "-" + Padded(date.month, 2) + "-" + Padded(date.day, 2);
}

CalendarDate UtcDate(const Instant& instant) {
  return DateFromDays(FloorDays(instant.unix_seconds));
}

std::string UtcText(const Instant& instant) {
  const std::int64_t days = FloorDays(instant.unix_seconds);
  const std::int64_t second = instant.unix_seconds - days * kDaySeconds;
  return DateText(DateFromDays(days)) + " " + Padded(second / 3600, 2) + ":" +
         Padded(second / 60 % 60, 2) + ":" + Padded(second % 60, 2);
}

bool DateExists(int year, int month, int day) {
  if (year < 1 || year > kYearMax || month < 1 || day < 1 || month > 12 || day > 31) return false;
  return Ymd(year, month, day).ok();
}

std::int64_t DaysFromDate(const CalendarDate& date) {
  return std::chrono::sys_days(Ymd(date.year, date.month, date.day)).time_since_epoch().count();
}

CalendarDate DateFromDays(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

}  // namespace webhook::rules
