# SPDX-License-Identifier: LGPL-3.0-or-later
"""The guard, shapes, hello, configuration, and databases that may not send."""

import base64

import pytest
from targets import Refused
from worker import Worker, attempt, delivered, event, ids_of, new_uid, now_ms, probe

LEASE = {"kind": "event", "id": 1, "lease_token": new_uid()}
METHODS = {
    "configuration": {},
    "claim": {"claim_token": new_uid(), "limit": 1, "lease_seconds": 1, "takeover": False, "quotas": []},
    "renew": {"lease_seconds": 1, "leases": []},
    "release": {"leases": []},
    "settle": {"settlements": []},
    "ingest": {"events": []},
    "run_python_handler": {
        "lease": LEASE, "settlement_uid": new_uid(), "otherwise": {"state": "error", "failure_reason": "callback"},
    },
    "read_as": {"lease": LEASE, "model": "res.partner", "operation": "search_count"},
    "report_findings": {"configuration_revision": 0, "findings": [], "needs": []},
    "reseal": {"secrets": []},
    "answer_probe": {"probe_uid": new_uid(), "answer": {"summary": "", "results": []}},
}  # fmt: skip


@pytest.mark.parametrize("method", ["hello", *METHODS])
def test_only_the_worker_group_may_call(target, worker, method):
    request = worker.hello_request() if method == "hello" else {"worker_uid": worker.uid, **METHODS[method]}
    with pytest.raises(Refused) as refused:
        worker.call(method, request, key=target.outsider_key)
    assert (refused.value.status, refused.value.name) == (403, "odoo.exceptions.AccessError")


def test_a_wrong_key_is_refused(worker):
    with pytest.raises(Refused) as refused:
        worker.call("configuration", {"worker_uid": worker.uid}, key="0" * 40)
    assert refused.value.status == 401


@pytest.mark.parametrize("method", ["hello", *METHODS])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda request: request.pop("worker_uid"),
        lambda request: request.update(worker_uid="no uuid"),
        lambda request: request.update(worker_uid=7),
        lambda request: request.update(unknown_key=1),
        lambda request: request.update(options=[]),
    ],
    ids=["missing", "pattern", "type", "unknown", "options"],
)
def test_what_does_not_fit_its_schema_is_refused(worker, method, spoil):
    request = worker.hello_request() if method == "hello" else {"worker_uid": worker.uid, **METHODS[method]}
    spoil(request)
    with pytest.raises(Refused) as refused:
        worker.call_unchecked(method, request)
    assert (refused.value.status, refused.value.name) == (422, "odoo.exceptions.ValidationError")
    assert refused.value.message


@pytest.mark.parametrize("text", ["", "[", "[]", "null", '{"worker_uid": }'])
def test_what_is_no_json_object_is_refused(target, worker, text):
    with pytest.raises(Refused) as refused:
        target.call_text("configuration", text)
    assert (refused.value.status, refused.value.name) == (422, "odoo.exceptions.ValidationError")


def test_a_settlement_that_does_not_fit_is_refused_with_the_whole_request(target, worker, endpoint):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    for spoiled in (
        {**delivered(row), "outcome": "lost"},
        {**delivered(row), "id": 0},
        delivered(row, attempt=attempt(duration_ms=-1)),
        delivered(row, attempt=attempt(target_url="x" * 4097)),
    ):
        with pytest.raises(Refused) as refused:
            worker.call_unchecked("settle", {"worker_uid": worker.uid, "settlements": [spoiled]})
        assert refused.value.name == "odoo.exceptions.ValidationError"
    assert target.read(row["id"])[0]["state"] == "processing"


def test_options_are_ignored(worker):
    worker.call("configuration", {"worker_uid": worker.uid, "options": {"later": {"anything": [None]}}})


