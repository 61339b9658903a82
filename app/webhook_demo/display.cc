// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/display.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace webhook::demo {
namespace {

constexpr int kRed = 31;
constexpr int kGreen = 32;
constexpr int kYellow = 33;
constexpr int kBold = 1;
constexpr int kFaint = 2;
constexpr base::Milliseconds kRateWindow{1000};
constexpr base::Milliseconds kLineInterval{1000};
constexpr std::string_view kClearToEnd = "\x1b[K";

std::string_view Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsUtf8() {
  std::string_view locale = Environment("LC_ALL");
  if (locale.empty()) locale = Environment("LC_CTYPE");
  if (locale.empty()) locale = Environment("LANG");
  return locale.find("UTF-8") != std::string_view::npos ||
         locale.find("utf8") != std::string_view::npos;
}

void WriteOut(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

StateCounts CountsOf(const Snapshot& snapshot, const std::string& endpoint) {
  const auto found = snapshot.counts.find(endpoint);
  return found == snapshot.counts.end() ? StateCounts{} : found->second;
}

StateCounts Sum(const Snapshot& snapshot) {
  StateCounts sum;
  for (const auto& [endpoint, counts] : snapshot.counts) {
    sum.waiting += counts.waiting;
    sum.sending += counts.sending;
    sum.retrying += counts.retrying;
    sum.done += counts.done;
    sum.dead_letters += counts.dead_letters;
    sum.others += counts.others;
  }
  return sum;
}

int PlannedTotal(const Snapshot& snapshot) {
  int total = 0;
  for (const auto& [endpoint, planned] : snapshot.planned) total += planned;
  return total;
}

std::string Repeated(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// Columns for so many of the whole; none is lost to rounding that is there at all.
int Columns(int part, int whole, int columns) {
  if (part == 0 || whole == 0) return 0;
  return std::max(1, part * columns / whole);
}

std::string Bar(const StateCounts& counts, int planned, int columns, const Style& style) {
  const std::string_view full = style.unicode ? "█" : "#";
  const std::string_view half = style.unicode ? "▒" : "=";
  const std::string_view empty = style.unicode ? "·" : ".";
  int left = columns;
  std::string bar;
  const auto add = [&](int part, std::string_view block, int color) {
    const int width = std::min(left, Columns(part, planned, columns));
    left -= width;
    bar += Colored(Repeated(block, width), color, style);
  };
  add(counts.done, full, kGreen);
  add(counts.dead_letters, full, kRed);
  add(counts.retrying, half, kYellow);
  return bar + Colored(Repeated(empty, left), kFaint, style);
}

std::string EndpointLine(const Snapshot& snapshot, const std::string& endpoint, int columns,
                         const Style& style) {
  const StateCounts counts = CountsOf(snapshot, endpoint);
  const auto planned = snapshot.planned.find(endpoint);
  const int whole = planned == snapshot.planned.end() ? 0 : planned->second;
  return fmt::format("  {:<9}{}  {:>6} / {:<6}", endpoint, Bar(counts, whole, columns, style),
                     Grouped(counts.finished()), Grouped(whole));
}

std::string Cell(const std::optional<std::int64_t>& milliseconds, const Style& style) {
  if (milliseconds) return Duration(*milliseconds);
  return style.unicode ? "–" : "-";
}

// fmt counts the columns of UTF-8, so the dash is aligned too.
std::string TableLine(const EndpointSummary& line, const Style& style) {
  return fmt::format("  {:<9}{:>8}{:>11}{:>9}{:>14}{:>10}{:>8}{:>8}\n", line.endpoint,
                     Grouped(line.queued), Grouped(line.delivered), Grouped(line.retried),
                     Grouped(line.dead_letters), Grouped(line.requests), Cell(line.p50_ms, style),
                     Cell(line.p95_ms, style));
}

}  // namespace

Style DetectStyle() {
  Style style;
  style.unicode = IsUtf8();
  const std::string_view terminal = Environment("TERM");
  if (isatty(STDOUT_FILENO) == 0 || terminal.empty() || terminal == "dumb") return style;
  style.live = true;
  style.colors = Environment("NO_COLOR").empty();
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.columns = size.ws_col;
  return style;
}

std::vector<std::string> PictureLines(const Snapshot& snapshot, int rate, const Style& style) {
  constexpr int kAround = 9 + 2 + 2 + 15 + 1;  // what of an endpoint's line is no bar
  const int columns = std::clamp(style.columns - kAround, 10, 50);
  std::vector<std::string> lines;
  for (const std::string& endpoint : snapshot.endpoints) {
    lines.push_back(EndpointLine(snapshot, endpoint, columns, style));
  }
  const StateCounts sum = Sum(snapshot);
  lines.emplace_back("");
  lines.push_back(fmt::format("  {:<9}{:>7}  {:<10}{:>7}  {:<13}{:>7}", "done", Grouped(sum.done),
                              "in flight", Grouped(sum.sending), "requests/s", Grouped(rate)));
  lines.push_back(fmt::format("  {:<9}{:>7}  {:<10}{:>7}  {:<13}{:>7}", "retrying",
                              Grouped(sum.retrying), "waiting", Grouped(sum.waiting),
                              "dead letters", Grouped(sum.dead_letters)));
  lines.push_back(
      fmt::format("  {:<9}{:>7}", "elapsed",
                  fmt::format("{:.1f} s", static_cast<double>(snapshot.elapsed.count()) / 1000)));
  return lines;
}

std::string ProgressLine(const Snapshot& snapshot, int rate) {
  const StateCounts sum = Sum(snapshot);
  return fmt::format(
      "{:>4} s  done {:>6} of {}  in flight {:>4}  retrying {:>5}  dead letters {:>5}  {:>6} "
      "requests/s\n",
      snapshot.elapsed.count() / 1000, Grouped(sum.done), Grouped(PlannedTotal(snapshot)),
      Grouped(sum.sending), Grouped(sum.retrying), Grouped(sum.dead_letters), Grouped(rate));
}

std::string FinalTable(const Summary& summary, const Style& style) {
  const std::string header =
      fmt::format("  {:<9}{:>8}{:>11}{:>9}{:>14}{:>10}{:>8}{:>8}\n", "endpoint", "queued",
                  "delivered", "retried", "dead letters", "requests", "p50", "p95");
  const std::string rule =
      "  " + Repeated(style.unicode ? "─" : "-", static_cast<int>(header.size()) - 3) + '\n';
  std::string table = Colored(header, kBold, style) + Colored(rule, kFaint, style);
  for (const EndpointSummary& line : summary.endpoints) table += TableLine(line, style);
  return table + Colored(rule, kFaint, style) +
         Colored(TableLine(summary.total, style), kBold, style);
}

std::string RateLine(const Summary& summary, std::int64_t elapsed_ms) {
  std::string line = fmt::format("{} requests in {}, at best {}/s", Grouped(summary.total.requests),
                                 Duration(elapsed_ms), Grouped(summary.requests_per_second_max));
  if (summary.endpoints.empty() || summary.healthy_ms == 0) return line;
  const EndpointSummary& first = summary.endpoints.front();
  return line + fmt::format("; the {} endpoint took {}/s.", first.endpoint,
                            Grouped(first.delivered * std::int64_t{1000} / summary.healthy_ms));
}

void Progress::Show(const Snapshot& snapshot) {
  const int rate = Rate(snapshot);
  if (style_.live) return Draw(PictureLines(snapshot, rate, style_));
  if (snapshot.elapsed < next_line_) return;
  next_line_ = snapshot.elapsed + kLineInterval;
  WriteOut(ProgressLine(snapshot, rate));
}

int Progress::Rate(const Snapshot& snapshot) {
  samples_.push_back({snapshot.elapsed, snapshot.requests});
  while (samples_.size() > 2 && samples_[1].elapsed + kRateWindow <= snapshot.elapsed) {
    samples_.pop_front();
  }
  const auto time = snapshot.elapsed - samples_.front().elapsed;
  const std::int64_t requests = snapshot.requests - samples_.front().requests;
  return time.count() <= 0 ? 0 : static_cast<int>(requests * 1000 / time.count());
}

// Over the last picture, in one write, each line cleared behind its end: nothing flickers.
void Progress::Draw(const std::vector<std::string>& lines) {
  std::string text;
  if (lines_drawn_ > 0) text += fmt::format("\r\x1b[{}A", lines_drawn_);
  for (const std::string& line : lines) {
    text += line;
    text += kClearToEnd;
    text += '\n';
  }
  lines_drawn_ = lines.size();
  WriteOut(text);
}

std::string Grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string Duration(std::int64_t milliseconds) {
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
}

std::string Colored(const std::string& text, int code, const Style& style) {
  if (!style.colors || text.empty()) return text;
  const bool has_break = text.back() == '\n';
  return fmt::format("\x1b[{}m{}\x1b[0m{}", code,
                     has_break ? text.substr(0, text.size() - 1) : text, has_break ? "\n" : "");
}

}  // namespace webhook::demo
