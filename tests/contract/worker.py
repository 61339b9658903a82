# SPDX-License-Identifier: LGPL-3.0-or-later
"""A worker as the contract sees it. Every request and every answer is held against the schemas."""

import json
import time
import uuid
from pathlib import Path

import jsonschema

SCHEMAS = Path(__file__).resolve().parents[2] / "schema" / "contract"
LEASE_SECONDS = 60
HOUR_MS = 3_600_000


def load_definitions():
    """All definitions of the folder: they share one name space."""
    definitions = {}
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        for name, schema in json.loads(path.read_text())["definitions"].items():
            assert name not in definitions, f"{name} is defined twice"
            definitions[name] = schema
    return definitions


_DEFINITIONS = load_definitions()


def check_shape(name, value):
    """ValidationError when the value does not fit the definition."""
    schema = {"definitions": _DEFINITIONS, "$ref": f"#/definitions/{name}"}
    jsonschema.Draft7Validator(schema).validate(value)


def now_ms():
    return int(time.time() * 1000)


def new_uid():
    return str(uuid.uuid4())


class Worker:
    """Calls a target under a worker_uid of its own."""

    def __init__(self, target):
        self.target, self.uid = target, new_uid()

    def call(self, method, request, key=None):
        check_shape(f"{method}_request", request)
        return self.call_unchecked(method, request, key)

    def call_unchecked(self, method, request, key=None):
        """Also what does not fit its schema."""
        text = self.target.call_text(method, json.dumps(request), key)
        assert text.isascii(), "an answer is an ASCII text"
        answer = json.loads(text)
        check_shape(f"{method}_answer", answer)
        return answer

    def hello(self, **changes):
        return self.call("hello", self.hello_request(**changes))

    def hello_request(self, **changes):
        request = {
            "contract_version": 1, "worker_uid": self.uid, "name": "contract suite", "version": "0.0.0",
            "host": "localhost", "callbacks": [], "journal_healthy": True,
        }  # fmt: skip
        return {**request, **changes}

    def configuration(self, **changes):
        return self.call("configuration", {"worker_uid": self.uid, **changes})

    def claim(self, quotas, token=None, limit=100, takeover=True, lease_seconds=LEASE_SECONDS):
        """`quotas`: endpoint ids to free places, in order."""
        request = {
            "worker_uid": self.uid, "claim_token": token or new_uid(), "limit": limit, "takeover": takeover,
            "lease_seconds": lease_seconds,
            "quotas": [{"endpoint_id": endpoint_id, "free": free} for endpoint_id, free in quotas.items()],
        }  # fmt: skip
        return self.call("claim", request)

    def claim_one(self, endpoint_id, **options):
        """The one row that there is to claim."""
        [row] = self.claim({endpoint_id: 10}, **options)["deliveries"]
        return row

    def renew(self, rows, lease_seconds=LEASE_SECONDS):
        request = {"worker_uid": self.uid, "lease_seconds": lease_seconds, "leases": [lease_of(row) for row in rows]}
        return self.call("renew", request)

    def release(self, rows):
        return self.call("release", {"worker_uid": self.uid, "leases": [lease_of(row) for row in rows]})

    def settle(self, *settlements):
        """The results, one per settlement."""
        answer = self.call("settle", {"worker_uid": self.uid, "settlements": list(settlements)})
        assert [r["settlement_uid"] for r in answer["results"]] == [s["settlement_uid"] for s in settlements]
        return answer["results"]

    def settle_one(self, settlement):
        """The one status."""
        return self.settle(settlement)[0]["status"]


def ids_of(answer):
    return [row["id"] for row in answer["deliveries"]]


def expire(target, row):
    """The lease of a claimed row ended a second ago."""
    target.edit(row["id"], lease_expires_at_ms=now_ms() - 1000)


def lease_of(row):
    return {"kind": "delivery", "id": row["id"], "lease_token": row["lease_token"]}


def attempt(**changes):
    made = {
        "attempt_uid": new_uid(), "started_at_ms": now_ms(), "duration_ms": 12, "http_method": "post",
        "target_url": "http://127.0.0.1:9/", "request_headers": {"Content-Type": "application/json"},
        "request_body": "{}", "response_status_code": 200, "response_headers": {"Server": "x"},
        "response_body": "fine", "maybe_delivered": False,
    }  # fmt: skip
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def settlement(row, outcome, state, **changes):
    """A settlement for a claimed row, with an attempt unless the outcome spends none. None leaves a key out."""
    made = {"settlement_uid": new_uid(), **lease_of(row), "outcome": outcome, "state": state}
    if outcome != "deferred":
        made["attempt"] = attempt()
    if state in ("error", "queued"):
        made["next_attempt_at_ms"] = now_ms() + HOUR_MS
    if state in ("error", "dead_letter"):
        made.update(failure_reason="http_status", failure_message="The receiver answered 503.", failure_key="503")
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def delivered(row, **changes):
    return settlement(row, "delivered", "done", **changes)
