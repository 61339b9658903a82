# SPDX-License-Identifier: LGPL-3.0-or-later
"""ingest: events that a gateway accepted become rows, through the ORM, so that what other addons add to them holds."""

import base64
import hashlib
import json
import logging
from datetime import timedelta

import psycopg2

from .. import compat
from . import wake
from .contract_claim_events import HANDLER_OPEN, OPEN_INBOUND_ENDPOINTS
from .contract_event_rows import CLAIMED_EVENT, EVENT_LEASE, SEMANTICS, claimed_events
from .contract_rows import EPOCH, call_hook
from .contract_session import begin, database_state, envelope, forget_cached, refuse_held, seen
from .contract_settle_write import encode_headers
from .execution import connection_is_lost, refusal
from .payload import encode_spelled

_logger = logging.getLogger(__name__)
MODEL = "bwt.webhook.inbound.event"
LEASE_SECONDS = 60


def ingest(env, request):
    begin(env)
    env[MODEL].flush_model()
    state = database_state(env)
    refuse_held(state)
    worker_id, _name = seen(env, request["worker_uid"])
    ingesting = Ingesting(env)
    ingesting.run(request["events"])
    answer = {"results": [ingesting.results[event["event_uid"]] for event in request["events"]]}
    if "claim_token" in request:
        lease = {
            "token": request["claim_token"],
            "worker_id": worker_id,
            "expires_at": state["now"] + timedelta(seconds=request.get("lease_seconds", LEASE_SECONDS)),
        }
        answer["events"] = ingesting.lease(lease)
    elif ingesting.created_ids:
        wake.after_commit(env)
    return {**envelope(database_state(env)), **answer}


