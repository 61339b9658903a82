# SPDX-License-Identifier: LGPL-3.0-or-later
"""Leases: expired, taken over, poisonous, renewed, released."""

from worker import delivered, expire, new_uid, now_ms, settlement


def test_an_expired_lease_is_left_alone_without_takeover(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    expire(target, row)
    answer = worker.claim({endpoint: 5}, takeover=False)
    assert (answer["deliveries"], answer["interrupted"]) == ([], 0)
    assert worker.settle_one(delivered(row)) == "applied"


def test_a_living_lease_is_not_taken_over(target, worker, endpoint):
    target.queue(endpoint)
    worker.claim_one(endpoint)
    answer = worker.claim({endpoint: 5}, takeover=True)
    assert (answer["deliveries"], answer["interrupted"]) == ([], 0)


def test_takeover_writes_the_interrupted_attempt(target, worker, endpoint):
    target.queue(endpoint)
    lost = worker.claim_one(endpoint)
    expire(target, lost)
    answer = worker.claim({endpoint: 5})
    [row] = answer["deliveries"]
    assert (answer["interrupted"], answer["poisoned"]) == (1, 0)
    assert row["lease_token"] != lost["lease_token"]
    assert (row["lease_count"], row["attempt_count"]) == (2, 1)
    [written] = target.read(row["id"])[1]
    assert (written["outcome"], written["lease_token"]) == ("interrupted", lost["lease_token"])
    assert (written["attempt_number"], written["maybe_delivered"], written["superseded"]) == (1, True, False)


def test_takeover_keeps_quotas_and_limit(target, worker, endpoint):
    target.queue(endpoint, count=4)
    for row in worker.claim({endpoint: 10})["deliveries"]:
        expire(target, row)
    assert len(worker.claim({endpoint: 10}, limit=1)["deliveries"]) == 1
    assert len(worker.claim({endpoint: 2})["deliveries"]) == 2


def test_the_third_lost_lease_is_poison(target, worker, endpoint):
    [delivery_id] = target.queue(endpoint)
    for _number in range(3):
        expire(target, worker.claim_one(endpoint))
    answer = worker.claim({endpoint: 5})
    assert (answer["deliveries"], answer["poisoned"]) == ([], 1)
    delivery, attempts = target.read(delivery_id)
    assert (delivery["state"], delivery["failure_reason"]) == ("dead_letter", "poison")
    assert delivery["lease_token"] == ""
    assert [(row["attempt_number"], row["outcome"]) for row in attempts] == [(n, "interrupted") for n in (1, 2, 3)]
    assert "next_due_at_ms" not in worker.claim({endpoint: 5})


def test_only_leases_lost_in_a_row_are_poison(target, worker, endpoint):
    target.queue(endpoint)
    for _number in range(2):
        expire(target, worker.claim_one(endpoint))
    worker.settle(settlement(worker.claim_one(endpoint), "retry", "error", next_attempt_at_ms=now_ms() - 1000))
    expire(target, worker.claim_one(endpoint))
    assert worker.claim_one(endpoint)["attempt_count"] == 4


def test_a_released_lease_is_not_a_lost_one(target, worker, endpoint):
    target.queue(endpoint)
    for _number in range(4):
        expire(target, worker.claim_one(endpoint))
        worker.release([worker.claim_one(endpoint)])
    assert worker.claim_one(endpoint)["attempt_count"] == 4


def test_renew_extends_and_names_the_lost(target, worker, endpoint):
    target.queue(endpoint, count=4)
    held, expired, settled, taken = worker.claim({endpoint: 10})["deliveries"]
    expire(target, expired)
    expire(target, taken)
    worker.settle(delivered(settled))
    assert worker.renew([held, expired], lease_seconds=600)["lost"] == []
    assert target.read(expired["id"])[0]["lease_expires_at_ms"] > now_ms() + 500_000
    worker.claim_one(endpoint)
    lost = worker.renew([held, settled, taken, {"id": 2147483647, "lease_token": new_uid()}])["lost"]
    assert [lease["id"] for lease in lost] == [settled["id"], taken["id"], 2147483647]
    assert lost[1]["lease_token"] == taken["lease_token"] and lost[1]["kind"] == "delivery"


def test_release_gives_rows_back_unspent(target, worker, endpoint):
    fresh, tried = target.queue(endpoint, count=2)
    rows = {row["id"]: row for row in worker.claim({endpoint: 5})["deliveries"]}
    worker.settle(settlement(rows[tried], "retry", "error", next_attempt_at_ms=now_ms() - 1000))
    rows[tried] = worker.claim_one(endpoint)
    assert worker.release(list(rows.values()))["released"] == 2
    assert target.read(fresh)[0]["state"] == "queued" and target.read(fresh)[1] == []
    assert target.read(tried)[0]["state"] == "error" and len(target.read(tried)[1]) == 1
    again = {row["id"]: row for row in worker.claim({endpoint: 5})["deliveries"]}
    assert again[fresh]["lease_count"] == 1
    assert (again[fresh]["attempt_count"], again[tried]["attempt_count"]) == (0, 1)
    # The old leases are nobody's now.
    assert worker.release(list(rows.values()))["released"] == 0
    assert worker.settle_one(delivered(rows[fresh])) == "superseded"
