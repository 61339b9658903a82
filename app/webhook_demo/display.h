// SPDX-License-Identifier: LGPL-3.0-or-later
// What the demo shows: a live picture on a terminal, a line a second elsewhere, a table at the end.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/summary.h"
#include "lib/base/time.h"

namespace webhook::demo {

struct Style {
  bool live = false;     // a terminal that can be drawn on
  bool colors = false;   // not when NO_COLOR is set
  bool unicode = false;  // the locale has UTF-8
  int columns = 80;
};

// Of standard output and the environment.
Style DetectStyle();

struct Snapshot {
  base::Milliseconds elapsed{0};
  std::int64_t requests = 0;                  // that the receiver has seen so far
  std::vector<std::string> endpoints;         // in the order to show
  std::map<std::string, int> planned;         // deliveries of each
  std::map<std::string, StateCounts> counts;  // in Odoo
};

// The lines of the live picture, and the one for elsewhere. Pure.
std::vector<std::string> PictureLines(const Snapshot& snapshot, int rate, const Style& style);
std::string ProgressLine(const Snapshot& snapshot, int rate);

// Pure.
std::string FinalTable(const Summary& summary, const Style& style);
std::string RateLine(const Summary& summary, std::int64_t elapsed_ms);

// Draws on standard output; the last picture stays. One thread.
class Progress {
 public:
  explicit Progress(const Style& style) : style_(style) {}

  void Show(const Snapshot& snapshot);

 private:
  struct Sample {
    base::Milliseconds elapsed;
    std::int64_t requests;
  };

  int Rate(const Snapshot& snapshot);
  void Draw(const std::vector<std::string>& lines);

  const Style style_;
  std::deque<Sample> samples_;  // of the last second
  std::size_t lines_drawn_ = 0;
  base::Milliseconds next_line_{0};
};

// 1,234,567
std::string Grouped(std::int64_t number);
// 850 ms, 1.2 s
std::string Duration(std::int64_t milliseconds);
// The text in a colour of the terminal (ANSI 31 red, 32 green, 33 yellow, 1 bold, 2 faint).
std::string Colored(const std::string& text, int code, const Style& style);

}  // namespace webhook::demo
