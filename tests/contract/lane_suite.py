# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lanes: runs from the head on, in order, under one lease; what holds a lane, and what frees it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import HOUR_MS, Worker, delivered, expire, ids_of, new_uid, now_ms, settlement

PATIENCE_SECONDS = 5


def take(worker, endpoint, free=10, **options):
    """The rows of a claim that has some to hand out: while an older transaction runs, a lane waits for it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (rows := worker.claim({endpoint: free}, **options)["deliveries"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return rows


def nothing(worker, endpoint):
    """Whether a claim hands out nothing, now and in a moment."""
    time.sleep(0.05)
    return [worker.claim({endpoint: 10})["deliveries"] for _try in range(2)] == [[], []]


def retried(row, due=None):
    return settlement(row, "retry", "error", next_attempt_at_ms=due or now_ms() + HOUR_MS)


def ids(rows):
    return [row["id"] for row in rows]


@pytest.fixture
def other_worker(target):
    worker = Worker(target)
    worker.hello()
    return worker


def test_a_run_comes_in_its_order_under_one_token(target, worker, endpoint):
    queued = target.queue(endpoint, count=4, lane="a")
    token = new_uid()
    rows = take(worker, endpoint, token=token)
    assert ids(rows) == queued
    assert {(row["lane"], row["lease_token"], row["lease_count"]) for row in rows} == {("a", token, 1)}
    again = worker.claim({endpoint: 10}, token=token)["deliveries"]
    assert ids(again) == queued
    assert worker.settle(*(delivered(row) for row in rows))[0]["status"] == "applied"
    assert "next_due_at_ms" not in worker.claim({endpoint: 10})


@pytest.mark.parametrize("bound", [{"free": 2}, {"limit": 2}])
def test_a_run_keeps_quota_and_limit(target, worker, endpoint, bound):
    queued = target.queue(endpoint, count=3, lane="a")
    rows = take(worker, endpoint, **bound)
    assert ids(rows) == queued[:2]
    assert nothing(worker, endpoint)
    worker.settle(*(delivered(row) for row in rows))
    assert ids(take(worker, endpoint)) == queued[2:]


def test_nobody_gets_a_lane_while_a_row_of_it_is_leased(target, worker, other_worker, endpoint):
    queued = target.queue(endpoint, count=3, lane="a")
    first, second = take(worker, endpoint, free=2)
    assert nothing(other_worker, endpoint)
    worker.settle(delivered(first))
    assert nothing(other_worker, endpoint) and nothing(worker, endpoint)
    # What is queued in the meantime waits behind.
    late = target.queue(endpoint, lane="a")
    assert nothing(other_worker, endpoint)
    worker.settle(delivered(second))
    taken = []
    while len(taken) < 2 and (rows := take(other_worker, endpoint)):
        other_worker.settle(*(delivered(row) for row in rows))
        taken += ids(rows)
    assert taken == [queued[2], *late]


def test_a_released_run_starts_at_its_head_again(target, worker, other_worker, endpoint):
    queued = target.queue(endpoint, count=3, lane="a")
    rows = take(worker, endpoint)
    assert worker.release(rows[1:])["released"] == 2
    assert nothing(other_worker, endpoint)
    assert worker.release(rows[:1])["released"] == 1
    rows = take(other_worker, endpoint)
    assert ids(rows) == queued
    assert {(row["lease_count"], row["attempt_count"]) for row in rows} == {(1, 0)}


def test_a_head_that_waits_for_its_retry_holds_the_rest(target, worker, other_worker, endpoint):
    queued = target.queue(endpoint, count=3, lane="a")
    head, *rest = take(worker, endpoint)
    due = now_ms() + HOUR_MS
    worker.settle(retried(head, due))
    assert worker.release(rest)["released"] == 2
    assert [target.read(row["id"])[0]["state"] for row in rest] == ["queued", "queued"]
    answer = other_worker.claim({endpoint: 10})
    assert (answer["deliveries"], answer["next_due_at_ms"]) == ([], due)
    target.edit(head["id"], next_attempt_at_ms=now_ms() - 1000)
    rows = take(other_worker, endpoint)
    assert ids(rows) == queued
    assert [row["attempt_count"] for row in rows] == [1, 0, 0]


@pytest.mark.parametrize(
    "outcome, state", [("delivered", "done"), ("dead_letter", "dead_letter"), ("canceled", "canceled")]
)
def test_the_rest_of_a_run_goes_on_under_its_token(target, worker, other_worker, endpoint, outcome, state):
    target.queue(endpoint, count=3, lane="a")
    head, second, third = take(worker, endpoint)
    assert worker.settle_one(settlement(head, outcome, state)) == "applied"
    assert worker.renew([second, third])["lost"] == []
    assert nothing(other_worker, endpoint)
    assert [result["status"] for result in worker.settle(delivered(second), delivered(third))] == ["applied"] * 2


def test_a_deferred_head_holds_the_rest(target, worker, endpoint):
    queued = target.queue(endpoint, count=2, lane="a")
    head, second = take(worker, endpoint)
    due = now_ms() + HOUR_MS
    worker.settle(settlement(head, "deferred", "queued", next_attempt_at_ms=due))
    worker.release([second])
    answer = worker.claim({endpoint: 10})
    assert (answer["deliveries"], answer["next_due_at_ms"]) == ([], due)
    target.edit(head["id"], next_attempt_at_ms=now_ms() - 1000)
    assert ids(take(worker, endpoint)) == queued


def test_a_lane_whose_rest_is_still_out_is_not_due(target, worker, other_worker, endpoint):
    """Its head may be due again, but a worker that only waits for that must not call again and again."""
    target.queue(endpoint, count=2, lane="a")
    head, _second = take(worker, endpoint)
    worker.settle(retried(head, now_ms() - 1000))
    answer = other_worker.claim({endpoint: 10})
    assert answer["deliveries"] == []
    assert answer["next_due_at_ms"] > answer["server_time_ms"]


def test_a_gap_ends_a_run(target, worker, endpoint):
    first, second, late, last = target.queue(endpoint, count=4, lane="a")
    due = now_ms() + HOUR_MS
    target.edit(late, next_attempt_at_ms=due)
    rows = take(worker, endpoint)
    assert ids(rows) == [first, second]
    worker.settle(*(delivered(row) for row in rows))
    answer = worker.claim({endpoint: 10})
    assert (answer["deliveries"], answer["next_due_at_ms"]) == ([], due)
    target.edit(late, state="canceled")
    assert ids(take(worker, endpoint)) == [last]


def test_lanes_know_nothing_of_each_other(target, worker):
    one, two = target.add_endpoint(), target.add_endpoint()
    blocked = target.queue(one, count=2, lane="a")
    head, behind = take(worker, one)
    assert ids([head, behind]) == blocked
    worker.settle(retried(head))
    worker.release([behind])
    free, other, same_name = target.queue(one), target.queue(one, count=2, lane="b"), target.queue(two, lane="a")
    taken = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(taken) < 4 and time.monotonic() < deadline:
        rows = worker.claim({one: 10, two: 10})["deliveries"]
        worker.settle(*(delivered(row) for row in rows))
        taken += ids(rows)
    assert sorted(taken) == sorted(free + other + same_name)
    assert [delivery_id for delivery_id in taken if delivery_id in other] == other


def test_of_a_lost_run_only_the_head_is_handed_out(target, worker, other_worker, endpoint):
    first, second, third = target.queue(endpoint, count=3, lane="a")
    for row in take(worker, endpoint):
        expire(target, row)
    answer = other_worker.claim({endpoint: 10})
    assert (ids_of(answer), answer["interrupted"], answer["poisoned"]) == ([first], 3, 0)
    for delivery_id in (first, second, third):
        [lost] = target.read(delivery_id)[1]
        assert (lost["outcome"], lost["maybe_delivered"]) == ("interrupted", True)
    assert nothing(worker, endpoint)
    # Of a lost run nobody knows which one stops the workers: each goes alone.
    order = []
    rows = answer["deliveries"]
    while rows:
        [row] = rows
        order.append(row["id"])
        other_worker.settle(delivered(row))
        rows = other_worker.claim({endpoint: 10})["deliveries"]
    assert order == [first, second, third]


def test_a_lost_run_never_overtakes_a_head_that_waits(target, worker, other_worker, endpoint):
    """The worker died after its head came to a retry, and before it gave the rest back."""
    target.queue(endpoint, count=3, lane="a")
    head, *rest = take(worker, endpoint)
    worker.settle(retried(head))
    for row in rest:
        expire(target, row)
    assert ids_of(other_worker.claim({endpoint: 10})) == []
    assert nothing(other_worker, endpoint)
    target.edit(head["id"], next_attempt_at_ms=now_ms() - 1000)
    assert ids(take(other_worker, endpoint))[0] == head["id"]


def test_a_poisonous_head_frees_its_lane(target, worker, endpoint):
    first, second = target.queue(endpoint, count=2, lane="a")
    rows = take(worker, endpoint)
    for _loss in range(2):
        for row in rows:
            expire(target, row)
        rows = worker.claim({endpoint: 10})["deliveries"]
        assert ids(rows) == [first]
    expire(target, rows[0])
    answer = worker.claim({endpoint: 10})
    assert answer["poisoned"] == 1 and target.read(first)[0]["state"] == "dead_letter"
    assert ids(answer["deliveries"] or take(worker, endpoint)) == [second]


def test_three_workers_keep_the_order_of_every_lane(target):
    endpoint = target.add_endpoint()
    queued = {lane: target.queue(endpoint, count=40, lane=lane) for lane in "abcde"}
    order, lock = {lane: [] for lane in queued}, threading.Lock()
    workers = [Worker(target) for _number in range(3)]
    for worker in workers:
        worker.hello()

    def drain(worker):
        deadline = time.monotonic() + 60
        while sum(map(len, order.values())) < 200 and time.monotonic() < deadline:
            rows = worker.claim({endpoint: 30})["deliveries"]
            with lock:
                for row in rows:
                    order[row["lane"]].append(row["id"])
            results = worker.settle(*(delivered(row) for row in rows)) if rows else []
            assert {result["status"] for result in results} <= {"applied"}

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(drain, workers))
    assert order == queued
