// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/body_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "lib/base/utf8.h"
#include "lib/rules/blanks.h"
#include "lib/rules/form_body.h"
#include "lib/rules/header_parameters.h"
#include "lib/rules/multipart_body.h"

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string ReadableText(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = base::ReadUtf8(bytes).bytes;
    text += length == 0 ? kReplacement : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

// Members in the order in which their names came first.
class FormObject {
 public:
  void Add(std::string_view name, Value value) {
    const auto [found, is_new] = places_.try_emplace(ReadableText(name), values_.size());
    if (is_new) {
      names_.push_back(found->first);
      values_.emplace_back();
    }
    values_[found->second].push_back(std::move(value));
  }

  Value Take() {
    Value::Object members;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      Value::List& all = values_[i];
      Value value = all.size() == 1 ? std::move(all.front()) : Value::ListOf(std::move(all));
      members.push_back({std::move(names_[i]), std::move(value)});
    }
    return Value::ObjectOf(std::move(members));
  }

 private:
  std::map<std::string, std::size_t, std::less<>> places_;
  std::vector<std::string> names_;
  std::vector<Value::List> values_;
};

Value FileValue(const BodyFile& file) {
  Value value = Value::ObjectOf({});
  value.Set("filename", Value::Text(ReadableText(file.filename)));
  value.Set("content_type", Value::Text(ReadableText(file.content_type)));
  value.Set("size", Value::Integer(static_cast<long long>(file.content.size())));
  return value;
}

void SetFormValue(BodyValue& body) {
  FormObject object;
  for (const auto& [name, value] : body.fields) object.Add(name, Value::Text(ReadableText(value)));
  for (const BodyFile& file : body.files) object.Add(file.name, FileValue(file));
  body.value = object.Take();
}

void ReadForm(std::string_view text, BodyValue& body) {
  auto pairs = ParseForm(text, kFormFieldsMax);
  if (!pairs) {
    body.problem = fmt::format("the form has more than {} fields", kFormFieldsMax);
    return;
  }
  body.fields = *std::move(pairs);
  SetFormValue(body);
}

void ReadMultipart(std::string_view content_type, std::string_view text, BodyValue& body) {
  auto form = ParseMultipart(content_type, text);
  if (!form.ok()) {
    body.problem = form.error();
    return;
  }
  body.fields = std::move(form.value().fields);
  body.files = std::move(form.value().files);
  SetFormValue(body);
}

void ReadJson(std::string_view text, BodyValue& body) {
  if (text.empty()) return;
  auto parsed = model::ParseJson(text);
  if (parsed.ok()) {
    body.value = std::move(parsed).value();
  } else {
    body.problem =
        fmt::format("byte {} of the JSON: {}", parsed.error().byte, parsed.error().message);
  }
}

void ReadText(std::string_view content_type, std::string_view text, BodyValue& body) {
  if (text.empty()) return;
  const std::string_view trimmed = TrimBlanks(text);
  if (!IsMarkup(content_type) && (trimmed.starts_with('{') || trimmed.starts_with('['))) {
    if (auto parsed = model::ParseJson(text); parsed.ok()) {
      body.format = BodyFormat::kJson;
      body.value = std::move(parsed).value();
      return;
    }
  }
  body.value = Value::Text(ReadableText(text));
}

}  // namespace

BodyFormat FormatOf(std::string_view content_type) {
  const std::string word = HeaderWord(content_type);
  if (SaysNothing(content_type) || word.ends_with("+json") ||
      IsOneOf(word, {"application/json", "text/json", "application/x-json", "text/x-json"})) {
    return BodyFormat::kJson;
  }
  if (word == "application/x-www-form-urlencoded") return BodyFormat::kForm;
  return word == "multipart/form-data" ? BodyFormat::kMultipart : BodyFormat::kText;
}

bool SaysNothing(std::string_view content_type) {
  return IsOneOf(HeaderWord(content_type),
                 {"", "*/*", "application/octet-stream", "binary/octet-stream"});
}

bool IsMarkup(std::string_view content_type) {
  const std::string word = HeaderWord(content_type);
  return word.ends_with("+xml") ||
         IsOneOf(word, {"application/xml", "text/xml", "text/html", "application/xml-dtd"});
}

BodyValue ReadBody(std::string_view content_type, std::string_view body) {
  BodyValue read;
  read.format = FormatOf(content_type);
  switch (read.format) {
    case BodyFormat::kJson:
      ReadJson(body, read);
      break;
    case BodyFormat::kForm:
      ReadForm(body, read);
      break;
    case BodyFormat::kMultipart:
      ReadMultipart(content_type, body, read);
      break;
    case BodyFormat::kText:
      ReadText(content_type, body, read);
      break;
  }
  return read;
}

}  // namespace webhook::rules
