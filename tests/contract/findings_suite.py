# SPDX-License-Identifier: LGPL-3.0-or-later
"""report_findings, probes, and the callbacks' lease."""

import json

from worker import Worker, attempt, expire, lease_of, new_uid, probe


def finding(handler_id, message):
    return {"record": {"model": "bwt.webhook.handler", "id": handler_id}, "severity": "warning", "message": message}


def test_a_report_replaces_the_one_before(target, worker):
    handler = target.add_handler()
    record = {"model": "bwt.webhook.handler", "id": handler}
    revision = worker.hello()["configuration_revision"]
    assert worker.report_findings(revision, [finding(handler, "one"), finding(handler, "two")])
    assert target.findings(record) == ["one", "two"]
    needs = [{"handler_id": handler, "expressions": ["event_field:topic", "endpoint_field:name"]}]
    assert worker.report_findings(revision, [finding(handler, "ü")], needs)
    assert target.findings(record) == ["ü"]
    # It is no change of the configuration.
    assert worker.hello()["configuration_revision"] == revision
    assert worker.report_findings(revision)
    assert target.findings(record) == []


def test_a_report_of_another_revision_changes_nothing(target, worker):
    handler = target.add_handler()
    record = {"model": "bwt.webhook.handler", "id": handler}
    revision = worker.hello()["configuration_revision"]
    assert worker.report_findings(revision, [finding(handler, "new")])
    for other in (revision - 1, revision + 1):
        assert not worker.report_findings(other, [finding(handler, "old")])
    assert target.findings(record) == ["new"]
    target.add_handler()
    assert not worker.report_findings(revision)


def test_findings_at_what_is_gone_do_no_harm(target, worker):
    handler = target.add_handler()
    revision = worker.hello()["configuration_revision"]
    gone = finding(2147483647, "gone")
    needs = [{"handler_id": 2147483647, "expressions": ["event_field:topic"]}]
    assert worker.report_findings(revision, [gone, finding(handler, "kept")], needs)
    assert target.findings({"model": "bwt.webhook.handler", "id": handler}) == ["kept"]


def test_what_endpoints_need_is_taken_without_a_change(target, worker, endpoint):
    revision = worker.hello()["configuration_revision"]
    expressions = ["endpoint_field:name", "record_field:partner_id.email"]
    needs = [{"endpoint_id": endpoint, "expressions": expressions}, {"endpoint_id": 2147483647, "expressions": []}]
    assert worker.report_findings(revision, endpoint_needs=needs)
    assert worker.hello()["configuration_revision"] == revision
    assert not worker.report_findings(revision + 1, endpoint_needs=needs)


# ---- probes


def probe_uids(worker, **options):
    return [item["probe_uid"] for item in worker.claim_events({}, **options)["probes"]]


def test_a_probe_is_handed_out_once_and_answered_once(target, worker):
    handler, samples = probe()
    uid = target.ask_probe(handler, samples)
    assert "probes" not in worker.claim({}) or worker.claim({})["probes"] == []
    assert probe_uids(worker, limit=0) == []
    [asked] = [item for item in worker.claim_events({})["probes"] if item["probe_uid"] == uid]
    assert (asked["kind"], asked["handler"], asked["samples"]) == ("rules", handler, samples)
    assert uid not in probe_uids(Worker(target))
    assert target.read_probe(uid) is None
    answer = {"summary": "1 of 1 changes: ü", "results": [{"name": "pasted", "action": "none", "changed": True}]}
    assert worker.answer_probe(uid, answer)
    assert target.read_probe(uid) == answer
    assert not worker.answer_probe(uid, {"summary": "late", "results": []})
    assert target.read_probe(uid) == answer
    assert not worker.answer_probe(new_uid(), answer)


def test_a_send_test_is_one_request_and_its_answer(target, worker, endpoint):
    delivery = {
        "delivery_uid": new_uid(), "http_method": "put", "request_body_mode": "raw", "request_headers": {"X-A": "ü"},
        "payload": "<a/>", "context_values": '{"order": "S1"}',
    }  # fmt: skip
    uid = target.ask_send_probe(endpoint, delivery)
    [asked] = [item for item in worker.claim_events({})["probes"] if item["probe_uid"] == uid]
    assert (asked["kind"], asked["endpoint_id"], asked["delivery"]) == ("send", endpoint, delivery)
    assert uid not in probe_uids(worker)
    sent = attempt(http_method="put", request_headers={"webhook-test": "1"}, response_status_code=503)
    answer = {
        "summary": "503 in 12 ms", "results": [{"name": "Shop", "action": "retry", "changed": False, "attempt": sent}],
    }  # fmt: skip
    assert worker.answer_probe(uid, answer)
    assert target.read_probe(uid) == answer
    assert not worker.answer_probe(uid, answer)
    # It is no delivery: nothing is to be claimed of it.
    assert worker.claim({endpoint: 5})["deliveries"] == []


# ---- callbacks


def test_nothing_is_read_under_a_lost_lease(target, worker, inbound):
    worker.receive(inbound)
    lost = worker.claim_event(inbound)
    expire(target, lost)
    worker.claim_event(inbound)
    request = {"worker_uid": worker.uid, "lease": lease_of(lost), "model": "res.partner", "operation": "search_count"}
    answer = worker.call("read_as", request)
    assert (answer["status"], answer["category"]) == ("failed", "gone") and answer["message"]
    assert "records" not in answer


def test_what_is_read_under_a_live_lease_is_json(target, worker):
    endpoint = target.add_inbound_endpoint(handler_id=target.add_native_handler())
    worker.receive(endpoint)
    request = {
        "worker_uid": worker.uid, "lease": lease_of(worker.claim_event(endpoint)), "model": "res.partner",
        "operation": "search", "domain": [["name", "=", new_uid()]], "limit": 1,
    }  # fmt: skip
    answer = worker.call("read_as", request)
    assert (answer["status"], json.loads(answer["records"])) == ("read", [])


def test_no_callback_runs_under_a_lost_lease(target, worker, inbound, endpoint):
    worker.receive(inbound)
    target.queue(endpoint)
    for lost, claim_again in (
        (worker.claim_event(inbound), lambda: worker.claim_event(inbound)),
        (worker.claim_one(endpoint), lambda: worker.claim_one(endpoint)),
    ):
        expire(target, lost)
        held = claim_again()
        request = {
            "worker_uid": worker.uid, "lease": lease_of(lost), "settlement_uid": new_uid(),
            "otherwise": {"state": "dead_letter", "failure_reason": "callback"},
        }  # fmt: skip
        answer = worker.call("run_python_handler", request)
        assert answer["status"] == "superseded" and "decision" not in answer
        assert worker.renew([held])["lost"] == []
