// SPDX-License-Identifier: LGPL-3.0-or-later
// All callbacks of this process: those linked into it, and those of the shared objects it was told
// to load.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/callback/sdk_abi.h"

namespace webhook::callback_host {

class LoadedCallbacks {
 public:
  // A library that is refused leaves a sentence in problems() and no callback.
  explicit LoadedCallbacks(const std::vector<std::string>& libraries);

  std::vector<std::string> Names() const;  // sorted
  const std::vector<std::string>& problems() const { return problems_; }

  // nullptr: nobody has registered it.
  const webhook_sdk_entry_table* Find(std::string_view name) const;

 private:
  struct Source {
    std::string where;
    const webhook_sdk_entry_table* entry;
  };

  void AddLibrary(const std::string& path);
  void Add(const Source& source);

  std::map<std::string, Source, std::less<>> callbacks_;
  std::vector<std::string> problems_;
};

}  // namespace webhook::callback_host
