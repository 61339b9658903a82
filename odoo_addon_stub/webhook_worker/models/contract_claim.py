# SPDX-License-Identifier: LGPL-3.0-or-later
"""claim: takes due deliveries under a token that the worker chose. The SQL's reasons:

* every statement reads one partial index per endpoint that has something in it, and never a backlog that it may not
  take; no condition combines states with OR;
* rows are locked with SKIP LOCKED in READ COMMITTED, so that two workers never wait for each other or get an error;
* times are bound as parameters: a volatile function in a condition would keep PostgreSQL from using the index.
"""

from datetime import timedelta

from odoo.exceptions import UserError

from . import contract_takeover, wake
from .contract_claim_events import claim_events
from .contract_intake import claim_intake
from .contract_lanes import free_lanes, take_runs
from .contract_rows import (
    BYTES,
    CLAIMED,
    ENDPOINT,
    FILE_GONE,
    FILES_BYTES,
    LANE,
    LEASE,
    OPEN_ENDPOINTS,
    SIZE,
    add_field_values,
    call_hook,
    claimed_delivery,
    in_order,
    to_ms,
)
from .contract_session import begin, database_state, envelope, forget_cached, is_held, seen

# The payloads and headers of one answer; the first delivery is handed out whatever its size.
ANSWER_BYTES_MAX = 16 * 1024 * 1024
# Of so many lanes of an endpoint that may be taken now, a call takes the longest due. The next call goes on from there.
LANE_HEADS_MAX = 1000
_lane_starts = {}  # (database, endpoint id) -> the lane where this process goes on
PRIORITIES = ("1", "2", "3")
OTHER_WORK = {"events": claim_events, "intake": claim_intake}
BREAK = """
    UPDATE bwt_webhook_outbound_delivery
       SET state = 'dead_letter', failure_reason = 'payload_invalid', failure_key = %(key)s,
           failure_message = %(message)s, processed_at = %(now)s, next_attempt_at = NULL, lease_token = NULL,
           lease_expires_at = NULL
     WHERE id = %(id)s
"""


def claim(env, request):
    if other := OTHER_WORK.get(request.get("work")):
        return other(env, request)
    begin(env)
    env["bwt.webhook.outbound.delivery"].flush_model()
    # A repeated call waits here for the lost first one, and then finds what that one took.
    env.cr.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [request["claim_token"]])
    state = database_state(env)
    claiming = Claim(env, request, state["now"], seen(env, request["worker_uid"])[0])
    rows = []
    if not is_held(state):
        rows = claiming.held_rows()
        claiming.open_endpoints(request["quotas"])
        if not rows and request["limit"]:
            rows = claiming.take(request["takeover"])
        claiming.note_next_due()
        rows = claiming.add_files(rows)
    forget_cached(env, "bwt.webhook.outbound.delivery", "bwt.webhook.outbound.delivery.attempt")
    call_hook(env, "_on_dead_letter", claiming.poisoned_ids + claiming.broken_ids)
    return {**envelope(state), **claiming.answer(rows)}


