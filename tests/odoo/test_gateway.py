# SPDX-License-Identifier: LGPL-3.0-or-later
"""The gateway before a real Odoo: presets, answers, bodies, challenges, duplicates, what is kept of refused ones."""

import base64
import json
import subprocess
import time

import pytest
from gateway import (
    EVENT,
    PRESET_SECRETS,
    SIGNERS,
    Sender,
    contact_handler,
    events,
    gateway_worker,
    inbound_endpoint,
    open_endpoint,
    preset_endpoint,
    preset_payload,
    signed,
    states,
    wait_for_path,
    wait_for_states,
)
from inbound import partners
from processes import wait_until

JSON = {"Content-Type": "application/json"}
TIMED = ("stripe", "slack", "standard_webhooks")
SIGNATURE_HEADER = {
    "stripe": "Stripe-Signature", "github": "X-Hub-Signature-256", "shopify": "X-Shopify-Hmac-Sha256",
    "slack": "X-Slack-Signature", "gitlab": "X-Gitlab-Token", "twilio": "X-Twilio-Signature",
    "standard_webhooks": "webhook-signature",
}  # fmt: skip
GARBAGE = ["", "x", "sha256=", "v1=" + "9" * 4000, "ünï\x85\xff", "t=99999999999999999999999999,v1=00", "v0=²",
           "v1," + "A" * 44, ",".join(["v1=00"] * 2500)]  # fmt: skip


def ask(port, path, body, headers):
    return Sender(port).post(path, body, headers)


@pytest.fixture
def gateway(make_worker, programs, database, tmp_path):
    worker = gateway_worker(make_worker, programs, database, tmp_path, gateway__public_url="https://hooks.example.com")
    worker.url = "https://hooks.example.com"
    return worker


def test_every_preset(database, gateway):
    """Signed by independent code: accepted, verified, a contact made. Everything that is forged: a clean 4xx."""
    handler_id = contact_handler(database)
    endpoint_ids = {preset: preset_endpoint(database, preset, preset, PRESET_SECRETS[preset], handler_id)
                    for preset in SIGNERS}  # fmt: skip
    port = gateway.gateway_port
    for preset in SIGNERS:
        wait_for_path(port, preset)
    for preset, endpoint_id in endpoint_ids.items():
        secret, url = PRESET_SECRETS[preset], f"{gateway.url}/webhooks/in/{preset}"
        body = preset_payload(preset, 1)
        headers = signed(preset, secret, body, url=url)
        status, answer = ask(port, preset, body, headers)
        assert (status, answer["status"]) == (202, "accepted"), (preset, status, answer)
        again = ask(port, preset, body, headers)
        assert again == (202, answer), f"{preset}: the same request again"
        wait_until(lambda: states(database, endpoint_id).get("done") == 1, 30, lambda: preset)  # noqa: B023
        [event] = [event for event in events(database, endpoint_id, ["event_uid", "state"]) if event["state"] == "done"]
        assert event["event_uid"] == answer["event_id"]
        refuse_forgeries(port, preset, secret, url)
        [partner] = partners(database, [["ref", "=", f"{preset}-1"]])
        assert partner["name"] == f"{preset} 1"
    wait_until(lambda: int(database.sql(
        "SELECT count(*) FROM bwt_webhook_inbound_event WHERE state = 'rejected'")[0][0]) >= 7, 30, "rejected ones")
    kept = database.sql("SELECT DISTINCT rejection_category FROM bwt_webhook_inbound_event WHERE state = 'rejected'")
    assert {"signature", "authentication", "freshness"} <= {category for [category] in kept}
    for secret in PRESET_SECRETS.values():
        assert secret not in gateway.log()
        [[found]] = database.sql("SELECT count(*) FROM bwt_webhook_inbound_event"
                                 f" WHERE request_headers_json LIKE '%{secret}%'")
        assert found == "0"


