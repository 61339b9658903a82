# SPDX-License-Identifier: LGPL-3.0-or-later
"""A worker as the contract sees it. Every request and every answer is held against the schemas."""

import base64
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

    def claim(self, quotas, token=None, limit=100, takeover=True, lease_seconds=LEASE_SECONDS, **more):
        """`quotas`: endpoint ids to free places, in order."""
        request = {
            "worker_uid": self.uid, "claim_token": token or new_uid(), "limit": limit, "takeover": takeover,
            "lease_seconds": lease_seconds,
            "quotas": [{"endpoint_id": endpoint_id, "free": free} for endpoint_id, free in quotas.items()], **more,
        }  # fmt: skip
        return self.call("claim", request)

    def claim_one(self, endpoint_id, **options):
        """The one row that there is to claim."""
        [row] = self.claim({endpoint_id: 10}, **options)["deliveries"]
        return row

    def claim_events(self, quotas, **options):
        """`quotas` of inbound endpoints. The answer with its events in any case."""
        return {"events": [], "probes": [], **self.claim(quotas, work="events", **options)}

    def claim_event(self, endpoint_id, **options):
        """The one event that there is to claim."""
        [row] = self.claim_events({endpoint_id: 10}, **options)["events"]
        return row

    def claim_intake(self, **options):
        """The rows of the intake that this call leases, or leased."""
        return self.claim({}, work="intake", **options)["intake"]

    def ingest(self, *events, **changes):
        """The answer; its results are one per event, in their order."""
        answer = self.call("ingest", {"worker_uid": self.uid, "events": list(events), **changes})
        assert [r["event_uid"] for r in answer["results"]] == [e["event_uid"] for e in events]
        return answer

    def receive(self, endpoint_id, count=1, **changes):
        """Ingests new events; their ids."""
        results = self.ingest(*(event(endpoint_id, **changes) for _number in range(count)))["results"]
        assert {result["status"] for result in results} == {"ingested"}
        return [result["id"] for result in results]

    def report_findings(self, revision, findings=(), needs=(), **more):
        """Whether the report was accepted."""
        request = {
            "worker_uid": self.uid, "configuration_revision": revision, "findings": list(findings),
            "needs": list(needs), **more,
        }  # fmt: skip
        return self.call("report_findings", request)["accepted"]

    def answer_probe(self, probe_uid, answer):
        """Whether the answer was accepted."""
        request = {"worker_uid": self.uid, "probe_uid": probe_uid, "answer": answer}
        return self.call("answer_probe", request)["accepted"]

    def reseal(self, *secrets):
        """The ids that were replaced. Secrets are (id, previous value, value)."""
        items = [dict(zip(("id", "previous_value", "value"), secret)) for secret in secrets]
        return self.call("reseal", {"worker_uid": self.uid, "secrets": items})["resealed_ids"]

    def endpoint(self, endpoint_id):
        """The outbound endpoint as the configuration tells it."""
        return self._told("endpoints", endpoint_id)

    def inbound_endpoint(self, endpoint_id):
        """The inbound endpoint as the configuration tells it."""
        return self._told("inbound_endpoints", endpoint_id)

    def _told(self, which, endpoint_id):
        [told] = [e for e in self.configuration()["configuration"][which] if e["id"] == endpoint_id]
        return told

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


def ids_of(answer, what="deliveries"):
    return [row["id"] for row in answer[what]]


def kind_of(row):
    return "event" if "event_uid" in row else "delivery"


def expire(target, row):
    """The lease of a claimed row ended a second ago."""
    target.edit(row["id"], kind=kind_of(row), lease_expires_at_ms=now_ms() - 1000)


def lease_of(row):
    return {"kind": kind_of(row), "id": row["id"], "lease_token": row["lease_token"]}


def event(endpoint_id, body=b"{}", **changes):
    """An event as a gateway sends it. None leaves a key out."""
    made = {
        "event_uid": new_uid(), "endpoint_id": endpoint_id, "received_at_ms": now_ms() - 1000, "state": "received",
        "request_body_base64": base64.b64encode(body).decode(), "request_headers": {"Content-Type": "application/json"},
    }  # fmt: skip
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


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
    """A settlement for a claimed row, of a delivery with an attempt unless the outcome spends none. None leaves a key
    out.
    """
    made = {"settlement_uid": new_uid(), **lease_of(row), "outcome": outcome, "state": state}
    if outcome != "deferred" and kind_of(row) == "delivery":
        made["attempt"] = attempt()
    if state in ("error", "queued", "received"):
        made["next_attempt_at_ms"] = now_ms() + HOUR_MS
    if state in ("error", "dead_letter"):
        made.update(failure_reason="http_status", failure_message="The receiver answered 503.", failure_key="503")
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def delivered(row, **changes):
    return settlement(row, "delivered", "done", **changes)


def done(row, **changes):
    """Of an event."""
    return settlement(row, "done", "done", **changes)


def probe():
    """A handler and samples as a probe carries them."""
    handler = {
        "id": 1, "code": "contract", "name": "Contract", "company_id": 1, "direction": "inbound",
        "execution_mode": "model_driven", "active": True, "rules": [],
    }  # fmt: skip
    return handler, [{"name": "pasted", "phase": "event", "body_base64": "e30="}]
