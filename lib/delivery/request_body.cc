// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/request_body.h"

#include "lib/base/assert.h"
#include "lib/delivery/body_form.h"
#include "lib/delivery/body_multipart.h"

namespace webhook::delivery {
namespace {

using model::BodyMode;
using Made = base::Result<RequestBody, std::string>;

Made OfBytes(const model::Delivery& delivery, std::string content_type) {
  if (delivery.payload.size() > kBodyBytesMax) {
    return std::string("payload: it is larger than 10 MiB");
  }
  RequestBody body;
  body.bytes = delivery.payload;
  body.content_type = std::move(content_type);
  return body;
}

Made OfForm(const model::Delivery& delivery) {
  auto fields = FormFieldsOf(delivery.payload);
  if (!fields.ok()) return "payload: " + fields.error();
  RequestBody body;
  body.bytes = FormUrlencoded(fields.value());
  if (body.bytes.size() > kBodyBytesMax) {
    return std::string("payload: the form made of it becomes larger than 10 MiB");
  }
  body.content_type = "application/x-www-form-urlencoded";
  return body;
}

Made OfMultipart(const model::Delivery& delivery) {
  auto fields = FormFieldsOf(delivery.payload);
  if (!fields.ok()) return "payload: " + fields.error();
  auto multipart = MultipartOf(fields.value(), delivery.files);
  if (!multipart.ok()) return "files: " + multipart.error();
  RequestBody body;
  body.bytes = std::move(multipart.value().bytes);
  body.content_type = "multipart/form-data; boundary=" + multipart.value().boundary;
  body.content_type_is_fixed = true;
  return body;
}

Made OfMode(const model::Delivery& delivery) {
  switch (delivery.body_mode) {
    case BodyMode::kJson:
      return OfBytes(delivery, "application/json");
    case BodyMode::kFormUrlencoded:
      return OfForm(delivery);
    case BodyMode::kMultipart:
      return OfMultipart(delivery);
    case BodyMode::kRaw:
      return OfBytes(delivery, "text/plain; charset=utf-8");
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace

Made MakeRequestBody(const model::Delivery& delivery) {
  // RFC 9110, 9.3.1: content of a GET has no meaning, and intermediaries refuse it.
  const bool has_no_body = delivery.http_method == "get";
  if (!delivery.files.empty() && (delivery.body_mode != BodyMode::kMultipart || has_no_body)) {
    return std::string("files: only a multipart body carries files; set the body mode multipart");
  }
  if (!has_no_body) return OfMode(delivery);
  RequestBody none;
  none.is_sent = false;
  if (delivery.body_mode != BodyMode::kFormUrlencoded) return none;
  auto form = OfForm(delivery);
  if (!form.ok()) return form.error();
  none.query = std::move(form.value().bytes);
  return none;
}

}  // namespace webhook::delivery