def refuse_forgeries(port, preset, secret, url):
    refused = 401 if preset == "gitlab" else 403
    body = preset_payload(preset, 2)
    forged = {"wrong secret": (body, signed(preset, "b3RoZXIgc2VjcmV0IG9mIDI0IGI=", body, url=url))}
    if preset != "gitlab":  # its token says nothing about the body
        forged["altered body"] = (body.replace(b"2", b"3"), signed(preset, secret, body, url=url))
    if preset in TIMED:
        now = int(time.time())
        forged["stale"] = (body, signed(preset, secret, body, now - 400, url))
        forged["future"] = (body, signed(preset, secret, body, now + 400, url))
    for garbage in GARBAGE:
        headers = {**signed(preset, secret, body, url=url), SIGNATURE_HEADER[preset]: garbage.encode("latin-1")}
        forged[f"garbage {garbage[:20]!r}"] = (body, headers)
    without = signed(preset, secret, body, url=url)
    del without[SIGNATURE_HEADER[preset]]
    forged["no signature"] = (body, without)
    for name, (bytes_sent, headers) in forged.items():
        status, answer = ask(port, preset, bytes_sent, headers)
        assert status == refused, (preset, name, status, answer)
        assert secret not in json.dumps(answer) and "signature" not in json.dumps(answer), answer


def test_unknown_draft_and_archived_look_the_same(database, gateway):
    """Byte for byte but for the date, and without a row."""
    port = gateway.gateway_port
    draft, archived = (open_endpoint(database, path) for path in ("draft", "archived"))
    open_endpoint(database, "there")
    wait_for_path(port, "there")
    database.call("bwt.webhook.inbound.endpoint", "action_set_draft", ids=[draft])
    database.call("bwt.webhook.inbound.endpoint", "action_archive", ids=[archived])
    wait_until(lambda: ask(port, "draft", b"{}", JSON)[0] == ask(port, "archived", b"{}", JSON)[0] == 404, 30, "404")
    answers = set()
    for path in ("draft", "archived", "nobody", "there/more", "..", "%2e%2e", "there%00"):
        sender = Sender(port)
        answer = sender.post(path, b'{"n": 1}', JSON)
        for of_the_connection in ("date", "connection"):  # it stays open when the body was there already
            sender.answer_headers.pop(of_the_connection, None)
        answers.add(json.dumps([answer, sorted(sender.answer_headers.items())]))
    assert len(answers) == 1 and json.loads(answers.pop())[0][0] == 404
    assert Sender(port).request("POST", "/", b"{}", JSON)[0] == 404
    assert "server" not in sender.answer_headers
    before = int(database.sql("SELECT count(*) FROM bwt_webhook_inbound_event")[0][0])
    status, _answer = Sender(port).request("GET", "/webhooks/in/there")
    assert status == 405
    assert int(database.sql("SELECT count(*) FROM bwt_webhook_inbound_event")[0][0]) == before


def test_authentication_and_addresses(database, gateway):
    port = gateway.gateway_port
    basic = "basic " + base64.b64encode("üser:pässword".encode()).decode()
    modes = {
        "basic": ({"authentication_mode": "basic", "authentication_username": "üser"}, ("basic_password", "pässword"),
                  {"Authorization": basic}),
        "bearer": ({"authentication_mode": "bearer"}, ("bearer_token", "token-1"), {"Authorization": "Bearer token-1"}),
        "key": ({"authentication_mode": "api_key", "authentication_header_name": "X-Key"}, ("api_key", "key-1"),
                {"X-Key": "key-1"}),
    }  # fmt: skip
    for path, (fields, secret, headers) in modes.items():
        endpoint_id = inbound_endpoint(database, path, secrets=[secret], delivery_identity_policy="body_sha256",
                                       **fields)
        wait_for_path(port, path)
        assert ask(port, path, b'{"n": 1}', {**JSON, **headers})[0] == 202
        [(name, value)] = headers.items()
        for wrong in ({}, {name: value + "x"}, {name: value[:-1]}, {name: ""}, {name: "Basic ????"}):
            sender = Sender(port)
            assert sender.post(path, b'{"n": 2}', {**JSON, **wrong})[0] == 401, (path, wrong)
            assert path == "key" or sender.answer_headers["www-authenticate"].lower().startswith(path)
        wait_until(lambda: len(events(database, endpoint_id)) >= 2, 30, "the events")  # noqa: B023
        kept = database.call(EVENT, "search_read", domain=[["endpoint_id", "=", endpoint_id]],
                             fields=["request_headers_json"])
        for event in kept:
            assert secret[1] not in event["request_headers_json"] and value not in event["request_headers_json"]
    open_endpoint(database, "elsewhere", allowed_networks="192.0.2.0/24\n2001:db8::/32")
    open_endpoint(database, "here", allowed_networks="127.0.0.0/8")
    wait_for_path(port, "here")
    assert ask(port, "elsewhere", b"{}", JSON)[0] == 403
    assert ask(port, "here", b"{}", JSON)[0] == 202


