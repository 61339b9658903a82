// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/payload_check.h"

#include "lib/base/ascii.h"

namespace webhook::inbound {
namespace {

using model::PayloadContract;
using rules::BodyFormat;
using Problem = std::optional<PayloadProblem>;

Problem OtherType(std::string reason) {
  return PayloadProblem{RejectionCategory::kMediaType, std::move(reason)};
}

Problem Malformed(std::string reason) {
  return PayloadProblem{RejectionCategory::kPayload, std::move(reason)};
}

std::string_view ContentType(const Request& request) {
  return request.Header("content-type").value_or("");
}

bool IsForm(BodyFormat format) {
  return format == BodyFormat::kForm || format == BodyFormat::kMultipart;
}

Problem CheckEncoding(const Request& request) {
  const std::string_view encoding = request.Header("content-encoding").value_or("");
  if (encoding.empty() || base::EqualsIgnoringCase(encoding, "identity")) return std::nullopt;
  return OtherType("the body has a Content-Encoding; only identity is accepted");
}

Problem CheckReadable(const Request& request) {
  const std::string& problem = request.payload().problem;
  return problem.empty() ? std::nullopt : Malformed(problem);
}

Problem CheckJson(const Request& request, bool must_be_object) {
  const std::string_view type = ContentType(request);
  if (IsForm(rules::FormatOf(type)) || rules::IsMarkup(type)) {
    return OtherType("the endpoint takes JSON, not a form, XML or HTML");
  }
  if (request.body().empty()) return std::nullopt;
  if (auto problem = CheckReadable(request)) return problem;
  const rules::BodyValue& payload = request.payload();
  if (payload.format != BodyFormat::kJson) return Malformed("the body is no JSON");
  if (must_be_object && payload.value.object() == nullptr) {
    return Malformed("the JSON of the body is no object");
  }
  return std::nullopt;
}

Problem CheckForm(const Request& request) {
  if (!IsForm(rules::FormatOf(ContentType(request)))) {
    return OtherType("the endpoint takes forms, urlencoded or multipart");
  }
  return CheckReadable(request);
}

Problem CheckText(const Request& request) {
  if (!IsForm(rules::FormatOf(ContentType(request)))) return std::nullopt;
  return OtherType("the endpoint takes text, not a form");
}

Problem CheckAny(const Request& request) {
  return rules::SaysNothing(ContentType(request)) ? std::nullopt : CheckReadable(request);
}

}  // namespace

Problem CheckPayload(PayloadContract contract, const Request& request) {
  if (auto problem = CheckEncoding(request)) return problem;
  switch (contract) {
    case PayloadContract::kJsonObject:
      return CheckJson(request, true);
    case PayloadContract::kJsonValue:
      return CheckJson(request, false);
    case PayloadContract::kForm:
      return CheckForm(request);
    case PayloadContract::kText:
      return CheckText(request);
    case PayloadContract::kAny:
      return CheckAny(request);
  }
  return std::nullopt;
}

}  // namespace webhook::inbound
