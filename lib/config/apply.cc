// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/apply.h"

#include <fmt/format.h>

#include "lib/base/result.h"
#include "lib/base/suggestion.h"

namespace webhook::config {
namespace {

using Outcome = std::optional<Complaint>;

std::string Describe(const GivenValue& value) {
  return std::visit(
      base::Overloaded{
          [](const std::string& text) { return fmt::format("is the text {}", Cite(text)); },
          [](std::int64_t number) { return fmt::format("is the number {}", number); },
          [](bool flag) { return fmt::format("is {}", flag); },
          [](const std::vector<std::string>&) { return std::string("is a list"); },
          [](const OtherType& other) { return fmt::format("is {}", other.what); },
      },
      value);
}

Outcome ApplyText(const Text& slot, const std::string& text, Config& config) {
  if (Outcome complaint = slot.check(text)) return complaint;
  slot.at(config) = text;
  return {};
}

Outcome ApplySecret(const SecretText& slot, const std::string& text, Config& config) {
  if (Outcome complaint = slot.check(text)) return complaint;
  slot.at(config) = base::Secret(text);
  return {};
}

Outcome ApplyList(const TextList& slot, const std::vector<std::string>& texts, Config& config) {
  if (texts.size() > slot.items_max) {
    return Complaint{fmt::format("has {} items", texts.size()), Expected(slot)};
  }
  for (const std::string& text : texts) {
    if (Outcome complaint = slot.check_item(text)) return complaint;
  }
  slot.at(config) = texts;
  return {};
}

template <typename WholeOrLarge>
Outcome ApplyNumber(const WholeOrLarge& slot, std::int64_t number, Config& config) {
  if (number < slot.min || number > slot.max) {
    return Complaint{fmt::format("is {}", number), Expected(slot)};
  }
  slot.at(config) = static_cast<decltype(slot.min)>(number);
  return {};
}

Outcome ApplyFlag(const Flag& slot, bool flag, Config& config) {
  slot.at(config) = flag;
  return {};
}

Outcome ApplyChoice(const Choice& slot, const std::string& text, Config& config) {
  for (std::size_t i = 0; i < slot.names.size(); ++i) {
    if (slot.names[i] != text) continue;
    slot.set(config, i);
    return {};
  }
  const std::string_view nearest = base::Nearest(text, slot.names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
  return Complaint{fmt::format("is {}", Cite(text)), Expected(slot) + hint};
}

Outcome WrongType(const Slot& slot, const GivenValue& value) {
  return Complaint{Describe(value), Expected(slot)};
}

Outcome WrongSecretType() { return Complaint{"is not a text", "expected the API key in quotes"}; }

// The value when it has the type, else nullptr.
template <typename Type>
const Type* As(const GivenValue& value) {
  return std::get_if<Type>(&value);
}

}  // namespace

std::optional<Complaint> Apply(const Key& key, const GivenValue& value, Config& config) {
  const auto* text = As<std::string>(value);
  const auto* number = As<std::int64_t>(value);
  const auto* flag = As<bool>(value);
  const auto* texts = As<std::vector<std::string>>(value);
  const auto wrong_type = [&] { return WrongType(key.slot, value); };
  return std::visit(
      base::Overloaded{
          [&](const Text& slot) { return text ? ApplyText(slot, *text, config) : wrong_type(); },
          [&](const SecretText& slot) {
            return text ? ApplySecret(slot, *text, config) : WrongSecretType();
          },
          [&](const TextList& slot) {
            return texts ? ApplyList(slot, *texts, config) : wrong_type();
          },
          [&](const Whole& slot) {
            return number ? ApplyNumber(slot, *number, config) : wrong_type();
          },
          [&](const Large& slot) {
            return number ? ApplyNumber(slot, *number, config) : wrong_type();
          },
          [&](const Flag& slot) { return flag ? ApplyFlag(slot, *flag, config) : wrong_type(); },
          [&](const Choice& slot) {
            return text ? ApplyChoice(slot, *text, config) : wrong_type();
          },
      },
      key.slot);
}

}  // namespace webhook::config
