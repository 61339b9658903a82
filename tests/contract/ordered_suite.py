# SPDX-License-Identifier: LGPL-3.0-or-later
"""Events of an ordered endpoint: one after the other, in the order in which they were ingested."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import HOUR_MS, Worker, done, event, expire, ids_of, now_ms, settlement


@pytest.fixture
def ordered(target):
    """The id of a new ordered endpoint without events."""
    return target.add_inbound_endpoint({"ordered": True})


def claimed(worker, *endpoints, **options):
    return ids_of(worker.claim_events(dict.fromkeys(endpoints, 5), **options), "events")


def test_one_is_in_work_at_a_time(worker, ordered):
    ids = worker.receive(ordered, 3)
    for event_id in ids:
        row = worker.claim_event(ordered)
        assert row["id"] == event_id
        assert claimed(worker, ordered) == []
        assert worker.settle_one(done(row)) == "applied"
    assert claimed(worker, ordered) == []


def test_the_order_is_that_of_ingest(worker, ordered):
    """Not that of the gateways' clocks."""
    made = [event(ordered, received_at_ms=now_ms() - age) for age in (1000, 3000, 2000)]
    worker.ingest(*made)
    for one in made:
        row = worker.claim_event(ordered)
        assert row["event_uid"] == one["event_uid"]
        worker.settle(done(row))


def test_other_endpoints_are_not_held_up(target, worker, ordered, inbound):
    first, _second = worker.receive(ordered, 2)
    free = worker.receive(inbound, 3)
    other = target.add_inbound_endpoint({"ordered": True})
    [others] = worker.receive(other)
    assert sorted(claimed(worker, ordered, inbound, other)) == sorted([first, *free, others])


def test_one_that_waits_holds_up_the_others(target, worker, ordered):
    first, second = worker.receive(ordered, 2)
    due = now_ms() + HOUR_MS
    worker.settle(settlement(worker.claim_event(ordered), "retry", "error", next_attempt_at_ms=due))
    answer = worker.claim_events({ordered: 5})
    assert (answer["events"], answer["next_due_at_ms"]) == ([], due)
    target.edit(first, kind="event", next_attempt_at_ms=now_ms() - 1000)
    row = worker.claim_event(ordered)
    assert row["id"] == first
    assert worker.claim_events({ordered: 5})["next_due_at_ms"] == row["lease_expires_at_ms"]
    worker.settle(done(row))
    assert claimed(worker, ordered) == [second]


@pytest.mark.parametrize(("outcome", "state"), [("dead_letter", "dead_letter"), ("rejected", "rejected")])
def test_one_that_is_over_frees_the_next(worker, ordered, outcome, state):
    _first, second = worker.receive(ordered, 2)
    changes = {} if state == "dead_letter" else {"failure_reason": None}
    worker.settle(settlement(worker.claim_event(ordered), outcome, state, **changes))
    assert claimed(worker, ordered) == [second]


def test_rejected_requests_are_in_nobodys_way(worker, ordered):
    rejected, received = event(ordered, state="rejected"), event(ordered)
    worker.ingest(rejected, received)
    assert worker.claim_event(ordered)["event_uid"] == received["event_uid"]


def test_a_lost_lease_is_taken_over_before_the_next(target, worker, ordered):
    first, second = worker.receive(ordered, 2)
    expire(target, worker.claim_event(ordered))
    assert claimed(worker, ordered, takeover=False) == []
    row = worker.claim_event(ordered)
    assert (row["id"], row["lease_count"]) == (first, 2)
    worker.settle(done(row))
    assert claimed(worker, ordered) == [second]


def test_poison_frees_the_next(target, worker, ordered):
    first, second = worker.receive(ordered, 2)
    for _number in range(3):
        expire(target, worker.claim_event(ordered))
    answer = worker.claim_events({ordered: 5})
    assert answer["poisoned"] == 1 and target.read_event(first)[0]["state"] == "dead_letter"
    taken = ids_of(answer, "events") or claimed(worker, ordered)
    assert taken == [second]


def test_what_is_released_is_first_again(worker, ordered):
    first, _second = worker.receive(ordered, 2)
    worker.release([worker.claim_event(ordered)])
    assert worker.claim_event(ordered)["id"] == first


def test_four_claimers_keep_the_order(target, ordered):
    workers = [Worker(target) for _number in range(4)]
    for worker in workers:
        worker.hello()
    received, seen = workers[0].receive(ordered, 30), []

    def drain(worker):
        while len(seen) < len(received):
            for row in worker.claim_events({ordered: 13})["events"]:
                seen.append(row["id"])
                assert worker.settle_one(done(row)) == "applied"

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(drain, workers))
    assert seen == received
