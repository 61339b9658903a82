// SPDX-License-Identifier: LGPL-3.0-or-later
// Sources whose value may be a credential: a trace does not show them. Pure.
#pragma once

#include "lib/model/rule.h"

namespace webhook::rules {

// Headers and query parameters with names like Authorization, Cookie, X-Signature, Access-Token or
// X-Api-Key, whoever reads them: also request fields, templates, and all headers at once.
bool CarriesCredential(const model::Source& source);

}  // namespace webhook::rules
