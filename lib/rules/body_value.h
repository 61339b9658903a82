// SPDX-License-Identifier: LGPL-3.0-or-later
// What rules read of a body, by its Content-Type:
// - JSON (application/json, …+json, no type, or one that says nothing): its value;
// - application/x-www-form-urlencoded, multipart/form-data (RFC 7578): an object of field name to
//   text, to a list of texts when a name comes several times; of files to an object {filename,
//   content_type, size};
// - any other text: the JSON object or list that it is (some senders call JSON text/plain), else
// the
//   text; XML and HTML always are text. Bytes that are no UTF-8 are written as U+FFFD, NUL as it
//   is.
// A body without a byte has no value, and no problem either. Limits: kJsonDepthMax, kFormFieldsMax,
// kFormFilesMax. Pure and total.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/value.h"

namespace webhook::rules {

inline constexpr std::size_t kFormFieldsMax = 1000;
inline constexpr std::size_t kFormFilesMax = 20;

enum class BodyFormat { kJson, kForm, kMultipart, kText };

// Of a body without a telling Content-Type: kJson.
BodyFormat FormatOf(std::string_view content_type);

// Whether the type says nothing: none, */*, application/octet-stream.
bool SaysNothing(std::string_view content_type);
bool IsMarkup(std::string_view content_type);  // XML, HTML

struct BodyFile {
  std::string name;  // of the form's field
  std::string filename;
  std::string content_type;
  std::string_view content;  // of the body, borrowed
};

struct BodyValue {
  BodyFormat format = BodyFormat::kJson;  // kJson too of a text that was read as JSON
  model::Value value;                     // missing: the body cannot be read as its format
  std::string problem;                    // why not; one sentence without a byte of the body
  std::vector<BodyFile> files;            // of kMultipart; borrow from the body
  // Of forms: each field as it came, decoded, in its order; files not.
  std::vector<std::pair<std::string, std::string>> fields;
};

// `body` outlives the result's files.
BodyValue ReadBody(std::string_view content_type, std::string_view body);

}  // namespace webhook::rules
