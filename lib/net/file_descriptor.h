// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include "lib/base/file_descriptor.h"

namespace webhook::net {
using base::FileDescriptor;
}  // namespace webhook::net
