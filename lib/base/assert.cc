// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace webhook::base {

void AssertionFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "bug: %s does not hold (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace webhook::base
