// SPDX-License-Identifier: LGPL-3.0-or-later
// A parser of our own: nlohmann's SAX interface loses the spelling of -0 and refuses 1e400, and the
// numbers of rules are what was written. The property tests compare the two.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/utf8.h"
#include "lib/model/value.h"

namespace webhook::model {
namespace {

constexpr std::string_view kByteOrderMark =
    "\xEF\xBB\xBF";  // ignored, as RFC 8259 section 8.1 allows
constexpr std::size_t kScannedMembersMax =
    16;  // of an object whose repeated keys are looked for one by one

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The last value of a repeated key, in the first one's place. By sorting: a hash table can be made
// slow by whoever chooses the keys.
void KeepLastOf(Value::Object& members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    const int compared = members[left].key.compare(members[right].key);
    return compared != 0 ? compared < 0 : left < right;
  });
  std::vector<bool> is_repeated(members.size());
  std::size_t first = 0;  // where in the order a key is first
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (members[order[i]].key != members[order[first]].key) {
      first = i;
    } else {
      members[order[first]].value = std::move(members[order[i]].value);
      is_repeated[order[i]] = true;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (is_repeated[i]) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.resize(kept);
}

// Recursive, but never deeper than the limit. Every reader leaves `at_` behind what it took, or
// says why not with Fail.
class Parser {
 public:
  Parser(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  base::Result<Value, JsonError> Parse() {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    Value value;
    if (ReadValue(value, 0)) {
      SkipSpace();
      if (at_ < text_.size()) Fail("unexpected text after the value");
    }
    if (error_) return *error_;
    return value;
  }

 private:
  bool Fail(const char* message) {
    if (!error_) error_ = JsonError{at_ + 1, message};
    return false;
  }

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  bool Skip(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void SkipSpace() {
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
      ++at_;
    }
  }

  bool ReadValue(Value& value, std::size_t depth) {
    SkipSpace();
    if (AtEnd()) return Fail("unexpected end");
    if (++values_ > limits_.values_max) return Fail("too many values");
    switch (text_[at_]) {
      case '{':
        return ReadObject(value, depth + 1);
      case '[':
        return ReadList(value, depth + 1);
      case '"':
        return ReadTextValue(value);
      case 't':
        return ReadWord("true", value, Value::Bool(true));
      case 'f':
        return ReadWord("false", value, Value::Bool(false));
      case 'n':
        return ReadWord("null", value, Value::MakeNull());
      default:
        return ReadNumber(value);
    }
  }

  bool ReadWord(std::string_view word, Value& value, Value meant) {
    if (text_.substr(at_, word.size()) != word) return Fail("expected a value");
    at_ += word.size();
    value = std::move(meant);
    return true;
  }

  bool ReadList(Value& value, std::size_t depth) {
    if (depth > limits_.depth_max) return Fail("nested too deeply");
    ++at_;
    Value::List items;
    SkipSpace();
    if (!Skip(']')) {
      do {
        if (!ReadValue(items.emplace_back(), depth)) return false;
        SkipSpace();
      } while (Skip(','));
      if (!Skip(']')) return Fail("expected , or ]");
    }
    value = Value::ListOf(std::move(items));
    return true;
  }

  bool ReadObject(Value& value, std::size_t depth) {
    if (depth > limits_.depth_max) return Fail("nested too deeply");
    ++at_;
    Value::Object members;
    SkipSpace();
    if (!Skip('}')) {
      do {
        if (!ReadMember(members, depth)) return false;
        SkipSpace();
      } while (Skip(','));
      if (!Skip('}')) return Fail("expected , or }");
    }
    if (members.size() > kScannedMembersMax) KeepLastOf(members);
    value = Value::ObjectOf(std::move(members));
    return true;
  }

  bool ReadMember(Value::Object& members, std::size_t depth) {
    SkipSpace();
    if (Peek() != '"') return Fail("expected a key in quotes");
    std::string key;
    if (!ReadText(key)) return false;
    SkipSpace();
    if (!Skip(':')) return Fail("expected :");
    return ReadValue(MemberOf(members, std::move(key)), depth);
  }

  // Where the key's value belongs. Objects with many members are cleaned at their end instead.
  static Value& MemberOf(Value::Object& members, std::string key) {
    if (members.size() <= kScannedMembersMax) {
      for (Member& member : members) {
        if (member.key == key) return member.value;
      }
    }
    return members.emplace_back(Member{std::move(key), Value()}).value;
  }

  bool SkipDigits() {
    const std::size_t start = at_;
    while (IsDigit(Peek())) ++at_;
    return at_ > start || Fail("expected a digit");
  }

  bool ReadNumber(Value& value) {
    const std::size_t start = at_;
    const bool is_negative = Skip('-');
    if (!IsDigit(Peek())) return Fail(is_negative ? "expected a digit" : "expected a value");
    if (!Skip('0')) SkipDigits();
    if (Skip('.') && !SkipDigits()) return false;
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (!Skip('-')) Skip('+');
      if (!SkipDigits()) return false;
    }
    value = Value::Decimal(std::string(text_.substr(start, at_ - start)));
    return true;
  }

