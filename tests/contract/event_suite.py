# SPDX-License-Identifier: LGPL-3.0-or-later
"""Events under a lease: claimed, lost, taken over, renewed, released, as deliveries are."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import HOUR_MS, Worker, done, expire, ids_of, new_uid, now_ms, settlement


def taken(worker, quotas, **options):
    return ids_of(worker.claim_events(quotas, **options), "events")


def test_a_claimed_event_is_leased(target, worker, inbound):
    [event_id] = worker.receive(inbound)
    token, before = new_uid(), worker.hello()["server_time_ms"]
    answer = worker.claim_events({inbound: 5}, token=token, lease_seconds=120)
    [row] = answer["events"]
    assert (row["id"], row["lease_token"], answer["deliveries"]) == (event_id, token, [])
    assert 0 <= row["lease_expires_at_ms"] - before - 120_000 < 30_000
    stored = target.read_event(event_id)[0]
    assert (stored["state"], stored["lease_token"]) == ("processing", token)


def test_events_and_deliveries_are_claimed_apart(target, worker, endpoint, inbound):
    target.queue(endpoint)
    worker.receive(inbound)
    assert not worker.claim({inbound: 5, endpoint: 5}).get("events")
    assert worker.claim_events({endpoint: 5, inbound: 5})["deliveries"] == []


def test_claim_keeps_quotas_and_limit(target, worker, inbound):
    other, unasked = target.add_inbound_endpoint(), target.add_inbound_endpoint()
    first, second = worker.receive(inbound, 5), worker.receive(other, 5)
    worker.receive(unasked)
    assert sorted(taken(worker, {other: 2, inbound: 3})) == sorted(first[:3] + second[:2])
    assert len(taken(worker, {inbound: 10, other: 10}, limit=4)) == 4
    assert len(taken(worker, {inbound: 10, other: 10})) == 1
    assert taken(worker, {inbound: 10, other: 10}) == []


def test_a_repeated_claim_returns_the_same_rows(worker, inbound):
    worker.receive(inbound, 5)
    token = new_uid()
    first = worker.claim_events({inbound: 2}, token=token)["events"]
    for limit in (100, 1, 0):
        again = worker.claim_events({inbound: 10}, token=token, limit=limit)["events"]
        assert sorted(again, key=lambda row: row["id"]) == sorted(first, key=lambda row: row["id"])
    assert len(taken(worker, {inbound: 10})) == 3


def test_limit_zero_takes_nothing_new(worker, inbound):
    worker.receive(inbound, 2)
    assert taken(worker, {inbound: 5}, limit=0) == []
    assert len(taken(worker, {inbound: 5})) == 2


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_a_held_endpoint_hands_out_nothing(target, worker, inbound, state):
    [held] = worker.receive(inbound)
    other = target.add_inbound_endpoint()
    [free] = worker.receive(other)
    target.set_inbound_state(inbound, state)
    assert taken(worker, {inbound: 5, other: 5}) == [free]
    assert target.read_event(held)[0]["state"] == "received"
    target.set_inbound_state(inbound, "draft")
    target.set_inbound_state(inbound, "active")
    assert taken(worker, {inbound: 5}) == [held]


def test_an_archived_handler_holds_its_endpoints(target, worker):
    handler = target.add_handler("inbound")
    endpoint = target.add_inbound_endpoint(handler_id=handler)
    worker.receive(endpoint)
    target.archive_handler(handler)
    answer = worker.claim_events({endpoint: 5})
    assert answer["events"] == [] and "next_due_at_ms" not in answer


def test_next_due_is_when_the_next_one_waits_for(target, worker, inbound):
    assert "next_due_at_ms" not in worker.claim_events({inbound: 5})
    [event_id] = worker.receive(inbound)
    due = now_ms() + HOUR_MS
    target.edit(event_id, kind="event", next_attempt_at_ms=due)
    answer = worker.claim_events({inbound: 5})
    assert (answer["events"], answer["next_due_at_ms"]) == ([], due)
    target.edit(event_id, kind="event", next_attempt_at_ms=now_ms() - 1000)
    row = worker.claim_event(inbound)
    assert worker.claim_events({inbound: 5})["next_due_at_ms"] == row["lease_expires_at_ms"]


def test_a_living_or_unasked_lease_is_left_alone(target, worker, inbound):
    worker.receive(inbound)
    row = worker.claim_event(inbound)
    assert taken(worker, {inbound: 5}) == []
    expire(target, row)
    assert taken(worker, {inbound: 5}, takeover=False) == []
    assert worker.settle_one(done(row)) == "applied"


def test_an_expired_lease_is_taken_over(target, worker, inbound):
    worker.receive(inbound)
    lost = worker.claim_event(inbound)
    expire(target, lost)
    answer = worker.claim_events({inbound: 5})
    [row] = answer["events"]
    assert (answer["interrupted"], answer["poisoned"]) == (1, 0)
    assert (row["id"], row["lease_count"], row["attempt_count"]) == (lost["id"], 2, 1)
    assert row["lease_token"] != lost["lease_token"]
    assert worker.settle_one(done(lost)) == "superseded"
    stored, executions = target.read_event(row["id"])
    assert (stored["state"], stored["lease_token"], executions) == ("processing", row["lease_token"], [])
    assert worker.settle_one(done(row)) == "applied"


def test_an_expired_lease_of_a_held_endpoint_is_not_handed_out(target, worker, inbound):
    worker.receive(inbound)
    expire(target, worker.claim_event(inbound))
    target.set_inbound_state(inbound, "archived")
    answer = worker.claim_events({inbound: 5})
    assert (answer["events"], answer["poisoned"]) == ([], 0)


def test_the_third_lost_lease_is_poison(target, worker, inbound):
    [event_id] = worker.receive(inbound)
    for _number in range(3):
        expire(target, worker.claim_event(inbound))
    answer = worker.claim_events({inbound: 5})
    assert (answer["events"], answer["poisoned"]) == ([], 1)
    stored = target.read_event(event_id)[0]
    assert (stored["state"], stored["failure_reason"], stored["lease_token"]) == ("dead_letter", "poison", "")
    assert "next_due_at_ms" not in worker.claim_events({inbound: 5})


def test_only_leases_lost_in_a_row_are_poison(target, worker, inbound):
    worker.receive(inbound)
    for _number in range(2):
        for _again in range(2):
            expire(target, worker.claim_event(inbound))
        worker.release([worker.claim_event(inbound)])
    worker.claim_event(inbound)


def test_leases_of_events_are_renewed_and_released(target, worker, inbound):
    worker.receive(inbound, 3)
    held, settled, lost = worker.claim_events({inbound: 5})["events"]
    worker.settle(done(settled))
    expire(target, lost)
    taken_over = worker.claim_event(inbound)
    answer = worker.renew([held, settled, lost], lease_seconds=600)
    assert [lease["kind"] for lease in answer["lost"]] == ["event", "event"]
    assert [lease["id"] for lease in answer["lost"]] == [settled["id"], lost["id"]]
    assert target.read_event(held["id"])[0]["lease_expires_at_ms"] > now_ms() + 500_000
    assert worker.release([held, settled, lost])["released"] == 1
    stored = target.read_event(held["id"])[0]
    assert (stored["state"], stored["lease_token"], stored["lease_count"]) == ("received", "", 0)
    assert worker.claim_event(inbound)["id"] == held["id"]
    assert worker.renew([taken_over])["lost"] == []


def test_the_kind_of_a_lease_counts(target, worker, endpoint, inbound):
    """Deliveries and events have ids of their own."""
    worker.receive(inbound)
    row = worker.claim_event(inbound)
    as_delivery = {"id": row["id"], "lease_token": row["lease_token"]}
    assert worker.release([as_delivery])["released"] == 0
    assert [lease["kind"] for lease in worker.renew([as_delivery])["lost"]] == ["delivery"]
    assert target.read_event(row["id"])[0]["state"] == "processing"


def test_a_failed_event_is_due_again_at_its_time(target, worker, inbound):
    worker.receive(inbound)
    row = worker.claim_event(inbound)
    due = now_ms() + HOUR_MS
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=due))
    assert worker.claim_events({inbound: 5})["next_due_at_ms"] == due
    target.edit(row["id"], kind="event", next_attempt_at_ms=now_ms() - 1000)
    again = worker.claim_event(inbound)
    assert (again["attempt_count"], again["lease_count"]) == (1, 2)
    worker.release([again])
    assert target.read_event(row["id"])[0]["state"] == "error"


def test_four_claimers_never_get_the_same_event(target, inbound):
    workers = [Worker(target) for _number in range(4)]
    for worker in workers:
        worker.hello()
    received, retries = workers[0].receive(inbound, 400), target.retry_count()

    def drain(worker):
        ids = []
        while rows := worker.claim_events({inbound: 13})["events"]:
            ids += [row["id"] for row in rows]
            results = worker.settle(*(done(row) for row in rows))
            assert {result["status"] for result in results} == {"applied"}
        return ids

    with ThreadPoolExecutor(len(workers)) as pool:
        ids = [event_id for ids in pool.map(drain, workers) for event_id in ids]
    assert sorted(ids) == sorted(received)
    assert target.retry_count() == retries
