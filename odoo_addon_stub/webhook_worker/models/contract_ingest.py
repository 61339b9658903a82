# SPDX-License-Identifier: LGPL-3.0-or-later
"""ingest: events that a gateway accepted become rows, through the ORM, so that what other addons add to them holds.

Of one endpoint one call at a time: gateways that bring the same identities wait for each other, in the order of the
endpoints' ids, instead of dying of each other's unique keys; and ids grow in the order of the commits.
"""

import base64
import hashlib
import json
import logging
from collections import Counter
from datetime import timedelta

import psycopg2

from .. import compat
from . import contract_ingest_counts as counts
from . import wake
from .contract_claim_events import HANDLER_OPEN, OPEN_INBOUND_ENDPOINTS
from .contract_event_rows import CLAIMED_EVENT, EVENT_LEASE, SEMANTICS, claimed_events
from .contract_rows import EPOCH, call_hook
from .contract_session import begin, database_state, envelope, forget_cached, refuse_held, seen
from .contract_settle_write import encode_headers
from .execution import connection_is_lost, refusal
from .inbound_event_files import event_files
from .payload import encode_spelled

_logger = logging.getLogger(__name__)
MODEL = "bwt.webhook.inbound.event"
LEASE_SECONDS = 60
DELIVERY_KEY, REPLAY_KEY = "delivery_identity_key", "replay_identity_key"


