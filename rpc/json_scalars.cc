// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/json_scalars.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace webhook::rpc {
namespace {

using nlohmann::json;

// Wanted paths are short: what is deeper needs no path.
constexpr std::size_t kPathKeysMax = 8;

class Reader final : public nlohmann::json_sax<json> {
 public:
  Reader(std::span<const std::string_view> paths, std::size_t size) : paths_(paths), size_(size) {}

  bool null() override { return Keep(OtherJson()); }
  bool boolean(bool value) override { return Keep(value); }
  bool number_integer(std::int64_t value) override { return Keep(value); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return Keep(OtherJson());
    return Keep(static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string&) override { return Keep(OtherJson()); }
  bool string(std::string& value) override { return Keep(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return Enter(false); }
  bool key(std::string& value) override {
    if (IsTracked()) path_.back() = value;
    return true;
  }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(true); }
  bool end_array() override { return Leave(); }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    // Reading the end counts as one more character.
    trouble_ = position > size_ ? JsonTrouble::kCutOff : JsonTrouble::kInvalid;
    return false;
  }

  JsonScalars TakeFound() { return std::move(found_); }
  JsonTrouble trouble() const { return trouble_; }

 private:
  bool IsTracked() const { return untracked_depth_ == 0 && !path_.empty(); }

  bool Enter(bool is_array) {
    Keep(OtherJson());
    if (untracked_depth_ > 0 || is_array || path_.size() >= kPathKeysMax) {
      ++untracked_depth_;
    } else {
      path_.emplace_back();
    }
    return true;
  }

  bool Leave() {
    if (untracked_depth_ > 0) {
      --untracked_depth_;
    } else {
      path_.pop_back();
    }
    return true;
  }

  template <typename T>
  bool Keep(T value) {
    if (untracked_depth_ > 0) return true;
    std::string path;
    for (const std::string& key : path_) path += (path.empty() ? "" : ".") + key;
    if (std::ranges::find(paths_, path) != paths_.end()) {
      found_.insert_or_assign(std::move(path), JsonScalar(std::move(value)));
    }
    return true;
  }

  const std::span<const std::string_view> paths_;
  const std::size_t size_;
  std::vector<std::string> path_;
  std::size_t untracked_depth_ = 0;
  JsonScalars found_;
  JsonTrouble trouble_ = JsonTrouble::kInvalid;
};

}  // namespace

base::Result<JsonScalars, JsonTrouble> ReadJsonScalars(std::string_view text,
                                                       std::span<const std::string_view> paths) {
  if (text.empty()) return JsonTrouble::kCutOff;
  Reader reader(paths, text.size());
  if (!json::sax_parse(text, &reader)) return reader.trouble();
  return reader.TakeFound();
}

}  // namespace webhook::rpc
