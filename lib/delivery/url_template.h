// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a delivery goes: an origin that an administrator wrote, and a path and query in which
// {name} stands for a context value, {order.id} for one inside it. Values are percent-encoded: they
// can neither end a segment nor begin a query, and never reach scheme, host or port. Whether an
// address may be dialled is not asked here (lib/net). Pure, total.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/value.h"

namespace webhook::delivery {

inline constexpr std::size_t kTargetPathBytesMax = 4'096;
inline constexpr std::size_t kUrlBytesMax = 8'192;

// What is wrong with scheme, host and optional port, in one sentence; nothing: it is one.
std::optional<std::string> CheckOrigin(std::string_view origin);

// The same of a path that is a template.
std::optional<std::string> CheckPathTemplate(std::string_view path);

struct PathProblem {
  std::string message;  // one sentence
};

// The path with its tokens replaced by texts, numbers and true of `context`, an object. A value
// that is missing, null, false, empty, a list or an object is an error that names the token.
base::Result<std::string, PathProblem> RenderPath(std::string_view path,
                                                  const model::Value& context);

// Adds a query that is encoded already. Of an empty one the URL stays as it is.
std::string WithQuery(std::string url, std::string_view query);

}  // namespace webhook::delivery
