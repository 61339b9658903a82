// SPDX-License-Identifier: LGPL-3.0-or-later
// run_python_handler, read_as and answer_probe: what they come to is what the test said.
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {

using nlohmann::json;

json RunPythonHandler(Database& db, const json& request, std::int64_t /*now_ms*/) {
  const json& lease = request["lease"];
  json answer = json::parse(db.python_json);
  if (KindOf(lease) == JobKind::kDelivery)
    return HeldRow(db, lease) ? answer : json{{"status", "superseded"}};
  // Settled as if the worker had said so: `settlement` of the script is what the callback came to.
  json settlement = lease;
  settlement.update({{"outcome", "done"}, {"state", "done"}});
  settlement.update(answer.value("settlement", json::object()));
  settlement["settlement_uid"] = request["settlement_uid"];
  answer.erase("settlement");
  const json result = SettleOne(db, settlement);
  if (result["status"] != "applied") answer = {{"status", result["status"]}};
  return answer;
}

json ReadAs(Database& db, const json& request, std::int64_t /*now_ms*/) {
  if (!HeldRow(db, request["lease"]))
    return {{"status", "failed"}, {"category", "gone"}, {"message", "The lease is lost."}};
  return json::parse(db.read_json);
}

json AnswerProbe(Database& db, const json& request, std::int64_t /*now_ms*/) {
  const auto probe = db.probes.find(request["probe_uid"]);
  const bool waits = probe != db.probes.end() && probe->second.answer_json.empty();
  if (waits) probe->second.answer_json = request["answer"].dump();
  return {{"accepted", waits}};
}

}  // namespace webhook::embedded
