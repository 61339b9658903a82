// SPDX-License-Identifier: LGPL-3.0-or-later
// Values of every shape, weighted towards those that fields nearly take.
#pragma once

#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/model/value.h"

namespace webhook::property {

inline std::string RandomText(base::Random& random) {
  static const std::vector<std::string> kTexts = {"",
                                                  "true",
                                                  "No",
                                                  "0",
                                                  "1",
                                                  "12",
                                                  "12.50",
                                                  "-0.00",
                                                  "1e3",
                                                  "1e400",
                                                  "1e-400",
                                                  " 5 ",
                                                  "+7",
                                                  "2147483648",
                                                  "draft",
                                                  "Sales Order",
                                                  "SALE",
                                                  "base.us",
                                                  "res.partner,5",
                                                  "2026-11-24",
                                                  "2026-11-24T10:00:00+02:00",
                                                  "aGVsbG8=",
                                                  "data:a/b;base64,aGVsbG8=",
                                                  "0001-01-01T00:00:00+01:00",
                                                  "9999-12-31T23:59:59-01:00",
                                                  "\xC3\xA4"};
  if (random.Next() % 4 != 0) return kTexts[random.Next() % kTexts.size()];
  std::string text;
  for (std::size_t i = random.Next() % 12; i > 0; --i) {
    text += static_cast<char>(random.Next() % 128);
  }
  return text;
}

inline model::Value RandomNumber(base::Random& random) {
  static const std::vector<std::string> kNumbers = {"0",
                                                    "-0",
                                                    "1",
                                                    "1.0",
                                                    "12.50",
                                                    "5e-324",
                                                    "1e308",
                                                    "1e400",
                                                    "1e-400",
                                                    "0e999999999",
                                                    "1e99999999999999999999",
                                                    "2147483647",
                                                    "-2147483649",
                                                    "1732442400",
                                                    "0.1000000000000000055"};
  return model::Value::Decimal(kNumbers[random.Next() % kNumbers.size()]);
}

inline model::Value RandomValue(base::Random& random, int depth = 0);

inline model::Value RandomObject(base::Random& random, int depth) {
  static const std::vector<std::string> kKeys = {"id",    "external_id", "lookup", "model", "mode",
                                                 "items", "values",      "field",  "value", "name"};
  model::Value object = model::Value::ObjectOf({});
  for (std::size_t i = random.Next() % 3; i > 0; --i) {
    object.Set(kKeys[random.Next() % kKeys.size()], RandomValue(random, depth + 1));
  }
  return object;
}

// One of the contract's forms, perhaps slightly wrong inside.
inline model::Value RandomForm(base::Random& random, int depth) {
  using model::Value;
  const Value inner = RandomValue(random, depth + 1);
  switch (random.Next() % 4) {
    case 0:
      return Value::ObjectOf({{"id", inner}});
    case 1:
      return Value::ObjectOf({{"external_id", inner}});
    case 2:
      return Value::ObjectOf({{"mode", Value::Text(random.Next() % 2 == 0 ? "add" : "replace")},
                              {"items", Value::ListOf({inner, RandomValue(random, depth + 1)})}});
    default:
      return Value::ObjectOf(
          {{"lookup",
            Value::ListOf({Value::ObjectOf({{"field", Value::Text("ref")}, {"value", inner}})})},
           {"model", Value::Text("res.partner")}});
  }
}

inline model::Value RandomValue(base::Random& random, int depth) {
  using model::Value;
  const std::uint64_t kinds = depth < 4 ? 10 : 6;
  switch (random.Next() % kinds) {
    case 0:
      return Value();
    case 1:
      return Value::MakeNull();
    case 2:
      return Value::Bool(random.Next() % 2 == 0);
    case 3:
      return RandomNumber(random);
    case 4:
    case 5:
      return Value::Text(RandomText(random));
    case 6: {
      Value::List list;
      for (std::size_t i = random.Next() % 4; i > 0; --i)
        list.push_back(RandomValue(random, depth + 1));
      return Value::ListOf(std::move(list));
    }
    case 7:
      return RandomForm(random, depth);
    default:
      return RandomObject(random, depth);
  }
}

}  // namespace webhook::property
