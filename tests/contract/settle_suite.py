# SPDX-License-Identifier: LGPL-3.0-or-later
"""settle: outcomes, attempts, repetitions, the fence, and bad data."""

import json

import pytest
from worker import HOUR_MS, attempt, check_shape, delivered, expire, new_uid, now_ms, settlement


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("delivered", "done"),
        ("retry", "error"),
        ("retry", "dead_letter"),
        ("dead_letter", "dead_letter"),
        ("canceled", "canceled"),
        ("interrupted", "error"),
    ],
)
def test_an_outcome_sets_the_state_and_leaves_an_attempt(target, worker, endpoint, outcome, state):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    item = settlement(row, outcome, state)
    assert worker.settle_one(item) == "applied"
    delivery, [made] = target.read(row["id"])
    assert (delivery["state"], delivery["lease_token"]) == (state, "")
    assert delivery["last_settlement_uid"] == item["settlement_uid"]
    for name in ("failure_reason", "failure_message", "failure_key"):
        assert delivery[name] == item.get(name, "")
    if state == "error":
        assert delivery["next_attempt_at_ms"] == item["next_attempt_at_ms"]
    assert (made["outcome"], made["attempt_number"], made["superseded"]) == (outcome, 1, False)
    assert (made["attempt_uid"], made["lease_token"]) == (item["attempt"]["attempt_uid"], row["lease_token"])


def test_every_field_of_an_attempt_is_kept(target, worker, endpoint):
    target.queue(endpoint)
    item = settlement(
        worker.claim_one(endpoint), "retry", "error",
        attempt=attempt(
            duration_ms=98765, http_method="put", target_url="https://example.com/ü?a=b", response_status_code=503,
            response_body="no ü€😀\r\n\tline", maybe_delivered=True, error_kind="timeout",
            error_message="Took too long.",
        ),
    )  # fmt: skip
    worker.settle(item)
    [made] = target.read(item["id"])[1]
    for name, value in item["attempt"].items():
        if name not in ("request_headers", "request_body", "response_headers"):
            assert made[name] == value, name


def test_an_attempt_without_a_reply(target, worker, endpoint):
    target.queue(endpoint)
    bare = attempt(
        response_status_code=None, response_headers=None, response_body=None, request_headers=None, request_body=None,
        error_kind="connect", error_message="Connection refused.",
    )  # fmt: skip
    item = settlement(worker.claim_one(endpoint), "retry", "error", attempt=bare)
    assert worker.settle_one(item) == "applied"
    [made] = target.read(item["id"])[1]
    assert (made["response_status_code"], made["response_body"], made["error_kind"]) == (0, "", "connect")


def test_a_settlement_needs_no_attempt(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    item = settlement(row, "dead_letter", "dead_letter", attempt=None, failure_reason="expired")
    assert worker.settle_one(item) == "applied"
    delivery, attempts = target.read(row["id"])
    assert (delivery["state"], delivery["failure_reason"], attempts) == ("dead_letter", "expired", [])


def test_canceled_before_sending_leaves_a_row_without_a_reply(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    assert worker.settle_one(settlement(row, "canceled", "canceled", attempt=None)) == "applied"
    delivery, [made] = target.read(row["id"])
    assert (delivery["state"], made["outcome"], made["attempt_number"]) == ("canceled", "canceled", 1)
    assert (made["response_status_code"], made["maybe_delivered"]) == (0, False)


def test_attempts_are_numbered_without_gaps(target, worker, endpoint):
    [delivery_id] = target.queue(endpoint)
    for number in range(3):
        row = worker.claim_one(endpoint)
        assert (row["attempt_count"], row["lease_count"]) == (number, number + 1)
        worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=now_ms() - 1000))
    worker.settle(delivered(worker.claim_one(endpoint)))
    delivery, attempts = target.read(delivery_id)
    assert [made["attempt_number"] for made in attempts] == [1, 2, 3, 4]
    assert (delivery["state"], delivery["failure_reason"], delivery["failure_message"]) == ("done", "", "")


