// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/secret.h"

#include <string.h>

namespace webhook::base {

// Behind the end a text may still hold what it once was. No call here allocates.
void Secret::Wipe(std::string& text) noexcept {
  if (text.capacity() > text.size()) text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace webhook::base