class Ingesting:
    """One call; results by event_uid."""

    def __init__(self, env):
        self.env, self.cr = env(su=True, context={}), env.cr
        self.results = {}
        self.ids = []  # of all rows that the request's events are
        self.created_ids = []
        self.endpoints = {}
        self.handlers = {}  # (company id, code) -> handler

    def run(self, events):
        self._read_configuration(events)
        waiting = events
        while waiting:  # the second time for the twins of what was new the first time
            self.create_or_halve(self.new_ones(waiting))
            waiting = [event for event in events if event["event_uid"] not in self.results]
        self._link_replays()
        forget_cached(self.env, MODEL)
        call_hook(self.env, "_after_ingest", self.created_ids, "event")

    def _read_configuration(self, events):
        """The endpoints, and the active inbound handlers that requests may name."""
        endpoints = self.env["bwt.webhook.inbound.endpoint"].browse({event["endpoint_id"] for event in events})
        self.endpoints = {endpoint.id: endpoint for endpoint in endpoints.exists()}
        codes = {event["handler_selector"] for event in events if event.get("handler_selector")}
        named = self.env["bwt.webhook.handler"].search([("code", "in", list(codes)), ("direction", "=", "inbound")])
        self.handlers = {(handler.company_id.id, handler.code): handler for handler in named}

    # ---- what is new

    def new_ones(self, events):
        """The events that have no row yet. Of two with one identity the first is; the other has to wait."""
        by_uid = self._by_uid(events)
        by_identity = self._by_identity(events)
        new, seen_uids, seen_identities = [], set(), set()
        for event in events:
            uid, identity = event["event_uid"], identity_of(event)
            if uid in by_uid:
                self.answer(event, "already_ingested", by_uid[uid])
                self.ids.append(by_uid[uid])
            elif identity and identity in by_identity:
                self.note_duplicate(event, by_identity[identity])
            elif event["endpoint_id"] not in self.endpoints:
                self.answer(event, "failed", message=f"There is no inbound endpoint {event['endpoint_id']}.")
            elif uid not in seen_uids and not (identity and identity in seen_identities):
                seen_uids.add(uid)
                seen_identities.add(identity)
                new.append(event)
        return new

    def _by_uid(self, events):
        self.cr.execute(
            "SELECT event_uid, id FROM bwt_webhook_inbound_event WHERE event_uid = ANY(%s)",
            [[event["event_uid"] for event in events]],
        )
        return dict(self.cr.fetchall())

    def _by_identity(self, events):
        identities = [identity for event in events if (identity := identity_of(event))]
        if not identities:
            return {}
        endpoint_ids, keys = zip(*identities)
        self.cr.execute(
            """
            SELECT e.endpoint_id, e.delivery_identity_key, e.id FROM bwt_webhook_inbound_event e
              JOIN unnest(%s::int[], %s::text[]) AS asked(endpoint_id, key)
                ON e.endpoint_id = asked.endpoint_id AND e.delivery_identity_key = asked.key
             WHERE e.delivery_identity_key IS NOT NULL AND e.state <> 'rejected'
            """,
            [list(endpoint_ids), list(keys)],
        )
        return {(endpoint_id, key): event_id for endpoint_id, key, event_id in self.cr.fetchall()}

    def answer(self, event, status, event_id=None, message=None):
        result = {"event_uid": event["event_uid"], "status": status, "id": event_id, "message": message}
        self.results[event["event_uid"]] = {key: value for key, value in result.items() if value is not None}

    def note_duplicate(self, event, first_id):
        self.answer(event, "duplicate", first_id)
        self.cr.execute(
            "UPDATE bwt_webhook_inbound_event SET duplicate_count = duplicate_count + 1 WHERE id = %s", [first_id]
        )

    # ---- creating

    def create_or_halve(self, events):
        if not events:
            return
        try:
            with self.cr.savepoint():
                created = self.env[MODEL].create([self.values(event) for event in events])
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            if connection_is_lost(error):
                raise
            if len(events) > 1:
                half = len(events) // 2
                self.create_or_halve(events[:half])
                self.create_or_halve(events[half:])
                return
            if isinstance(error, compat.LOCK_ERRORS):
                raise
            self.refuse(events[0], error)
            return
        for event, record in zip(events, created):
            self.answer(event, "ingested", record.id)
        self.ids += created.ids
        self.created_ids += created.ids

    def refuse(self, event, error):
        """Another call may have made it meanwhile."""
        if isinstance(error, psycopg2.errors.UniqueViolation) and not self.new_ones([event]):
            return
        refused = refusal(self.env, error)
        _logger.warning("The event %s cannot be stored: %s", event["event_uid"], refused.message)
        self.answer(event, "failed", message=refused.message)

    def values(self, event):
        endpoint, rejected = self.endpoints[event["endpoint_id"]], event["state"] == "rejected"
        body = base64.b64decode(event["request_body_base64"], validate=True)
        received_at = EPOCH + timedelta(milliseconds=event["received_at_ms"])
        semantics = {SEMANTICS[name]: value for name, value in event.get("semantics", {}).items() if name in SEMANTICS}
        selector = event.get("handler_selector")
        handler = self.handlers.get((endpoint.company_id.id, selector)) or endpoint.handler_id
        title = event.get("semantics", {}).get("event_type") or semantics.get("topic") or endpoint.name
        return {
            **semantics,
            "name": "Rejected Webhook Request" if rejected else title,
            "endpoint_id": endpoint.id,
            "handler_id": handler.id,
            "company_id": endpoint.company_id.id,
            "event_uid": event["event_uid"],
            "received_at": received_at,
            "processed_at": received_at if rejected else False,
            "next_attempt_at": False if rejected else received_at,
            "state": event["state"],
            "request_body_raw": event["request_body_base64"] or False,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "request_headers_json": encode_headers(event["request_headers"]),
            "query_json": json.dumps(event.get("query", {})),
            "resolved_values_json": encode_spelled(event.get("resolved_values", {})),
            "delivery_identity_key": not rejected and event.get("identity_key"),
            "delivery_identity_source": event.get("identity_source"),
            "replay_identity_key": event.get("replay_identity_key"),
            "replay_identity_source": event.get("replay_identity_source"),
            "handler_selector": selector,
            "rejection_category": event.get("rejection_category"),
            "rejection_reason": event.get("rejection_reason"),
        }

    def _link_replays(self):
        """The same business event again, under another delivery: linked to its first one."""
        self.cr.execute(
            """
            UPDATE bwt_webhook_inbound_event e SET delivery_kind = 'replay', replayed_from_event_id = first.id
              FROM bwt_webhook_inbound_event made
             CROSS JOIN LATERAL (
                   SELECT id FROM bwt_webhook_inbound_event f
                    WHERE f.endpoint_id = made.endpoint_id AND f.replay_identity_key = made.replay_identity_key
                      AND f.state <> 'rejected' AND f.id < made.id
                    ORDER BY id LIMIT 1
             ) first
             WHERE made.id = e.id AND e.id = ANY(%s) AND made.state <> 'rejected'
            """,
            [self.created_ids],
        )

    # ---- leasing

    def lease(self, parameters):
        """Leases the new rows that are not held; the rows of this request under the token, also of a repeated call."""
        self.cr.execute(
            f"""
            UPDATE bwt_webhook_inbound_event e SET {EVENT_LEASE}
             WHERE e.id = ANY(%(created_ids)s) AND e.state = 'received' AND {HANDLER_OPEN}
               AND e.endpoint_id IN (SELECT e.id {OPEN_INBOUND_ENDPOINTS})
            """,
            {**parameters, "created_ids": self.created_ids},
        )
        self.cr.execute(
            f"SELECT {CLAIMED_EVENT} FROM bwt_webhook_inbound_event e"
            " WHERE e.id = ANY(%s) AND e.lease_token = %s AND e.state = 'processing'",
            [self.ids, parameters["token"]],
        )
        rows = self.cr.fetchall()
        forget_cached(self.env, MODEL)
        return claimed_events(self.env, rows)


def identity_of(event):
    """(endpoint, identity key); None for a rejected event, which must not occupy one."""
    if event["state"] == "rejected" or not event.get("identity_key"):
        return None
    return event["endpoint_id"], event["identity_key"]
