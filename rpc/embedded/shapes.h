// SPDX-License-Identifier: LGPL-3.0-or-later
// The JSON schemas of schema/contract, compiled in, and the texts they are held against. Knows the
// keywords of draft 7 that those schemas use.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace webhook::embedded {

class Shapes {
 public:
  Shapes();
  ~Shapes();

  // What of `value` does not fit the definition, with its place; empty when all of it fits.
  std::string Misfit(std::string_view definition, const nlohmann::json& value) const;

 private:
  struct Schemas;
  std::unique_ptr<const Schemas> schemas_;
};

// A JSON text whose strings hold neither U+0000 nor lone surrogates: their escapes become visible
// text, \u0000 is then six characters.
std::string WithVisibleEscapes(std::string_view json_text);

}  // namespace webhook::embedded