def ingest(env, request):
    begin(env)
    env[MODEL].flush_model()
    state = database_state(env)
    refuse_held(state)
    worker_id, _name = seen(env, request["worker_uid"])
    ingesting = Ingesting(env)
    ingesting.run(request["events"])
    ingesting.count(request.get("duplicates", ()), request.get("rejected_counts", ()))
    ingesting.name_first_ones()
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
        self.duplicates = Counter()  # id of the first event -> how often it came again
        self.endpoints = {}
        self.handlers = {}  # (company id, code) -> handler

    def run(self, events):
        self._read_configuration(events)
        counts.lock_endpoints(self.cr, self.endpoints)
        waiting = events
        while waiting:  # the second time for the twins of what was new the first time
            self.create_or_halve(self.new_ones(waiting))
            waiting = [event for event in events if event["event_uid"] not in self.results]
        self._link_replays()
        self._forget_intake(events)
        forget_cached(self.env, MODEL)
        call_hook(self.env, "_after_ingest", self.created_ids, "event")

    def count(self, duplicates, rejected):
        """What senders sent in vain: of this call's events, and what the gateway counted without telling."""
        counts.count_duplicates(self.cr, self.duplicates, duplicates)
        counts.count_rejected(self.cr, rejected)
        forget_cached(self.env, MODEL, "bwt.webhook.inbound.rejection")

    def _forget_intake(self, events):
        """Rows of the intake are done with when their event is here, or known to be one that is."""
        verified = {
            event["intake_id"]: event["event_uid"]
            for event in events
            if "intake_id" in event and self.results[event["event_uid"]]["status"] != "failed"
        }
        self.env["bwt.webhook.inbound.intake"]._forget(verified)

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
        first = self._first_by_identity(events)
        new, seen_keys = [], set()
        for event in events:
            uid, identities = event["event_uid"], blocking_identities(event)
            taken = [first[identity] for identity in identities if identity in first]
            if uid in by_uid:
                self.answer(event, "already_ingested", by_uid[uid])
                self.ids.append(by_uid[uid])
            elif taken:
                self.note_duplicate(event, taken[0])
            elif event["endpoint_id"] not in self.endpoints:
                self.answer(event, "failed", message=f"There is no inbound endpoint {event['endpoint_id']}.")
            elif not seen_keys & {uid, *identities}:
                seen_keys.update((uid, *identities_of(event)))
                new.append(event)
        return new

    def _by_uid(self, events):
        self.cr.execute(
            "SELECT event_uid, id FROM bwt_webhook_inbound_event WHERE event_uid = ANY(%s)",
            [[event["event_uid"] for event in events]],
        )
        return dict(self.cr.fetchall())

    def _first_by_identity(self, events):
        """{(column, endpoint id, key): id of the first event that is no rejected one}"""
        found = {}
        for column in (DELIVERY_KEY, REPLAY_KEY):
            wanted = {identity[1:] for event in events for identity in blocking_identities(event)
                      if identity[0] == column}  # fmt: skip
            if not wanted:
                continue
            endpoint_ids, keys = zip(*wanted)
            self.cr.execute(
                f"""
                SELECT e.endpoint_id, e.{column}, min(e.id) FROM bwt_webhook_inbound_event e
                  JOIN unnest(%s::int[], %s::text[]) AS asked(endpoint_id, key)
                    ON e.endpoint_id = asked.endpoint_id AND e.{column} = asked.key
                 WHERE e.{column} IS NOT NULL AND e.state <> 'rejected' GROUP BY 1, 2
                """,
                [list(endpoint_ids), list(keys)],
            )
            found.update(((column, endpoint_id, key), event_id) for endpoint_id, key, event_id in self.cr.fetchall())
        return found

    def answer(self, event, status, event_id=None, message=None):
        result = {"event_uid": event["event_uid"], "status": status, "id": event_id, "message": message}
        self.results[event["event_uid"]] = {key: value for key, value in result.items() if value is not None}

    def note_duplicate(self, event, first_id):
        self.answer(event, "duplicate", first_id)
        self.duplicates[first_id] += 1

    def name_first_ones(self):
        """Their gateways tell senders who come again, and count, under the first event's uid."""
        duplicates = [result for result in self.results.values() if result["status"] == "duplicate"]
        if duplicates:
            self.cr.execute(
                "SELECT id, event_uid FROM bwt_webhook_inbound_event WHERE id = ANY(%s)",
                [[result["id"] for result in duplicates]],
            )
            first_uids = dict(self.cr.fetchall())
            for result in duplicates:
                result["first_event_uid"] = first_uids[result["id"]]

    # ---- creating

    def create_or_halve(self, events):
        if not events:
            return
        try:
            with self.cr.savepoint():
                created = self.env[MODEL].create([self.values(event) for event in events])
                self.keep_files(events, created)
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

    def keep_files(self, events, created):
        """As superuser: they belong to their event, and only who may read that may read them."""
        values_list = [
            values for event, record in zip(events, created) for values in event_files(record, event.get("files", ()))
        ]
        if values_list:
            # Without the context Odoo would shrink images.
            self.env["ir.attachment"].with_context(image_no_postprocess=True).create(values_list)

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
            "payload_text": event.get("payload"),
            "remote_address": event.get("remote_address"),
            "file_count": len(event.get("files", ())),
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
        """Leases the new rows that are not held and have no order to keep; the rows of this request under the token,
        also of a repeated call.
        """
        self.cr.execute(
            f"""
            UPDATE bwt_webhook_inbound_event e SET {EVENT_LEASE}
             WHERE e.id = ANY(%(created_ids)s) AND e.state = 'received' AND {HANDLER_OPEN}
               AND e.endpoint_id IN (SELECT e.id {OPEN_INBOUND_ENDPOINTS} AND e.ordered IS NOT TRUE)
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


def identities_of(event):
    """[(column, endpoint id, key)] that the event occupies; none for a rejected one, which must not occupy any."""
    if event["state"] == "rejected":
        return []
    keys = ((DELIVERY_KEY, event.get("identity_key")), (REPLAY_KEY, event.get("replay_identity_key")))
    return [(column, event["endpoint_id"], key) for column, key in keys if key]


def blocking_identities(event):
    """Those of them that make it a duplicate when an earlier event has them."""
    blocks = event.get("replay_blocks")
    return [identity for identity in identities_of(event) if identity[0] == DELIVERY_KEY or blocks]
