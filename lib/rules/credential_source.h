// SPDX-License-Identifier: LGPL-3.0-or-later
// Sources whose value may be a credential: neither traces nor errors show them. Pure.
#pragma once

#include <string>

#include "lib/model/rule.h"

namespace webhook::rules {

// Headers and query parameters with names like Authorization, Cookie, X-Signature, Access-Token or
// X-Api-Key, whoever reads them: also request fields, templates, and all headers at once.
bool CarriesCredential(const model::Source& source);

// Why the source could not be read, as people may see it: such errors quote the value.
std::string ShownReadError(const model::Source& source, const std::string& error);

}  // namespace webhook::rules
