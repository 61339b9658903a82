# SPDX-License-Identifier: LGPL-3.0-or-later
"""claim with `work: events`. The same guarantees as for deliveries, and the same reasons (`contract_claim`); events
have neither lanes nor priorities, and no attempt rows: what a lost lease leaves is in their counts.
"""

import json
from datetime import timedelta

from . import contract_intake
from .contract_claim_ordered import endpoints_in_work, next_head_due, take_heads
from .contract_event_rows import CLAIMED_EVENT, EVENT_BYTES, EVENT_ENDPOINT, EVENT_LEASE, EVENT_SIZE, claimed_events
from .contract_rows import OPEN_HANDLER, OPEN_INBOUND_ENDPOINTS, call_hook, to_ms
from .contract_session import begin, database_state, envelope, forget_cached, is_held, seen

ANSWER_BYTES_MAX = 16 * 1024 * 1024
LEASES_LOST_MAX = 3
EXPIRED_MAX = 5000  # looked at in a call
PROBES_MAX = 10
# An event keeps its handler, which may be another than its endpoint's.
HANDLER_OPEN = f"""
    (e.handler_id IS NULL OR EXISTS (SELECT 1 FROM bwt_webhook_handler h WHERE h.id = e.handler_id AND {OPEN_HANDLER}))
"""
LOST_MESSAGE = "The worker's lease expired while it processed this event; nothing of it was applied."
POISON_MESSAGE = (
    "The worker lost this event three times in a row while it processed it: what stops the worker may be its content."
)


def claim_events(env, request):
    begin(env)
    env["bwt.webhook.inbound.event"].flush_model()
    env.cr.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [request["claim_token"]])
    state = database_state(env)
    claiming = EventClaim(env, request, state["now"], seen(env, request["worker_uid"])[0])
    rows, probes = [], []
    if not is_held(state):
        rows = claiming.held_rows()
        claiming.open_endpoints(request["quotas"])
        if not rows and request["limit"]:
            rows = claiming.take(request["takeover"])
            probes = claiming.take_probes()
    forget_cached(env, "bwt.webhook.inbound.event", "bwt.webhook.probe")
    call_hook(env, "_on_dead_letter", claiming.poisoned_ids, "event")
    answer = {
        "deliveries": [],
        "events": claimed_events(env, rows),
        "probes": probes,
        "interrupted": claiming.interrupted,
        "poisoned": len(claiming.poisoned_ids),
        "intake_waiting": not is_held(state) and contract_intake.is_waiting(env, state["now"]),
    }
    next_due_at = claiming.next_due_at()
    return {**envelope(state), **answer, **({"next_due_at_ms": to_ms(next_due_at)} if next_due_at else {})}