def test_hello_registers_once_and_refreshes(target):
    first, second = Worker(target), Worker(target)
    answer = first.hello()
    assert answer["compatible"] and answer["contract_version"] == 1
    assert "incompatible_message" not in answer
    again = first.hello(name="renamed", callbacks=["a", "b"], wake_address="127.0.0.1:4711", journal_healthy=False)
    assert again["worker_id"] == answer["worker_id"]
    assert again["wake_secret"] == answer["wake_secret"]
    assert len(base64.b64decode(answer["wake_secret"], validate=True)) == 32
    other = second.hello()
    assert other["worker_id"] != answer["worker_id"] and other["wake_secret"] != answer["wake_secret"]
    assert answer["limits"]["claim_batch_max"] <= 1000


def test_a_worker_says_what_its_gateway_has(target, worker):
    assert target.read_worker(worker.uid) == ("", None)
    inbox = {
        "event_count": 12, "bytes_used": 3 << 32, "bytes_max": 1 << 40, "set_aside_count": 2,
        "oldest_accepted_at_ms": now_ms() - 90_000, "healthy": False,
    }  # fmt: skip
    worker.hello(inbox=inbox, gateway_url="https://hooks.example.com")
    assert target.read_worker(worker.uid) == ("https://hooks.example.com", inbox)
    empty = {"event_count": 0, "bytes_used": 0, "bytes_max": 1, "set_aside_count": 0, "healthy": True}
    worker.hello(inbox=empty)
    assert target.read_worker(worker.uid) == ("", empty)
    # The worker has no gateway any more.
    worker.hello()
    assert target.read_worker(worker.uid) == ("", None)


@pytest.mark.parametrize("version", [2, 999])
def test_an_incompatible_version_is_told_and_not_registered(target, version):
    answer = Worker(target).hello(contract_version=version)
    assert not answer["compatible"] and answer["contract_version"] == 1
    assert "upgrade" in answer["incompatible_message"].lower()
    assert "worker_id" not in answer


def test_settlement_number_grows_with_every_settle(worker):
    before = worker.hello()["settlement_number"]
    request = {"worker_uid": worker.uid, "settlements": []}
    first = worker.call("settle", request)["settlement_number"]
    second = worker.call("settle", request)["settlement_number"]
    assert before < first < second <= worker.hello()["settlement_number"]


def test_server_time_is_now(worker):
    assert abs(worker.hello()["server_time_ms"] - now_ms()) < 60_000


def test_configuration_is_told_once_per_revision(target, worker, endpoint):
    told = worker.configuration()
    revision = told["configuration_revision"]
    assert not told["unchanged"] and told["configuration"]["revision"] == revision
    same = worker.configuration(known_revision=revision)
    assert same["unchanged"] and "configuration" not in same
    new = target.add_endpoint()
    grown = worker.configuration(known_revision=revision)
    assert not grown["unchanged"] and grown["configuration_revision"] > revision
    endpoints = {item["id"]: item for item in grown["configuration"]["endpoints"]}
    assert endpoint in endpoints and endpoints[new]["state"] == "active"
    policies = {item["id"] for item in grown["configuration"]["retry_policies"]}
    assert endpoints[new]["retry_policy_id"] in policies


def test_configuration_tells_what_is_held_while_it_has_work(target, worker, endpoint):
    target.queue(endpoint)
    before = worker.hello()["configuration_revision"]
    target.set_endpoint_state(endpoint, "archived")
    told = worker.configuration()
    assert told["configuration_revision"] > before
    [item] = [item for item in told["configuration"]["endpoints"] if item["id"] == endpoint]
    assert (item["state"], item["held_reason"]) == ("archived", "endpoint_archived")


@pytest.fixture(params=["neutralized", "copy"])
def hold(target, worker, request):
    """Puts the database on hold, and back."""

    def put_on_hold():
        target.become_copy() if request.param == "copy" else target.set_neutralized(True)

    def confirm():
        fingerprint = worker.hello()["fingerprint"]
        assert worker.hello(confirm_fingerprint=fingerprint)["fingerprint_confirmed"]

    put_on_hold.kind = request.param
    put_on_hold.end = confirm if request.param == "copy" else lambda: target.set_neutralized(False)
    yield put_on_hold
    put_on_hold.end()


