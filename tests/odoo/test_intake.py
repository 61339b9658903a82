# SPDX-License-Identifier: LGPL-3.0-or-later
"""Odoo's own door for sites that cannot expose the worker: the same requests come to the same states and records
through both doors; the staging table is bounded, and what our own configuration did is judged again.
"""

import base64
import http.client
import json
import time
from urllib.parse import urlsplit

import pytest
from gateway import (
    PRESET_SECRETS,
    SIGNERS,
    Sender,
    add_secret,
    contact_handler,
    gateway_worker,
    open_endpoint,
    preset_endpoint,
    preset_payload,
    signed,
    states,
    wait_for_path,
)
from inbound import partners
from processes import wait_until
from worker_keys import sealing_worker

JSON = {"Content-Type": "application/json"}
# What is said of an event but for where it came through and when.
COMPARED = [
    "name", "state", "topic", "event_type", "event_id", "delivery_id", "idempotency_key", "tenant_key", "version",
    "signature", "signature_timestamp_raw", "occurred_at_raw", "resource_reference", "delivery_identity_key",
    "delivery_identity_source", "delivery_kind", "duplicate_count", "resolved_values_json", "body_sha256",
    "request_headers_json", "request_body_raw", "rejection_category", "rejection_reason", "payload_text",
    "handler_selector", "processing_note", "failure_reason",
]  # fmt: skip
TRANSPORT_HEADERS = {"host", "content-length", "connection", "accept-encoding", "x-odoo-database", "user-agent"}


