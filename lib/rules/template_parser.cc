// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/template_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/rules/blanks.h"
#include "lib/rules/reference.h"
#include "lib/rules/template.h"

namespace webhook::rules {
namespace {

using model::Value;
using Parts = std::vector<TemplatePart>;

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBlanks = " \t\r\n";

// Every reader leaves `at_` behind what it took, or says why not with Fail.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<Parts, std::string> Parse() {
    while (at_ < text_.size()) {
      AddText();
      if (at_ == text_.size()) break;
      if (++placeholders_ > kPlaceholdersMax) {
        return fmt::format("more than {} placeholders", kPlaceholdersMax);
      }
      if (!AddPlaceholder()) return error_;
    }
    return std::move(parts_);
  }

 private:
  bool Fail(std::size_t at, std::string_view message) {
    error_ = fmt::format("template, character {}: {}", at + 1, message);
    return false;
  }

  bool Sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  bool Skip(std::string_view what) {
    if (!Sees(what)) return false;
    at_ += what.size();
    return true;
  }

  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  void AddText() {
    const std::size_t end = std::min(text_.find(kOpen, at_), text_.size());
    if (end > at_) parts_.push_back({std::string(text_.substr(at_, end - at_))});
    at_ = end;
  }

  bool AddPlaceholder() {
    const std::size_t start = at_;
    at_ += kOpen.size();
    SkipBlanks();
    Placeholder placeholder;
    if (!ReadFrom(placeholder)) return false;
    SkipBlanks();
    while (Skip("|")) {
      if (placeholder.filters.size() == kFiltersMax) {
        return Fail(at_, fmt::format("more than {} filters", kFiltersMax));
      }
      if (!ReadFilter(placeholder)) return false;
      SkipBlanks();
    }
    const std::size_t end = at_;
    if (!Skip(kClose)) return Fail(at_, "expected | or }}");
    const std::size_t inside = start + kOpen.size();
    placeholder.written = TrimBlanks(text_.substr(inside, end - inside));
    parts_.push_back({std::move(placeholder)});
    return true;
  }

  bool ReadFrom(Placeholder& placeholder) {
    if (Sees("\"")) {
      std::string text;
      if (!ReadQuoted(text)) return false;
      placeholder.from = Value::Text(std::move(text));
      return true;
    }
    const std::size_t start = at_;
    if (!SkipReference()) return false;
    const std::string_view written = TrimBlanks(text_.substr(start, at_ - start));
    if (written.empty()) return Fail(start, "a placeholder is empty");
    auto reading = ParseReference(written);
    if (!reading.ok()) return Fail(start, reading.error());
    placeholder.from = std::move(reading).value();
    return true;
  }

  // To the | or }} behind it; those in quotes are part of it.
  bool SkipReference() {
    bool is_quoted = false;
    for (; at_ < text_.size(); ++at_) {
      if (!is_quoted && (Sees("|") || Sees(kClose))) return true;
      if (Sees("\"")) is_quoted = !is_quoted;
      if (is_quoted && Sees("\\")) ++at_;
    }
    at_ = text_.size();
    return Fail(at_, is_quoted ? "a quote is not closed" : "a placeholder is not closed by }}");
  }

  bool ReadFilter(Placeholder& placeholder) {
    SkipBlanks();
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n(|}\"", at_), text_.size());
    const std::string_view name = text_.substr(start, at_ - start);
    if (name.empty()) return Fail(start, "expected the name of a filter");
    SkipBlanks();
    std::vector<Value> arguments;
    if (Skip("(") && !ReadArguments(arguments)) return false;
    auto filter = MakeFilter(name, std::move(arguments));
    if (!filter.ok()) return Fail(start, filter.error());
    placeholder.filters.push_back(std::move(filter).value());
    return true;
  }

  bool ReadArguments(std::vector<Value>& arguments) {
    SkipBlanks();
    if (Skip(")")) return true;
    do {
      SkipBlanks();
      if (!ReadArgument(arguments)) return false;
      SkipBlanks();
    } while (Skip(","));
    return Skip(")") || Fail(at_, "expected , or )");
  }

  bool ReadArgument(std::vector<Value>& arguments) {
    if (Sees("\"")) {
      std::string text;
      if (!ReadQuoted(text)) return false;
      arguments.push_back(Value::Text(std::move(text)));
      return true;
    }
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    auto number = model::ParseJson(text_.substr(start, at_ - start));
    if (!number.ok()) return Fail(start, "expected a number or a \"quoted text\"");
    arguments.push_back(std::move(number).value());
    return true;
  }

  bool ReadQuoted(std::string& text) {
    constexpr std::string_view kLetters = "\"\\nt";
    constexpr std::string_view kMeant = "\"\\\n\t";
    const std::size_t start = at_++;
    while (!Skip("\"")) {
      if (at_ == text_.size()) return Fail(start, "the quote is not closed");
      char c = text_[at_++];
      if (c == '\\') {
        const std::size_t found =
            at_ < text_.size() ? kLetters.find(text_[at_++]) : std::string_view::npos;
        if (found == std::string_view::npos) {
          return Fail(at_ - 1, "escapes in quotes are \\\" \\\\ \\n \\t");
        }
        c = kMeant[found];
      }
      text += c;
    }
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t placeholders_ = 0;
  Parts parts_;
  std::string error_;
};

}  // namespace

base::Result<Parts, std::string> ParseParts(std::string_view text) { return Parser(text).Parse(); }

}  // namespace webhook::rules