def test_a_held_database_says_so_and_hands_out_nothing(target, worker, endpoint, hold):
    target.queue(endpoint)
    token = new_uid()
    held = worker.claim_one(endpoint, token=token)
    target.queue(endpoint)
    before = worker.hello()
    assert before["fingerprint_confirmed"] and not before["neutralized"]
    hold()
    after = worker.hello()
    assert after["neutralized"] == (hold.kind == "neutralized")
    assert after["fingerprint_confirmed"] == (hold.kind != "copy")
    assert (after["fingerprint"] != before["fingerprint"]) == (hold.kind == "copy")
    answer = worker.claim({endpoint: 5})
    assert answer["deliveries"] == [] and "next_due_at_ms" not in answer
    # Not even what was handed out before: on a copy it would be another database's work.
    assert worker.claim({endpoint: 5}, token=token)["deliveries"] == []
    hold.end()
    assert ids_of(worker.claim({endpoint: 5}, token=token)) == [held["id"]]
    assert len(worker.claim({endpoint: 5})["deliveries"]) == 1


def test_nothing_of_a_delivery_changes_in_a_held_database(target, worker, endpoint, hold):
    target.queue(endpoint)
    row = worker.claim_one(endpoint)
    before = target.read(row["id"])
    hold()
    assert [lease["id"] for lease in worker.renew([row], lease_seconds=3600)["lost"]] == [row["id"]]
    assert worker.release([row])["released"] == 0
    item = delivered(row)
    with pytest.raises(Refused) as refused:
        worker.settle(item)
    assert refused.value.name == "odoo.exceptions.ValidationError"
    assert target.read(row["id"]) == before
    hold.end()
    assert worker.settle_one(item) == "applied"


def test_a_held_database_takes_no_events_and_hands_out_none(target, worker, inbound, hold):
    [received] = worker.receive(inbound)
    target.ask_probe(*probe())
    hold()
    with pytest.raises(Refused) as refused:
        worker.ingest(event(inbound))
    assert refused.value.name == "odoo.exceptions.ValidationError"
    answer = worker.claim_events({inbound: 5})
    assert (answer["events"], answer["probes"]) == ([], []) and "next_due_at_ms" not in answer
    assert not worker.report_findings(worker.hello()["configuration_revision"])
    hold.end()
    answer = worker.claim_events({inbound: 5})
    assert ids_of(answer, "events") == [received] and answer["probes"]


def test_configuration_tells_inbound_endpoints(target, worker):
    handler = target.add_handler("inbound")
    endpoint = target.add_inbound_endpoint(handler_id=handler)
    told = worker.configuration()["configuration"]
    [item] = [item for item in told["inbound_endpoints"] if item["id"] == endpoint]
    assert (item["state"], item["handler_id"]) == ("active", handler) and "held_reason" not in item
    assert item["retry_policy_id"] in {policy["id"] for policy in told["retry_policies"]}
    assert {h["id"]: h["direction"] for h in told["handlers"]}[handler] == "inbound"
    worker.receive(endpoint)
    target.set_inbound_state(endpoint, "archived")
    told = worker.configuration()["configuration"]["inbound_endpoints"]
    assert [item["held_reason"] for item in told if item["id"] == endpoint] == ["endpoint_archived"]


def source(**members):
    return {"key": "k", "tier": 10, "kind": "header", "expression": "X-Key", **members}


