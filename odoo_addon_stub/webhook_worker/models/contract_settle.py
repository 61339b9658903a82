# SPDX-License-Identifier: LGPL-3.0-or-later
"""settle: outcomes, attempts and next states of deliveries, set-based, in a READ COMMITTED transaction.

The rows are locked first, in the order of their ids and waiting a moment at most; every decision is then taken on what
the locks showed, and written by two statements for the whole batch. What PostgreSQL refuses is halved until the
culprit is alone.
"""

import logging

import psycopg2
from psycopg2 import errors

from . import contract_settle_write as write
from .contract_rows import call_hook
from .contract_session import begin, database_state, envelope, forget_cached, refuse_held, seen
from .ledger import SETTLEMENT_SEQUENCE

_logger = logging.getLogger(__name__)

STATES_OF = {
    "delivered": ("done",),
    "retry": ("error", "dead_letter"),
    "dead_letter": ("dead_letter",),
    "canceled": ("canceled",),
    "deferred": ("queued",),
    "interrupted": ("error", "dead_letter"),
}
LOCK_ERRORS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)


def settle(env, request):
    begin(env)
    env["bwt.webhook.outbound.delivery"].flush_model()
    refuse_held(database_state(env))
    env.cr.execute("SELECT nextval(%s)", [SETTLEMENT_SEQUENCE])
    settling = Settling(env, *seen(env, request["worker_uid"]))
    settling.run(request["settlements"])
    forget_cached(env, "bwt.webhook.outbound.delivery", "bwt.webhook.outbound.delivery.attempt")
    call_hook(env, "_after_settle", settling.applied_ids)
    call_hook(env, "_on_dead_letter", settling.dead_letter_ids)
    results = [settling.results[position] for position in range(len(request["settlements"]))]
    return {**envelope(database_state(env)), "results": results}


class Settling:
    """One call. A settlement is known by its position in the request, which is where its result belongs."""

    def __init__(self, env, worker_id, worker_name):
        self.cr = env.cr
        self.worker = {"worker_id": worker_id, "worker_name": worker_name}
        self.results = {}
        self.applied_ids = []
        self.dead_letter_ids = []

    def run(self, settlements):
        """In rounds, so that two settlements of one delivery are applied one after the other."""
        waiting = list(enumerate(settlements))
        while waiting:
            current, later, ids = [], [], set()
            for position, settlement in waiting:
                message = misfit(settlement)
                if message:
                    self.answer(position, settlement, "failed", "validation", message)
                elif settlement["id"] in ids:
                    later.append((position, settlement))
                else:
                    ids.add(settlement["id"])
                    current.append((position, settlement))
            self.apply_or_halve(current)
            waiting = later

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
            if isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)) and not isinstance(
                error, LOCK_ERRORS
            ):
                raise  # the connection is gone or the statement was stopped: the worker repeats the whole call
            if len(items) > 1:
                half = len(items) // 2
                self.apply_or_halve(items[:half])
                self.apply_or_halve(items[half:])
                return
            position, settlement = items[0]
            if isinstance(error, LOCK_ERRORS):
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
                self.answer(position, settlement, "failed", "gone", "There is no such delivery.")
                continue
            self.answer(position, settlement, status)
            if status == "applied":
                self.applied_ids.append(settlement["id"])
                if settlement["state"] == "dead_letter":
                    self.dead_letter_ids.append(settlement["id"])

    def apply(self, items):
        """[(position, settlement, status)], with everything written."""
        rows, busy = write.locked_rows(self.cr, [settlement["id"] for _position, settlement in items])
        recorded = write.recorded_attempts(self.cr, [s["attempt"]["attempt_uid"] for _p, s in items if "attempt" in s])
        outcome = [
            (position, settlement, status_of(settlement, rows.get(settlement["id"]), busy, recorded))
            for position, settlement in items
        ]
        changes = [
            (settlement, rows[settlement["id"]], status)
            for _position, settlement, status in outcome
            if status in ("applied", "superseded")
        ]
        if changes:
            write.write(self.cr, changes, self.worker)
        return outcome


def status_of(settlement, row, busy, recorded):
    """What a settlement comes to, in the contract's order."""
    if row is None:
        return "conflict" if settlement["id"] in busy else "gone"
    if row.last_settlement_uid == settlement["settlement_uid"]:
        return "already_applied"
    if settlement.get("attempt", {}).get("attempt_uid") in recorded:
        return "already_applied"
    if row.state != "processing" or row.lease_token != settlement["lease_token"]:
        return "superseded"
    return "applied"


def misfit(settlement):
    """What is wrong with a settlement that its shape does not show; None when it is sound."""
    if settlement["kind"] != "delivery":
        return "This version of the addon settles deliveries only."
    if settlement.get("operations"):
        return "A delivery's settlement has no record operations."
    allowed = STATES_OF.get(settlement["outcome"], ())
    if settlement["state"] not in allowed:
        return f"The outcome {settlement['outcome']} does not lead to the state {settlement['state']}."
    if settlement["state"] in ("error", "queued") and "next_attempt_at_ms" not in settlement:
        return f"The state {settlement['state']} needs next_attempt_at_ms."
    return None
