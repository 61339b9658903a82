// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::delivery {
namespace {

using model::SecretEntry;
using model::SecretPurpose;

std::string_view NameOf(SecretPurpose purpose) {
  switch (purpose) {
    case SecretPurpose::kSigning:
      return "signing secret";
    case SecretPurpose::kBasicPassword:
      return "password";
    case SecretPurpose::kBearerToken:
      return "bearer token";
    case SecretPurpose::kApiKey:
      return "API key";
    case SecretPurpose::kOauth2ClientSecret:
      return "client secret";
    case SecretPurpose::kClientKey:
      return "private key of the client certificate";
    case SecretPurpose::kChallengeToken:
      return "challenge token";
  }
  WEBHOOK_ASSERT(false);
}

FindingPlace PlaceOf(const SecretEntry& entry) {
  return {"bwt.webhook.secret", entry.id, "value",
          fmt::format("{} {}", NameOf(entry.purpose), entry.id)};
}

bool IsNewer(const SecretEntry* left, const SecretEntry* right) {
  const base::WallTime never = base::WallTime::max();
  const base::WallTime left_end = left->expires_at.value_or(never);
  const base::WallTime right_end = right->expires_at.value_or(never);
  return left_end != right_end ? left_end > right_end : left->id > right->id;
}

}  // namespace

std::optional<EndpointSecrets::Opened> EndpointSecrets::Newest(SecretPurpose purpose,
                                                               std::string_view field) {
  const auto entries = ValidOnes(purpose);
  if (entries.empty()) {
    findings_.Problem(
        field, fmt::format("the {} is missing; add it to the endpoint's secrets", NameOf(purpose)));
    return std::nullopt;
  }
  auto opened = Open(*entries.front());
  if (opened && opened->secret.empty()) {
    findings_.Problem(opened->place, "it is empty; enter it again");
    return std::nullopt;
  }
  return opened;
}

std::optional<std::vector<OpenedSecret>> EndpointSecrets::Signing() {
  std::vector<OpenedSecret> secrets;
  bool is_complete = true;
  for (const SecretEntry* entry : ValidOnes(SecretPurpose::kSigning)) {
    auto opened = Open(*entry);
    is_complete = is_complete && opened;
    if (opened) secrets.push_back({std::move(opened->secret), entry->expires_at});
  }
  if (!is_complete) return std::nullopt;
  return secrets;
}

std::vector<const SecretEntry*> EndpointSecrets::ValidOnes(SecretPurpose purpose) const {
  std::vector<const SecretEntry*> entries;
  for (const SecretEntry& entry : entries_) {
    const bool has_expired = entry.expires_at && *entry.expires_at <= now_;
    if (entry.purpose == purpose && !has_expired) entries.push_back(&entry);
  }
  std::stable_sort(entries.begin(), entries.end(), IsNewer);
  return entries;
}

std::optional<EndpointSecrets::Opened> EndpointSecrets::Open(const SecretEntry& entry) {
  FindingPlace place = PlaceOf(entry);
  auto opened = opener_.Open(entry);
  if (opened.ok()) {
    return Opened{std::move(opened).value(), std::move(place), entry.expires_at};
  }
  switch (opened.error().trouble) {
    case SecretTrouble::kInvalid:
      findings_.Problem(place, opened.error().message);
      break;
    case SecretTrouble::kNotHere:
      findings_.NotHere(place, opened.error().message);
      break;
  }
  return std::nullopt;
}

}  // namespace webhook::delivery
