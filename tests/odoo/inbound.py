# SPDX-License-Identifier: LGPL-3.0-or-later
"""Inbound endpoints with handlers and rules, and the gateway's side of the contract that brings events to them.

Rows of rules are written short. A source is "kind:expression" (`SOURCES`): payload:customer.name, literal:1.10,
json:[1], template:{{ payload.n }}. A condition is (source, operator, expected).
"""

import base64
import json
import time
import uuid

from processes import wait_until

GATEWAY_UID = "018f0000-0000-7000-8000-00000000e2e3"
GATEWAY = {
    "contract_version": 1, "name": "gateway", "version": "0.0.0", "host": "localhost", "callbacks": [],
    "journal_healthy": True,
}  # fmt: skip
EVENT = "bwt.webhook.inbound.event"
SOURCES = {
    "payload": "payload_path", "item": "item_path", "query": "query_parameter", "resolved": "resolved_value",
    "semantic": "semantic_field", "context": "context_key", "reply": "response_body", "status": "response_status",
}  # fmt: skip
EVENT_FIELDS = [
    "event_uid", "state", "attempt_count", "failure_reason", "failure_message", "failure_key", "processing_note",
    "matched_inbound_rule_id", "next_attempt_at",
]  # fmt: skip


def source(text):
    kind, _colon, expression = text.partition(":")
    if kind in ("literal", "json"):
        return {"source_kind": "literal", "literal_value": expression, "literal_is_json": kind == "json"}
    return {"source_kind": SOURCES.get(kind, kind), "source_expression": expression}


def rule(name, action, model=None, conditions=(), lookups=(), assign=(), **fields):
    """The values of a rule of either direction. `lookups` and `assign` are pairs or dicts of targets to sources; what
    is more than a target and a source is a dict of the row's fields.
    """
    action_field = "result_status" if "phase" in fields else "action_type"
    scope_field = "target_scope" if "phase" in fields else "target_kind"
    scope = fields.pop("scope", "field")
    pairs = assign.items() if isinstance(assign, dict) else assign
    rows = {
        "condition_ids": [
            {**source(where), "operator": operator, **({"expected_value": expected[0]} if expected else {})}
            for where, operator, *expected in conditions
        ],
        "lookup_ids": [{"target_field_name": target, **source(where)} for target, where in dict(lookups).items()],
        "assignment_ids": [
            {"target_expression": target, scope_field: scope, **source(where), **(more[0] if more else {})}
            for target, where, *more in pairs
        ],
    }
    numbered = {
        field: [(0, 0, {"sequence": number, **row}) for number, row in enumerate(values)]
        for field, values in rows.items()
    }
    target = {"target_model_name": model} if model else {}
    return {"name": name, action_field: action, **target, **numbered, **fields}


def xmlid(database, name):
    module, _dot, name = name.partition(".")
    [[res_id]] = database.sql(f"SELECT res_id FROM ir_model_data WHERE module = '{module}' AND name = '{name}'")
    return int(res_id)


def new_user(database, login, groups, **fields):
    """An internal user with a password equal to the login; `groups` are external ids."""
    group_ids = [(6, 0, [xmlid(database, group) for group in ["base.group_user", *groups]])]
    return database.call("res.users", "create", vals_list=[{
        "name": login, "login": login, "password": login, "group_ids": group_ids, **fields}])[0]


def executor(database, login="executor"):
    """The execution user of these tests: contacts and sales, nothing technical."""
    [*found] = database.call("res.users", "search", domain=[["login", "=", login]])
    return found[0] if found else new_user(
        database, login, ["base.group_partner_manager", "sales_team.group_sale_salesman_all_leads"])


def new_handler(database, code, direction="inbound", rules=(), **fields):
    fields.setdefault("execution_user_id", executor(database))
    for number, values in enumerate(rules):
        values.setdefault("sequence", number)
    return database.call("bwt.webhook.handler", "create", vals_list=[{
        "name": code, "code": code, "direction": direction,
        f"{direction}_rule_ids": [(0, 0, values) for values in rules], **fields}])[0]


def contract(database, method, **request):
    """A method of the worker's contract, as the worker user."""
    request = json.dumps({"worker_uid": GATEWAY_UID, **request})
    return json.loads(database.call("bwt.webhook.worker", method, key=database.worker_key, request=request))


def ingest_events(database, endpoint_id, payloads, **changes):
    """Brings payloads (bytes, or what becomes JSON) to Odoo as the gateway would; the ids of their events."""
    contract(database, "hello", **GATEWAY)
    ids = []
    for first in range(0, len(payloads), 500):
        events = [_event(endpoint_id, payload, changes) for payload in payloads[first:first + 500]]
        results = contract(database, "ingest", events=events)["results"]
        assert {result["status"] for result in results} == {"ingested"}, results
        ids += [result["id"] for result in results]
    return ids


def _event(endpoint_id, payload, changes):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return {
        "event_uid": str(uuid.uuid4()), "endpoint_id": endpoint_id, "received_at_ms": int(time.time() * 1000),
        "state": "received", "request_body_base64": base64.b64encode(body).decode(),
        "request_headers": {"Content-Type": "application/json"}, **changes,
    }  # fmt: skip


class Inbound:
    """An inbound endpoint with a handler of its own."""

    def __init__(self, database, rules=(), code="in", retry=(1, 1), **handler):
        self.database, self.code = database, code
        self.handler_id = new_handler(database, code, rules=rules, **handler)
        self.endpoint_id = database.call("bwt.webhook.inbound.endpoint", "create", vals_list=[{
            "name": code, "path": code, "state": "active", "handler_id": self.handler_id,
            "unverified_allowed": True, "delivery_identity_policy": "body_sha256",
            "retry_policy_id": database.retry_policy(*retry, attempts_max=len(retry) + 1)}])[0]

    def ingest(self, *payloads, **changes):
        return ingest_events(self.database, self.endpoint_id, payloads, **changes)

    def states(self):
        return {state: int(count) for state, count in self.database.sql(
            f"SELECT state, count(*) FROM bwt_webhook_inbound_event WHERE endpoint_id = {self.endpoint_id}"
            " GROUP BY state")}

    def wait(self, seconds=30, states=("done", "dead_letter")):
        """Until all events are in one of the states."""
        wait_until(lambda: set(self.states()) <= set(states), seconds, lambda: f"{self.states()} {self.failures()}")

    def failures(self):
        return self.database.sql(
            "SELECT DISTINCT state, failure_reason, failure_message FROM bwt_webhook_inbound_event"
            " WHERE failure_message IS NOT NULL LIMIT 5")

    def read(self, ids, fields=EVENT_FIELDS):
        """The events, in the order of the ids."""
        rows = {row["id"]: row for row in self.database.call(EVENT, "read", ids=list(ids), fields=list(fields))}
        return [rows[event_id] for event_id in ids]

    def executions(self, event_id):
        return self.database.call(
            "bwt.webhook.inbound.rule.execution", "search_read", domain=[["event_id", "=", event_id]],
            fields=["rule_id", "action", "state", "error", "record_reference", "trace_text"])


def partners(database, domain, fields=("name", "ref")):
    return database.call("res.partner", "search_read", domain=list(domain), fields=list(fields), order="id")
