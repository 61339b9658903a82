// SPDX-License-Identifier: LGPL-3.0-or-later
// The child's end of the socket: blocking. Writing is for any thread, reading for one at a time.
#pragma once

#include <optional>

#include "lib/base/file_descriptor.h"
#include "lib/base/mutex.h"
#include "lib/base/time.h"
#include "lib/callback_host/frame.h"
#include "lib/model/value.h"

namespace webhook::callback_host {

class Channel {
 public:
  explicit Channel(base::FileDescriptor socket) : socket_(std::move(socket)) {}

  // False when it is too long, or when the worker has gone.
  bool Write(const model::Value& message);

  // Nothing when the worker has gone, or when `patience` is over.
  std::optional<model::Value> Read(std::optional<base::Milliseconds> patience);

  // After Read gave nothing: whether there will never be anything again.
  bool closed() const { return closed_; }

 private:
  bool Fill();

  base::FileDescriptor socket_;
  FrameBuffer received_;
  bool closed_ = false;
  base::Mutex writing_;
};

}  // namespace webhook::callback_host
