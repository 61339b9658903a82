# SPDX-License-Identifier: LGPL-3.0-or-later
"""settle of events: outcomes, repetitions, rule executions, record operations and what Odoo refuses of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import HOUR_MS, delivered, done, expire, new_uid, now_ms, settlement

OTHERWISE = {"state": "error", "failure_reason": "record_operation", "next_attempt_at_ms": now_ms() + HOUR_MS}


@pytest.fixture
def row(worker, inbound):
    """A claimed event."""
    worker.receive(inbound)
    return worker.claim_event(inbound)


@pytest.fixture
def writing(target):
    """An inbound endpoint whose rule writes records, and the rule."""
    handler_id, rule_id = target.add_writing_handler()
    return target.add_inbound_endpoint(handler_id=handler_id), rule_id


def claim_new(worker, endpoint_id):
    worker.receive(endpoint_id)
    return worker.claim_event(endpoint_id)


@pytest.mark.parametrize(
    ("outcome", "state", "tries"),
    [("done", "done", 0), ("retry", "error", 1), ("retry", "dead_letter", 1), ("dead_letter", "dead_letter", 0)],
)
def test_an_outcome_sets_the_state(target, worker, row, outcome, state, tries):
    item = settlement(row, outcome, state)
    assert worker.settle_one(item) == "applied"
    stored = target.read_event(row["id"])[0]
    assert (stored["state"], stored["lease_token"], stored["attempt_count"]) == (state, "", tries)
    assert stored["last_settlement_uid"] == item["settlement_uid"]
    for name in ("failure_reason", "failure_message", "failure_key"):
        assert stored[name] == item.get(name, "")
    if state == "error":
        assert stored["next_attempt_at_ms"] == item["next_attempt_at_ms"]


def test_deferred_is_received_again_and_spends_nothing(target, worker, inbound, row):
    for _number in range(4):  # more often than leases may be lost
        item = settlement(row, "deferred", "received", next_attempt_at_ms=now_ms() - 1000)
        assert worker.settle_one(item) == "applied"
        stored = target.read_event(row["id"])[0]
        assert (stored["state"], stored["attempt_count"]) == ("received", 0)
        row = worker.claim_event(inbound)
    assert (row["attempt_count"], row["lease_count"]) == (0, 1)


def test_a_repeated_settlement_is_applied_once(target, worker, row):
    item = done(row, execution={"action": "done", "trace": '{"rules": []}'})
    assert [result["status"] for result in worker.settle(item, item)] == ["applied", "already_applied"]
    assert worker.settle_one(item) == "already_applied"
    assert worker.settle_one(done(row)) == "superseded"
    assert len(target.read_event(row["id"])[1]) == 1


def test_an_execution_is_stored_with_each_settlement(target, worker, inbound, row):
    first = settlement(
        row, "retry", "error", next_attempt_at_ms=now_ms() - 1000, execution={"action": "retry", "trace": '{"a": "ü"}'}
    )
    worker.settle(first)
    worker.settle(done(worker.claim_event(inbound), execution={"action": "done"}))
    executions = target.read_event(row["id"])[1]
    assert [made["action"] for made in executions] == ["retry", "done"]
    assert executions[0]["trace"] == '{"a": "ü"}'


def test_a_superseded_settlement_leaves_nothing(target, worker, writing):
    endpoint, rule_id = writing
    lost = claim_new(worker, endpoint)
    expire(target, lost)
    row, text = worker.claim_event(endpoint), new_uid()
    late = done(lost, operations=[target.operation(rule_id, text)], execution={"action": "create_record"})
    assert worker.settle_one(late) == "superseded"
    stored, executions = target.read_event(row["id"])
    assert (stored["state"], stored["lease_token"], executions) == ("processing", row["lease_token"], [])
    assert target.written_count(text) == 0


def test_an_event_that_does_not_exist_is_gone(worker):
    [result] = worker.settle(done({"id": 2147483647, "lease_token": new_uid(), "event_uid": new_uid()}))
    assert (result["status"], result["category"]) == ("failed", "gone") and result["message"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"outcome": "delivered"},
        {"outcome": "canceled", "state": "canceled"},
        {"outcome": "done", "state": "error"},
        {"outcome": "deferred", "state": "done"},
        {"outcome": "retry", "state": "error", "next_attempt_at_ms": None},
        {"outcome": "deferred", "state": "received", "next_attempt_at_ms": None},
        {"frozen": {"http_method": "post", "request_headers": {}, "payload": "{}"}},
    ],
)
def test_one_bad_settlement_fails_alone(target, worker, inbound, spoil):
    worker.receive(inbound, 3)
    rows = worker.claim_events({inbound: 3})["events"]
    bad = {**done(rows[1], next_attempt_at_ms=now_ms()), **spoil}
    bad = {name: value for name, value in bad.items() if value is not None}
    results = worker.settle(done(rows[0]), bad, done(rows[2]))
    assert [result["status"] for result in results] == ["applied", "failed", "applied"]
    assert results[1]["category"] == "validation" and results[1]["message"]
    assert target.read_event(bad["id"])[0]["state"] == "processing"
    assert worker.settle_one(done(rows[1])) == "applied"


# ---- record operations


def test_operations_and_state_are_one_transaction(target, worker, writing):
    endpoint, rule_id = writing
    row, text = claim_new(worker, endpoint), new_uid()
    execution = {"rule_id": rule_id, "action": "create_record", "trace": "{}"}
    item = done(row, operations=[target.operation(rule_id, text)], otherwise=OTHERWISE, execution=execution)
    [result] = worker.settle(item)
    assert result == {"settlement_uid": item["settlement_uid"], "status": "applied"}
    stored, [made] = target.read_event(row["id"])
    assert (stored["state"], made["action"]) == ("done", "create_record")
    assert target.written_count(text) == 1
    assert [r["status"] for r in worker.settle(item, item)] == ["already_applied"] * 2
    assert target.written_count(text) == 1


def test_a_batch_with_a_refused_one(target, worker, writing):
    endpoint, rule_id = writing
    worker.receive(endpoint, 6)
    rows, text = worker.claim_events({endpoint: 10})["events"], new_uid()
    operations = [target.operation(rule_id, text) for _row in rows]
    operations[3] = target.operation(rule_id, new_uid(), "no_match")
    results = worker.settle(
        *(done(row, operations=[operation], otherwise=OTHERWISE) for row, operation in zip(rows, operations))
    )
    assert {result["status"] for result in results} == {"applied"}
    assert [result.get("category", "") for result in results] == ["", "", "", "no_match", "", ""]
    assert target.written_count(text) == 5
    states = [target.read_event(row["id"])[0]["state"] for row in rows]
    assert states == ["done"] * 3 + ["error"] + ["done"] * 2


def test_what_odoo_refuses_comes_to_its_otherwise(target, worker, writing):
    endpoint, rule_id = writing
    row, text = claim_new(worker, endpoint), new_uid()
    fine, refused = target.operation(rule_id, text), target.operation(rule_id, new_uid(), "no_match")
    item = done(row, operations=[fine, refused], otherwise=OTHERWISE, execution={"action": "update_record"})
    [result] = worker.settle(item)
    assert (result["status"], result["category"]) == ("applied", "no_match") and result["message"]
    stored, executions = target.read_event(row["id"])
    assert (stored["state"], stored["failure_reason"]) == ("error", "record_operation")
    assert (stored["next_attempt_at_ms"], stored["attempt_count"]) == (OTHERWISE["next_attempt_at_ms"], 1)
    assert stored["failure_message"] == result["message"] and len(executions) == 1
    assert target.written_count(text) == 0
    assert worker.settle_one(item) == "already_applied"
    assert target.read_event(row["id"])[0]["attempt_count"] == 1


def test_otherwise_may_be_the_end(target, worker, writing):
    endpoint, rule_id = writing
    row = claim_new(worker, endpoint)
    otherwise = {"state": "dead_letter", "failure_reason": "attempts_exhausted"}
    worker.settle(done(row, operations=[target.operation(rule_id, new_uid(), "no_match")], otherwise=otherwise))
    stored = target.read_event(row["id"])[0]
    assert (stored["state"], stored["failure_reason"]) == ("dead_letter", "attempts_exhausted")


@pytest.mark.parametrize(
    ("fate", "more", "otherwise"),
    [
        ("configuration", {}, OTHERWISE),  # does not pass by itself
        ("no_match", {"on_none": "dead_letter"}, OTHERWISE),  # the rule's policy
        ("no_match", {}, None),
    ],
)
def test_what_does_not_pass_by_itself_is_a_dead_letter(target, worker, writing, fate, more, otherwise):
    endpoint, rule_id = writing
    row = claim_new(worker, endpoint)
    item = done(row, operations=[target.operation(rule_id, new_uid(), fate, **more)], otherwise=otherwise)
    [result] = worker.settle(item)
    assert (result["status"], result["category"]) == ("applied", fate)
    stored = target.read_event(row["id"])[0]
    assert (stored["state"], stored["failure_reason"]) == ("dead_letter", "record_operation")
    assert worker.claim_events({endpoint: 5})["events"] == []


def test_a_request_may_mix_everything(target, worker, writing, endpoint):
    inbound, rule_id = writing
    worker.receive(inbound, 2)
    target.queue(endpoint)
    plain, writes = worker.claim_events({inbound: 5})["events"]
    sent, text = worker.claim_one(endpoint), new_uid()
    results = worker.settle(done(writes, operations=[target.operation(rule_id, text)]), delivered(sent), done(plain))
    assert [result["status"] for result in results] == ["applied"] * 3
    assert target.read_event(plain["id"])[0]["state"] == target.read_event(writes["id"])[0]["state"] == "done"
    assert target.read(sent["id"])[0]["state"] == "done" and target.written_count(text) == 1


def test_repeated_by_four_the_operations_are_applied_once(target, worker, writing):
    """As after lost replies: the same settlements, sent again while the first call still runs."""
    endpoint, rule_id = writing
    worker.receive(endpoint, 5)
    rows, text = worker.claim_events({endpoint: 5})["events"], new_uid()
    items = [done(row, operations=[target.operation(rule_id, text)]) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _number: worker.settle(*items), range(4)))
    statuses = [result["status"] for results in answers for result in results]
    assert set(statuses) <= {"applied", "already_applied", "conflict"} and statuses.count("applied") == 5
    assert target.written_count(text) == 5
    assert {result["status"] for result in worker.settle(*items)} == {"already_applied"}
