# SPDX-License-Identifier: LGPL-3.0-or-later
"""settle: outcomes, attempts and next states of deliveries and events, set-based, in a READ COMMITTED transaction; then
those with record operations, in transactions of their own (`contract_settle_operations`).

The rows are locked first, in the order of their ids and waiting a moment at most; every decision is then taken on what
the locks showed, and written by a few statements for the whole batch. What PostgreSQL refuses is halved until the
culprit is alone.
"""

import logging

import psycopg2

from .. import compat
from . import contract_settle_write as write
from .contract_rows import LOGS, MODELS, call_hook
from .contract_session import (
    all_or_nothing,
    begin,
    database_state,
    envelope,
    forget_cached,
    limit_lock_waits,
    refuse_held,
    seen,
)
from .contract_settle_events import write_events
from .contract_settle_operations import SettlingOperations, key_of
from .execution import connection_is_lost
from .ledger import SETTLEMENT_SEQUENCE

_logger = logging.getLogger(__name__)

STATES_OF = {
    "delivery": {
        "delivered": ("done",),
        "retry": ("error", "dead_letter"),
        "dead_letter": ("dead_letter",),
        "canceled": ("canceled",),
        "deferred": ("queued",),
        "interrupted": ("error", "dead_letter"),
    },
    "event": {
        "done": ("done",),
        "retry": ("error", "dead_letter"),
        "dead_letter": ("dead_letter",),
        "rejected": ("rejected",),
        "deferred": ("queued", "received"),
        "interrupted": ("error", "dead_letter"),
    },
}


def settle(env, request):
    begin(env)
    for model in MODELS.values():
        env[model].flush_model()
    refuse_held(database_state(env))
    env.cr.execute("SELECT nextval(%s)", [SETTLEMENT_SEQUENCE])
    settling = Settling(env, *seen(env, request["worker_uid"]))
    settling.run(request["settlements"])
    results = [settling.results[position] for position in range(len(request["settlements"]))]
    return {**envelope(database_state(env)), "results": results}


