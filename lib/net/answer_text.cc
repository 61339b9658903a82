// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/answer_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"

namespace webhook::net {
namespace {

constexpr int kServiceUnavailable = 503;

constexpr std::array<std::string_view, 8> kOurs = {"connection", "content-length",   "date",
                                                   "keep-alive", "server",           "trailer",
                                                   "upgrade",    "transfer-encoding"};

struct Reason {
  int status_code;
  std::string_view text;
};

constexpr std::array<Reason, 26> kReasons = {{{200, "OK"},
                                              {202, "Accepted"},
                                              {204, "No Content"},
                                              {304, "Not Modified"},
                                              {400, "Bad Request"},
                                              {401, "Unauthorized"},
                                              {403, "Forbidden"},
                                              {404, "Not Found"},
                                              {405, "Method Not Allowed"},
                                              {406, "Not Acceptable"},
                                              {408, "Request Timeout"},
                                              {409, "Conflict"},
                                              {410, "Gone"},
                                              {411, "Length Required"},
                                              {413, "Content Too Large"},
                                              {414, "URI Too Long"},
                                              {415, "Unsupported Media Type"},
                                              {417, "Expectation Failed"},
                                              {422, "Unprocessable Content"},
                                              {429, "Too Many Requests"},
                                              {431, "Request Header Fields Too Large"},
                                              {500, "Internal Server Error"},
                                              {501, "Not Implemented"},
                                              {503, "Service Unavailable"},
                                              {504, "Gateway Timeout"},
                                              {505, "HTTP Version Not Supported"}}};

std::string_view ReasonOf(int status_code) {
  for (const Reason& reason : kReasons) {
    if (reason.status_code == status_code) return reason.text;
  }
  return "";
}

// A receiver may build a value from what somebody sent: it never begins a header of its own.
bool IsSent(const std::string& name, const std::string& value) {
  if (!base::IsHeaderName(name) || !base::IsHeaderValue(value)) return false;
  return std::none_of(kOurs.begin(), kOurs.end(),
                      [&](std::string_view ours) { return base::EqualsIgnoringCase(name, ours); });
}

bool HasBody(int status_code) { return status_code != 204 && status_code != 304; }

void AppendHeader(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string WriteAnswer(const delivery::ReceiverAnswer& answer, const AnswerFraming& framing) {
  std::string text;
  text.reserve(256 + answer.body.size());
  text.append("HTTP/1.1 ").append(std::to_string(answer.status_code)).append(" ");
  text.append(ReasonOf(answer.status_code)).append("\r\n");
  AppendHeader(text, "Date", framing.date);
  for (const auto& [name, value] : answer.headers) {
    if (IsSent(name, value)) AppendHeader(text, name, value);
  }
  if (HasBody(answer.status_code)) {
    AppendHeader(text, "Content-Length", std::to_string(answer.body.size()));
  }
  if (framing.closes) AppendHeader(text, "Connection", "close");
  text.append("\r\n");
  if (HasBody(answer.status_code) && !framing.is_for_head) text.append(answer.body);
  return text;
}

std::string HttpDate(base::WallTime now) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      kDays[std::chrono::weekday(day).c_encoding()], unsigned{date.day()},
      kMonths[unsigned{date.month()} - 1], int{date.year()}, static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

delivery::ReceiverAnswer OwnAnswer(int status_code, base::Milliseconds retry_after) {
  delivery::ReceiverAnswer answer{status_code, {{"Content-Type", "application/json"}}, ""};
  answer.body = status_code == kServiceUnavailable ? R"({"status":"unavailable"})"
                                                   : R"({"status":"rejected"})";
  if (status_code == kServiceUnavailable) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after);
    answer.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
  }
  return answer;
}

}  // namespace webhook::net