class OdooDoor(Sender):
    """Odoo's controller, asked for one database of several."""

    def __init__(self, database):
        super().__init__(0)
        self.database = database

    def request(self, method, target, body=b"", headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(urlsplit(self.database.sandbox.url).netloc, timeout=30)
        try:
            return super().request(method, target, body, {**(headers or {}), "X-Odoo-Database": self.database.name})
        finally:
            self.close()


def intake_count(database):
    return int(database.sql("SELECT count(*) FROM bwt_webhook_inbound_intake")[0][0])


def requests_of(preset, url):
    """(body, headers): good ones, one twice, and forged ones. Alike at both doors but for what signs the address."""
    secret, now = PRESET_SECRETS[preset], int(time.time())
    good = [(preset_payload(preset, n), signed(preset, secret, preset_payload(preset, n), now, url)) for n in (1, 2)]
    body = preset_payload(preset, 3)
    forged = [(body, signed(preset, "b3RoZXIgc2VjcmV0IG9mIDI0IGI=", body, now, url)),
              (body, {"Content-Type": good[0][1]["Content-Type"]})]
    bad = [(b"not what it should be", signed(preset, secret, b"not what it should be", now, url))]
    return [*good, good[0], *forged, *([] if preset == "twilio" else bad)]


def shape(database, endpoint_id):
    """The events as a set of texts: which was first does not matter."""
    rows = database.call("bwt.webhook.inbound.event", "search_read", domain=[["endpoint_id", "=", endpoint_id]],
                         fields=COMPARED, order="id")
    for row in rows:
        del row["id"]
        headers = {name.lower(): value for name, value in json.loads(row["request_headers_json"]).items()}
        row["request_headers_json"] = {name: value for name, value in headers.items() if name not in TRANSPORT_HEADERS}
    return sorted(json.dumps(row, sort_keys=True).replace("through-odoo", "through-gateway") for row in rows)


@pytest.mark.parametrize("preset", SIGNERS)
def test_both_doors_come_to_the_same(database, make_worker, programs, tmp_path, preset):
    worker = gateway_worker(make_worker, programs, database, tmp_path)
    handler_id = contact_handler(database)
    doors = {"gateway": Sender(worker.gateway_port), "odoo": OdooDoor(database)}
    origins = {"gateway": f"http://127.0.0.1:{worker.gateway_port}", "odoo": database.sandbox.url}
    ids = {door: preset_endpoint(database, preset, f"through-{door}", PRESET_SECRETS[preset], handler_id,
                                 odoo_intake=True) for door in doors}
    wait_for_path(worker.gateway_port, "through-odoo")
    uids, sent = {}, requests_of(preset, f"{origins['gateway']}/webhooks/in/through-gateway")
    for door, sender in doors.items():
        mine = sent if preset != "twilio" else requests_of(preset, f"{origins[door]}/webhooks/in/through-{door}")
        answers = [sender.post(f"through-{door}", body, headers) for body, headers in mine]
        uids[door] = answers[0][1]["event_id"]
        if door == "odoo":
            assert {status for status, _answer in answers} == {202}, answers
            assert all(answer["status"] == "accepted" for _status, answer in answers)
        wait_until(lambda: intake_count(database) == 0, 60, "the intake is empty")
    wait_until(lambda: len({json.dumps(states(database, ids[door]), sort_keys=True) for door in doors}) == 1
               and states(database, ids["odoo"]).get("done") == 2, 60,
               lambda: {door: states(database, ids[door]) for door in doors})
    # Twilio signs the address, which differs, so its requests are made anew for each door.
    drop = {"signature", "idempotency_key", "delivery_identity_key", "resolved_values_json",
            "request_headers_json"} if preset == "twilio" else set()
    shapes = {door: [{key: value for key, value in json.loads(text).items() if key not in drop}
                     for text in shape(database, ids[door])] for door in doors}
    key = (lambda row: json.dumps(row, sort_keys=True))
    assert sorted(shapes["odoo"], key=key) == sorted(shapes["gateway"], key=key)
    [[state]] = database.sql(f"SELECT state FROM bwt_webhook_inbound_event WHERE event_uid = '{uids['odoo']}'")
    assert state == "done", "the sender was told this uid"
    refs = [partner["ref"] for partner in partners(database, [["ref", "=like", f"{preset}-%"]], ["ref"])]
    assert sorted(refs) == sorted([f"{preset}-1", f"{preset}-2"] * 2)


def test_it_is_opt_in_and_bounded(database):
    """Without a worker rows wait: so many of an endpoint and of a source, no more; other paths do not exist."""
    closed, opened = open_endpoint(database, "closed"), open_endpoint(database, "opened", odoo_intake=True)
    draft = open_endpoint(database, "draft", odoo_intake=True)
    database.call("bwt.webhook.inbound.endpoint", "action_set_draft", ids=[draft])
    door = OdooDoor(database)
    answers = {path: door.post(path, b"{}", JSON) for path in ("closed", "draft", "unknown")}
    assert {status for status, _answer in answers.values()} == {404}
    assert len({json.dumps(answer) for answer in answers.values()}) == 1
    statuses = [door.post("opened", json.dumps({"n": n}).encode(), JSON)[0] for n in range(230)]
    assert statuses[:200] == [202] * 200 and set(statuses[200:]) <= {429, 503}
    assert int(door.answer_headers["retry-after"]) >= 1
    assert intake_count(database) == 200
    assert door.post("opened", b"x" * 2_000_000, JSON)[0] == 413
    assert states(database, closed) == states(database, opened) == {}


def test_bytes_and_credentials(database, make_worker, programs, tmp_path):
    """NUL and broken UTF-8 come through as they are; credentials are gone once the worker has judged."""
    sealing_worker(make_worker, programs, database, tmp_path)
    endpoint_id = open_endpoint(database, "raw", odoo_intake=True, payload_contract="text")
    body = b"\x00\xff\xfe raw \x00"
    door = OdooDoor(database)
    assert door.post("raw", body, {"Content-Type": "text/plain", "Authorization": "Bearer planted-secret",
                                   "X-Odd": "\xfc\xff".encode("latin-1")})[0] == 202
    wait_until(lambda: states(database, endpoint_id) == {"done": 1}, 60, lambda: states(database, endpoint_id))
    [[kept]] = database.sql("SELECT convert_from(request_body_raw, 'UTF8') FROM bwt_webhook_inbound_event"
                            f" WHERE endpoint_id = {endpoint_id}")
    assert base64.b64decode(kept) == body
    [[found]] = database.sql(
        "SELECT count(*) FROM bwt_webhook_inbound_event WHERE request_headers_json LIKE '%planted%'")
    assert found == "0" and intake_count(database) == 0


def test_our_own_fault_is_judged_again(database, make_worker, programs, tmp_path):
    """The secret cannot be opened: the row waits instead of being refused, and is accepted once it can."""
    worker = sealing_worker(make_worker, programs, database, tmp_path, worker__lease_seconds=10,
                            worker__shutdown_grace_seconds=5, transport__connect_timeout_seconds=5)
    endpoint_id = preset_endpoint(database, "github", "github", "right", contact_handler(database), odoo_intake=True)
    database.sql("UPDATE bwt_webhook_secret SET sealed_value = NULL, reference = 'env:WEBHOOK_SECRET_NOT_SET'"
                 f" WHERE inbound_endpoint_id = {endpoint_id}")
    database.call("bwt.webhook.inbound.endpoint", "write", ids=[endpoint_id], vals={"note": "the revision grows"})
    time.sleep(2)
    body = preset_payload("github", 1)
    assert OdooDoor(database).post("github", body, signed("github", "right", body))[0] == 202
    time.sleep(8)
    assert intake_count(database) == 1 and states(database, endpoint_id) == {}
    database.sql(f"DELETE FROM bwt_webhook_secret WHERE inbound_endpoint_id = {endpoint_id}")
    add_secret(database, endpoint_id, "signing", "right")
    wait_until(lambda: states(database, endpoint_id) == {"done": 1}, 180,  # its lease of two minutes ends first
               lambda: f"{states(database, endpoint_id)} {worker.log()[-1000:]}")
    assert intake_count(database) == 0