BODIES = {
    "any": [
        (b'{"a": {"b": 1.10}}', "application/json", 202), (b"[1, 2]", "application/json", 202),
        (b"a=1&b=x%20y&b=z", "application/x-www-form-urlencoded", 202), ("grüße".encode(), "text/plain", 202),
        (b"<a>\xc3\xbc</a>", "application/xml", 202), (b"\x00\xff\xfe{}", "application/octet-stream", 202),
        (b"\x00\xff raw", "text/plain", 202),
    ],
    "json_object": [(b"[1]", "application/json", 400), (b"{", "application/json", 400), (b"", "application/json", 202),
                    (b'{"a": 1}', "text/xml", 415), (b"[" * 100000, "application/json", 400),
                    (b'{"a": "\xff"}', "application/json", 400)],
    "json_value": [(b"[1]", "application/json", 202), (b'"x"', "application/json", 202),
                   (b"x", "application/json", 400)],
    "form": [(b"a=1", "application/x-www-form-urlencoded", 202), (b"{}", "application/json", 415),
             (b"x", "multipart/form-data", 400)],
    "text": [(b"<x/>", "application/xml", 202), (b"x", "text/csv", 202)],
}  # fmt: skip


@pytest.mark.parametrize("contract", BODIES)
def test_bodies(database, gateway, contract):
    """What is accepted is kept byte for byte; what is not leaves a rejected event with its reason."""
    endpoint_id = open_endpoint(database, "bodies", payload_contract=contract)
    wait_for_path(gateway.gateway_port, "bodies")
    sent = []
    for body, content_type, wanted in BODIES[contract]:
        status, answer = ask(gateway.gateway_port, "bodies", body, {"Content-Type": content_type})
        assert status == wanted, (body[:50], content_type, status, answer)
        if status == 202:
            sent.append((answer["event_id"], body))
    wait_until(lambda: len(events(database, endpoint_id)) >= len(sent), 30, "the events")
    rows = {event["event_uid"]: event
            for event in events(database, endpoint_id, ["event_uid", "state", "request_body_raw"])}
    wait_until(lambda: states(database, endpoint_id).get("done") == len(sent), 30,
               lambda: states(database, endpoint_id))
    for uid, body in sent:
        assert base64.b64decode(rows[uid]["request_body_raw"] or "") == body


