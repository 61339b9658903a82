// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/body_form.h"

#include "lib/model/value.h"
#include "lib/rules/text_of.h"

namespace webhook::delivery {
namespace {

using model::Value;

// Names repeat what they are nested in, so that a small payload can become a very large form: what
// it comes to is counted while it grows.
class Flattening {
 public:
  bool Add(std::string name, const Value& value) {
    if (const Value::Object* members = value.object(); members != nullptr && !members->empty()) {
      for (const model::Member& member : *members) {
        if (!Add(name + "[" + member.key + "]", member.value)) return false;
      }
      return true;
    }
    if (const Value::List* items = value.list(); items != nullptr && !items->empty()) {
      for (std::size_t i = 0; i < items->size(); ++i) {
        if (!Add(name + "[" + std::to_string(i) + "]", (*items)[i])) return false;
      }
      return true;
    }
    const bool is_empty = value.object() != nullptr || value.list() != nullptr;
    return AddText(std::move(name), is_empty ? "" : rules::TextOf(value));
  }

  FormFields Take() { return std::move(fields_); }

 private:
  bool AddText(std::string name, std::string text) {
    bytes_ += name.size() + text.size() + 2;
    if (bytes_ > kBodyBytesMax) return false;
    fields_.emplace_back(std::move(name), std::move(text));
    return true;
  }

  FormFields fields_;
  std::size_t bytes_ = 0;
};

bool IsKept(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' ||
         c == '-' || c == '.' || c == '_';
}

void AppendEncoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (c == ' ') {
      out += '+';
    } else if (IsKept(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
}

}  // namespace

base::Result<FormFields, std::string> FormFieldsOf(std::string_view payload_json) {
  if (payload_json.empty()) return FormFields();
  const auto parsed = model::ParseJson(payload_json);
  if (!parsed.ok()) return "it is no JSON: " + parsed.error().message;
  const Value::Object* members = parsed.value().object();
  if (members == nullptr) return std::string("it is no object, so a form cannot be made of it");
  Flattening flattening;
  for (const model::Member& member : *members) {
    if (flattening.Add(member.key, member.value)) continue;
    return std::string("the form made of it becomes larger than 10 MiB");
  }
  return flattening.Take();
}

std::string FormUrlencoded(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    AppendEncoded(text, name);
    text += '=';
    AppendEncoded(text, value);
  }
  return text;
}

}  // namespace webhook::delivery
