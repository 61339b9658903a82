// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/demo_odoo.h"

namespace webhook::demo {

void CountState(StateCounts& counts, const std::string& state, int number) {
  if (state == "queued") {
    counts.waiting += number;
  } else if (state == "processing") {
    counts.sending += number;
  } else if (state == "error") {
    counts.retrying += number;
  } else if (state == "done") {
    counts.done += number;
  } else if (state == "dead_letter") {
    counts.dead_letters += number;
  } else {
    counts.others += number;
  }
}

}  // namespace webhook::demo
