// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/path.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/assert.h"
#include "lib/rules/blanks.h"

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::size_t kIndexDigitsMax = 9;  // fits an int; no list is longer

bool IsDigit(char c) { return c >= '0' && c <= '9'; }  // ASCII only: ² is no digit

// 0, 12, -1; neither 007 nor -0.
std::optional<int> IndexOf(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  if (digits.empty() || digits.size() > kIndexDigitsMax) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), IsDigit)) return std::nullopt;
  if (digits.front() == '0' && (digits.size() > 1 || is_negative)) return std::nullopt;
  int index = 0;
  for (const char c : digits) index = index * 10 + (c - '0');
  return is_negative ? -index : index;
}

// Segment by segment: a name or a quoted name at the start and behind a dot, else brackets.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<Path, std::string> Parse() {
    if (text_.size() > kPathCharactersMax) {
      return fmt::format("the path is longer than {} characters", kPathCharactersMax);
    }
    if (ReadAll()) return std::move(path_);
    return error_;
  }

 private:
  bool Fail(std::string message) {
    error_ = fmt::format("path, character {}: {}", at_ + 1, message);
    return false;
  }

  bool AtEnd() const { return at_ >= text_.size(); }
  bool Sees(char c) const { return !AtEnd() && text_[at_] == c; }

  bool Skip(char c) {
    if (!Sees(c)) return false;
    ++at_;
    return true;
  }

  bool ReadAll() {
    bool is_named = !Sees('[') && !SkipRoot();
    while (true) {
      if (is_named ? !ReadNamed() : (Sees('[') && !ReadBrackets())) return false;
      if (path_.segments.size() > kPathSegmentsMax) {
        return Fail(fmt::format("more than {} names", kPathSegmentsMax));
      }
      if (AtEnd()) return true;
      is_named = Skip('.');
      if (!is_named && !Sees('[')) return Fail("expected . or [");
    }
  }

  // `$`, but not `$ref`.
  bool SkipRoot() {
    if (!Sees('$')) return false;
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '.';
    if (next != '.' && next != '[') return false;
    ++at_;
    return true;
  }

  bool ReadNamed() {
    if (Sees('"')) return ReadQuoted();
    const std::size_t end = std::min(text_.find_first_of(".[]\"", at_), text_.size());
    const std::string_view name = text_.substr(at_, end - at_);
    if (name.empty()) return Fail("a name is empty");
    if (name == "*") return Fail("items of a list are written [*]");
    if (TrimBlanks(name) != name) return Fail("quote a name with spaces around it");
    path_.segments.push_back({std::string(name), IndexOf(name), false});
    at_ = end;
    if (Sees(']') || Sees('"')) return Fail("quote the whole name to have this in it");
    return true;
  }

  bool ReadBrackets() {
    ++at_;
    if (Sees('"')) return ReadQuoted() && CloseBracket();
    const std::size_t end = std::min(text_.find(']', at_), text_.size());
    const std::string_view inside = text_.substr(at_, end - at_);
    const std::optional<int> index = IndexOf(inside);
    if (inside == "*") {
      path_.segments.push_back({{}, std::nullopt, true});
    } else if (index) {
      path_.segments.push_back({std::string(inside), index, false});
    } else {
      return Fail("brackets hold a whole number, * or a \"quoted name\"");
    }
    at_ = end;
    return CloseBracket();
  }

  bool CloseBracket() { return Skip(']') || Fail("expected ]"); }

  bool ReadQuoted() {
    ++at_;
    std::string key;
    while (!Sees('"')) {
      if (Skip('\\') && !Sees('"') && !Sees('\\')) return Fail("only \\\" and \\\\ are escapes");
      if (AtEnd()) return Fail("the quote is not closed");
      key += text_[at_++];
    }
    ++at_;
    path_.segments.push_back({std::move(key), std::nullopt, false});
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  Path path_;
  std::string error_;
};

const Value* Step(const Segment& segment, const Value& value) {
  const Value::List* items = value.list();
  if (items == nullptr) return value.Find(segment.key);
  if (!segment.index) return nullptr;
  const auto count = static_cast<long long>(items->size());
  const long long place = *segment.index < 0 ? count + *segment.index : *segment.index;
  return place < 0 || place >= count ? nullptr : &(*items)[static_cast<std::size_t>(place)];
}

using Segments = std::vector<Segment>;

// As far as there is no `[*]`; `at` is then at the first one, or at the end.
const Value* Walk(Segments::const_iterator& at, const Segments& segments, const Value& value) {
  const Value* here = &value;
  for (; here != nullptr && at != segments.end() && !at->collect; ++at) here = Step(*at, *here);
  return here;
}

// Recursive by the number of `[*]`, which kPathSegmentsMax bounds.
void Collect(Segments::const_iterator at, const Segments& segments, const Value& value,
             Value::List& found) {
  const Value* here = Walk(at, segments, value);
  if (here == nullptr || found.size() > kCollectedMax) return;
  if (at == segments.end()) {
    found.push_back(*here);
    return;
  }
  const Value::List* items = here->list();
  if (items == nullptr) return;
  for (const Value& item : *items) Collect(at + 1, segments, item, found);
}

}  // namespace

bool Path::collects() const {
  return std::any_of(segments.begin(), segments.end(), [](const Segment& s) { return s.collect; });
}

base::Result<Path, std::string> ParsePath(std::string_view text) {
  return Parser(TrimBlanks(text)).Parse();
}

const Value* Locate(const Path& path, const Value& value) {
  WEBHOOK_ASSERT(!path.collects());
  auto at = path.segments.begin();
  return Walk(at, path.segments, value);
}

Value Find(const Path& path, const Value& value) {
  auto at = path.segments.begin();
  const Value* here = Walk(at, path.segments, value);
  if (here == nullptr) return {};
  if (at == path.segments.end()) return *here;
  if (here->list() == nullptr) return {};
  Value::List found;
  Collect(at, path.segments, *here, found);
  return Value::ListOf(std::move(found));
}

}  // namespace webhook::rules
