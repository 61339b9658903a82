# SPDX-License-Identifier: LGPL-3.0-or-later
"""Who we say we are: basic, bearer, API key, OAuth2 client credentials, client certificates."""

import base64
import json
from urllib.parse import parse_qs

from certificates import Authority
from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for
from worker_keys import add_secret, sealing_worker

ENDPOINT = "bwt.webhook.outbound.endpoint"


def test_basic_bearer_and_api_key(database, make_worker, programs, tmp_path):
    """Business headers cannot take the place of a credential, and an environment variable or a file will do, too."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "token").write_text("file-token-1\n")
    (folder / "token").chmod(0o600)
    sealing_worker(make_worker, programs, database, tmp_path, secrets__directory=str(folder))
    with ScriptedReceiver() as receiver:
        basic = database.endpoint("basic", receiver.url, "/basic", auth_mode="basic", auth_username="shöp")
        add_secret(database, basic, "basic_password", "pass:wörd")
        bearer = database.endpoint("bearer", receiver.url, "/bearer", auth_mode="bearer")
        add_secret(database, bearer, "bearer_token", "token-1")
        filed = database.endpoint("filed", receiver.url, "/filed", auth_mode="bearer")
        database.call("bwt.webhook.secret", "create", vals_list=[
            {"endpoint_id": filed, "purpose": "bearer_token", "reference": "file:token"}])
        api_key = database.endpoint("api-key", receiver.url, "/api-key", auth_mode="api_key",
                                    auth_header_name="X-Shop-Key")
        add_secret(database, api_key, "api_key", "key-1")
        for endpoint in (basic, bearer, filed, api_key):
            queue(database, endpoint, {"n": 1})
        wait_for(database, {"done": 4})
    got = {request.path: request.headers for request in receiver.requests}
    assert got["/basic"]["authorization"] == "Basic " + base64.b64encode("shöp:pass:wörd".encode()).decode()
    assert got["/bearer"]["authorization"] == "Bearer token-1"
    assert got["/filed"]["authorization"] == "Bearer file-token-1"
    assert got["/api-key"]["x-shop-key"] == "key-1"
    kept = json.dumps(database.call("bwt.webhook.outbound.delivery.attempt", "search_read", domain=[], fields=[]))
    for secret in ("pass:wörd", "token-1", "key-1", base64.b64encode("shöp:pass:wörd".encode()).decode()):
        assert secret not in kept


class TokenServer:
    """A receiver that also gives tokens; it forgets them when the test says so."""

    def __init__(self):
        self.given, self.valid, self.asked, self.status = 0, None, [], 200

    def __call__(self, request, _number):
        if request.path == "/token":
            self.asked.append(request)
            if self.status != 200:
                return self.status, {"error": "invalid_client"}
            self.given += 1
            self.valid = f"access-token-{self.given}"
            return 200, {"access_token": self.valid, "token_type": "Bearer", "expires_in": 3600}
        return (200 if request.headers.get("authorization") == f"Bearer {self.valid}" else 401), {}


def oauth(database, receiver, **fields):
    endpoint = database.endpoint(
        "oauth", receiver.url, "/orders", auth_mode="oauth2_client_credentials",
        oauth2_token_url=receiver.url + "/token", oauth2_client_id="client 1", oauth2_scope="orders write", **fields)
    add_secret(database, endpoint, "oauth2_client_secret", "s3cret/+ ü")
    return endpoint


def test_oauth2_client_credentials(database, make_worker, programs, tmp_path):
    sealing_worker(make_worker, programs, database, tmp_path)
    server = TokenServer()
    with ScriptedReceiver(server) as receiver:
        endpoint = oauth(database, receiver)
        database.queue(endpoint, 50)
        wait_for(database, {"done": 50})
        assert server.given == 1  # one for all
        server.valid = "revoked"
        database.queue(endpoint, 20)
        wait_for(database, {"done": 70})
    assert server.given == 2  # refreshed once on 401, by all of them together
    form = parse_qs(server.asked[0].body.decode())
    assert form["grant_type"] == ["client_credentials"] and form["scope"] == ["orders write"]
    assert server.asked[0].headers["authorization"].startswith("Basic ")
    assert max(attempt["attempt_number"] for attempt in database.attempts()) == 1
    assert "access-token-" not in json.dumps(database.call(
        "bwt.webhook.outbound.delivery.attempt", "search_read", domain=[], fields=[]))


def test_a_token_that_cannot_be_had_is_retried_and_named(database, make_worker, programs, tmp_path):
    sealing_worker(make_worker, programs, database, tmp_path)
    server = TokenServer()
    server.status = 400
    with ScriptedReceiver(server) as receiver:
        endpoint = oauth(database, receiver, retry_policy_id=database.retry_policy(6, attempts_max=3))
        queue(database, endpoint, {"n": 1})
        wait_for(database, {"error": 1})
        [delivery] = database.deliveries()
        assert delivery["failure_reason"] == "auth" and "400" in delivery["failure_message"]
        assert "s3cret" not in delivery["failure_message"]
        server.status = 200
        wait_for(database, {"done": 1})
    assert not [request for request in receiver.requests if request.path == "/orders"][1:]


def test_client_certificates_and_private_authorities(database, make_worker, programs, tmp_path):
    """Two endpoints at one receiver show two certificates, on connections of their own; a third has none."""
    sealing_worker(make_worker, programs, database, tmp_path)
    authority = Authority(tmp_path / "ca")
    with ScriptedReceiver(tls=authority.server_context(asks_for_client=True)) as receiver:
        for name in ("alpha", "beta"):
            certificate, key = authority.issue(name)
            endpoint = database.endpoint(
                name, receiver.url, f"/{name}", client_certificate_pem=certificate.read_text(),
                ca_certificate_pem=authority.certificate.read_text())
            add_secret(database, endpoint, "client_key", key.read_text())
            database.queue(endpoint, 10)
        policy = database.retry_policy(3600, attempts_max=2)
        nobody = database.endpoint("nobody", receiver.url, "/nobody", retry_policy_id=policy,
                                   ca_certificate_pem=authority.certificate.read_text())
        stranger = database.endpoint("stranger", receiver.url, "/stranger", retry_policy_id=policy)
        queue(database, nobody, {})
        queue(database, stranger, {})
        wait_for(database, {"done": 20, "error": 2})
    assert len(receiver.requests) == 20
    for request in receiver.requests:
        [[(_name, common_name)]] = [row for row in request.peer["subject"] if row[0][0] == "commonName"]
        assert f"/{common_name}" == request.path
    reasons = {d["endpoint_id"][1]: d["failure_reason"] for d in database.deliveries([["state", "=", "error"]])}
    assert reasons["stranger"] == "tls" and reasons["nobody"] in ("tls", "connection_lost")


def test_a_wrong_host_or_an_expired_certificate_is_a_failure_of_tls(database, make_worker, programs, tmp_path):
    authority = Authority(tmp_path / "ca")
    worker = make_worker(transport__ca_file=str(authority.certificate)).start()
    other = authority.server_context()
    other.load_cert_chain(*authority.issue("elsewhere", "127.0.0.2"))
    with ScriptedReceiver(tls=other) as receiver:
        endpoint = database.endpoint("wrong-host", receiver.url, "/",
                                     retry_policy_id=database.retry_policy(3600, attempts_max=2))
        queue(database, endpoint, {})
        wait_for(database, {"error": 1})
    [delivery] = database.deliveries()
    assert delivery["failure_reason"] == "tls" and "IP address mismatch" in delivery["failure_message"]
    assert receiver.requests == []
    wait_until(lambda: "tls" in worker.log(), 5, "the log says so")