class Claim:
    """One call: its parameters, what is left of its quotas, what it found."""

    def __init__(self, env, request, now, worker_id):
        self.cr = env.cr
        self.env = env
        self.limit = request["limit"]
        self.looks_at_lanes = self.limit > 0
        self.bytes_taken = 0
        self.now = now
        self.parameters = {
            "token": request["claim_token"],
            "worker_id": worker_id,
            "now": now,
            "expires_at": now + timedelta(seconds=request["lease_seconds"]),
        }
        self.free = {}  # endpoint id -> how many more it may get, in the order asked
        self.busy = []  # of these, the ones with unordered rows that wait
        self.lane_heads = None
        self.more_lanes = False
        self.taken_ids = set()
        self.interrupted = 0
        self.poisoned_ids = []
        self.files = {}  # delivery id -> its files
        self.broken_ids = []  # whose files are gone
        self.next_due_at = None

    def execute(self, query, **parameters):
        self.cr.execute(query, {**self.parameters, **parameters})
        return self.cr.fetchall()

    # ---- what may be handed out

    def held_rows(self):
        """What this token already holds: the whole answer of a repeated call."""
        return self.execute(
            f"SELECT {CLAIMED} FROM bwt_webhook_outbound_delivery d"
            " WHERE d.lease_token = %(token)s AND d.state = 'processing'"
        )

    def open_endpoints(self, quotas):
        """Drops the quotas of endpoints that are held."""
        asked = {quota["endpoint_id"]: quota["free"] for quota in quotas}
        rows = self.execute(
            f"SELECT e.id {OPEN_ENDPOINTS} AND e.id = ANY(%(endpoint_ids)s)",
            endpoint_ids=list(asked),
        )
        allowed = {endpoint_id for (endpoint_id,) in rows}
        self.free = {endpoint_id: free for endpoint_id, free in asked.items() if endpoint_id in allowed}
        self.busy = self._endpoints_with_rows("lane IS NULL", "endpoint_id, priority, next_attempt_at, id")

    def _endpoints_with_rows(self, condition, order, states="'queued', 'error'"):
        """Which of the open endpoints have rows in a partial index: hops from one endpoint to the next."""
        rows = self.execute(
            f"""
            WITH RECURSIVE hop(endpoint_id) AS (
                (SELECT endpoint_id FROM bwt_webhook_outbound_delivery
                  WHERE state IN ({states}) AND {condition} ORDER BY {order} LIMIT 1)
                UNION ALL
                SELECT (SELECT d.endpoint_id FROM bwt_webhook_outbound_delivery d
                         WHERE d.state IN ({states}) AND d.{condition} AND d.endpoint_id > hop.endpoint_id
                         ORDER BY {order} LIMIT 1)
                  FROM hop WHERE hop.endpoint_id IS NOT NULL
            )
            SELECT endpoint_id FROM hop WHERE endpoint_id IS NOT NULL
            """
        )
        found = {endpoint_id for (endpoint_id,) in rows}
        return [endpoint_id for endpoint_id in self.free if endpoint_id in found]

    def quotas(self, endpoint_ids):
        """The endpoints that may still get something, and how much."""
        left = [(endpoint_id, self.free[endpoint_id]) for endpoint_id in endpoint_ids if self.free[endpoint_id] > 0]
        return {"endpoint_ids": [item[0] for item in left], "free": [item[1] for item in left], "limit": self.limit}

    def spend(self, rows):
        """Subtracts what was taken from the limit and the quotas."""
        self.limit -= len(rows)
        for row in rows:
            self.free[row[ENDPOINT]] -= 1
            self.bytes_taken += row[BYTES]
        return rows

    @property
    def bytes_left(self):
        return max(0, ANSWER_BYTES_MAX - self.bytes_taken)

    # ---- taking

    def take(self, takeover):
        rows = []
        if takeover:
            rows += self.spend(contract_takeover.take_over(self))
        steps = [self.take_unordered, self.take_lanes]
        # Otherwise an endpoint whose unordered rows never end would starve its lanes.
        if int(self.parameters["token"][-1], 16) % 4 == 0:
            steps.reverse()
        for step in steps:
            if self.limit > 0 and self.bytes_left:
                rows += self.spend(step())
        return rows

    def take_unordered(self):
        """Per endpoint and priority the longest due first, within its quota."""
        quotas = self.quotas(self.busy)
        if not quotas["endpoint_ids"]:
            return []
        return self.execute(
            f"""
            WITH due AS MATERIALIZED (
                SELECT waiting.id, waiting.bytes
                  FROM unnest(%(endpoint_ids)s::int[], %(free)s::int[]) AS quota(endpoint_id, free)
                 CROSS JOIN LATERAL (
                       SELECT one.id, one.bytes FROM unnest(%(priorities)s::text[]) AS level(priority)
                        CROSS JOIN LATERAL (
                              SELECT id, {SIZE} AS bytes
                                FROM bwt_webhook_outbound_delivery
                               WHERE endpoint_id = quota.endpoint_id AND priority = level.priority
                                 AND state IN ('queued', 'error') AND lane IS NULL AND next_attempt_at <= %(now)s
                               ORDER BY next_attempt_at, id LIMIT quota.free
                                 FOR NO KEY UPDATE SKIP LOCKED
                        ) one LIMIT quota.free
                 ) waiting LIMIT %(limit)s
            ), fitting AS (
                SELECT id FROM (SELECT id, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM due) sized
                 WHERE before < %(bytes_left)s
            )
            UPDATE bwt_webhook_outbound_delivery d SET {LEASE} FROM fitting WHERE d.id = fitting.id RETURNING {CLAIMED}
            """,
            priorities=list(PRIORITIES),
            bytes_left=self.bytes_left,
            **quotas,
        )

    def take_lanes(self):
        """A run from the head of each lane that nobody works on, the longest due first."""
        quotas, chosen = dict(self.free), []
        for endpoint_id, lane, _delivery_id, _due_at, claimable in self.heads():
            if claimable and quotas[endpoint_id] > 0 and len(chosen) < self.limit:
                quotas[endpoint_id] -= 1
                chosen.append((endpoint_id, lane))
        rows = take_runs(self, chosen) if chosen else []
        self.taken_ids = {row[0] for row in rows}
        return rows

    def heads(self):
        """(endpoint, lane, delivery, due at, whether it may be taken now) of the lanes whose head waits, by due time.

        Of each endpoint no more than LANE_HEADS_MAX that may be taken: the lanes are walked from where the last walk
        of this process stopped, to the end and then from the beginning.
        """
        if self.lane_heads is None:
            self.lane_heads = []
            if self.looks_at_lanes:
                order = "endpoint_id, lane, lane_xid, id"
                with_lanes = self._endpoints_with_rows("lane IS NOT NULL", order, "'queued', 'error', 'processing'")
                starts = {item: _lane_starts.pop((self.cr.dbname, item), None) for item in with_lanes}
                left = self._walk_lanes([(item, start, None, LANE_HEADS_MAX) for item, start in starts.items()])
                self._walk_lanes([(item, None, start, left[item]) for item, start in starts.items() if start])
                self.lane_heads.sort(key=lambda head: (head[3], head[2]))
        return self.lane_heads

    def _walk_lanes(self, asked):
        """Adds the heads of [(endpoint, from lane, before lane, how many of them may be claimable)]; {endpoint: left}.

        A head in progress hides its lane, and so does a head that waits while the rest of its run is still leased:
        the lease's end is what such a lane waits for. A row whose transaction is not older than every running one is
        not taken yet: an earlier one of its lane may still be committed.
        """
        left = {endpoint_id: count for endpoint_id, _start, _end, count in asked}
        asked = [item for item in asked if item[3] > 0]
        if not asked:
            return left
        endpoint_ids, starts, ends, counts = zip(*asked)
        in_use = """EXISTS (
            SELECT 1 FROM bwt_webhook_lane_lease l
             WHERE l.endpoint_id = bwt_webhook_outbound_delivery.endpoint_id
               AND l.lane = bwt_webhook_outbound_delivery.lane AND l.lease_expires_at >= %(now)s)
        """
        columns = f"""
            endpoint_id, lane, id, next_attempt_at, state, {in_use} AS in_use,
            state <> 'processing' AND next_attempt_at <= %(now)s AND NOT {in_use}
                AND lane_xid < pg_snapshot_xmin(pg_current_snapshot()) AS claimable
        """
        rows = self.execute(
            f"""
            WITH RECURSIVE head AS (
                SELECT first.*, asked.before, asked.most - first.claimable::int AS left_over
                  FROM unnest(%(endpoint_ids)s::int[], %(starts)s::text[], %(ends)s::text[], %(counts)s::int[])
                       AS asked(id, start, before, most)
                 CROSS JOIN LATERAL (
                    SELECT {columns} FROM bwt_webhook_outbound_delivery
                     WHERE endpoint_id = asked.id AND lane >= coalesce(asked.start, '')
                       AND (asked.before IS NULL OR lane < asked.before)
                       AND state IN ('queued', 'error', 'processing')
                     ORDER BY endpoint_id, lane, lane_xid, id LIMIT 1
                ) first
                UNION ALL
                SELECT next.*, head.before, head.left_over - next.claimable::int FROM head CROSS JOIN LATERAL (
                    SELECT {columns} FROM bwt_webhook_outbound_delivery
                     WHERE endpoint_id = head.endpoint_id AND lane > head.lane
                       AND (head.before IS NULL OR lane < head.before)
                       AND state IN ('queued', 'error', 'processing')
                     ORDER BY endpoint_id, lane, lane_xid, id LIMIT 1
                ) next WHERE head.left_over > 0
            )
            SELECT endpoint_id, lane, id, next_attempt_at, claimable, left_over FROM head
             WHERE state <> 'processing' AND NOT in_use
            """,
            endpoint_ids=list(endpoint_ids),
            starts=list(starts),
            ends=list(ends),
            counts=list(counts),
        )
        for *head, left_over in rows:
            self.lane_heads.append(head)
            left[head[0]] = min(left[head[0]], left_over)
            if not left_over:
                self.more_lanes = True
                _lane_starts[self.cr.dbname, head[0]] = head[1]
        return left

    # ---- answering

    def workers_alive(self):
        """They share what an endpoint may get in a period."""
        ((count,),) = self.execute(
            "SELECT count(*) FROM bwt_webhook_worker WHERE last_seen_at > %(now)s - %(seconds)s * interval '1 second'",
            seconds=wake.LIVE_SECONDS,
        )
        return max(1, count)

    def note_next_due(self):
        """When the next waiting delivery of the asked endpoints is due, or the next lease of theirs expires."""
        rows = self.execute(
            """
            SELECT min(due_at) FROM (
                SELECT (SELECT next_attempt_at FROM bwt_webhook_outbound_delivery
                         WHERE endpoint_id = asked.id AND priority = level.priority
                           AND state IN ('queued', 'error') AND lane IS NULL
                         ORDER BY next_attempt_at, id LIMIT 1) AS due_at
                  FROM unnest(%(busy)s::int[]) AS asked(id) CROSS JOIN unnest(%(priorities)s::text[]) AS level(priority)
                UNION ALL
                (SELECT lease_expires_at FROM bwt_webhook_outbound_delivery
                  WHERE state = 'processing' AND endpoint_id = ANY(%(endpoint_ids)s)
                  ORDER BY lease_expires_at LIMIT 1)
            ) times
            """,
            busy=self.busy,
            endpoint_ids=list(self.free),
            priorities=list(PRIORITIES),
        )
        times = [rows[0][0]] if rows[0][0] else []
        if self.more_lanes:
            times.append(self.now)
        times += [due_at for _endpoint, _lane, head, due_at, _claimable in self.heads() if head not in self.taken_ids]
        self.next_due_at = min(times) if times else None

    def add_files(self, rows):
        """Reads the files of those rows that have some, through the ORM; one whose file is gone is a dead letter."""
        kept = []
        for row in rows:
            if row[FILES_BYTES]:
                delivery = self.env["bwt.webhook.outbound.delivery"].sudo().browse(row[0])
                try:
                    self.files[row[0]] = delivery._claimed_files()
                except UserError as error:
                    self.cr.execute(BREAK, {"id": row[0], "now": self.now, "key": FILE_GONE, "message": str(error)})
                    free_lanes(self.cr, [(row[ENDPOINT], row[LANE], row[3])] if row[LANE] else [])
                    self.broken_ids.append(row[0])
                    continue
            kept.append(row)
        return kept

    def answer(self, rows):
        claimed = [claimed_delivery(row) for row in in_order(rows)]
        for delivery in claimed:
            if delivery["id"] in self.files:
                delivery["files"] = self.files[delivery["id"]]
        answer = {
            "deliveries": add_field_values(self.env, claimed, "delivery"),
            "interrupted": self.interrupted,
            "poisoned": len(self.poisoned_ids),
            "workers_alive": self.workers_alive(),
        }
        if self.next_due_at:
            answer["next_due_at_ms"] = to_ms(self.next_due_at)
        return answer
