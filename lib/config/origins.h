// SPDX-License-Identifier: LGPL-3.0-or-later
// Where each key of a configuration got its value, so that checks of several values can say where
// to look. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "lib/config/config_error.h"
#include "lib/config/keys.h"

namespace webhook::config {

class Origins {
 public:
  // An empty file name: there is no file, only the environment.
  Origins(std::string file_name, std::map<std::string, int> section_lines);

  void Set(const Key& key, Place place) { places_[&key] = std::move(place); }
  void SetFailed(const Key& key) { failed_.insert(&key); }

  bool IsGiven(const Key& key) const { return places_.count(&key) > 0; }
  bool HasFailed(const Key& key) const { return failed_.count(&key) > 0; }

  // Where the key was given, else where its section starts, else the file.
  Place PlaceOf(const Key& key) const;

  // How the key can be given: `url = … in [odoo], or WEBHOOK_WORKER_ODOO_URL`.
  std::string HowToGive(const Key& key) const;

 private:
  std::string file_name_;
  std::map<std::string, int> section_lines_;
  std::map<const Key*, Place> places_;
  std::set<const Key*> failed_;
};

}  // namespace webhook::config