def test_deferred_spends_nothing(target, worker, endpoint):
    [delivery_id] = target.queue(endpoint)
    due = now_ms() + HOUR_MS
    for _number in range(4):  # more often than leases may be lost
        row = worker.claim_one(endpoint)
        assert worker.settle_one(settlement(row, "deferred", "queued", next_attempt_at_ms=due)) == "applied"
        delivery, attempts = target.read(delivery_id)
        assert (delivery["state"], delivery["next_attempt_at_ms"], attempts) == ("queued", due, [])
        assert worker.claim({endpoint: 1})["deliveries"] == []
        target.edit(delivery_id, next_attempt_at_ms=now_ms() - 1000)
    row = worker.claim_one(endpoint)
    assert (row["attempt_count"], row["lease_count"]) == (0, 1)


def test_deferred_keeps_what_the_last_attempt_failed_for(target, worker, endpoint):
    target.queue(endpoint)
    worker.settle(settlement(worker.claim_one(endpoint), "retry", "error", next_attempt_at_ms=now_ms() - 1000))
    row = worker.claim_one(endpoint)
    worker.settle(settlement(row, "deferred", "queued"))
    assert target.read(row["id"])[0]["failure_reason"] == "http_status"


# ---- repetition


def test_a_repeated_settlement_is_applied_once(target, worker, endpoint):
    target.queue(endpoint)
    item = delivered(worker.claim_one(endpoint))
    assert worker.settle_one(item) == "applied"
    assert worker.settle_one(item) == "already_applied"
    assert len(target.read(item["id"])[1]) == 1


def test_a_repetition_in_one_batch_is_applied_once(target, worker, endpoint):
    target.queue(endpoint)
    item = delivered(worker.claim_one(endpoint))
    statuses = [result["status"] for result in worker.settle(item, item)]
    assert statuses == ["applied", "already_applied"]
    assert len(target.read(item["id"])[1]) == 1


@pytest.mark.parametrize("outcome", ["retry", "deferred"])
def test_a_repetition_is_known_after_the_row_was_claimed_again(target, worker, endpoint, outcome):
    target.queue(endpoint)
    state = {"retry": "error", "deferred": "queued"}[outcome]
    item = settlement(worker.claim_one(endpoint), outcome, state, next_attempt_at_ms=now_ms() - 1000)
    worker.settle(item)
    row = worker.claim_one(endpoint)
    assert worker.settle_one(item) == "already_applied"
    assert target.read(item["id"])[0]["lease_token"] == row["lease_token"]
    assert worker.settle_one(delivered(row)) == "applied"


def test_a_repetition_is_known_after_the_row_was_settled_again(target, worker, endpoint):
    target.queue(endpoint)
    item = settlement(worker.claim_one(endpoint), "retry", "error", next_attempt_at_ms=now_ms() - 1000)
    worker.settle(item)
    last = delivered(worker.claim_one(endpoint))
    worker.settle(last)
    # Another settlement was the last one: the attempt tells.
    assert worker.settle_one(item) == "already_applied"
    delivery, attempts = target.read(item["id"])
    assert (delivery["state"], delivery["last_settlement_uid"]) == ("done", last["settlement_uid"])
    assert len(attempts) == 2


# ---- the fence


