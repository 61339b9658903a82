// SPDX-License-Identifier: LGPL-3.0-or-later
// multipart/form-data (RFC 7578 in the frame of RFC 2046, section 5.1): fields and files. A part
// with a filename is a file; one that nobody chose (no name, no content) is none. What browsers
// escape in names (%22, %0D, %0A) is decoded. Pure and total.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/rules/body_value.h"
#include "lib/rules/form_body.h"

namespace webhook::rules {

inline constexpr std::size_t kPartHeaderBytesMax = 8192;

struct MultipartForm {
  FormPairs fields;             // bytes as they came, in their order
  std::vector<BodyFile> files;  // borrow from the body
};

// The error is one sentence without a byte of the body.
base::Result<MultipartForm, std::string> ParseMultipart(std::string_view content_type,
                                                        std::string_view body);

}  // namespace webhook::rules
