// SPDX-License-Identifier: LGPL-3.0-or-later
// multipart/form-data (RFC 7578) with the escapes of names that browsers write (WHATWG HTML,
// multipart form data). The boundary is made of the content: the same parts are the same bytes,
// whenever and wherever. Pure, total.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/delivery/body_form.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

struct Multipart {
  std::string bytes;
  std::string boundary;
};

// Fields first, then files, in their order. A file without a name of its own is called like its
// field; without a content type it is application/octet-stream. The error says which file is wrong.
base::Result<Multipart, std::string> MultipartOf(const FormFields& fields,
                                                 const std::vector<model::DeliveryFile>& files);

}  // namespace webhook::delivery
