// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/token_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/delivery/body_form.h"
#include "lib/model/value.h"

namespace webhook::delivery {
namespace {

using std::chrono::seconds;

constexpr seconds kLifetimeUnsaid{300};
constexpr seconds kLifetimeMax{86400};
constexpr model::JsonLimits kReplyLimits{.depth_max = 10, .values_max = 1000};

// RFC 6749, section 5.2, and those that servers borrow from 4.1.2.1 and RFC 8707.
constexpr std::array<std::string_view, 10> kErrorCodes = {
    "invalid_request",         "invalid_client", "invalid_grant", "unauthorized_client",
    "unsupported_grant_type",  "invalid_scope",  "access_denied", "server_error",
    "temporarily_unavailable", "invalid_target"};

// RFC 6749, section 2.3.1: as in a form, before they are joined.
std::string EncodeForm(const std::string& text) {
  std::string pair = FormUrlencoded({{text, ""}});
  pair.pop_back();  // the equals sign
  return pair;
}

// " (invalid_client)", or nothing.
std::string CodeOf(const model::Value& answer) {
  const model::Value* error = answer.Find("error");
  const std::string* text = error == nullptr ? nullptr : error->text();
  const bool known = text != nullptr && std::ranges::find(kErrorCodes, *text) != kErrorCodes.end();
  return known ? " (" + *text + ")" : "";
}

// It is put into a header as it is.
bool IsToken(const std::string& text) {
  return !text.empty() && text.size() <= kAccessTokenBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// A whole number, which some servers write as a text. Nothing when it is neither.
std::optional<seconds> LifetimeOf(const model::Value* expires_in) {
  if (expires_in == nullptr || expires_in->is_null()) return kLifetimeUnsaid;
  const std::string* digits =
      expires_in->number() != nullptr ? &expires_in->number()->text : expires_in->text();
  if (digits == nullptr || digits->empty()) return std::nullopt;
  std::int64_t count = 0;
  const char* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, count);
  if (stop != end || error != std::errc() || count < 0) return std::nullopt;
  return std::min(seconds(count), kLifetimeMax);
}

base::Result<AccessToken, std::string> ReadAnswer(const model::Value& answer) {
  const auto text_of = [&](const char* key) {
    const model::Value* member = answer.Find(key);
    return member == nullptr ? nullptr : member->text();
  };
  const std::string* type = text_of("token_type");
  if (type == nullptr || !base::EqualsIgnoringCase(*type, "bearer")) {
    return std::string("the token server's answer is not of the token type Bearer");
  }
  const std::string* token = text_of("access_token");
  if (token == nullptr || !IsToken(*token)) {
    return std::string("the token server's answer has no usable access_token");
  }
  const auto lifetime = LifetimeOf(answer.Find("expires_in"));
  if (!lifetime) return std::string("the token server's expires_in is not a number of seconds");
  return AccessToken{base::Secret(*token), *lifetime};
}

}  // namespace

HttpRequest MakeTokenRequest(const model::Auth& auth, const base::Secret& client_secret,
                             const std::string& user_agent) {
  HttpRequest request;
  request.method = "POST";
  request.url = auth.token_url;
  request.headers = {{"User-Agent", user_agent},
                     {"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  FormFields fields = {{"grant_type", "client_credentials"}};
  if (auth.client_authentication == model::ClientAuthentication::kBody) {
    fields.emplace_back("client_id", auth.client_id);
    fields.emplace_back("client_secret", client_secret.Reveal());
  } else {
    const std::string pair = EncodeForm(auth.client_id) + ':' + EncodeForm(client_secret.Reveal());
    request.headers.emplace_back("Authorization", "Basic " + base::EncodeBase64(pair));
  }
  if (!auth.scope.empty()) fields.emplace_back("scope", auth.scope);
  if (!auth.audience.empty()) fields.emplace_back("audience", auth.audience);
  request.body = FormUrlencoded(fields);
  request.response_bytes_max = kTokenReplyBytesMax;
  return request;
}

base::Result<AccessToken, std::string> ReadTokenReply(const HttpReply& reply) {
  if (reply.truncated) return std::string("the token server's answer is too long");
  const auto answer = model::ParseJson(reply.body, kReplyLimits);
  if (reply.status_code != 200) {
    return fmt::format("the token server answered HTTP {}{}", reply.status_code,
                       answer.ok() ? CodeOf(answer.value()) : "");
  }
  if (!answer.ok() || answer.value().object() == nullptr) {
    return std::string("the token server's answer is not a JSON object");
  }
  return ReadAnswer(answer.value());
}

}  // namespace webhook::delivery
