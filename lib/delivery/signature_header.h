// SPDX-License-Identifier: LGPL-3.0-or-later
// What the check of a signature's settings and the signing itself share: names of settings and
// rules of headers. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/delivery/ports/http_transport.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

// The endpoint's fields, as messages name them.
inline constexpr std::string_view kSecretsField = "secret_ids";
inline constexpr std::string_view kHeaderNameField = "signature_header_name";
inline constexpr std::string_view kTemplateField = "signature_header_template";
inline constexpr std::string_view kTimestampHeaderField = "signature_timestamp_header_name";
inline constexpr std::string_view kPrefixField = "signature_prefix";
inline constexpr std::string_view kPartsField = "signature_part_ids";

// Of the template.
inline constexpr std::string_view kSignaturesPlaceholder = "{signatures}";
inline constexpr std::string_view kTimestampPlaceholder = "{timestamp}";

// A header's name (RFC 9110) of at most 128 bytes.
bool IsSignatureHeaderName(std::string_view name);

// A header's value, of printable ASCII only.
bool IsSignatureText(std::string_view value);

// Headers that a signature would take away from the message, its framing or its connection.
bool IsTakenHeader(std::string_view name);

// Headers that are written later than the signature.
bool IsHeaderOfConnection(std::string_view name);

// The first of this name, in any case of letters; nullptr: none.
const std::string* FindHeader(const HttpHeaders& headers, std::string_view name);

bool HasPart(const model::Signature& signature, model::SignaturePartKind kind);

void ReplaceAll(std::string& text, std::string_view what, std::string_view with);

}  // namespace webhook::delivery
