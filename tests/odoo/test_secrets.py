# SPDX-License-Identifier: LGPL-3.0-or-later
"""Secrets: sealed at rest, opened by the worker alone, found nowhere in clear."""

import base64
import json
import subprocess

import pytest
from odoo_database import Refused
from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for
from worker_keys import KEYS, SECRETS, add_secret, confirm_keys, keygen, sealing_worker

# Planted: each must be found in no place that is kept.
PLANTED = {
    "signing": "PLANTED-signing-4711",
    "bearer_token": "PLANTED-bearer-4712",
    "api_key": "PLANTED-apikey-4713",
    "basic_password": "PLANTED-password-4714",
    "oauth2_client_secret": "PLANTED-oauth-4715",
}


def spellings(secret):
    """What a secret may look like: as it is, in base64 (at each of three alignments), percent-encoded, in hex."""
    raw = secret.encode()
    found = {secret, raw.hex()}
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + raw).decode()
        found.add(text[4 if shift else 0:].rstrip("=")[:-1])
    return found


def kept_places(database, worker, sandbox, log_from):
    """{place: text} of all that is kept: the database, the journal, both logs."""
    dump = subprocess.run(
        ["pg_dump", "--no-owner", database.name], capture_output=True, timeout=120,
        env={**sandbox.env, "PATH": "/usr/bin:/bin", "PGHOST": sandbox.env["PGHOST"], "PGPORT": sandbox.env["PGPORT"],
             "PGUSER": sandbox.env.get("PGUSER", "odoo")})
    assert dump.returncode == 0, dump.stderr.decode()
    journal = b"".join(file.read_bytes() for file in sorted(worker.folder.glob("journal.sqlite*")))
    return {
        "dump": dump.stdout.decode(errors="replace"), "journal": journal.decode("latin-1"), "worker log": worker.log(),
        "odoo log": sandbox.log_since(log_from),
    }  # fmt: skip


def test_planted_secrets_are_found_nowhere(database, make_worker, programs, tmp_path, sandbox):
    """Receivers echo what they get, fail, and are gone; settings are wrong; the worker is killed in between."""
    log_from = sandbox.log_size()
    worker = sealing_worker(make_worker, programs, database, tmp_path, log__level="debug")
    token = "PLANTED-access-4716"

    def echo(request, number):
        if request.path == "/token":
            return 200, {"access_token": token, "token_type": "bearer", "expires_in": 60}
        everything = json.dumps(dict(request.headers))
        return (500 if number == 1 else 200), everything.encode(), {"X-Echo": request.headers.get("authorization", "-")}

    with ScriptedReceiver(echo) as receiver:
        policy = database.retry_policy(1, attempts_max=2)
        shapes = {
            "bearer_token": {"auth_mode": "bearer"},
            "api_key": {"auth_mode": "api_key", "auth_header_name": "X-Odd-Name"},
            "basic_password": {"auth_mode": "basic", "auth_username": "shop"},
            "oauth2_client_secret": {
                "auth_mode": "oauth2_client_credentials", "oauth2_token_url": receiver.url + "/token",
                "oauth2_client_id": "id"},
            "signing": {"signature_mode": "hmac", "signature_part_ids": [(0, 0, {"kind": "raw_body"})]},
        }  # fmt: skip
        for purpose, fields in shapes.items():
            endpoint = database.endpoint(purpose.replace("_", "-"), receiver.url, "/echo?api_key=PLANTED-query-4717",
                                         retry_policy_id=policy, **fields)
            add_secret(database, endpoint, purpose, PLANTED[purpose])
            queue(database, endpoint, {"n": 1})
        wait_for(database, {"done": 5})
        dead = database.endpoint("dead", "http://127.0.0.1:1", "/", auth_mode="bearer", retry_policy_id=policy)
        add_secret(database, dead, "bearer_token", PLANTED["bearer_token"])
        queue(database, dead, {"n": 2})
        wait_for(database, {"done": 5, "dead_letter": 1})
    places = kept_places(database, worker, sandbox, log_from)
    assert all(places.values())
    assert len(receiver.requests) == 11 and PLANTED["bearer_token"] in json.dumps(
        [dict(request.headers) for request in receiver.requests])
    for secret in [*PLANTED.values(), token]:
        for place, text in places.items():
            for spelling in spellings(secret):
                assert spelling not in text, f"{secret} as {spelling} is in the {place}"
    # The endpoint's own path is configuration, not a secret of ours; attempts do not repeat it all the same.
    kept = json.dumps(database.call("bwt.webhook.outbound.delivery.attempt", "search_read", domain=[], fields=[]))
    assert "PLANTED-query" not in kept
    for method, arguments in (("read", {"ids": database.call(SECRETS, "search", domain=[])}),
                              ("search_read", {"domain": []})):
        shown = json.dumps(database.call(SECRETS, method, **arguments))
        assert not any(secret in shown for secret in PLANTED.values()) and "sealed:1:" not in shown