def test_an_expired_lease_that_nobody_took_over_is_still_good(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    expire(target, row)
    assert worker.settle_one(delivered(row)) == "applied"
    assert target.read(row["id"])[0]["state"] == "done"


def test_a_superseded_settlement_completes_the_interrupted_attempt(target, worker, endpoint):
    target.queue(endpoint)
    lost = worker.claim_one(endpoint)
    expire(target, lost)
    row = worker.claim_one(endpoint)
    late = delivered(lost)
    assert worker.settle_one(late) == "superseded"
    delivery, [made] = target.read(row["id"])
    assert (delivery["state"], delivery["lease_token"]) == ("processing", row["lease_token"])
    assert (made["attempt_uid"], made["attempt_number"]) == (late["attempt"]["attempt_uid"], 1)
    assert (made["outcome"], made["superseded"], made["response_status_code"]) == ("delivered", True, 200)
    assert worker.settle_one(late) == "already_applied"
    worker.settle(delivered(row))
    attempts = target.read(row["id"])[1]
    assert [(a["attempt_number"], a["superseded"]) for a in attempts] == [(1, True), (2, False)]


def test_a_completed_attempt_is_not_completed_again(target, worker, endpoint):
    target.queue(endpoint)
    lost = worker.claim_one(endpoint)
    expire(target, lost)
    worker.claim_one(endpoint)
    first, second = delivered(lost), settlement(lost, "retry", "error")
    assert [result["status"] for result in worker.settle(first, second)] == ["superseded", "superseded"]
    made = target.read(lost["id"])[1][0]
    assert (made["attempt_uid"], made["outcome"]) == (first["attempt"]["attempt_uid"], "delivered")


@pytest.mark.parametrize("keeps_token", [False, True])
def test_a_superseded_settlement_without_a_placeholder_leaves_a_row(target, worker, endpoint, keeps_token):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    # What an operator did meanwhile.
    target.edit(row["id"], state="canceled", lease_token=row["lease_token"] if keeps_token else "")
    assert worker.settle_one(settlement(row, "retry", "error")) == "superseded"
    delivery, [made] = target.read(row["id"])
    assert (delivery["state"], delivery["last_settlement_uid"], delivery["failure_reason"]) == ("canceled", "", "")
    assert (made["outcome"], made["superseded"], made["lease_token"]) == ("retry", True, row["lease_token"])


@pytest.mark.parametrize(("outcome", "state"), [("deferred", "queued"), ("dead_letter", "dead_letter")])
def test_a_superseded_settlement_without_an_attempt_changes_nothing(target, worker, endpoint, outcome, state):
    target.queue(endpoint)
    lost = worker.claim_one(endpoint)
    expire(target, lost)
    row = worker.claim_one(endpoint)
    assert worker.settle_one(settlement(lost, outcome, state, attempt=None)) == "superseded"
    delivery, [made] = target.read(row["id"])
    assert (delivery["state"], delivery["lease_token"]) == ("processing", row["lease_token"])
    assert made["outcome"] == "interrupted"


def test_a_settled_row_is_not_settled_under_another_uid(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    worker.settle(delivered(row))
    assert worker.settle_one(settlement(row, "dead_letter", "dead_letter", attempt=None)) == "superseded"
    assert target.read(row["id"])[0]["state"] == "done"


def test_a_guessed_token_changes_nothing(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    assert worker.settle_one(delivered(row, lease_token=new_uid())) == "superseded"
    assert target.read(row["id"])[0]["state"] == "processing"
    assert worker.settle_one(delivered(row)) == "applied"


# ---- bad data


def test_a_row_that_does_not_exist_is_gone(worker):
    [result] = worker.settle(delivered({"id": 2147483647, "lease_token": new_uid()}))
    assert (result["status"], result["category"]) == ("failed", "gone") and result["message"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"outcome": "delivered", "state": "error"},
        {"outcome": "delivered", "state": "queued"},
        {"outcome": "retry", "state": "done"},
        {"outcome": "rejected", "state": "rejected"},
        {"outcome": "done", "state": "done"},
        {"outcome": "deferred", "state": "done", "attempt": None},
        {"outcome": "retry", "state": "error", "next_attempt_at_ms": None},
        {"outcome": "deferred", "state": "queued", "attempt": None, "operations": [
            {"operation": "create", "model": "res.partner", "values": {"name": "x"}}
        ]},
    ],
)
def test_one_bad_settlement_fails_alone(target, worker, endpoint, spoil):
    target.queue(endpoint, count=3)
    rows = worker.claim({endpoint: 3})["deliveries"]
    bad = {**delivered(rows[1], next_attempt_at_ms=now_ms()), **spoil}
    bad = {name: value for name, value in bad.items() if value is not None}
    results = worker.settle(delivered(rows[0]), bad, delivered(rows[2]))
    assert [result["status"] for result in results] == ["applied", "failed", "applied"]
    assert results[1]["category"] == "validation" and results[1]["message"]
    delivery, attempts = target.read(bad["id"])
    assert (delivery["state"], attempts) == ("processing", [])
    assert worker.settle_one(delivered(rows[1])) == "applied"


@pytest.mark.parametrize(
    ("escape", "visible"),
    [("\\u0000", "\\u0000"), ("\\ud800", "\\ud800"), ("\\udfff", "\\udfff"), ("\\ud83d\\ude00", "😀")],
)
def test_what_postgresql_refuses_is_written_visibly(target, worker, endpoint, escape, visible):
    target.queue(endpoint, count=3)
    rows = worker.claim({endpoint: 3})["deliveries"]
    texts = {"response_body": "a@b", "request_body": "@", "error_message": "@", "target_url": "http://x/@"}
    odd = delivered(rows[1], attempt=attempt(request_headers={"X-@": "@"}, **texts), note="@")
    request = {"worker_uid": worker.uid, "settlements": [delivered(rows[0]), odd, delivered(rows[2])]}
    text = target.call_text("settle", json.dumps(request).replace("@", escape))
    answer = json.loads(text)
    check_shape("settle_answer", answer)
    assert [result["status"] for result in answer["results"]] == ["applied"] * 3
    [made] = target.read(odd["id"])[1]
    assert made["response_body"] == f"a{visible}b" and made["error_message"] == visible


def test_an_escaped_backslash_is_no_escape(target, worker, endpoint):
    target.queue(endpoint)
    item = delivered(worker.claim_one(endpoint), attempt=attempt(response_body="\\u0000 \\\\ud800"))
    assert worker.settle_one(item) == "applied"
    assert target.read(item["id"])[1][0]["response_body"] == "\\u0000 \\\\ud800"


def test_a_large_batch(target, worker, endpoint):
    ids = target.queue(endpoint, count=500)
    rows = worker.claim({endpoint: 500}, limit=500)["deliveries"]
    assert sorted(row["id"] for row in rows) == ids
    results = worker.settle(*(delivered(row, attempt=attempt(response_body="x" * 10_000)) for row in rows))
    assert {result["status"] for result in results} == {"applied"}
    assert target.read(ids[0])[0]["state"] == target.read(ids[-1])[0]["state"] == "done"


# ---- what rules add


def test_frozen_content_comes_back_with_the_next_claim(target, worker, endpoint):
    target.queue(endpoint, '{"a": 1}', headers={"X-One": "1"})
    row = worker.claim_one(endpoint)
    assert not row.get("content_frozen") and "target_path" not in row
    frozen = {
        "http_method": "put", "target_path": "/b?c=d", "request_headers": {"X-Two": "ü"}, "payload": '{"b": 1.10}',
    }  # fmt: skip
    due = now_ms() - 1000
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=due, frozen=frozen))
    row = worker.claim_one(endpoint)
    assert row["content_frozen"]
    for name, value in frozen.items():
        assert row[name] == value, name
    # The first one stays.
    again = {**frozen, "payload": "{}", "http_method": "get"}
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=due, frozen=again))
    assert worker.claim_one(endpoint)["payload"] == frozen["payload"]


