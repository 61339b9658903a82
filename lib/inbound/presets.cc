// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/presets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "lib/base/assert.h"
#include "lib/base/suggestion.h"

namespace webhook::inbound {
namespace {

// A full name: preset.sample.
std::vector<std::string> SampleNames(std::span<const Preset> presets) {
  std::vector<std::string> names;
  for (const Preset& preset : presets) {
    for (const PresetSample& sample : preset.samples) {
      names.push_back(preset.name + "." + sample.name);
    }
  }
  return names;
}

std::string NoSuchSample(std::span<const Preset> presets, std::string_view name) {
  const std::vector<std::string> names = SampleNames(presets);
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = base::Nearest(name, known);
  const std::string hint = nearest.empty()
                               ? std::string("; webhook-worker trigger --list shows all")
                               : fmt::format("; did you mean {}?", nearest);
  return "there is no such sample" + hint;
}

}  // namespace

std::vector<Preset> BundledPresets() {
  std::vector<Preset> presets;
  for (const PresetFile& file : BundledPresetFiles()) {
    auto preset = ReadPreset(file.json);
    WEBHOOK_ASSERT(preset.ok());
    presets.push_back(std::move(preset).value());
  }
  return presets;
}

base::Result<FoundSample, std::string> FindSample(std::span<const Preset> presets,
                                                  std::string_view name) {
  for (const Preset& preset : presets) {
    if (!name.starts_with(preset.name + ".")) continue;
    const std::string_view wanted = name.substr(preset.name.size() + 1);
    for (const PresetSample& sample : preset.samples) {
      if (sample.name == wanted) return FoundSample{&preset, &sample};
    }
  }
  return NoSuchSample(presets, name);
}

}  // namespace webhook::inbound
