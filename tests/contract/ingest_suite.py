# SPDX-License-Identifier: LGPL-3.0-or-later
"""ingest: what a gateway accepted becomes a row once."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from worker import Worker, event, ids_of, new_uid, now_ms

BODY = bytes(range(256))


def test_ingested_events_wait_to_be_claimed(target, worker, inbound):
    made = event(
        inbound, BODY, query={"q": "ü"}, semantics={"topic": "orders/paid"}, resolved_values={"n": 1, "t": "x"},
        request_headers={"X-One": "ü", "x-two": "2"},
    )  # fmt: skip
    answer = worker.ingest(made)
    [result] = answer["results"]
    assert result["status"] == "ingested" and not answer.get("events")
    stored, executions = target.read_event(result["id"])
    assert (stored["state"], stored["lease_token"], executions) == ("received", "", [])
    row = worker.claim_event(inbound)
    assert row["id"] == result["id"]
    for name in ("event_uid", "endpoint_id", "received_at_ms", "request_body_base64", "request_headers", "query"):
        assert row[name] == made[name], name
    assert row["semantics"]["topic"] == "orders/paid"
    assert (row["attempt_count"], row["lease_count"]) == (0, 1)


def test_resolved_values_come_back_as_text(worker, inbound):
    worker.ingest(event(inbound, resolved_values={"n": 10, "d": "1.10"}))
    text = worker.claim_event(inbound)["resolved_values"].replace(" ", "")
    assert text in ('{"d":"1.10","n":10}', '{"n":10,"d":"1.10"}')


def test_what_is_only_kept_is_kept(target, worker, inbound):
    """Of a form: what rules read, its files, and who sent it."""
    contents = [b"", bytes(range(256)), b"last"]
    files = [
        {"name": f"field{number}", "filename": f"ü {number}.bin", "content_type": "application/octet-stream",
         "content_base64": base64.b64encode(content).decode()} for number, content in enumerate(contents)
    ]  # fmt: skip
    made = event(inbound, BODY, payload='{"a": "1.10"}', remote_address="2001:db8::7", files=files)
    [event_id] = [result["id"] for result in worker.ingest(made)["results"]]
    stored = target.read_event(event_id)[0]
    assert stored["payload_text"] == '{"a": "1.10"}' and stored["remote_address"] == "2001:db8::7"
    expected = [(f"field{number}", f"ü {number}.bin", content) for number, content in enumerate(contents)]
    assert target.event_files(event_id) == expected
    # Sent again it has them once.
    worker.ingest(made)
    assert len(target.event_files(event_id)) == len(files)
    assert worker.claim_event(inbound)["request_body_base64"] == made["request_body_base64"]


def test_a_large_body_is_kept_byte_for_byte(worker, inbound):
    body = BODY * 8000
    worker.ingest(event(inbound, body))
    assert base64.b64decode(worker.claim_event(inbound)["request_body_base64"]) == body


def test_the_body_may_be_empty(worker, inbound):
    worker.ingest(event(inbound, b""))
    assert worker.claim_event(inbound)["request_body_base64"] == ""


def test_a_repeated_event_is_ingested_once(target, worker, inbound):
    made = event(inbound)
    [first] = worker.ingest(made)["results"]
    [again] = Worker(target).ingest(made)["results"]
    assert again == {**first, "status": "already_ingested"}
    assert len(worker.claim_events({inbound: 5})["events"]) == 1
    [later] = worker.ingest(made)["results"]
    assert later["status"] == "already_ingested"


def test_one_event_per_endpoint_and_identity_key(target, worker, inbound):
    first = event(inbound, identity_key="k", identity_source="delivery_id")
    other = event(target.add_inbound_endpoint(), identity_key="k", identity_source="delivery_id")
    answer = worker.ingest(first, event(inbound, identity_key="k"), other, event(inbound, identity_key="K"))
    statuses = [result["status"] for result in answer["results"]]
    assert statuses == ["ingested", "duplicate", "ingested", "ingested"]
    assert answer["results"][1]["id"] == answer["results"][0]["id"]
    [again] = worker.ingest(event(inbound, identity_key="k"))["results"]
    assert (again["status"], again["id"]) == ("duplicate", answer["results"][0]["id"])


def test_a_repeated_duplicate_stays_one(worker, inbound):
    first, second = event(inbound, identity_key="k"), event(inbound, identity_key="k")
    worker.ingest(first)
    assert [r["status"] for r in worker.ingest(second, second)["results"]] == ["duplicate"] * 2
    assert [r["status"] for r in worker.ingest(second, first)["results"]] == ["duplicate", "already_ingested"]
    assert len(worker.claim_events({inbound: 5})["events"]) == 1


REPLAY = {"replay_identity_key": "r", "replay_identity_source": "event_id"}


def test_a_replay_is_an_event_of_its_own_unless_it_blocks(target, worker, inbound):
    other = target.add_inbound_endpoint()
    answer = worker.ingest(
        event(inbound, **REPLAY),
        event(inbound, **REPLAY, identity_key="k"),
        event(inbound, **REPLAY, identity_key="l", replay_blocks=True),
        event(other, **REPLAY, replay_blocks=True),
        event(other, replay_identity_key="R", replay_blocks=True),
    )
    statuses = [result["status"] for result in answer["results"]]
    assert statuses == ["ingested", "ingested", "duplicate", "ingested", "ingested"]
    assert answer["results"][2]["id"] == answer["results"][0]["id"]
    # What was blocked took no identity: its key is free.
    [genuine] = worker.ingest(event(inbound, identity_key="l"))["results"]
    assert genuine["status"] == "ingested"


def test_a_rejected_request_blocks_no_replay(worker, inbound):
    rejected = event(inbound, state="rejected", **REPLAY, replay_blocks=True)
    results = worker.ingest(rejected, event(inbound, **REPLAY, replay_blocks=True))["results"]
    assert [result["status"] for result in results] == ["ingested", "ingested"]
    [again] = worker.ingest(event(inbound, state="rejected", **REPLAY, replay_blocks=True))["results"]
    assert again["status"] == "ingested"


def duplicate_count(target, result):
    return target.read_event(result["id"])[0]["duplicate_count"] or 0


def test_duplicates_are_counted_at_the_first_event(target, worker, inbound):
    made, other = event(inbound), event(inbound)
    first, second = worker.ingest(made, other)["results"]
    counted = [{"event_uid": made["event_uid"], "count": 3}, {"event_uid": new_uid(), "count": 5}]
    answer = worker.ingest(duplicates=counted)
    assert answer["results"] == []
    assert (duplicate_count(target, first), duplicate_count(target, second)) == (3, 0)
    # With the event that they belong to, and more than once.
    new = event(inbound)
    counted = [{"event_uid": uid, "count": count} for uid, count in ((new["event_uid"], 2), (made["event_uid"], 1))]
    [third] = worker.ingest(new, duplicates=[*counted, counted[1]])["results"]
    assert (duplicate_count(target, third), duplicate_count(target, first)) == (2, 5)
    assert len(worker.claim_events({inbound: 5})["events"]) == 3


def test_a_duplicate_of_another_gateway_counts(target, worker, inbound):
    [first] = worker.ingest(event(inbound, identity_key="k"))["results"]
    [again] = worker.ingest(event(inbound, identity_key="k"))["results"]
    assert again["first_event_uid"] == first["event_uid"]
    assert duplicate_count(target, first) == 1


def test_rejected_requests_are_counted_by_endpoint_and_category(target, worker, inbound):
    other = target.add_inbound_endpoint()
    assert target.rejected_counts(inbound) == {}
    counts = [(inbound, "signature", 40), (inbound, "address", 1), (other, "signature", 2), (2147483647, "payload", 1)]
    for _number in range(2):
        items = [dict(zip(("endpoint_id", "category", "count"), count)) for count in counts]
        worker.ingest(rejected_counts=[*items, items[0]])
    assert target.rejected_counts(inbound) == {"signature": 160, "address": 2}
    assert target.rejected_counts(other) == {"signature": 4}
    assert worker.claim_events({inbound: 5, other: 5})["events"] == []


def test_a_rejected_event_has_no_key_and_is_never_claimed(target, worker, inbound):
    reason = {"rejection_category": "signature", "rejection_reason": "It does not fit."}
    rejected = event(inbound, state="rejected", identity_key="k", **reason)
    [result] = worker.ingest(rejected)["results"]
    assert result["status"] == "ingested"
    stored = target.read_event(result["id"])[0]
    assert stored["state"] == "rejected"
    assert {name: stored[name] for name in reason} == reason
    assert worker.claim_events({inbound: 5})["events"] == []
    [genuine] = worker.ingest(event(inbound, identity_key="k"))["results"]
    assert genuine["status"] == "ingested" and genuine["id"] != result["id"]
    # Nor does the genuine one keep rejected ones out.
    [again] = worker.ingest({**rejected, "event_uid": new_uid()})["results"]
    assert again["status"] == "ingested"


def test_one_bad_event_fails_alone(worker, inbound):
    answer = worker.ingest(event(inbound), event(2147483647), event(inbound))
    assert [result["status"] for result in answer["results"]] == ["ingested", "failed", "ingested"]
    assert answer["results"][1]["message"] and "id" not in answer["results"][1]
    assert len(worker.claim_events({inbound: 5})["events"]) == 2


def test_with_a_claim_token_the_rows_are_leased_at_once(target, worker, inbound):
    token, before = new_uid(), now_ms()
    made, rejected = event(inbound), event(inbound, state="rejected")
    answer = worker.ingest(made, rejected, claim_token=token, lease_seconds=120)
    [row] = answer["events"]
    assert (row["id"], row["lease_token"], row["lease_count"]) == (answer["results"][0]["id"], token, 1)
    assert row["lease_expires_at_ms"] > before + 60_000
    assert worker.claim_events({inbound: 5})["events"] == []
    assert ids_of(worker.claim_events({inbound: 5}, token=token, limit=0), "events") == [row["id"]]
    assert worker.renew([row])["lost"] == []


def test_a_repeated_ingest_returns_the_rows_that_it_leased(worker, inbound):
    token, made = new_uid(), event(inbound)
    first = worker.ingest(made, claim_token=token)
    again = worker.ingest(made, claim_token=token)
    assert again["results"][0]["status"] == "already_ingested"
    assert ids_of(again, "events") == ids_of(first, "events") == [first["results"][0]["id"]]
    # Under another token they are somebody's already.
    assert not worker.ingest(made, claim_token=new_uid()).get("events")


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_events_of_a_held_endpoint_are_kept_but_not_leased(target, worker, inbound, state):
    target.set_inbound_state(inbound, state)
    answer = worker.ingest(event(inbound), claim_token=new_uid())
    assert answer["results"][0]["status"] == "ingested" and not answer.get("events")
    assert target.read_event(answer["results"][0]["id"])[0]["state"] == "received"


def test_the_handler_is_fixed_when_it_is_ingested(target, worker):
    handler = target.add_handler("inbound")
    endpoint = target.add_inbound_endpoint(handler_id=handler)
    bare = target.add_inbound_endpoint()
    worker.receive(endpoint), worker.receive(bare)
    assert worker.claim_event(endpoint)["handler_id"] == handler
    assert "handler_id" not in worker.claim_event(bare)


def test_a_large_batch(worker, inbound):
    ids = worker.receive(inbound, 300, body=b"x" * 1000)
    assert len(set(ids)) == 300
    assert sorted(ids_of(worker.claim_events({inbound: 500}, limit=500), "events")) == sorted(ids)


def test_four_that_ingest_the_same_make_it_once(target, worker, inbound):
    """Repeated by one gateway, or the same requests received by several."""
    keys = [new_uid() for _number in range(40)]
    same = [event(inbound, identity_key=key) for key in keys]
    replay = {"replay_identity_source": "event_id", "replay_blocks": True}
    calls = [same, same, [event(inbound, identity_key=key, replay_identity_key=key, **replay) for key in keys],
             [event(inbound, identity_key=key) for key in keys]]  # fmt: skip
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda events: Worker(target).ingest(*events), calls))
    for number, _key in enumerate(keys):
        results = [answer["results"][number] for answer in answers]
        assert len({result["id"] for result in results}) == 1
        assert [result["status"] for result in results].count("ingested") == 1
    assert len(worker.claim_events({inbound: 100})["events"]) == len(keys)


def test_of_two_that_ingest_the_same_replay_one_is_blocked(target, worker, inbound):
    """Two gateways that received the same event under two delivery ids."""
    keys = [new_uid() for _number in range(40)]
    blocking = {"replay_identity_source": "event_id", "replay_blocks": True}
    calls = [[event(inbound, replay_identity_key=key, **blocking) for key in keys] for _number in range(4)]
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda events: Worker(target).ingest(*events), calls))
    for number, _key in enumerate(keys):
        statuses = [answer["results"][number]["status"] for answer in answers]
        assert sorted(statuses) == ["duplicate", "duplicate", "duplicate", "ingested"]
    assert len(worker.claim_events({inbound: 100})["events"]) == len(keys)
