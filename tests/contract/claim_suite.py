# SPDX-License-Identifier: LGPL-3.0-or-later
"""claim: what is handed out, in which order, to whom."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import HOUR_MS, Worker, delivered, expire, ids_of, new_uid, now_ms, settlement


def test_claim_hands_out_a_snapshot(target, worker, endpoint):
    payload = '{"a": 1.10, "b": "ü€\\u0041😀", "a": 2}'
    [delivery_id] = target.queue(endpoint, payload, headers={"X-One": "ü"})
    token, before = new_uid(), worker.hello()["server_time_ms"]
    answer = worker.claim({endpoint: 5}, token=token, lease_seconds=120)
    [row] = answer["deliveries"]
    assert (row["id"], row["endpoint_id"], row["lease_token"]) == (delivery_id, endpoint, token)
    assert (row["payload"], row["request_headers"]) == (payload, {"X-One": "ü"})
    assert (row["lease_count"], row["attempt_count"], row["http_method"]) == (1, 0, "post")
    assert "lane" not in row
    assert 0 <= row["lease_expires_at_ms"] - before - 120_000 < 30_000
    delivery, attempts = target.read(delivery_id)
    assert (delivery["state"], delivery["lease_token"], attempts) == ("processing", token, [])
    assert delivery["delivery_uid"] == row["delivery_uid"]


def test_claim_keeps_quotas_and_limit(target, worker):
    one, two, unasked = (target.add_endpoint() for _number in range(3))
    first, second = target.queue(one, count=5), target.queue(two, count=5)
    target.queue(unasked)
    answer = worker.claim({two: 2, one: 3})
    assert sorted(ids_of(answer)) == sorted(first[:3] + second[:2])
    assert len(worker.claim({one: 10, two: 10}, limit=4)["deliveries"]) == 4
    assert len(worker.claim({one: 10, two: 10})["deliveries"]) == 1
    assert worker.claim({one: 10, two: 10})["deliveries"] == []


def test_claim_orders_by_priority_time_and_id(target, worker, endpoint):
    late, low, first, second, high = target.queue(endpoint, count=5)
    base = now_ms() - 100_000
    for delivery_id in (low, first, second, high):
        target.edit(delivery_id, next_attempt_at_ms=base)
    target.edit(late, next_attempt_at_ms=base + 1000)
    target.edit(low, priority="3")
    target.edit(high, priority="1")
    assert ids_of(worker.claim({endpoint: 3})) == [high, first, second]
    assert ids_of(worker.claim({endpoint: 3})) == [late, low]


def test_a_repeated_claim_returns_the_same_rows(target, worker, endpoint):
    target.queue(endpoint, count=5)
    token = new_uid()
    first = worker.claim({endpoint: 2}, token=token)
    for limit in (100, 1, 0):
        again = worker.claim({endpoint: 10}, token=token, limit=limit)
        assert sorted(again["deliveries"], key=lambda row: row["id"]) == first["deliveries"]
    assert len(worker.claim({endpoint: 10})["deliveries"]) == 3


def test_limit_zero_takes_nothing_new(target, worker, endpoint):
    target.queue(endpoint, count=2)
    assert worker.claim({endpoint: 5}, limit=0)["deliveries"] == []
    assert len(worker.claim({endpoint: 5})["deliveries"]) == 2


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_a_held_endpoint_hands_out_nothing(target, worker, endpoint, state):
    other = target.add_endpoint()
    held, free = target.queue(endpoint)[0], target.queue(other)[0]
    target.set_endpoint_state(endpoint, state)
    answer = worker.claim({endpoint: 5, other: 5})
    assert ids_of(answer) == [free]
    assert target.read(held)[0]["state"] == "queued"
    target.set_endpoint_state(endpoint, "draft")
    target.set_endpoint_state(endpoint, "active")
    assert ids_of(worker.claim({endpoint: 5})) == [held]


def test_an_archived_handler_holds_its_endpoints(target, worker):
    handler = target.add_handler()
    endpoint = target.add_endpoint(handler_id=handler)
    target.queue(endpoint)
    target.archive_handler(handler)
    answer = worker.claim({endpoint: 5})
    assert answer["deliveries"] == [] and "next_due_at_ms" not in answer


def test_an_expired_lease_of_a_held_endpoint_is_not_taken_over(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    expire(target, row)
    target.set_endpoint_state(endpoint, "archived")
    answer = worker.claim({endpoint: 5})
    assert (answer["deliveries"], answer["interrupted"]) == ([], 0)


def test_next_due_is_when_the_next_one_waits_for(target, worker, endpoint):
    assert "next_due_at_ms" not in worker.claim({endpoint: 5})
    soon, later = target.queue(endpoint, count=2)
    due = now_ms() + HOUR_MS
    target.edit(soon, next_attempt_at_ms=due)
    target.edit(later, next_attempt_at_ms=due + HOUR_MS)
    answer = worker.claim({endpoint: 5})
    assert (answer["deliveries"], answer["next_due_at_ms"]) == ([], due)
    target.edit(soon, next_attempt_at_ms=now_ms() - 1000)
    row = worker.claim_one(endpoint)
    assert worker.claim({endpoint: 5})["next_due_at_ms"] == row["lease_expires_at_ms"]


def test_a_failed_one_is_due_again_at_its_time(target, worker, endpoint):
    target.queue(endpoint)
    due = now_ms() + HOUR_MS
    row = worker.claim_one(endpoint)
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=due))
    assert worker.claim({endpoint: 5})["next_due_at_ms"] == due
    target.edit(row["id"], next_attempt_at_ms=now_ms() - 1000)
    again = worker.claim_one(endpoint)
    assert again["attempt_count"] == 1 and again["delivery_uid"] == row["delivery_uid"]


@pytest.mark.parametrize("what", ["endpoint", "handler", "company"])
def test_what_is_paused_hands_out_nothing_until_it_goes_on(target, worker, what):
    handler = target.add_handler()
    endpoint = target.add_endpoint(handler_id=handler)
    [waiting] = target.queue(endpoint)
    row_id = {"endpoint": endpoint, "handler": handler, "company": None}[what]
    revision = worker.hello()["configuration_revision"]
    target.pause(what, row_id)
    try:
        answer = worker.claim({endpoint: 5})
        assert answer["deliveries"] == [] and "next_due_at_ms" not in answer
        assert worker.endpoint(endpoint)["held_reason"] == f"{what}_paused"
        assert worker.hello()["configuration_revision"] > revision
        assert target.read(waiting)[0]["state"] == "queued"
    finally:
        target.pause(what, row_id, False)
    assert "held_reason" not in worker.endpoint(endpoint)
    assert ids_of(worker.claim({endpoint: 5})) == [waiting]


def test_a_pause_lets_a_lease_end(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    target.pause("endpoint", endpoint)
    assert worker.renew([row])["lost"] == []
    assert worker.settle_one(delivered(row)) == "applied"


def test_an_endpoint_that_is_gone_is_disabled(target, worker, endpoint):
    first, second = target.queue(endpoint, count=2)
    row = worker.claim_one(endpoint, limit=1)
    before = worker.hello()["configuration_revision"]
    worker.settle(settlement(row, "dead_letter", "dead_letter", failure_reason="endpoint_gone", failure_key="410"))
    assert target.read(first)[0]["state"] == "dead_letter"
    assert worker.claim({endpoint: 5})["deliveries"] == []
    assert worker.endpoint(endpoint)["held_reason"] == "endpoint_disabled"
    assert worker.hello()["configuration_revision"] > before
    assert target.read(second)[0]["state"] == "queued"


def test_four_claimers_never_get_the_same_row(target, endpoint):
    queued, retries = target.queue(endpoint, count=1000), target.retry_count()
    workers = [Worker(target) for _number in range(4)]
    for worker in workers:
        worker.hello()

    def drain(worker):
        taken = []
        while rows := worker.claim({endpoint: 13})["deliveries"]:
            taken += rows
            results = worker.settle(*(delivered(row) for row in rows))
            assert {result["status"] for result in results} == {"applied"}
        return [row["id"] for row in taken]

    with ThreadPoolExecutor(len(workers)) as pool:
        taken = [delivery_id for ids in pool.map(drain, workers) for delivery_id in ids]
    assert sorted(taken) == queued
    assert target.retry_count() == retries