def test_a_form_with_files(database, gateway):
    """Files become attachments of the event; fields can be read by rules."""
    endpoint_id = open_endpoint(database, "upload", contact_handler(database), payload_contract="form")
    wait_for_path(gateway.gateway_port, "upload")
    content = bytes(range(256)) * 4
    body = (b'--xyz\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnna\r\n'
            b'--xyz\r\nContent-Disposition: form-data; name="ref"\r\n\r\nupload-1\r\n'
            b'--xyz\r\nContent-Disposition: form-data; name="scan"; filename="sc an.bin"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--xyz--\r\n")
    headers = {"Content-Type": 'multipart/form-data; boundary="xyz"'}
    assert ask(gateway.gateway_port, "upload", body, headers)[0] == 202
    wait_for_states(database, endpoint_id, {"done": 1})
    [partner] = partners(database, [["ref", "=", "upload-1"]])
    assert partner["name"] == "Anna"
    [event] = events(database, endpoint_id)
    [attachment] = database.call("ir.attachment", "search_read", fields=["name", "datas", "public"],
                                 domain=[["res_model", "=", EVENT], ["res_id", "=", event["id"]],
                                         ["res_field", "=", False]])
    assert (attachment["name"], attachment["public"]) == ("sc an.bin", False)
    assert base64.b64decode(attachment["datas"]) == content


def test_challenges(database, gateway):
    port = gateway.gateway_port
    preset_endpoint(database, "slack", "slack", PRESET_SECRETS["slack"])
    inbound_endpoint(database, "meta", secrets=[("challenge_token", "meta-token"), ("signing", "s")],
                     challenge="meta_hub", **hub_signature(), delivery_identity_policy="body_sha256")
    open_endpoint(database, "microsoft", challenge="microsoft_validation_token")
    open_endpoint(database, "plain")
    wait_for_path(port, "plain")
    body = json.dumps({"type": "url_verification", "challenge": "c<h>allenge"}).encode()
    sender = Sender(port)
    assert sender.post("slack", body, signed("slack", PRESET_SECRETS["slack"], body)) == (200, b"c<h>allenge")
    assert sender.answer_headers["content-type"].startswith("text/plain")
    assert ask(port, "slack", body, signed("slack", "wrong", body))[0] == 403
    question = "/webhooks/in/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert sender.request("GET", question + "meta-token") == (200, 1158201444)
    assert sender.request("GET", question + "other")[0] == 403
    assert sender.request("GET", question.replace("meta", "plain") + "meta-token")[0] == 405
    assert sender.request("POST", "/webhooks/in/microsoft?validationToken=a%20b%2Bc") == (200, b"a b+c")
    assert sender.answer_headers["content-type"].startswith("text/plain")
    assert sender.request("POST", "/webhooks/in/plain?validationToken=abc", b"{}", JSON)[0] == 202


def hub_signature():
    return {
        "signature_verification_mode": "hmac", "signature_prefix": "sha256=", "signature_max_age_seconds": 0,
        "signature_max_future_skew_seconds": 0,
        "source_ids": [(0, 0, {"field_name": "signature", "source_kind": "header",
                               "header_name": "X-Hub-Signature-256"})],
        "semantic_binding_ids": [(0, 0, {"semantic_name": "signature", "value_key": "signature"})],
    }  # fmt: skip


def test_a_replay_can_be_linked_or_blocked(database, gateway):
    def endpoint(path, **fields):
        sources = [("delivery_id", "X-Delivery"), ("event_id", "X-Event")]
        return open_endpoint(
            database, path, delivery_identity_policy="delivery_id", replay_identity_policy="event_id", **fields,
            source_ids=[(0, 0, {"field_name": key, "source_kind": "header", "header_name": header})
                        for key, header in sources],
            semantic_binding_ids=[(0, 0, {"semantic_name": key, "value_key": key}) for key, _header in sources])

    port = gateway.gateway_port
    ids = {path: endpoint(path, replay_blocks=path == "block") for path in ("link", "block")}
    for path in ids:
        wait_for_path(port, path)
        first = ask(port, path, b"{}", {**JSON, "X-Delivery": "d1", "X-Event": "e1"})
        second = ask(port, path, b"{}", {**JSON, "X-Delivery": "d2", "X-Event": "e1"})
        assert first[0] == second[0] == 202
        assert (first[1] == second[1]) == (path == "block")
        assert ask(port, path, b"{}", {**JSON, "X-Event": "e2"})[0] == 400, "an identity that cannot be resolved"
    wait_until(lambda: states(database, ids["link"]).get("done") == 2, 30, "both are linked")
    kinds = [event["delivery_kind"] for event in events(database, ids["link"], ["delivery_kind", "state"])
             if event["state"] == "done"]
    assert kinds == ["primary", "replay"]

    def counts():
        rows = events(database, ids["block"], ["duplicate_count", "state"])
        return [event["duplicate_count"] for event in rows if event["state"] == "done"]

    wait_until(lambda: counts() == [1], 30, counts)


def test_refused_requests_are_kept_within_bounds(database, make_worker, programs, tmp_path):
    """Some are kept for people, all are counted, and a source that fails too often is not looked at."""
    worker = gateway_worker(make_worker, programs, database, tmp_path, gateway__rejected_per_minute_max=5,
                            gateway__source_failures_per_minute_max=40)
    endpoint_id = preset_endpoint(database, "github", "github", "secret")
    port = worker.gateway_port
    wait_for_path(port, "github")
    statuses = [ask(port, "github", b'{"n": %d}' % n, signed("github", "wrong", b"{}"))[0] for n in range(60)]
    assert statuses.count(403) <= 41 and statuses[-1] == 429 and set(statuses) == {403, 429}
    assert ask(port, "github", b"{}", signed("github", "secret", b"{}"))[0] == 429
    wait_until(lambda: states(database, endpoint_id).get("rejected", 0) >= 5, 30, "some are kept")
    wait_until(lambda: counted(database, endpoint_id) >= 30, 60, lambda: counted(database, endpoint_id))
    assert states(database, endpoint_id)["rejected"] <= 11  # the minute may turn meanwhile
    assert counted(database, endpoint_id) + states(database, endpoint_id)["rejected"] >= statuses.count(403)


def counted(database, endpoint_id):
    return int(database.sql("SELECT coalesce(sum(count), 0) FROM bwt_webhook_inbound_rejection"
                            f" WHERE endpoint_id = {endpoint_id}")[0][0])


def test_a_genuine_event_is_not_kept_out_by_a_forged_one(database, gateway):
    """Whoever guesses an identity cannot occupy it."""
    endpoint_id = preset_endpoint(database, "stripe", "stripe", "secret", contact_handler(database))
    port = gateway.gateway_port
    wait_for_path(port, "stripe")
    body = preset_payload("stripe", 7)
    assert ask(port, "stripe", body, signed("stripe", "guessed", body))[0] == 403
    assert ask(port, "stripe", body, signed("stripe", "secret", body))[0] == 202
    wait_until(lambda: states(database, endpoint_id) == {"rejected": 1, "done": 1}, 30,
               lambda: states(database, endpoint_id))
    assert len(partners(database, [["ref", "=", "stripe-7"]])) == 1


def test_secrets_are_rotated_without_a_refused_request(database, gateway):
    endpoint_id = preset_endpoint(database, "github", "github", "old")
    port = gateway.gateway_port
    wait_for_path(port, "github")
    database.call("bwt.webhook.secret", "create", vals_list=[{
        "inbound_endpoint_id": endpoint_id, "purpose": "signing", "value": "new", "replaces_others": True,
        "overlap_hours": 1}])

    def answer(secret):
        return ask(port, "github", b"{}", signed("github", secret, b"{}"))[0]

    wait_until(lambda: answer("new") == 202, 30, "the new one is known")
    assert answer("old") == 202 and answer("other") == 403


def test_trigger_makes_what_the_provider_would(database, gateway):
    """The command signs with the endpoint's own secret; the gateway accepts it."""
    ids = {preset: preset_endpoint(database, preset, preset, PRESET_SECRETS[preset]) for preset in SIGNERS}
    for preset in SIGNERS:
        wait_for_path(gateway.gateway_port, preset)
    listed = subprocess.run([gateway.program, "trigger", "--list"], capture_output=True, text=True, timeout=30).stdout
    samples = [line.strip() for line in listed.splitlines() if line.startswith("  ")]
    firsts = {}
    for sample in samples:
        firsts.setdefault(sample.partition(".")[0], sample)
    assert set(firsts) == set(SIGNERS), listed
    for preset, sample in firsts.items():
        command = [gateway.program, "trigger", sample, "--endpoint", preset, "--config", gateway.config,
                   "--url", f"http://127.0.0.1:{gateway.gateway_port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "202" in done.stdout, (sample, done.stdout, done.stderr)
        assert PRESET_SECRETS[preset] not in done.stdout
        wait_until(lambda: states(database, ids[preset]).get("done") == 1, 30, lambda: sample)  # noqa: B023


def test_a_retry_of_the_sender_counts(database, gateway):
    endpoint_id = open_endpoint(database, "again")
    port = gateway.gateway_port
    wait_for_path(port, "again")
    answers = {json.dumps(ask(port, "again", b'{"n": 1}', JSON)) for _n in range(5)}
    assert len(answers) == 1
    [uid] = {json.loads(answer)[1]["event_id"] for answer in answers}

    def duplicates():
        return [event["duplicate_count"] for event in events(database, endpoint_id, ["event_uid", "duplicate_count"])
                if event["event_uid"] == uid]

    wait_until(lambda: duplicates() == [4], 30, duplicates)
