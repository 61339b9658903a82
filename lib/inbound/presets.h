// SPDX-License-Identifier: LGPL-3.0-or-later
// What we know about senders of webhooks: how their requests are verified, which values are taken
// out of them, and sample payloads (schema/presets/README.md). The bundled ones are part of the
// binary. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/inbound_endpoint.h"
#include "lib/model/value.h"

namespace webhook::inbound {

struct PresetSample {
  std::string name;      // invoice.paid
  model::Value payload;  // an object, with {id} and {timestamp} in its texts
};

struct Preset {
  std::string name;  // stripe
  std::string label;
  std::string documentation;
  model::SecretPurpose secret_purpose = model::SecretPurpose::kSigning;
  std::string secret_hint;          // how the sender calls it
  model::InboundEndpoint endpoint;  // active, of no company and without secrets; path: the name
  std::string content_type;         // of samples
  std::vector<std::pair<std::string, std::string>> headers;  // of samples; templates
  std::vector<PresetSample> samples;
};

// Strict: an unknown or missing member is an error, one sentence that names it.
base::Result<Preset, std::string> ReadPreset(std::string_view json);

struct PresetFile {
  std::string_view name;  // stripe.json
  std::string_view json;
};

// Those of schema/presets, by name. Generated at build time.
std::span<const PresetFile> BundledPresetFiles();

// All of them, read. A file that cannot be read is a bug: the build's tests read each.
std::vector<Preset> BundledPresets();

struct FoundSample {
  const Preset* preset;
  const PresetSample* sample;
};

// "stripe.invoice.paid". The error says what there is instead.
base::Result<FoundSample, std::string> FindSample(std::span<const Preset> presets,
                                                  std::string_view name);

}  // namespace webhook::inbound
