// SPDX-License-Identifier: LGPL-3.0-or-later
// The API key in use, read from its source again only when Odoo has refused it. One thread.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "lib/base/secret.h"

namespace webhook::rpc {

class KeyHolder {
 public:
  explicit KeyHolder(std::function<base::Secret()> source) : source_(std::move(source)) {}

  const base::Secret& Current() {
    if (key_.empty()) key_ = source_();
    return key_;
  }

  // Reads the source; whether that is another key than the one that was refused.
  bool Reread() {
    base::Secret key = source_();
    const bool changed = key.Reveal() != key_.Reveal();
    key_ = std::move(key);
    return changed;
  }

  // The text without the key, should somebody have echoed it.
  std::string Redacted(std::string text) const {
    const std::string& key = key_.Reveal();
    for (auto at = text.find(key); !key.empty() && at != std::string::npos; at = text.find(key)) {
      text.replace(at, key.size(), "[…]");
    }
    return text;
  }

 private:
  std::function<base::Secret()> source_;
  base::Secret key_;
};

}  // namespace webhook::rpc
