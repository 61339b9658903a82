// SPDX-License-Identifier: LGPL-3.0-or-later
// What a callback may ask of Odoo: reading, as the handler's execution user, while the event or
// delivery is leased. Each call blocks until the answer is there or the callback's time is over.
// Any thread of the callback.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/callback/operation.h"
#include "lib/model/record_id.h"
#include "lib/model/value.h"

namespace webhook::callback {

// Conditions that must all hold: Domain("ref", "=", ref).And("active", "=", true). Anything else
// that Odoo understands can be given as a list.
class Domain {
 public:
  Domain() = default;  // every record
  explicit Domain(Value::List terms) : terms_(std::move(terms)) {}

  template <typename T>
  Domain(std::string field, std::string op, T&& value) {
    Add(std::move(field), std::move(op), ToValue(std::forward<T>(value)));
  }

  template <typename T>
  Domain&& And(std::string field, std::string op, T&& value) && {
    Add(std::move(field), std::move(op), ToValue(std::forward<T>(value)));
    return std::move(*this);
  }

  const Value::List& terms() const { return terms_; }

 private:
  void Add(std::string field, std::string op, Value value);

  Value::List terms_;
};

struct ReadOptions {
  std::string order = {};  // "name, id desc"; empty: the model's
  int limit = 0;           // 0: as many as there may be, 1,000
};

struct ReadError {
  std::string message;  // of Odoo, or that time is over
};

template <typename T>
using ReadResult = base::Result<T, ReadError>;

class OdooReader {
 public:
  // From the question (JSON) to the reply (JSON).
  using Ask = std::function<std::string(const std::string& question)>;
  explicit OdooReader(Ask ask) : ask_(std::move(ask)) {}

  ReadResult<std::vector<model::RecordId>> Search(const std::string& model, const Domain& domain,
                                                  const ReadOptions& options = {}) const;
  ReadResult<long long> SearchCount(const std::string& model, const Domain& domain) const;

  // Objects of the fields, and "id".
  ReadResult<Value::List> SearchRead(const std::string& model, const Domain& domain,
                                     const std::vector<std::string>& fields,
                                     const ReadOptions& options = {}) const;
  ReadResult<Value::List> Read(const std::string& model, const std::vector<model::RecordId>& ids,
                               const std::vector<std::string>& fields) const;

 private:
  ReadResult<Value> Records(const Value& question) const;
  ReadResult<Value::List> RecordList(const Value& question) const;

  Ask ask_;
};

}  // namespace webhook::callback
