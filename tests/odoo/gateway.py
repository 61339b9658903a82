# SPDX-License-Identifier: LGPL-3.0-or-later
"""A worker with a gateway, inbound endpoints with their secrets, and senders that sign with Python's own hmac."""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import time
import uuid
from urllib.parse import parse_qsl, urlencode

from inbound import new_handler, rule
from processes import wait_until
from worker_keys import SECRETS, sealing_worker

ENDPOINT = "bwt.webhook.inbound.endpoint"
EVENT = "bwt.webhook.inbound.event"
# Each accepted event makes one contact, named by its payload.
CONTACT = [rule("Contact", "create_record", "res.partner", assign={"name": "payload:name", "ref": "payload:ref"})]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gateway_worker(make_worker, programs, database, folder, name="worker", **settings):
    """A running worker with a gateway and a confirmed key; its `gateway_port` answers."""
    port = settings.pop("port", None) or free_port()
    settings = {"gateway__inbox": str(folder / f"{name}.inbox.sqlite"), "gateway__source_requests_per_second_max": 0,
                "gateway__source_failures_per_minute_max": 0, **settings}
    worker = sealing_worker(make_worker, programs, database, folder, name, gateway__listen=f"127.0.0.1:{port}",
                            **settings)
    worker.gateway_port = port
    wait_for_gateway(port)
    return worker


def wait_for_gateway(port, seconds=30):
    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    wait_until(listens, seconds, f"the gateway listens on {port}")


def wait_for_path(port, path, seconds=30):
    """Until the gateway knows the endpoint: a GET of what it does not know is 404, else another refusal."""
    def known():
        return Sender(port).request("GET", f"/webhooks/in/{path}")[0] not in (404, 503)
    wait_until(known, seconds, f"the gateway knows {path}")


class Sender:
    """One connection, kept alive; `post` gives the status and the body, as JSON when it is."""

    def __init__(self, port, timeout=30):
        self.port, self.timeout, self.connection = port, timeout, None

    def request(self, method, target, body=b"", headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, target, body, headers or {})
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self.answer_headers = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        try:
            return response.status, json.loads(answer)
        except ValueError:
            return response.status, answer

    def post(self, path, body, headers=None):
        return self.request("POST", f"/webhooks/in/{path}", body, headers)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def inbound_endpoint(database, path, handler_id=None, secrets=(), **fields):
    """An active endpoint; `secrets` are (purpose, value). Needs a confirmed key when there are any."""
    values = {"name": path, "path": path, "handler_id": handler_id, "retry_policy_id": database.retry_policy(1, 1),
              **fields}
    endpoint_id = database.call(ENDPOINT, "create", vals_list=[values])[0]
    for purpose, value in secrets:
        add_secret(database, endpoint_id, purpose, value)
    database.call(ENDPOINT, "action_activate", ids=[endpoint_id])
    return endpoint_id


def open_endpoint(database, path, handler_id=None, **fields):
    """Without verification, identified by the body."""
    return inbound_endpoint(database, path, handler_id, unverified_allowed=True,
                            **{"delivery_identity_policy": "body_sha256", **fields})


def preset_endpoint(database, preset, path, secret, handler_id=None, **fields):
    """Made as an administrator makes it: preset applied, secret entered, activated."""
    endpoint_id = database.call(ENDPOINT, "create", vals_list=[{
        "name": path, "path": path, "preset": preset, "handler_id": handler_id,
        "retry_policy_id": database.retry_policy(1, 1), **fields}])[0]
    database.call(ENDPOINT, "action_apply_preset", ids=[endpoint_id])
    add_secret(database, endpoint_id, "api_key" if preset == "gitlab" else "signing", secret)
    database.call(ENDPOINT, "action_activate", ids=[endpoint_id])
    return endpoint_id


def add_secret(database, endpoint_id, purpose, value, **fields):
    return database.call(SECRETS, "create", vals_list=[
        {"inbound_endpoint_id": endpoint_id, "purpose": purpose, "value": value, **fields}])[0]


def contact_handler(database, code="contacts"):
    return new_handler(database, code, rules=CONTACT)


def events(database, endpoint_id, fields=("event_uid", "state")):
    return database.call(EVENT, "search_read", domain=[["endpoint_id", "=", endpoint_id]], fields=list(fields),
                         order="id")


def states(database, endpoint_id):
    return {state: int(count) for state, count in database.sql(
        f"SELECT state, count(*) FROM bwt_webhook_inbound_event WHERE endpoint_id = {endpoint_id} GROUP BY state")}


def wait_for_states(database, endpoint_id, wanted, seconds=60):
    wait_until(lambda: states(database, endpoint_id) == wanted, seconds,
               lambda: f"{states(database, endpoint_id)} instead of {wanted}")


# ---- signatures, made by code that is not the worker's


def mac(secret, message, digest=hashlib.sha256):
    return hmac.new(secret.encode(), message, digest)


def stripe(secret, body, now, url):
    return {"Stripe-Signature": f"t={now},v1={mac(secret, f'{now}.'.encode() + body).hexdigest()}"}


def github(secret, body, now, url):
    return {"X-GitHub-Event": "issues", "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + mac(secret, body).hexdigest()}


def shopify(secret, body, now, url):
    return {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Shop-Domain": "example.myshopify.com",
            "X-Shopify-Hmac-Sha256": base64.b64encode(mac(secret, body).digest()).decode()}


def slack(secret, body, now, url):
    return {"X-Slack-Request-Timestamp": str(now),
            "X-Slack-Signature": "v0=" + mac(secret, f"v0:{now}:".encode() + body).hexdigest()}


def gitlab(secret, body, now, url):
    return {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": secret, "Idempotency-Key": str(uuid.uuid4())}


def twilio(secret, body, now, url):
    """Over the address and the sorted fields; the body is a form."""
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    message = url + "".join(name + value for name, value in fields)
    return {"I-Twilio-Idempotency-Token": str(uuid.uuid4()), "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(mac(secret, message.encode(), hashlib.sha1).digest()).decode()}


def standard_webhooks(secret, body, now, url):
    message_id = "msg_" + uuid.uuid4().hex
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": message_id, "webhook-timestamp": str(now),
            "webhook-signature": "v1," + base64.b64encode(signed).decode()}


SIGNERS = {signer.__name__: signer for signer in (stripe, github, shopify, slack, gitlab, twilio, standard_webhooks)}
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
PRESET_SECRETS = {name: STANDARD_SECRET if name == "standard_webhooks" else f"s3cret of {name}" for name in SIGNERS}


def preset_payload(preset, number):
    """What the preset's identity needs, and what the contact is made of."""
    fields = {"ref": f"{preset}-{number}", "name": f"{preset} {number}"}
    more = {"stripe": {"id": f"evt_{number}", "type": "invoice.paid"},
            "slack": {"type": "event_callback", "event_id": f"Ev{number}", "event": {"type": "message"}},
            "standard_webhooks": {"type": "contact.created"}}.get(preset, {})
    if preset == "twilio":
        return urlencode({**fields, "MessageSid": f"SM{number}", "SmsStatus": "received"}).encode()
    return json.dumps({**fields, **more}).encode()


def signed(preset, secret, body, now=None, url=""):
    """All headers of a request that the preset's sender would make."""
    headers = {"Content-Type": "application/json"}
    return {**headers, **SIGNERS[preset](secret, body, int(time.time()) if now is None else now, url)}