  bool ReadTextValue(Value& value) {
    std::string text;
    if (!ReadText(text)) return false;
    value = Value::Text(std::move(text));
    return true;
  }

  bool ReadText(std::string& text) {
    ++at_;
    while (true) {
      const std::size_t start = at_;
      SkipPlain();
      text.append(text_, start, at_ - start);
      if (AtEnd()) return Fail("unexpected end in a text");
      if (Skip('"')) return true;
      if (!(text_[at_] == '\\' ? ReadEscape(text) : SkipUtf8(text))) return false;
    }
  }

  void SkipPlain() {
    while (!AtEnd()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') return;
      ++at_;
    }
  }

  bool SkipUtf8(std::string& text) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) return Fail("a control character in a text");
    const base::Utf8Character read = base::ReadUtf8(text_.substr(at_));
    if (read.bytes == 0) return Fail("not UTF-8");
    text.append(text_, at_, read.bytes);
    at_ += read.bytes;
    return true;
  }

  bool ReadEscape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    ++at_;
    if (Skip('u')) return ReadUnicodeEscape(text);
    const std::size_t found = AtEnd() ? std::string_view::npos : kLetters.find(text_[at_]);
    if (found == std::string_view::npos) return Fail("no such escape");
    ++at_;
    text += kMeant[found];
    return true;
  }

  // Half of a pair alone is no character: it stays visible as its escape (providers cut texts in
  // the middle of an emoji).
  bool ReadUnicodeEscape(std::string& text) {
    const std::size_t start = at_ - 2;
    const std::optional<char32_t> first = ReadUnit();
    if (!first) return Fail("expected four hexadecimal digits");
    if (*first < 0xD800 || *first > 0xDFFF) {
      base::AppendUtf8(text, *first);
      return true;
    }
    const std::size_t behind_first = at_;
    if (*first <= 0xDBFF && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const std::optional<char32_t> second = ReadUnit();
      if (!second) return Fail("expected four hexadecimal digits");
      if (*second >= 0xDC00 && *second <= 0xDFFF) {
        base::AppendUtf8(text, 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00));
        return true;
      }
      at_ = behind_first;
    }
    text.append(text_, start, behind_first - start);
    return true;
  }

  std::optional<char32_t> ReadUnit() {
    char32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = Peek();
      const char lower = static_cast<char>(c | 0x20);
      if (IsDigit(c)) {
        unit = unit * 16 + static_cast<char32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        unit = unit * 16 + static_cast<char32_t>(lower - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return unit;
  }

  const std::string_view text_;
  const JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::optional<JsonError> error_;
};

}  // namespace

base::Result<Value, JsonError> ParseJson(std::string_view text, const JsonLimits& limits) {
  return Parser(text, limits).Parse();
}

}  // namespace webhook::model
