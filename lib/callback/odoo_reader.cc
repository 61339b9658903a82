// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/odoo_reader.h"

#include <charconv>
#include <optional>

namespace webhook::callback {
namespace {

const ReadError kNoSense{"the answer to a question to Odoo makes no sense"};

std::optional<long long> Whole(const Value& value) {
  if (value.number() == nullptr) return std::nullopt;
  const std::string& text = value.number()->text;
  long long whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return whole;
}

Value Question(std::string_view operation, const std::string& model) {
  return Object({{"model", ToValue(model)}, {"operation", ToValue(operation)}});
}

void AddDomain(const Domain& domain, Value& question) {
  question.Set("domain", Value::ListOf(domain.terms()));
}

void AddFields(const std::vector<std::string>& fields, Value& question) {
  Value::List names;
  for (const std::string& field : fields) names.push_back(ToValue(field));
  question.Set("fields", Value::ListOf(std::move(names)));
}

void AddOptions(const ReadOptions& options, Value& question) {
  if (!options.order.empty()) question.Set("order", ToValue(options.order));
  if (options.limit > 0) question.Set("limit", ToValue(options.limit));
}

}  // namespace

void Domain::Add(std::string field, std::string op, Value value) {
  terms_.push_back(List({ToValue(std::move(field)), ToValue(std::move(op)), std::move(value)}));
}

ReadResult<Value> OdooReader::Records(const Value& question) const {
  auto reply = model::ParseJson(ask_(model::DumpJson(question)));
  if (!reply.ok()) return kNoSense;
  if (const Value* error = reply.value().Find("error"); error != nullptr && error->text()) {
    return ReadError{*error->text()};
  }
  const Value* records = reply.value().Find("records");
  if (records == nullptr) return kNoSense;
  return *records;
}

ReadResult<Value::List> OdooReader::RecordList(const Value& question) const {
  auto records = Records(question);
  if (!records.ok()) return records.error();
  if (records.value().list() == nullptr) return kNoSense;
  return *records.value().list();
}

ReadResult<std::vector<model::RecordId>> OdooReader::Search(const std::string& model,
                                                            const Domain& domain,
                                                            const ReadOptions& options) const {
  Value question = Question("search", model);
  AddDomain(domain, question);
  AddOptions(options, question);
  const auto records = RecordList(question);
  if (!records.ok()) return records.error();
  std::vector<model::RecordId> ids;
  for (const Value& item : records.value()) {
    const auto id = Whole(item);
    if (!id) return kNoSense;
    ids.push_back(*id);
  }
  return ids;
}

ReadResult<long long> OdooReader::SearchCount(const std::string& model,
                                              const Domain& domain) const {
  Value question = Question("search_count", model);
  AddDomain(domain, question);
  const auto records = Records(question);
  if (!records.ok()) return records.error();
  const auto count = Whole(records.value());
  if (!count) return kNoSense;
  return *count;
}

ReadResult<Value::List> OdooReader::SearchRead(const std::string& model, const Domain& domain,
                                               const std::vector<std::string>& fields,
                                               const ReadOptions& options) const {
  Value question = Question("search_read", model);
  AddDomain(domain, question);
  AddFields(fields, question);
  AddOptions(options, question);
  return RecordList(question);
}

ReadResult<Value::List> OdooReader::Read(const std::string& model,
                                         const std::vector<model::RecordId>& ids,
                                         const std::vector<std::string>& fields) const {
  Value question = Question("read", model);
  Value::List numbers;
  for (const model::RecordId id : ids) numbers.push_back(ToValue(id));
  question.Set("record_ids", Value::ListOf(std::move(numbers)));
  AddFields(fields, question);
  return RecordList(question);
}

}  // namespace webhook::callback
