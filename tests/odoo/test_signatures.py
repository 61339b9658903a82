# SPDX-License-Identifier: LGPL-3.0-or-later
"""Signatures as receivers verify them: with Python's hmac and with openssl, over the bytes that arrived."""

import base64
import hashlib
import hmac
import re
import subprocess

from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for
from worker_keys import add_secret, sealing_worker

ENDPOINT = "bwt.webhook.outbound.endpoint"
SECRETS = "bwt.webhook.secret"


def hex_of(secret, message, digest=hashlib.sha256):
    return hmac.new(secret.encode(), message, digest).hexdigest()


def github(request, secret):
    return hmac.compare_digest(request.headers["x-hub-signature-256"], "sha256=" + hex_of(secret, request.body))


def stripe(request, secret):
    fields = dict(item.split("=", 1) for item in request.headers["stripe-signature"].split(","))
    return fields["v1"] == hex_of(secret, fields["t"].encode() + b"." + request.body)


def shopify(request, secret):
    digest = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
    return request.headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()


def slack(request, secret):
    stamp = request.headers["x-slack-request-timestamp"]
    return request.headers["x-slack-signature"] == "v0=" + hex_of(secret, f"v0:{stamp}:".encode() + request.body)


def standard(request, secret):
    """Whether any v1 entry is right."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return right in request.headers["webhook-signature"].split(" ")


STYLES = {
    "github": (github, {"signature_header_name": "X-Hub-Signature-256", "signature_prefix": "sha256="}, ["raw_body"]),
    "stripe": (stripe, {"signature_header_name": "Stripe-Signature", "signature_prefix": "v1=",
                        "signature_header_template": "t={timestamp},{signatures}"}, ["timestamp", "raw_body"]),
    "shopify": (shopify, {"signature_header_name": "X-Shopify-Hmac-Sha256", "signature_encoding": "base64"},
                ["raw_body"]),
    "slack": (slack, {"signature_header_name": "X-Slack-Signature", "signature_prefix": "v0=",
                      "signature_joiner": ":", "signature_timestamp_header_name": "X-Slack-Request-Timestamp"},
              ["literal", "timestamp", "raw_body"]),
}  # fmt: skip


def parts(kinds):
    return [(0, 0, {"sequence": n, "kind": kind, **({"value": "v0"} if kind == "literal" else {})})
            for n, kind in enumerate(kinds)]


def test_the_styles_of_known_receivers(database, make_worker, programs, tmp_path):
    sealing_worker(make_worker, programs, database, tmp_path)
    with ScriptedReceiver() as receiver:
        for name, (_verify, fields, kinds) in STYLES.items():
            endpoint = database.endpoint(name, receiver.url, f"/{name}", signature_mode="hmac",
                                         signature_part_ids=parts(kinds), **fields)
            add_secret(database, endpoint, "signing", f"secret of {name}")
            queue(database, endpoint, {"text": "ünï", "n": 1.10})
        wait_for(database, {"done": len(STYLES)})
    got = {request.path.strip("/"): request for request in receiver.requests}
    for name, (verify, _fields, _kinds) in STYLES.items():
        assert verify(got[name], f"secret of {name}"), (name, got[name].headers)
        assert not verify(got[name], "another secret")


def test_standard_webhooks(database, make_worker, programs, tmp_path):
    """v1 by Python's hmac, v1a by openssl."""
    sealing_worker(make_worker, programs, database, tmp_path)
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
    seed = bytes(range(32))
    with ScriptedReceiver() as receiver:
        for code, key in (("v1", secret), ("v1a", "whsk_" + base64.b64encode(seed).decode())):
            endpoint = database.endpoint(code, receiver.url, f"/{code}", signature_mode="standard_webhooks")
            add_secret(database, endpoint, "signing", key)
            queue(database, endpoint, {"type": "order.paid"})
        wait_for(database, {"done": 2})
    got = {request.path: request for request in receiver.requests}
    assert standard(got["/v1"], secret)
    request = got["/v1a"]
    [signature] = re.findall(r"v1a,([A-Za-z0-9+/=]+)", request.headers["webhook-signature"])
    (tmp_path / "signature").write_bytes(base64.b64decode(signature))
    (tmp_path / "message").write_bytes(
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body)
    # RFC 8410: the fixed beginning of an Ed25519 private key, then the seed.
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302e020100300506032b657004220420") + seed)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-inkey", tmp_path / "key.der", "-keyform", "DER", "-in",
         tmp_path / "message", "-sigfile", tmp_path / "signature"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rotation_without_a_failed_verification(database, make_worker, programs, tmp_path):
    """A receiver that knows one secret, the old one or the new one, verifies every request, while secrets are replaced
    under load; a second worker that starts meanwhile signs alike.
    """
    sealing_worker(make_worker, programs, database, tmp_path)
    old = "whsec_" + base64.b64encode(b"o" * 32).decode()
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    known = [old]  # what the receiver trusts
    failed = []

    def answer(request, _number):
        if not standard(request, known[0]):
            failed.append((known[0], dict(request.headers)))
        return 200, {}

    with ScriptedReceiver(answer) as receiver:
        endpoint = database.endpoint("rotating", receiver.url, "/", signature_mode="standard_webhooks",
                                     rate_limit_count=100, rate_limit_period_seconds=1)
        first = add_secret(database, endpoint, "signing", old)
        database.queue(endpoint, 600)
        wait_until(lambda: len(receiver.requests) > 100, 30, "requests come")
        [overlap] = database.sql(
            "SELECT to_char(now() at time zone 'utc' + interval '1 hour', 'YYYY-MM-DD HH24:MI:SS')")
        add_secret(database, endpoint, "signing", new)
        database.call(SECRETS, "write", ids=[first], vals={"expires_at": overlap[0]})
        # The receiver changes over once both sign.
        wait_until(lambda: len(receiver.requests[-1].headers["webhook-signature"].split(" ")) == 2, 30, "both sign")
        known[0] = new
        wait_for(database, {"done": 600}, 60)
    assert not failed, failed[:1]
    assert len(receiver.requests) == 600
