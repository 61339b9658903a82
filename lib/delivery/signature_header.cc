// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/signature_header.h"

#include <algorithm>
#include <array>

#include "lib/base/ascii.h"
#include "lib/base/http_header.h"
#include "lib/delivery/reserved_headers.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kHeaderNameBytesMax = 128;

// Written by the connection, later than the signature.
constexpr std::array<std::string_view, 5> kHeadersOfConnection = {
    "connection", "content-length", "host", "keep-alive", "transfer-encoding"};

// A delivery may set these, but they have a meaning of their own.
constexpr std::array<std::string_view, 4> kHeadersOfContent = {"accept", "accept-encoding",
                                                               "content-type", "cookie"};

template <std::size_t Size>
bool IsAmong(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
    return base::EqualsIgnoringCase(known, name);
  });
}

}  // namespace

bool IsSignatureHeaderName(std::string_view name) {
  return base::IsHeaderName(name) && name.size() <= kHeaderNameBytesMax;
}

bool IsSignatureText(std::string_view value) {
  return base::IsHeaderValue(value) &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool IsTakenHeader(std::string_view name) {
  return !MaySetHeader(name) || IsAmong(kHeadersOfContent, name);
}

bool IsHeaderOfConnection(std::string_view name) { return IsAmong(kHeadersOfConnection, name); }

const std::string* FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [known, value] : headers) {
    if (base::EqualsIgnoringCase(known, name)) return &value;
  }
  return nullptr;
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

bool HasPart(const model::Signature& signature, model::SignaturePartKind kind) {
  return std::any_of(signature.parts.begin(), signature.parts.end(),
                     [kind](const model::SignaturePart& part) { return part.kind == kind; });
}

}  // namespace webhook::delivery
