// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/redactor.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/model/value.h"
#include "lib/rules/percent_encoding.h"

namespace webhook::delivery {
namespace {

// A name that contains one of these carries a credential more often than not.
constexpr std::array<std::string_view, 8> kSecretWords = {
    "authorization", "x-auth", "cookie", "secret", "token", "password", "credential", "apikey"};

// Of query parameters, as a whole.
constexpr std::array<std::string_view, 7> kSecretParameters = {"key",  "sig",  "signature", "code",
                                                               "auth", "pass", "assertion"};

// X-Api-Key, X_ACCESS_KEY; the key that we send to everybody is none.
bool IsNamedKey(std::string_view lower) {
  return (lower.ends_with("-key") || lower.ends_with("_key")) && lower != "idempotency-key";
}

bool IsTelling(std::string_view lower) {
  return IsNamedKey(lower) ||
         std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool IsTellingParameter(std::string_view name) {
  const std::string lower = base::AsciiLower(name);
  return IsTelling(lower) || std::find(kSecretParameters.begin(), kSecretParameters.end(), lower) !=
                                 kSecretParameters.end();
}

// %2F as %2f.
std::string WithLowerDigits(std::string encoded) {
  for (std::size_t i = 0; i + 2 < encoded.size(); ++i) {
    if (encoded[i] != '%') continue;
    encoded[i + 1] = base::AsciiLower(encoded[i + 1]);
    encoded[i + 2] = base::AsciiLower(encoded[i + 2]);
  }
  return encoded;
}

// Of a form: blanks are pluses.
std::string WithPluses(std::string_view encoded) {
  constexpr std::string_view kBlank = "%20";
  std::string pluses;
  while (true) {
    const std::size_t at = encoded.find(kBlank);
    pluses += encoded.substr(0, at);
    if (at == std::string_view::npos) return pluses;
    pluses += '+';
    encoded.remove_prefix(at + kBlank.size());
  }
}

std::string WithoutPadding(std::string encoded) {
  while (encoded.ends_with('=')) encoded.pop_back();
  return encoded;
}

std::string WithUrlAlphabet(std::string encoded) {
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  return encoded;
}

// The end of the first `bytes_max` bytes, before a character that it would cut.
std::size_t EndOf(std::string_view text, std::size_t bytes_max) {
  if (bytes_max >= text.size()) return text.size();
  std::size_t end = bytes_max;
  for (int tail = 0; tail < 3 && end > 0; ++tail, --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) break;
  }
  return end;
}

// As it stands inside a JSON text.
std::string Unquoted(const std::string& json) { return json.substr(1, json.size() - 2); }

// The spellings in which a value is likely to come back.
std::vector<std::string> SpellingsOf(const std::string& value) {
  const std::string percent = rules::PercentEncoded(value);
  const std::string base64 = WithoutPadding(base::EncodeBase64(value));
  const model::Value text = model::Value::Text(value);
  return {value,
          percent,
          WithLowerDigits(percent),
          WithPluses(percent),
          base64,
          WithUrlAlphabet(base64),
          rules::PercentEncoded(base64),
          Unquoted(model::DumpJson(text)),
          Unquoted(model::DumpAsciiJson(text))};
}

// Of whsec_… also what follows the prefix, of a key in several lines also each line of it: a
// receiver, or an error, may show a part.
std::vector<std::string> PartsOf(const std::string& value) {
  std::vector<std::string> parts = {value};
  if (value.starts_with("whsec_") || value.starts_with("whsk_")) {
    parts.push_back(value.substr(value.find('_') + 1));
  }
  if (value.find('\n') == std::string::npos) return parts;
  constexpr std::size_t kLineBytesMin = 16;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find_first_of("\r\n", at), value.size());
    const std::string line = value.substr(at, end - at);
    if (line.size() >= kLineBytesMin && !line.starts_with("-----")) parts.push_back(line);
    at = end + 1;
  }
  return parts;
}

}  // namespace

