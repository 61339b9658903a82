// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/base/suggestion.h"
#include "lib/base/utf8.h"
#include "lib/rules/blanks.h"
#include "lib/rules/date_format.h"
#include "lib/rules/decimal.h"
#include "lib/rules/letter_case.h"
#include "lib/rules/template.h"
#include "lib/rules/text_of.h"

namespace webhook::rules {
namespace {

using model::Value;
using Made = base::Result<Filter, std::string>;
using Applied = base::Result<Value, std::string>;

struct Known {
  std::string_view name;
  FilterKind kind;
  std::size_t arguments;
  std::string_view example;
};

constexpr auto kKnown = std::to_array<Known>({
    {"default", FilterKind::kDefault, 1, "default(\"none\")"},
    {"upper", FilterKind::kUpper, 0, "upper"},
    {"lower", FilterKind::kLower, 0, "lower"},
    {"strip", FilterKind::kStrip, 0, "strip"},
    {"replace", FilterKind::kReplace, 2, "replace(\"-\", \"\")"},
    {"date", FilterKind::kDate, 1, "date(\"%d.%m.%Y\")"},
    {"number", FilterKind::kNumber, 1, "number(2)"},
    {"json", FilterKind::kJson, 0, "json"},
    {"length", FilterKind::kLength, 0, "length"},
    {"first", FilterKind::kFirst, 0, "first"},
    {"last", FilterKind::kLast, 0, "last"},
    {"join", FilterKind::kJoin, 1, "join(\", \")"},
});

std::string UnknownFilter(std::string_view name) {
  std::string known;
  std::vector<std::string_view> names;
  for (const Known& one : kKnown) {
    names.push_back(one.name);
    known += known.empty() ? "" : ", ";
    known += one.name;
  }
  const std::string_view nearest = base::Nearest(name, names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
  return fmt::format("unknown filter \"{}\"{} (known are: {})", name, hint, known);
}

// What is wrong with the arguments; empty when nothing is. Takes the decimals.
std::string Check(Filter& filter) {
  if (filter.kind == FilterKind::kNumber) {
    const auto decimals = DecimalOf(filter.arguments[0]);
    const auto whole = decimals ? ToInteger(*decimals) : std::nullopt;
    if (!whole || *whole < 0 || *whole > kDecimalsMax) {
      return fmt::format("expected 0 to {} decimals", kDecimalsMax);
    }
    filter.decimals = static_cast<int>(*whole);
    return {};
  }
  if (filter.kind == FilterKind::kDefault) return {};
  for (Value& argument : filter.arguments) argument = Value::Text(TextOf(argument));
  if (filter.kind == FilterKind::kReplace && filter.arguments[0].text()->empty()) {
    return "what to replace is empty";
  }
  if (filter.kind == FilterKind::kDate && !IsDateFormat(*filter.arguments[0].text())) {
    return "a date is made of %Y %m %d %H %M %S; %% is a percent sign";
  }
  return {};
}

const std::string& Argument(const Filter& filter, std::size_t i) {
  return *filter.arguments[i].text();
}

std::string TooLong() { return fmt::format("the text is longer than {} bytes", kRenderedBytesMax); }

Applied DoesNotFit(const Value& value, std::string_view expected) {
  return fmt::format("{} is not {}", Shown(value), expected);
}

bool IsScalar(const Value& value) { return value.list() == nullptr && value.object() == nullptr; }

Applied Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string replaced;
  while (true) {
    const std::size_t found = text.find(from);
    replaced += text.substr(0, found);
    if (found == std::string_view::npos) return Value::Text(std::move(replaced));
    replaced += to;
    if (replaced.size() > kRenderedBytesMax) return TooLong();
    text.remove_prefix(found + from.size());
  }
}

Applied ChangeText(const Filter& filter, const Value& value) {
  if (!IsScalar(value)) return DoesNotFit(value, "a text");
  const std::string text = TextOf(value);
  if (filter.kind == FilterKind::kUpper) return Value::Text(UpperCase(text));
  if (filter.kind == FilterKind::kLower) return Value::Text(LowerCase(text));
  if (filter.kind == FilterKind::kStrip) return Value::Text(std::string(TrimBlanks(text)));
  return Replaced(text, Argument(filter, 0), Argument(filter, 1));
}

Applied FormatDateOf(const Filter& filter, const Value& value) {
  const auto seconds = UnixSecondsOf(value);
  if (!seconds) return DoesNotFit(value, "an ISO date or time, nor Unix seconds");
  return Value::Text(FormatDate(Argument(filter, 0), *seconds));
}

Applied FormatNumber(const Filter& filter, const Value& value) {
  const auto number =
      value.text() != nullptr ? ParseDecimal(TrimBlanks(*value.text())) : DecimalOf(value);
  if (!number) return DoesNotFit(value, "a number");
  auto text = FixedText(*number, filter.decimals);
  if (!text) return DoesNotFit(value, "a number that can be written out");
  return Value::Decimal(std::move(*text));
}

Applied LengthOf(const Value& value) {
  if (value.list() != nullptr) return Value::Integer(std::ssize(*value.list()));
  if (value.object() != nullptr) return Value::Integer(std::ssize(*value.object()));
  if (value.text() == nullptr) return DoesNotFit(value, "a text, list or object");
  std::string_view rest = *value.text();
  long long length = 0;
  for (; !rest.empty(); ++length)
    rest.remove_prefix(std::max<std::size_t>(base::ReadUtf8(rest).bytes, 1));
  return Value::Integer(length);
}

Applied ItemOf(const Filter& filter, const Value& value) {
  const Value::List* items = value.list();
  if (items == nullptr) return DoesNotFit(value, "a list");
  if (items->empty()) return Value();
  return filter.kind == FilterKind::kFirst ? items->front() : items->back();
}

Applied Joined(const Filter& filter, const Value& value) {
  const Value::List* items = value.list();
  if (items == nullptr) return DoesNotFit(value, "a list");
  std::string joined;
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (i > 0) joined += Argument(filter, 0);
    joined += TextOf((*items)[i]);
    if (joined.size() > kRenderedBytesMax) return TooLong();
  }
  return Value::Text(std::move(joined));
}

Applied Changed(const Filter& filter, Value value) {
  const bool is_nothing = value.is_missing() || value.is_null();
  switch (filter.kind) {
    case FilterKind::kDefault:
      return is_nothing ? filter.arguments[0] : value;
    case FilterKind::kJson:
      return Value::Text(model::DumpJson(value));
    case FilterKind::kUpper:
    case FilterKind::kLower:
    case FilterKind::kStrip:
    case FilterKind::kReplace:
      return is_nothing ? value : ChangeText(filter, value);
    case FilterKind::kDate:
      return is_nothing ? value : FormatDateOf(filter, value);
    case FilterKind::kNumber:
      return is_nothing ? value : FormatNumber(filter, value);
    case FilterKind::kLength:
      return is_nothing ? value : LengthOf(value);
    case FilterKind::kFirst:
    case FilterKind::kLast:
      return is_nothing ? value : ItemOf(filter, value);
    case FilterKind::kJoin:
      return is_nothing ? value : Joined(filter, value);
  }
  return value;
}

}  // namespace

Made MakeFilter(std::string_view name, std::vector<Value> arguments) {
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    if (arguments.size() != known.arguments) {
      return fmt::format("filter {}: write {}", name, known.example);
    }
    Filter filter{known.kind, std::move(arguments), 0};
    const std::string complaint = Check(filter);
    if (!complaint.empty()) return fmt::format("filter {}: {}", name, complaint);
    return filter;
  }
  return UnknownFilter(name);
}

std::string_view NameOf(FilterKind kind) {
  for (const Known& known : kKnown) {
    if (known.kind == kind) return known.name;
  }
  return {};
}

Applied Apply(const Filter& filter, Value value) {
  Applied applied = Changed(filter, std::move(value));
  if (!applied.ok()) return fmt::format("{}: {}", NameOf(filter.kind), applied.error());
  const std::string* text = applied.value().text();
  if (text != nullptr && text->size() > kRenderedBytesMax) {
    return fmt::format("{}: {}", NameOf(filter.kind), TooLong());
  }
  return applied;
}

}  // namespace webhook::rules
