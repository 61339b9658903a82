// SPDX-License-Identifier: LGPL-3.0-or-later
// Wakes a thread that waits in poll. Any thread.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

#include "lib/base/file_descriptor.h"

namespace webhook::callback_host {

class WakeEvent {
 public:
  WakeEvent() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.valid()) throw std::runtime_error("no descriptor for callbacks");
  }

  void Set() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = write(event_.get(), &one, sizeof one);
  }
  void Clear() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(event_.get(), &count, sizeof count);
  }

  int get() const { return event_.get(); }  // readable when it is set

 private:
  base::FileDescriptor event_;
};

}  // namespace webhook::callback_host
