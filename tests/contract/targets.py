# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the contract suite runs against: the double, or the addon in a real Odoo.

A target is called over JSON-2 as the worker's user. What administrators, business code and time do to the rows goes
through a side door of each target: commands on the double's standard input, psql and the administrator's key on Odoo.
"""

import base64
import hashlib
import http.client
import json
import os
from urllib.parse import urlsplit

MODEL = "bwt.webhook.worker"
PROCESS_SECONDS_MAX = 60


class Refused(Exception):
    """Odoo answered an error: `status` of HTTP, `name` of the exception's class, `message`."""

    def __init__(self, status, body):
        self.status, self.name, self.message = status, body.get("name", ""), body.get("message", "")
        super().__init__(f"{status} {self.name}: {self.message}")


def call_json2(url, database, key, model, method, arguments):
    """The result of a method called over JSON-2, or Refused."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PROCESS_SECONDS_MAX)
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"bearer {key}",
        "X-Odoo-Database": database,
    }
    connection.request("POST", f"/json/2/{model}/{method}", json.dumps(arguments), headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    if response.status != 200:
        is_json = response.headers.get_content_type() == "application/json"
        raise Refused(response.status, json.loads(body) if is_json else {"message": body})
    return json.loads(body)


class Target:
    """`url`, `database`, `worker_key` and `outsider_key` (a user outside the Worker group), and the side door."""

    def call_text(self, method, request, key=None):
        """One method of the contract: the request's text in, the answer's text out."""
        return call_json2(self.url, self.database, key or self.worker_key, MODEL, method, {"request": request})

    def close(self):
        """Ends what the target started."""

    def add_endpoint(self, **fields):
        """A new active endpoint; its id. `handler_id` and `request_body_mode` may be given."""
        raise NotImplementedError

    def set_endpoint_state(self, endpoint_id, state):
        """draft, active or archived."""
        raise NotImplementedError

    def add_inbound_endpoint(self, members=None, **fields):
        """A new inbound endpoint, active unless `state` says else; its id. `handler_id` may be given, and members of
        the contract's inbound_endpoint, without ids.
        """
        raise NotImplementedError

    def set_inbound_state(self, endpoint_id, state):
        """draft, active or archived."""
        raise NotImplementedError

    def add_intake(self, endpoint_id, body=b"{}", query="", headers=None):
        """A request to the endpoint's path at Odoo's own controller, `?a=1` behind it; what its sender was told."""
        raise NotImplementedError

    def intake(self, endpoint_id):
        """The event_uids of the endpoint's requests that are not verified yet, in the order in which they came."""
        raise NotImplementedError

    def expire_intake(self, endpoint_id):
        """The leases of the endpoint's requests ended a moment ago."""
        raise NotImplementedError

    def add_handler(self, direction="outbound"):
        """A new handler; its id."""
        raise NotImplementedError

    def add_writing_handler(self):
        """An inbound handler whose one rule writes res.partner.category; the ids of both."""
        raise NotImplementedError

    def add_native_handler(self):
        """An inbound handler whose native callback may read; its id."""
        raise NotImplementedError

    def operation(self, rule_id, text, fate="fine", **more):
        """An operation of that rule. `fine` writes a record named by the text; no_match (an update that finds nothing)
        and configuration (a model that is not the rule's) are refused with that category.
        """
        made = {"operation": "create", "model": "res.partner.category", "values": {"name": text}, "rule_id": rule_id}
        if fate == "no_match":
            made.update(operation="update", lookup=[{"field": "name", "value": text}], values={"color": 1})
        elif fate == "configuration":
            made["model"] = "res.partner.industry"
        return {**made, **more}

    def written_count(self, text):
        """How many records of that name operations have written."""
        raise NotImplementedError

    def archive_handler(self, handler_id):
        """What administrators do instead of deleting it."""
        raise NotImplementedError

    def pause(self, what, record_id, paused=True):
        """Pause, and Resume: of an outbound `endpoint`, a `handler`, or the `company` (without an id)."""
        raise NotImplementedError

    def queue(self, endpoint_id, payload="{}", count=1, **options):
        """Queues deliveries of one payload text in one transaction; their ids. Options: headers, lane, priority (1 to
        3), expires_in (seconds), files (of dicts: name, filename, content_type, content).
        """
        raise NotImplementedError

    def edit(self, row_id, kind="delivery", **fields):
        """Sets lease_expires_at_ms, next_attempt_at_ms, expires_at_ms, state or lease_token, past all rules."""
        raise NotImplementedError

    def read(self, delivery_id):
        """The delivery's row, and its attempts in the order of their numbers; empty texts for what is not set."""
        raise NotImplementedError

    def read_event(self, event_id):
        """The event's row and its rule executions, the oldest first; empty texts for what is not set."""
        raise NotImplementedError

    def event_files(self, event_id):
        """The files of an event, in their order: (name of the form's field, file name, content)."""
        raise NotImplementedError

    def rejected_counts(self, endpoint_id):
        """{category: count} of rejected requests that were counted only."""
        raise NotImplementedError

    def read_worker(self, worker_uid):
        """What a worker said of its gateway: the URL, "" when it said none, and `inbox` as hello spells it, or None."""
        raise NotImplementedError

    def ask_probe(self, handler, samples):
        """A probe as the UI makes it; its uid."""
        raise NotImplementedError

    def ask_send_probe(self, endpoint_id, delivery):
        """A send test as the UI makes it; its uid."""
        raise NotImplementedError

    def read_probe(self, probe_uid):
        """The answer that was accepted, or None."""
        raise NotImplementedError

    def confirm_key(self, public_key):
        """An administrator confirms a key that a worker has shown, given as base64."""
        raise NotImplementedError

    def add_secret(self, endpoint_id, value, purpose="signing", inbound=False):
        """A secret of an outbound or inbound endpoint, sealed on save, or a reference (env:NAME); its id."""
        raise NotImplementedError

    def forget_workers(self):
        """No worker was heard of for an hour."""
        raise NotImplementedError

    def findings(self, record):
        """The messages of the findings at a record ({"model", "id"})."""
        raise NotImplementedError

    def set_neutralized(self, neutralized):
        """As Odoo's neutralization marks a database."""
        raise NotImplementedError

    def become_copy(self):
        """The database's fingerprint changes."""
        raise NotImplementedError

    def retry_count(self):
        """How often the server began a call anew, asleep in between, because of a lock or a serialization error."""
        return 0


def key_id(public_key):
    """As a sealed value names the key, given as base64."""
    return hashlib.sha256(base64.b64decode(public_key)).digest()[:8]


def sealed_like(public_key):
    """A value of the shape of a secret that is sealed to the key; nobody can open it."""
    return "sealed:1:" + base64.b64encode(key_id(public_key) + os.urandom(32 + 12 + 40)).decode()
