# SPDX-License-Identifier: LGPL-3.0-or-later
"""Requests that Odoo's own controller answered 202: claimed to be verified, deleted by ingest."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from targets import Refused
from worker import Worker, event, new_uid, now_ms

BODY = bytes(range(256))


@pytest.fixture(autouse=True)
def nothing_else(worker):
    """The intake has no quotas: what other tests left is somebody's for an hour."""
    worker.claim_intake(limit=1000, lease_seconds=3600)


def uids_of(rows):
    return [row["event_uid"] for row in rows]


def verified(row, **changes):
    """What a worker makes of a row."""
    made = event(row["endpoint_id"], event_uid=row["event_uid"], intake_id=row["id"])
    return {**made, **changes}


def test_what_the_controller_took_is_claimed(target, worker, inbound):
    uid = target.add_intake(inbound, BODY, query="?a=1&b=%C3%BC", headers={"X-Contract": "7"})
    assert target.intake(inbound) == [uid]
    [row] = worker.claim_intake()
    assert (row["event_uid"], row["endpoint_id"], row["http_method"]) == (uid, inbound, "POST")
    assert base64.b64decode(row["request_body_base64"]) == BODY
    assert row["request_url"].startswith("http://") and row["request_url"].endswith("?a=1&b=%C3%BC")
    assert "/webhooks/in/" in row["request_url"]
    assert {name.lower(): value for name, value in row["request_headers"].items()}["x-contract"] == "7"
    assert row["remote_address"] == "127.0.0.1"
    assert abs(row["received_at_ms"] - now_ms()) < 60_000
    # It is no event yet.
    assert worker.claim_events({inbound: 5})["events"] == []
    assert target.intake(inbound) == [uid]


def test_a_claim_of_events_says_that_the_intake_waits(target, worker, inbound):
    assert not worker.claim_events({inbound: 5}).get("intake_waiting")
    target.add_intake(inbound)
    for quotas in ({inbound: 5}, {}):
        answer = worker.claim_events(quotas)
        assert answer["intake_waiting"] and answer["events"] == [] and "intake" not in answer
    worker.claim_intake()
    assert not worker.claim_events({inbound: 5}).get("intake_waiting")
    target.expire_intake(inbound)
    assert worker.claim_events({inbound: 5})["intake_waiting"]


def test_a_repeated_claim_returns_the_same_rows(target, worker, inbound):
    for number in range(3):
        target.add_intake(inbound, b"%d" % number)
    token = new_uid()
    first = worker.claim_intake(token=token, limit=2)
    assert uids_of(first) == target.intake(inbound)[:2]
    for limit in (100, 1, 0):
        assert worker.claim_intake(token=token, limit=limit) == first
    assert uids_of(worker.claim_intake()) == target.intake(inbound)[2:]
    assert worker.claim_intake(limit=0) == []


def test_a_lease_just_ends(target, worker, inbound):
    uid = target.add_intake(inbound)
    other = Worker(target)
    for _number in range(5):
        [row] = worker.claim_intake()
        assert row["event_uid"] == uid
        assert other.claim_intake() == []
        target.expire_intake(inbound)
        # A worker that has just lost sight of Odoo takes nothing over.
        assert other.claim_intake(takeover=False) == []
    assert uids_of(other.claim_intake()) == [uid]


def test_ingest_deletes_the_row(target, worker, inbound):
    uid = target.add_intake(inbound, BODY)
    [row] = worker.claim_intake()
    [result] = worker.ingest(verified(row))["results"]
    assert (result["status"], target.intake(inbound)) == ("ingested", [])
    assert worker.claim_event(inbound)["event_uid"] == uid
    # A lost reply: the same again, though the row is gone.
    [again] = worker.ingest(verified(row))["results"]
    assert (again["status"], again["id"]) == ("already_ingested", result["id"])
    assert worker.claim_intake() == []


def test_whatever_it_comes_to_the_row_is_gone(target, worker, inbound):
    for _number in range(3):
        target.add_intake(inbound)
    rejected, first, second = worker.claim_intake()
    reason = {"rejection_category": "signature", "rejection_reason": "It does not fit."}
    results = worker.ingest(
        verified(rejected, state="rejected", **reason), verified(first, identity_key="k"),
        verified(second, identity_key="k"),
    )["results"]  # fmt: skip
    assert [result["status"] for result in results] == ["ingested", "ingested", "duplicate"]
    assert target.intake(inbound) == []


def test_what_failed_keeps_its_row(target, worker, inbound):
    uid = target.add_intake(inbound)
    [row] = worker.claim_intake()
    results = worker.ingest(event(inbound), verified(row, endpoint_id=2147483647))["results"]
    assert [result["status"] for result in results] == ["ingested", "failed"]
    assert target.intake(inbound) == [uid]
    target.expire_intake(inbound)
    assert uids_of(worker.claim_intake()) == [uid]


def test_a_row_that_is_gone_changes_nothing(worker, inbound):
    [result] = worker.ingest(event(inbound, intake_id=2147483647))["results"]
    assert result["status"] == "ingested"


def test_the_lease_need_not_live_to_ingest(target, worker, inbound):
    """Two workers that verified one request: it is one event."""
    target.add_intake(inbound)
    [row] = worker.claim_intake()
    target.expire_intake(inbound)
    [again] = Worker(target).claim_intake()
    statuses = [w.ingest(verified(r))["results"][0]["status"] for w, r in ((worker, row), (Worker(target), again))]
    assert statuses == ["ingested", "already_ingested"]
    assert target.intake(inbound) == []


def test_of_an_ordered_endpoint_one_worker_gets_rows_at_a_time(target, worker):
    ordered = target.add_inbound_endpoint({"ordered": True})
    for number in range(3):
        target.add_intake(ordered, b"%d" % number)
    first = worker.claim_intake(limit=1)
    assert uids_of(first) == target.intake(ordered)[:1]
    assert Worker(target).claim_intake() == []
    worker.ingest(*(verified(row) for row in first))
    rows = worker.claim_intake()
    assert uids_of(rows) == target.intake(ordered) and len(rows) == 2


def test_a_held_database_hands_out_nothing(target, worker, inbound):
    uid = target.add_intake(inbound)
    token = new_uid()
    [row] = worker.claim_intake(token=token)
    target.set_neutralized(True)
    try:
        assert worker.claim_intake(token=token) == []
        target.expire_intake(inbound)
        assert worker.claim_intake() == []
        assert not worker.claim_events({inbound: 5}).get("intake_waiting")
        with pytest.raises(Refused) as refused:
            worker.ingest(verified(row))
        assert refused.value.name == "odoo.exceptions.ValidationError"
    finally:
        target.set_neutralized(False)
    assert target.intake(inbound) == [uid]
    assert worker.ingest(verified(row))["results"][0]["status"] == "ingested"


def test_four_claimers_never_get_the_same_row(target, inbound):
    workers = [Worker(target) for _number in range(4)]
    for worker in workers:
        worker.hello()
    uids = [target.add_intake(inbound, b"%d" % number) for number in range(40)]
    retries = target.retry_count()

    def drain(worker):
        claimed = []
        while rows := worker.claim_intake(limit=7):
            claimed += uids_of(rows)
            results = worker.ingest(*(verified(row) for row in rows))["results"]
            assert {result["status"] for result in results} == {"ingested"}
        return claimed

    with ThreadPoolExecutor(len(workers)) as pool:
        claimed = [uid for found in pool.map(drain, workers) for uid in found]
    assert sorted(claimed) == sorted(uids)
    assert target.intake(inbound) == [] and target.retry_count() == retries
