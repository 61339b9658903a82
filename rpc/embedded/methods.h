// SPDX-License-Identifier: LGPL-3.0-or-later
// The methods of the contract on the double's database (schema/contract/README.md). Requests fit
// their schema already; answers come without the envelope. Pure apart from the database.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "rpc/embedded/state.h"

namespace webhook::embedded {

// One method: the request and the time (Unix ms) in, the answer out.
using Method = nlohmann::json(Database& db, const nlohmann::json& request, std::int64_t now_ms);

Method Hello, Configuration, ReportFindings, Reseal;
Method Claim, Renew, Release, Settle;
Method Ingest, RunPythonHandler, ReadAs, AnswerProbe;

JobKind KindOf(const nlohmann::json& lease);
// The lease's row while it is still held under its token, expired or not; else null.
Job* HeldRow(Database& db, const nlohmann::json& lease);
// Of claim: rows of the intake, and whether there are any to claim.
nlohmann::json ClaimIntake(Database& db, const nlohmann::json& request, std::int64_t now_ms);
bool IntakeWaits(const Database& db, std::int64_t now_ms);
// As claim and ingest hand it out.
nlohmann::json ClaimedEvent(const Event& event);
// A settlement that fits its schema: its result.
nlohmann::json SettleOne(Database& db, const nlohmann::json& settlement);

}  // namespace webhook::embedded
