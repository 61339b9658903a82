// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether what is signed holds the timestamp by which freshness is judged. Pure; total.
#pragma once

#include "lib/inbound/compiled_inbound.h"

namespace webhook::inbound {

// Of every source of the key that is bound to signature_timestamp: a fallback that is not signed
// is as good as none.
bool IsTimestampSigned(const CompiledInbound& endpoint);

}  // namespace webhook::inbound
