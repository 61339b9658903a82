# SPDX-License-Identifier: LGPL-3.0-or-later
"""What cannot be used is a finding that keeps an endpoint from being activated; found when sending it is a dead letter
that names the field. Never an endless retry, never a crash."""

import json
from collections import defaultdict

import pytest
from inbound import source
from odoo_database import Refused
from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for
from worker_keys import add_secret, sealing_worker

ENDPOINT = "bwt.webhook.outbound.endpoint"
FINDING = "bwt.webhook.finding"


def one(target_field, target, where):
    return [(0, 0, {target_field: target, **source(where)})]


# What is wrong, in which field it is found.
BAD = {
    "url": ({"target_hostname": "http://0x7f.1"}, "target_hostname"),
    "path": ({"target_path": "/a/{unclosed"}, "target_path"),
    "header-name": ({"header_rule_ids": one("header_name", "X Shop", "literal:1")}, "header_name"),
    "reserved": ({"header_rule_ids": one("header_name", "Content-Length", "literal:1")}, "header_name"),
    "template": ({"payload_rule_ids": one("target_path", "a", "template:{{ payload.n | nosuch }}")}, None),
    "certificate": ({"client_certificate_pem": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"},
                    "client_certificate_pem"),
    "authority": ({"ca_certificate_pem": "nonsense"}, "ca_certificate_pem"),
    "signature": ({"signature_mode": "standard_webhooks"}, "secret_ids"),
    "token-url": ({"auth_mode": "oauth2_client_credentials", "oauth2_client_id": "c",
                   "oauth2_token_url": "ftp://example.com/token"}, "oauth2_token_url"),
}  # fmt: skip


def test_findings_block_activation(database, make_worker, programs, tmp_path):
    sealing_worker(make_worker, programs, database, tmp_path)
    policy = database.retry_policy(1)
    database.call("bwt.webhook.retry.policy", "write", ids=[policy], vals={"retry_statuses": "409, abc"})
    bad = {**BAD, "schedule": ({"retry_policy_id": policy}, "retry_policy_id")}
    endpoints = {
        code: database.endpoint(code, **{"hostname": "http://127.0.0.1:1", "path": "/", "state": "draft",
                                         **renamed(fields)})
        for code, (fields, _field) in bad.items()}
    secret = database.endpoint("secret", "http://127.0.0.1:1", "/", state="draft", signature_mode="standard_webhooks")
    add_secret(database, secret, "signing", "whsec_not base64!")
    endpoints["secret"] = secret
    owner = "outbound_endpoint_id"

    def errors():
        rows = database.call(FINDING, "search_read", domain=[["severity", "=", "error"]],
                             fields=[owner, "field_name", "message"])
        by_endpoint = defaultdict(list)
        for row in rows:
            if row[owner]:
                by_endpoint[row[owner][0]].append(row)
        return by_endpoint

    wait_until(lambda: set(errors()) >= set(endpoints.values()), 30,
               lambda: f"found: {sorted(set(endpoints) - {c for c, e in endpoints.items() if e in errors()})} missing")
    found = errors()
    for code, endpoint in endpoints.items():
        field = bad.get(code, (None, None))[1]
        if field:
            assert field in {row["field_name"] for row in found[endpoint]}, (code, found[endpoint])
        assert all(len(row["message"]) > 20 for row in found[endpoint]), found[endpoint]
        with pytest.raises(Refused):
            database.call(ENDPOINT, "action_activate", ids=[endpoint])


def renamed(fields):
    """`Database.endpoint` has names of its own for two of them."""
    return {{"target_hostname": "hostname", "target_path": "path"}.get(name, name): value
            for name, value in fields.items()}


def test_found_when_sending_it_is_a_dead_letter(database, make_worker):
    """An active endpoint is broken under the worker's eyes."""
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("breaks", receiver.url, "/",
                                     retry_policy_id=database.retry_policy(1, attempts_max=3))
        make_worker().start()
        queue(database, endpoint, {"n": 1})
        wait_for(database, {"done": 1})
        for number, (fields, names) in enumerate((
            ({"target_path": "/a/{unclosed"}, "target_path"),
            ({"target_path": "/", "target_hostname": "http://0x7f.1"}, "target_hostname"),
            ({"target_hostname": receiver.url, "header_rule_ids": one("header_name", "X Shop", "literal:1")}, "X Shop"),
        ), 1):
            database.call(ENDPOINT, "write", ids=[endpoint], vals=fields)
            queue(database, endpoint, {"n": number})
            wait_for(database, {"done": 1, "dead_letter": number})
            dead = database.deliveries([["state", "=", "dead_letter"]])[-1]
            assert dead["failure_reason"] == "request_invalid" and names in dead["failure_message"], dead
    assert len(receiver.requests) == 1


def test_metadata_addresses_and_redirects_to_them(database, make_worker):
    """Refused where they are dialled, also at the end of a redirect that the endpoint follows."""
    def redirect(request, _number):
        if request.path == "/metadata":
            return 307, {}, {"Location": "http://169.254.169.254/latest/meta-data"}
        if request.path == "/elsewhere":
            return 308, {}, {"Location": "/here?x=1"}
        return 200, {}

    with ScriptedReceiver(redirect) as receiver:
        policy = database.retry_policy(1, attempts_max=2)
        for code, path, redirects in (("off", "/elsewhere", 0), ("on", "/elsewhere", 2), ("metadata", "/metadata", 2)):
            endpoint = database.endpoint(code, receiver.url, path, redirects_max=redirects, retry_policy_id=policy)
            queue(database, endpoint, {"code": code})
        direct = database.endpoint("direct", "http://169.254.169.254", "/", retry_policy_id=policy)
        queue(database, direct, {})
        make_worker().start()
        wait_for(database, {"done": 1, "dead_letter": 3})
    by_code = {d["endpoint_id"][1]: d for d in database.deliveries()}
    assert by_code["on"]["state"] == "done"
    assert by_code["off"]["failure_reason"] == "http_status" and "308" in by_code["off"]["failure_message"]
    assert by_code["metadata"]["failure_reason"] == "address_refused"
    assert by_code["direct"]["failure_reason"] == "address_refused"
    [followed] = [request for request in receiver.requests if request.path == "/here?x=1"]
    assert followed.method == "POST" and json.loads(followed.body) == {"code": "on"}
