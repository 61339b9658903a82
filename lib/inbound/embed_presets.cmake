# SPDX-License-Identifier: LGPL-3.0-or-later
# cmake -D OUTPUT=<file.cc> -D PRESETS=<a.json|b.json> -P embed_presets.cmake
# Writes the presets as one C++ source, so that the binary needs no file at run time.
string(REPLACE "|" ";" paths "${PRESETS}")
set(rows "")
foreach(path IN LISTS paths)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" json)
  string(APPEND rows "    {\"${name}\", R\"json(${json})json\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from schema/presets by embed_presets.cmake.
#include \"lib/inbound/presets.h\"

namespace webhook::inbound {
namespace {
constexpr PresetFile kFiles[] = {
${rows}};
}  // namespace

std::span<const PresetFile> BundledPresetFiles() { return kFiles; }

}  // namespace webhook::inbound
")