// Spellings are looked for in one pass: what the two bytes that one begins with hash to is looked
// up first, so that a text without secrets costs next to nothing, however many are known.
struct Redactor::Known {
  std::vector<base::Secret> spellings;  // the longest first
  std::vector<std::string> header_names;
  std::bitset<2048> beginnings;  // small: every endpoint has one

  static std::size_t BeginningOf(std::string_view text) {
    const auto byte = [&](std::size_t at) -> std::size_t {
      return static_cast<unsigned char>(text[at]);
    };
    return (byte(0) << 3U) ^ byte(1);
  }

  void Add(const base::Secret& secret) {
    for (const std::string& part : PartsOf(secret.Reveal())) {
      if (part.size() < kValueBytesMin) continue;
      for (std::string& spelling : SpellingsOf(part)) {
        const bool is_known =
            std::any_of(spellings.begin(), spellings.end(),
                        [&](const base::Secret& known) { return known.Reveal() == spelling; });
        if (is_known || spelling.size() < kValueBytesMin) continue;
        beginnings.set(BeginningOf(spelling));
        spellings.emplace_back(std::move(spelling));
      }
    }
    std::stable_sort(spellings.begin(), spellings.end(),
                     [](const base::Secret& left, const base::Secret& right) {
                       return left.Reveal().size() > right.Reveal().size();
                     });
  }

  // How many bytes at the start of `rest` are a secret, or the beginning of one that is cut off.
  std::size_t LengthAt(std::string_view rest) const {
    if (rest.size() < kValueBytesMin || !beginnings.test(BeginningOf(rest))) return 0;
    for (const base::Secret& known : spellings) {
      const std::string_view spelling = known.Reveal();
      if (rest.starts_with(spelling)) return spelling.size();
      if (spelling.starts_with(rest)) return rest.size();
    }
    return 0;
  }
};

Redactor::Redactor(std::vector<base::Secret> secrets, std::vector<std::string> header_names) {
  if (secrets.empty() && header_names.empty()) return;
  auto known = std::make_shared<Known>();
  for (const base::Secret& secret : secrets) known->Add(secret);
  for (const std::string& name : header_names)
    known->header_names.push_back(base::AsciiLower(name));
  known_ = std::move(known);
}

std::string Redactor::Text(std::string_view text, std::size_t bytes_max) const {
  const std::size_t end = EndOf(text, bytes_max);
  if (!known_ || known_->spellings.empty()) return std::string(text.substr(0, end));
  std::string clean;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < end;) {
    const std::size_t length = known_->LengthAt(text.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    clean.append(text.substr(copied, at - copied)).append(kRedacted);
    at += length;
    copied = at;
  }
  if (copied < end) clean.append(text.substr(copied, end - copied));
  return clean;
}

bool Redactor::HidesHeader(std::string_view name) const {
  const std::string lower = base::AsciiLower(name);
  if (IsTelling(lower)) return true;
  return known_ && std::find(known_->header_names.begin(), known_->header_names.end(), lower) !=
                       known_->header_names.end();
}

std::string Redactor::Url(std::string_view url) const {
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) return Text(url);
  std::string clean = Text(url.substr(0, question));
  std::string_view query = url.substr(question + 1);
  for (char before = '?';; before = '&') {
    const std::string_view part = query.substr(0, query.find('&'));
    const std::size_t equals = part.find('=');
    clean += before;
    if (equals != std::string_view::npos && IsTellingParameter(part.substr(0, equals))) {
      clean.append(part.substr(0, equals + 1)).append(kRedacted);
    } else {
      clean += Text(part);
    }
    if (part.size() == query.size()) return clean;
    query.remove_prefix(part.size() + 1);
  }
}

Redactor Redactor::With(const base::Secret& secret) const {
  auto known = known_ ? std::make_shared<Known>(*known_) : std::make_shared<Known>();
  known->Add(secret);
  Redactor redactor;
  redactor.known_ = std::move(known);
  return redactor;
}

}  // namespace webhook::delivery