def test_without_a_confirmed_key_nothing_is_sealed(database, make_worker, programs, tmp_path):
    endpoint = database.endpoint("unsealed", "https://example.com", "/", auth_mode="bearer")
    with pytest.raises(Refused, match="keygen"):
        add_secret(database, endpoint, "bearer_token", "x" * 20)
    printed = keygen(programs["worker"], tmp_path / "key")
    worker = make_worker(secrets__key_file=str(tmp_path / "key")).start()
    wait_until(lambda: database.call(KEYS, "search", domain=[["state", "=", "pending"]]), 30, "the key waits")
    with pytest.raises(Refused, match="confirm"):
        add_secret(database, endpoint, "bearer_token", "x" * 20)
    checked = worker.command("check")
    assert "not the one that" in checked.stdout
    confirm_keys(database, printed)
    add_secret(database, endpoint, "bearer_token", "x" * 20)
    assert "confirmed" in worker.command("check").stdout


def test_a_worker_without_the_key_sends_nothing_and_says_so(database, make_worker, programs, tmp_path):
    """It is no fault of the delivery's: it waits for a worker that has the key."""
    able = sealing_worker(make_worker, programs, database, tmp_path)
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("sealed", receiver.url, "/", auth_mode="bearer")
        add_secret(database, endpoint, "bearer_token", "token-12345")
        able.stop()
        other = make_worker("other").start()
        queue(database, endpoint, {})
        wait_until(lambda: database.sql("SELECT count(*) FROM bwt_webhook_finding WHERE severity = 'warning'")
                   != [["0"]], 30, lambda: f"a finding: {other.log()[-1500:]}")
        assert database.states() == {"queued": 1} and receiver.requests == []
        able.start()
        wait_for(database, {"done": 1})
    assert receiver.requests[0].headers["authorization"] == "Bearer token-12345"


def test_keys_are_rotated_and_secrets_sealed_anew(database, make_worker, programs, tmp_path):
    worker = sealing_worker(make_worker, programs, database, tmp_path)
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("rotated", receiver.url, "/", auth_mode="bearer")
        add_secret(database, endpoint, "bearer_token", "token-12345")
        [[before]] = database.sql("SELECT sealed_value FROM bwt_webhook_secret")
        worker.stop()
        printed = keygen(programs["worker"], tmp_path / "second")
        both = make_worker("both", secrets__key_file=str(tmp_path / "second"),
                           secrets__old_key_files=[str(tmp_path / "worker.private_key")]).start()
        confirm_keys(database, printed)
        wait_until(lambda: database.sql("SELECT sealed_value FROM bwt_webhook_secret") != [[before]], 60,
                   lambda: f"it is sealed anew: {both.log()[-1500:]}")
        both.stop()
        make_worker("new", secrets__key_file=str(tmp_path / "second")).start()
        queue(database, endpoint, {})
        wait_for(database, {"done": 1})
    assert receiver.requests[0].headers["authorization"] == "Bearer token-12345"
    states = database.call(KEYS, "search_read", domain=[], fields=["state"])
    assert sorted(key["state"] for key in states) == ["confirmed", "retired"]
