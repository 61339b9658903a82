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
