// SPDX-License-Identifier: LGPL-3.0-or-later
// The project's assertion: on in every build, for bugs only, never for external data.
#pragma once

namespace webhook::base {
[[noreturn]] void AssertionFailed(const char* expression, const char* file, int line);
}  // namespace webhook::base

// Aborts with the expression and its place when it is false. Leases make a restart safe.
#define WEBHOOK_ASSERT(expression)     \
  ((expression) ? static_cast<void>(0) \
                : ::webhook::base::AssertionFailed(#expression, __FILE__, __LINE__))
