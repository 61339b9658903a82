// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/waiting_rows.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using Ids = std::vector<model::RecordId>;

namespace {

WaitingRows::Row Row(model::RecordId id, const std::string& lane = "", std::size_t bytes = 0) {
  WaitingRows::Row row{{}, base::SteadyTime{}};
  row.delivery.id = id;
  row.delivery.lane = lane;
  row.delivery.payload = std::string(bytes, 'x');
  return row;
}

void Push(WaitingRows& rows, model::RecordId id, const std::string& lane = "") {
  rows.Push(Row(id, lane), 0, false);
}

Ids PopAll(WaitingRows& rows) {
  Ids ids;
  while (rows.HasNext()) ids.push_back(rows.Pop().delivery.id);
  return ids;
}

Ids IdsOf(const std::vector<model::Delivery>& deliveries) {
  Ids ids;
  for (const model::Delivery& delivery : deliveries) ids.push_back(delivery.id);
  return ids;
}

}  // namespace

TEST_CASE("unordered rows leave in the order they came") {
  WaitingRows rows;
  for (const int id : {3, 1, 2}) Push(rows, id);
  CHECK(PopAll(rows) == Ids{3, 1, 2});
  CHECK(rows.size() == 0);
}

TEST_CASE("of a lane one leaves at a time, the next when it has ended well") {
  WaitingRows rows;
  for (const int id : {1, 2, 3}) Push(rows, id, "a");
  CHECK(PopAll(rows) == Ids{1});
  CHECK(rows.size() == 2);
  CHECK(rows.Ended(Row(1, "a").delivery, true).give_back.empty());
  CHECK(PopAll(rows) == Ids{2});
  CHECK(rows.Ended(Row(2, "a").delivery, true).give_back.empty());
  CHECK(PopAll(rows) == Ids{3});
  rows.Ended(Row(3, "a").delivery, true);
  CHECK_FALSE(rows.HasNext());
}

TEST_CASE("when the first of a lane comes to something else, the rest is given back in order") {
  WaitingRows rows;
  for (const int id : {1, 2, 3}) Push(rows, id, "a");
  Push(rows, 4, "b");
  Push(rows, 5);
  rows.Pop();
  CHECK(rows.Ended(Row(5).delivery, false).give_back.empty());
  CHECK(PopAll(rows).size() == 2);
  const auto end = rows.Ended(Row(1, "a").delivery, false);
  CHECK(IdsOf(end.give_back) == Ids{2, 3});
  CHECK_FALSE(end.claims_before.has_value());
  CHECK(rows.size() == 0);
  Push(rows, 1, "a");  // it comes again
  CHECK(PopAll(rows) == Ids{1});
}

TEST_CASE("a lane that waits blocks nobody else; lanes and unordered rows take turns") {
  WaitingRows rows;
  for (const int id : {1, 2}) Push(rows, id, "a");
  for (const int id : {11, 12}) Push(rows, id, "b");
  for (const int id : {21, 22, 23, 24}) Push(rows, id);
  const Ids order = PopAll(rows);
  CHECK(order == Ids{21, 1, 22, 11, 23, 24});
  rows.Ended(Row(11, "b").delivery, true);
  CHECK(PopAll(rows) == Ids{12});
}

TEST_CASE("the last one of a lane says what was claimed before it") {
  WaitingRows rows;
  rows.Push(Row(1, "a"), 7, false);
  rows.Push(Row(2, "a"), 9, true);
  rows.Push(Row(3, "b"), 9, true);  // Odoo had more
  PopAll(rows);
  CHECK_FALSE(rows.Ended(Row(1, "a").delivery, true).claims_before.has_value());
  PopAll(rows);
  CHECK(rows.Ended(Row(2, "a").delivery, true).claims_before == -1);  // of a run
  CHECK(rows.Ended(Row(3, "b").delivery, true).claims_before == -1);
}

TEST_CASE("one that is put back is the first again, also of its lane") {
  WaitingRows rows;
  for (const int id : {1, 2}) Push(rows, id, "a");
  for (const int id : {21, 22}) Push(rows, id);
  CHECK(rows.Pop().delivery.id == 21);
  CHECK(rows.Pop().delivery.id == 1);
  rows.PutBack(Row(1, "a"));
  rows.PutBack(Row(21));
  CHECK(rows.size() == 4);
  CHECK(PopAll(rows) == Ids{21, 1, 22});
  rows.Ended(Row(1, "a").delivery, true);
  CHECK(PopAll(rows) == Ids{2});
}

TEST_CASE("everything can be taken; a lane under way stays one at a time") {
  WaitingRows rows;
  for (const int id : {1, 2}) Push(rows, id, "a");
  for (const int id : {11, 12}) Push(rows, id, "b");
  Push(rows, 21);
  rows.Pop();
  CHECK(rows.Pop().delivery.id == 1);
  CHECK(IdsOf(rows.TakeAll()) == Ids{11, 2, 12});
  CHECK(rows.size() == 0);
  Push(rows, 3, "a");  // behind 1, which is under way
  Push(rows, 13, "b");
  CHECK(PopAll(rows) == Ids{13});
  rows.Ended(Row(1, "a").delivery, true);
  CHECK(PopAll(rows) == Ids{3});
}

TEST_CASE("payloads and files are counted while they wait") {
  WaitingRows rows;
  WaitingRows::Row with_file = Row(1, "a", 100);
  with_file.delivery.files.push_back({"file", "a.bin", "text/plain", std::string(50, 'x')});
  rows.Push(with_file, 0, false);
  rows.Push(Row(2, "a", 7), 0, false);
  CHECK(rows.bytes() == 157);
  rows.Pop();
  CHECK(rows.bytes() == 7);
  rows.PutBack(with_file);
  CHECK(rows.bytes() == 157);
  rows.Pop();
  rows.Ended(Row(1, "a").delivery, false);
  CHECK(rows.bytes() == 0);
}