def test_content_that_was_sent_as_it_was_is_frozen_too(target, worker, endpoint):
    target.queue(endpoint, '{"a": 1.10}')
    row = worker.claim_one(endpoint)
    worker.settle(settlement(row, "deferred", "queued", next_attempt_at_ms=now_ms() - 1000))
    row = worker.claim_one(endpoint)
    assert not row.get("content_frozen")
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=now_ms() - 1000))
    row = worker.claim_one(endpoint)
    assert row["content_frozen"] and row["payload"] == '{"a": 1.10}' and "target_path" not in row


def test_a_retry_before_anything_left_freezes_nothing(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    unsent = attempt(response_status_code=None, response_headers=None, response_body=None, error_kind="rule")
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=now_ms() - 1000, attempt=unsent))
    row = worker.claim_one(endpoint)
    assert row["attempt_count"] == 1 and not row.get("content_frozen")


def test_a_delivered_delivery_is_not_sent_again_for_refused_operations(target, worker):
    endpoint = target.add_endpoint(handler_id=target.add_handler())
    target.queue(endpoint)
    item = delivered(
        worker.claim_one(endpoint), operations=[target.operation(1, new_uid(), "configuration")],
        otherwise={"state": "error", "failure_reason": "record_operation", "next_attempt_at_ms": now_ms()},
    )  # fmt: skip
    [result] = worker.settle(item)
    assert (result["status"], result["category"]) == ("applied", "configuration") and result["message"]
    delivery, [made] = target.read(item["id"])
    assert (delivery["state"], delivery["failure_reason"]) == ("dead_letter", "record_operation")
    assert (made["outcome"], made["response_status_code"]) == ("delivered", 200)
    assert worker.settle_one(item) == "already_applied"
