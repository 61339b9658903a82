// SPDX-License-Identifier: LGPL-3.0-or-later
// Never gets through its initialisers.
#include <unistd.h>

namespace {

struct Slow {
  Slow() {
    while (true) pause();
  }
};
const Slow slow;

}  // namespace
