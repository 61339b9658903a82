// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes secrets out of what is kept of an attempt: known values wherever they stand (a receiver may
// echo them), headers and query parameters whose names say that they carry one. Pure; immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"

namespace webhook::delivery {

inline constexpr std::string_view kRedacted = "(redacted)";

class Redactor {
 public:
  Redactor() = default;  // knows no secrets, names only

  // Values shorter than this are not looked for: they would match by chance.
  static constexpr std::size_t kValueBytesMin = 6;

  // Also as base64 and percent-encoded. `header_names`: headers that carry credentials here.
  Redactor(std::vector<base::Secret> secrets, std::vector<std::string> header_names);

  // The text without the known values. Of a longer one its first `bytes_max` bytes, less a cut
  // character: a value that begins within them is taken out as a whole, also one that the text's
  // end cuts off.
  std::string Text(std::string_view text, std::size_t bytes_max = std::string_view::npos) const;

  // Whether the header's value is not to be shown at all.
  bool HidesHeader(std::string_view name) const;

  // The URL with the values of telling query parameters and known values taken out.
  std::string Url(std::string_view url) const;

  // With more values: a fresh access token.
  Redactor With(const base::Secret& secret) const;

 private:
  struct Known;
  std::shared_ptr<const Known> known_;  // null: nothing
};

}  // namespace webhook::delivery
