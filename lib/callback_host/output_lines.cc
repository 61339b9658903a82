// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/output_lines.h"

#include <algorithm>
#include <utility>

namespace webhook::callback_host {

std::vector<std::string> OutputLines::Append(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_ += part.substr(0, kLineBytesMax - std::min(line_.size(), kLineBytesMax));
    if (end == std::string_view::npos) break;
    if (!line_.empty()) lines.push_back(std::exchange(line_, {}));
    bytes.remove_prefix(end + 1);
  }
  return lines;
}

std::string OutputLines::Rest() { return std::exchange(line_, {}); }

}  // namespace webhook::callback_host