class Settling:
    """One call. A settlement is known by its position in the request, which is where its result belongs."""

    def __init__(self, env, worker_id, worker_name):
        self.env, self.cr = env, env.cr
        self.worker = {"worker_id": worker_id, "worker_name": worker_name}
        self.results = {}
        self.endpoint_of = {}  # delivery id -> endpoint id, of the rows that were locked
        self.health = []  # (endpoint id, settlement) of the deliveries that were applied
        self.applied_ids = {kind: [] for kind in MODELS}
        self.dead_letter_ids = {kind: [] for kind in MODELS}

    def run(self, settlements):
        """In rounds, so that two settlements of one row are applied one after the other."""
        waiting = list(enumerate(settlements))
        while waiting:
            current, later, keys = [], [], set()
            for position, settlement in waiting:
                message = misfit(settlement)
                if message:
                    self.answer(position, settlement, "failed", "validation", message)
                elif key_of(settlement) in keys:
                    later.append((position, settlement))
                else:
                    keys.add(key_of(settlement))
                    current.append((position, settlement))
            self.apply_or_halve([item for item in current if not item[1].get("operations")])
            self.call_hooks()
            SettlingOperations(self).run([item for item in current if item[1].get("operations")])
            waiting = later
            if waiting:
                begin(self.env)

    def call_hooks(self):
        """At the end of each transaction, for what it applied."""
        self.note_health()
        forget_cached(self.env, *MODELS.values(), *LOGS)
        for kind in MODELS:
            for hook, ids in (("_after_settle", self.applied_ids), ("_on_dead_letter", self.dead_letter_ids)):
                call_hook(self.env, hook, ids[kind], kind)
                ids[kind] = []

    def note_health(self):
        """Never in the way of settlements: another transaction that holds an endpoint's row costs a count."""
        noted, self.health = self.health, []
        if not noted:
            return
        try:
            with all_or_nothing(self.cr):
                limit_lock_waits(self.env)
                self.env["bwt.webhook.endpoint.health"].sudo()._note(noted)
                self.cr.execute("SET LOCAL lock_timeout TO DEFAULT")
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            if connection_is_lost(error):
                raise
            _logger.warning("What settlements say of their endpoints' health is lost", exc_info=True)

    def answer(self, position, settlement, status, category=None, message=None):
        result = {"settlement_uid": settlement["settlement_uid"], "status": status}
        if category:
            result.update(category=category, message=message)
        self.results[position] = result

    def apply_or_halve(self, items):
        """All of them in one savepoint, or the halves each in theirs: one bad settlement never fails the others."""
        if not items:
            return
        try:
            with self.cr.savepoint(flush=False):
                outcome = self.apply(items)
        except (psycopg2.Error, ValueError, OverflowError) as error:
            if connection_is_lost(error):
                raise
            if len(items) > 1:
                half = len(items) // 2
                self.apply_or_halve(items[:half])
                self.apply_or_halve(items[half:])
                return
            position, settlement = items[0]
            if isinstance(error, compat.LOCK_ERRORS):
                self.answer(position, settlement, "conflict")
                return
            # The first line only: the others show data.
            message = (str(error).strip().splitlines() or [type(error).__name__])[0]
            _logger.warning("The settlement %s is refused: %s", settlement["settlement_uid"], message)
            self.answer(position, settlement, "failed", "data", message)
            return
        self.note(outcome)

    def note(self, outcome):
        """Takes over the results of a savepoint that was kept."""
        for position, settlement, status in outcome:
            if status == "gone":
                self.answer(position, settlement, "failed", "gone", f"There is no such {settlement['kind']}.")
                continue
            self.answer(position, settlement, status)
            if status == "applied":
                self.applied_ids[settlement["kind"]].append(settlement["id"])
                if settlement["id"] in self.endpoint_of and settlement["kind"] == "delivery":
                    self.health.append((self.endpoint_of[settlement["id"]], settlement))
                if settlement["state"] == "dead_letter":
                    self.dead_letter_ids[settlement["kind"]].append(settlement["id"])

    def apply(self, items):
        """[(position, settlement, status)], with everything written."""
        outcome, rows = self.decide(items)
        self.write(
            [
                (settlement, rows[key_of(settlement)], status)
                for _position, settlement, status in outcome
                if status in ("applied", "superseded")
            ]
        )
        return outcome

    def decide(self, items):
        """([(position, settlement, status)], {key: Row}): what they come to, with their rows locked."""
        rows, busy = {}, set()
        for kind in MODELS:
            ids = [settlement["id"] for _position, settlement in items if settlement["kind"] == kind]
            if ids:
                locked, kept = write.locked_rows(self.cr, kind, ids)
                rows.update({(kind, row_id): row for row_id, row in locked.items()})
                busy.update((kind, row_id) for row_id in kept)
                if kind == "delivery":
                    self.endpoint_of.update({row_id: row.endpoint_id for row_id, row in locked.items()})
        recorded = write.recorded_attempts(self.cr, [s["attempt"]["attempt_uid"] for _p, s in items if "attempt" in s])
        return [
            (position, settlement, status_of(settlement, rows.get(key_of(settlement)), busy, recorded))
            for position, settlement in items
        ], rows

    def write(self, changes):
        """Writes [(settlement, row, status)]."""
        deliveries = [change for change in changes if change[0]["kind"] == "delivery"]
        if deliveries:
            write.write(self.cr, deliveries, self.worker)
        events = [(settlement, row) for settlement, row, status in changes
                  if settlement["kind"] == "event" and status == "applied"]  # fmt: skip
        write_events(self.cr, events, self.env.uid)


def status_of(settlement, row, busy, recorded):
    """What a settlement comes to, in the contract's order."""
    if row is None:
        return "conflict" if key_of(settlement) in busy else "gone"
    if row.last_settlement_uid == settlement["settlement_uid"]:
        return "already_applied"
    if settlement.get("attempt", {}).get("attempt_uid") in recorded:
        return "already_applied"
    if row.state != "processing" or row.lease_token != settlement["lease_token"]:
        return "superseded"
    return "applied"


def misfit(settlement):
    """What is wrong with a settlement that its shape does not show; None when it is sound."""
    kind = settlement["kind"]
    if kind == "event" and ("attempt" in settlement or "frozen" in settlement):
        return "An event's settlement has neither an attempt nor frozen content."
    if settlement["outcome"] == "deferred" and settlement.get("operations"):
        return "A deferred settlement has no record operations."
    allowed = STATES_OF[kind].get(settlement["outcome"], ())
    if settlement["state"] not in allowed:
        return f"The outcome {settlement['outcome']} does not lead to the state {settlement['state']}."
    if settlement["state"] in ("error", "queued", "received") and "next_attempt_at_ms" not in settlement:
        return f"The state {settlement['state']} needs next_attempt_at_ms."
    return None
