// SPDX-License-Identifier: LGPL-3.0-or-later
// An endpoint made of a preset, as an administrator has it once the secret is entered.
#pragma once

#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/judge.h"
#include "lib/inbound/presets.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

constexpr base::WallTime kNow{base::Milliseconds(1'795'514'400'000)};  // 2026-11-24T10:00:00Z
inline constexpr const char* kUrl = "https://hooks.example.com/webhooks/in/test";
inline constexpr const char* kId = "0193a2b4-0000-7000-8000-000000000001";

// A secret of the form that the preset needs; another one for each seed.
std::string SecretFor(const Preset& preset, int seed = 1);

// `secrets`: newest first.
CompiledInbound Compiled(const Preset& preset, const std::vector<std::string>& secrets);
CompiledInbound Compiled(const Preset& preset);

// The sample as its sender would send it at `now` to the compiled endpoint. Must be possible.
RequestParts Sample(const CompiledInbound& endpoint, const FoundSample& sample,
                    base::WallTime now = kNow);

// "accepted", or "rejected: <category>", or "challenged".
std::string Verdict(const CompiledInbound& endpoint, const RequestParts& request,
                    base::WallTime now = kNow);

// The value of a header; must be there.
std::string& Header(RequestParts& request, const std::string& name);

// What the samples carry a signature in, or a credential.
std::vector<std::string> ProvingHeaders(const Preset& preset);

}  // namespace webhook::inbound