class EventClaim:
    """One call: its parameters, what is left of its quotas, what it found."""

    def __init__(self, env, request, now, worker_id):
        self.cr = env.cr
        self.limit = request["limit"]
        self.parameters = {
            "token": request["claim_token"],
            "worker_id": worker_id,
            "now": now,
            "expires_at": now + timedelta(seconds=request["lease_seconds"]),
        }
        self.open_ids = []  # endpoints that are not held
        self.ordered = set()  # of these, the ones whose events are processed one after the other
        self.free = {}  # of these, the ones asked for: how many more they may get, in the order asked
        self.bytes_taken = 0
        self.interrupted = 0
        self.poisoned_ids = []

    def execute(self, query, **parameters):
        self.cr.execute(query, {**self.parameters, **parameters})
        return self.cr.fetchall()

    def held_rows(self):
        """What this token already holds: the whole answer of a repeated call."""
        return self.execute(
            f"SELECT {CLAIMED_EVENT} FROM bwt_webhook_inbound_event e"
            " WHERE e.lease_token = %(token)s AND e.state = 'processing'"
        )

    def open_endpoints(self, quotas):
        ordered = dict(self.execute(f"SELECT e.id, e.ordered IS TRUE {OPEN_INBOUND_ENDPOINTS}"))
        self.open_ids = list(ordered)
        self.ordered = {endpoint_id for endpoint_id, is_ordered in ordered.items() if is_ordered}
        self.free = {
            q["endpoint_id"]: 1 if ordered[q["endpoint_id"]] else q["free"]
            for q in quotas
            if q["endpoint_id"] in ordered
        }

    def asked(self, ordered):
        """The endpoints of that kind with free capacity, in the order asked."""
        return [item for item, free in self.free.items() if free > 0 and (item in self.ordered) == ordered]

    def spend(self, rows):
        self.limit -= len(rows)
        for row in rows:
            self.free[row[EVENT_ENDPOINT]] -= 1
            self.bytes_taken += row[EVENT_BYTES]
        return rows

    @property
    def bytes_left(self):
        return max(0, ANSWER_BYTES_MAX - self.bytes_taken)

    def take(self, takeover):
        """Ordered ones first: they get one event each, and never starve the others."""
        rows = self.spend(self.take_over()) if takeover else []
        if self.limit > 0 and self.bytes_left and (ordered := self.asked(ordered=True)):
            rows += self.spend(take_heads(self, ordered, HANDLER_OPEN))
        if self.limit > 0 and self.bytes_left:
            rows += self.spend(self.take_due())
        return rows

    # ---- leases that expired

    def take_over(self):
        """Those within the quotas are leased anew; the third loss in a row, and those of held endpoints, end."""
        chosen = self.choose_expired()
        locked = self.execute(
            """
            SELECT id, lease_lost_count FROM bwt_webhook_inbound_event
             WHERE id = ANY(%(ids)s) AND state = 'processing' AND lease_expires_at < %(now)s
             ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
            """,
            ids=list(chosen),
        )
        self.interrupted = len(locked)
        self.poisoned_ids = [event_id for event_id, lost in locked if lost + 1 >= LEASES_LOST_MAX]
        poisoned = set(self.poisoned_ids)
        self.end(self.poisoned_ids, "dead_letter", "poison", POISON_MESSAGE)
        held = [event_id for event_id, _lost in locked if event_id not in poisoned and not chosen[event_id]]
        self.end(held, "error", "interrupted", LOST_MESSAGE)
        return self.execute(
            f"""
            UPDATE bwt_webhook_inbound_event e
               SET {EVENT_LEASE}, attempt_count = e.attempt_count + 1, lease_lost_count = e.lease_lost_count + 1
             WHERE e.id = ANY(%(ids)s) RETURNING {CLAIMED_EVENT}
            """,
            ids=[event_id for event_id, _lost in locked if event_id not in poisoned and chosen[event_id]],
        )

    def choose_expired(self):
        """{event id: whether it may be leased}, the longest expired first, no more than quotas and the size leave."""
        quotas, chosen, taken, count = dict(self.free), {}, 0, 0
        # Of an ordered endpoint that got its flag with several events in work.
        quotas.update(dict.fromkeys(endpoints_in_work(self, self.asked(ordered=True)), 0))
        for event_id, endpoint_id, size, is_open in self.execute(
            f"""
            SELECT e.id, e.endpoint_id, {EVENT_SIZE}, e.endpoint_id = ANY(%(open_ids)s) AND {HANDLER_OPEN}
              FROM bwt_webhook_inbound_event e
             WHERE e.state = 'processing' AND e.lease_expires_at < %(now)s
             ORDER BY e.lease_expires_at, e.id LIMIT {EXPIRED_MAX}
            """,
            open_ids=self.open_ids,
        ):
            if not is_open:
                chosen[event_id] = False
            elif quotas.get(endpoint_id, 0) > 0 and count < self.limit and taken < self.bytes_left:
                quotas[endpoint_id] -= 1
                taken += size
                count += 1
                chosen[event_id] = True
        return chosen

    def end(self, event_ids, state, reason, message):
        if event_ids:
            self.cr.execute(
                """
                UPDATE bwt_webhook_inbound_event
                   SET state = %(state)s, failure_reason = %(reason)s, failure_key = %(reason)s,
                       failure_message = %(message)s, lease_token = NULL, lease_expires_at = NULL,
                       processed_at = CASE %(state)s WHEN 'dead_letter' THEN %(now)s END,
                       next_attempt_at = CASE %(state)s WHEN 'error' THEN %(now)s END,
                       attempt_count = attempt_count + 1, lease_lost_count = lease_lost_count + 1
                 WHERE id = ANY(%(ids)s)
                """,
                {**self.parameters, "ids": event_ids, "state": state, "reason": reason, "message": message},
            )

    # ---- what is due

    def take_due(self):
        """Per endpoint the longest due first, within its quota."""
        left = self.asked(ordered=False)
        if not left:
            return []
        return self.execute(
            f"""
            WITH due AS MATERIALIZED (
                SELECT waiting.id, waiting.bytes
                  FROM unnest(%(endpoint_ids)s::int[], %(free)s::int[]) AS quota(endpoint_id, free)
                 CROSS JOIN LATERAL (
                       SELECT id, {EVENT_SIZE} AS bytes FROM bwt_webhook_inbound_event e
                        WHERE endpoint_id = quota.endpoint_id AND state IN ('received', 'error')
                          AND next_attempt_at <= %(now)s AND {HANDLER_OPEN}
                        ORDER BY next_attempt_at, id LIMIT quota.free
                          FOR NO KEY UPDATE OF e SKIP LOCKED
                 ) waiting LIMIT %(limit)s
            ), fitting AS (
                SELECT id FROM (SELECT id, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM due) sized
                 WHERE before < %(bytes_left)s
            )
            UPDATE bwt_webhook_inbound_event e SET {EVENT_LEASE} FROM fitting
             WHERE e.id = fitting.id RETURNING {CLAIMED_EVENT}
            """,
            endpoint_ids=left,
            free=[self.free[endpoint_id] for endpoint_id in left],
            limit=self.limit,
            bytes_left=self.bytes_left,
        )

    def next_due_at(self):
        """When the next waiting event of the asked endpoints is due, or the next lease of theirs expires."""
        if not self.free:
            return None
        ordered = [endpoint_id for endpoint_id in self.free if endpoint_id in self.ordered]
        rows = self.execute(
            f"""
            SELECT min(due_at) FROM (
                SELECT (SELECT next_attempt_at FROM bwt_webhook_inbound_event e
                         WHERE endpoint_id = asked.id AND state IN ('received', 'error') AND {HANDLER_OPEN}
                         ORDER BY next_attempt_at, id LIMIT 1) AS due_at
                  FROM unnest(%(unordered)s::int[]) AS asked(id)
                UNION ALL
                (SELECT lease_expires_at FROM bwt_webhook_inbound_event
                  WHERE state = 'processing' AND endpoint_id = ANY(%(endpoint_ids)s)
                  ORDER BY lease_expires_at LIMIT 1)
            ) times
            """,
            unordered=[endpoint_id for endpoint_id in self.free if endpoint_id not in self.ordered],
            endpoint_ids=list(self.free),
        )
        times = [rows[0][0], next_head_due(self, ordered, HANDLER_OPEN) if ordered else None]
        return min((due_at for due_at in times if due_at), default=None)

    # ---- probes

    def take_probes(self):
        """Questions of the UI, each for one worker."""
        rows = self.execute(
            f"""
            UPDATE bwt_webhook_probe SET state = 'claimed', worker_id = %(worker_id)s WHERE id IN (
                SELECT id FROM bwt_webhook_probe WHERE state = 'waiting' ORDER BY id LIMIT {PROBES_MAX}
                   FOR UPDATE SKIP LOCKED)
            RETURNING probe_uid, kind, request_json
            """
        )
        return [{**json.loads(asked), "probe_uid": uid, "kind": kind} for uid, kind, asked in rows]