# As the contract spells them, without the ids of their records; nothing that is the default.
VERIFIED = {
    "payload_contract": "any", "delivery_identity_policy": "idempotency_key", "replay_identity_policy": "event_id",
    "replay_blocks": True, "ordered": True, "challenge": "slack_url_verification",
    "allowed_networks": ["192.0.2.0/24", "2001:db8::1"],
    "verification": {
        "mode": "hmac", "digest": "sha512", "encoding": "base64", "prefix": "v0=", "joiner": ".",
        "timestamp_format": "unix_ms", "age_seconds_max": 600, "future_skew_seconds_max": 0,
        "parts": [
            {"kind": "literal", "expression": " v0 "}, {"kind": "http_method"}, {"kind": "request_url"},
            {"kind": "header", "expression": "X-Time", "required": True},
            {"kind": "header_param", "expression": "X-Signature", "parameter": "t"},
            {"kind": "payload_path", "expression": "a.b[0]"}, {"kind": "sorted_form_fields"}, {"kind": "raw_body"},
        ],
    },
    "sources": [
        source(key="event", kind="payload_path", expression="event.id"),
        source(key="idem", expression="Idempotency-Key", normalize="strip", hash="sha256", required=True),
        source(key="idem", joiner="/", kind="query_parameter", expression="q"),
        source(key="idem", tier=20, kind="literal", expression=" x "),
        {"key": "idem", "tier": 30, "kind": "body_sha256"},
        source(key="signature", kind="header_param", expression="X-Signature", parameter="v1"),
        source(key="time", kind="header_param", expression="X-Signature", parameter="t"),
    ],
    "semantic_bindings": [
        {"semantic": "event_id", "key": "event"}, {"semantic": "idempotency_key", "key": "idem"},
        {"semantic": "signature", "key": "signature"}, {"semantic": "signature_timestamp", "key": "time"},
    ],
}  # fmt: skip


def without_ids(members):
    if isinstance(members, list):
        return [without_ids(item) for item in members]
    if isinstance(members, dict):
        return {name: without_ids(value) for name, value in members.items() if name != "id"}
    return members


def test_configuration_tells_how_requests_are_verified(target, worker):
    endpoint = target.add_inbound_endpoint(VERIFIED, state="draft")
    target.add_secret(endpoint, "env:CONTRACT_SECRET", inbound=True)
    told = worker.inbound_endpoint(endpoint)
    assert told["state"] == "draft"
    target.set_inbound_state(endpoint, "active")
    told = worker.inbound_endpoint(endpoint)
    assert told["state"] == "active"
    assert {name: without_ids(told[name]) for name in VERIFIED} == VERIFIED
    assert len({line["id"] for line in told["sources"]}) == len(VERIFIED["sources"])
    [secret] = told["secrets"]
    assert (secret["purpose"], secret["value"]) == ("signing", "env:CONTRACT_SECRET")


@pytest.mark.parametrize(
    ("auth", "purpose"),
    [
        ({"mode": "basic", "username": "shop"}, "basic_password"),
        ({"mode": "bearer"}, "bearer_token"),
        ({"mode": "api_key", "header_name": "X-Shop-Key"}, "api_key"),
    ],
    ids=["basic", "bearer", "api_key"],
)
def test_configuration_tells_how_senders_are_known(target, worker, auth, purpose):
    endpoint = target.add_inbound_endpoint({"auth": auth, "delivery_identity_policy": "body_sha256"}, state="draft")
    target.add_secret(endpoint, "env:CONTRACT_SECRET", purpose=purpose, inbound=True)
    target.set_inbound_state(endpoint, "active")
    told = worker.inbound_endpoint(endpoint)
    assert (told["auth"], [secret["purpose"] for secret in told["secrets"]]) == (auth, [purpose])
    assert "verification" not in told and "challenge" not in told


def test_configuration_leaves_out_what_an_endpoint_does_not_need(target, worker, inbound):
    told = worker.inbound_endpoint(inbound)
    for name in ("verification", "auth", "challenge", "allowed_networks", "sources", "semantic_bindings"):
        assert not told.get(name), name
    for name, default in (("replay_blocks", False), ("ordered", False), ("replay_identity_policy", "none")):
        assert told.get(name, default) == default


def test_a_copy_is_confirmed_by_its_own_fingerprint_only(target, worker):
    before = worker.hello()
    target.become_copy()
    try:
        assert not worker.hello(confirm_fingerprint=before["fingerprint"])["fingerprint_confirmed"]
        incompatible = worker.hello(contract_version=2, confirm_fingerprint=worker.hello()["fingerprint"])
        assert not incompatible["fingerprint_confirmed"]
    finally:
        confirmed = worker.hello(confirm_fingerprint=worker.hello()["fingerprint"])
    assert confirmed["fingerprint_confirmed"]
