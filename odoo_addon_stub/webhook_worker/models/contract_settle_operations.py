# SPDX-License-Identifier: LGPL-3.0-or-later
"""The part of settle that writes business records: `schema/contract/README.md`, "Record operations".

Each transaction is of Odoo's own kind and short. What fails in it is halved until the culprit is alone; a serialization
failure ends that culprit as `conflict`, and never reaches Odoo's own loop, which would sleep and repeat the whole call.
"""

import time

import psycopg2

from .. import compat
from .contract_session import all_or_nothing, begin_repeatable_read, limit_lock_waits
from .execution import MESSAGE_MAX, connection_is_lost, refusal
from .record_operations import Job, RecordOperations

OPERATIONS_MAX = 100  # a transaction
SECONDS_MAX = 0.2
RULES = {"delivery": "bwt.webhook.outbound.handler.rule", "event": "bwt.webhook.inbound.handler.rule"}


class SettlingOperations:
    """Applies settlements with operations for a `Settling`, which keeps the results."""

    def __init__(self, settling):
        self.settling = settling
        self.env, self.cr = settling.env, settling.cr
        self.operations = None  # of the part at work, for the messages

    def run(self, items):
        """In transactions whose size follows from how long the last one took."""
        size = OPERATIONS_MAX // 2
        while items:
            part, count = [], 0
            while items and (not part or count + len(items[0][1]["operations"]) <= size):
                count += len(items[0][1]["operations"])
                part.append(items.pop(0))
            begin_repeatable_read(self.env)
            started = time.monotonic()
            self.transaction(part)
            self.settling.call_hooks()
            seconds = time.monotonic() - started
            size = max(1, min(OPERATIONS_MAX, int(count * SECONDS_MAX / max(seconds, 0.001))))

    def transaction(self, part):
        """Locks the rows, answers what needs no operations, applies the rest."""
        try:
            with self.cr.savepoint(flush=False):
                outcome, rows = self.settling.decide(part)
                # What changed since is seen by nobody but the next transaction.
                self.settling.write(
                    [(settlement, rows[key_of(settlement)], status)
                     for _position, settlement, status in outcome if status == "superseded"]
                )  # fmt: skip
        except compat.LOCK_ERRORS:
            for position, settlement in part:
                self.settling.answer(position, settlement, "conflict")
            return
        self.settling.note([item for item in outcome if item[2] != "applied"])
        self.apply_or_halve(
            [(position, settlement, rows[key_of(settlement)]) for position, settlement, status in outcome
             if status == "applied"]
        )  # fmt: skip

    def apply_or_halve(self, items):
        if not items:
            return
        try:
            with all_or_nothing(self.cr):
                # A culprit makes everything wait at each halving, users too who want what is written meanwhile.
                limit_lock_waits(self.env, "200ms" if len(items) > 1 else "1s")
                self.apply(items)
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            if connection_is_lost(error):
                raise
            if len(items) > 1:
                half = len(items) // 2
                self.apply_or_halve(items[:half])
                self.apply_or_halve(items[half:])
            elif isinstance(error, compat.LOCK_ERRORS):
                self.settling.answer(*items[0][:2], "conflict")
            else:
                self.refuse(*items[0], error)
            return
        self.settling.note([(position, settlement, "applied") for position, settlement, _row in items])

    def apply(self, items):
        """The operations first: they may fail."""
        jobs = [self.job(settlement, row) for _position, settlement, row in items]
        self.operations = RecordOperations(self.env(su=True))
        written = self.operations.run(jobs)
        self.cr.flush()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.settling.write(
            [({**settlement, "record_reference": references(records)}, row, "applied")
             for (_position, settlement, row), records in zip(items, written)]
        )  # fmt: skip

    def job(self, settlement, row):
        env = self.env(su=True)
        return Job(
            settlement["operations"],
            env["bwt.webhook.handler"].browse(row.handler_id),
            env["res.company"].browse(row.company_id),
            env[RULES[settlement["kind"]]],
        )

    def refuse(self, position, settlement, row, error):
        """Nothing took effect: the row comes to its `otherwise`, or is a dead letter when waiting does not help."""
        refused = refusal(self.operations.user_env, error, self.operations.doing)
        other = otherwise(settlement, refused)
        try:
            with self.cr.savepoint(flush=False):
                self.settling.write([(other, row, "applied")])
        except psycopg2.Error as again:
            if connection_is_lost(again):
                raise
            is_lock = isinstance(again, compat.LOCK_ERRORS)
            self.settling.answer(position, settlement, *(["conflict"] if is_lock else ["failed", "data", str(again)]))
            return
        self.settling.note([(position, other, "applied")])
        self.settling.answer(position, settlement, "applied", refused.category, refused.message)


def otherwise(settlement, refused):
    """The settlement that is written instead."""
    message = refused.message
    given = settlement.get("otherwise")
    if settlement["outcome"] == "delivered":
        message, given = f"It was delivered, but Odoo refused what a rule wanted to write: {message}", None
    if refused.final or not given:
        given = {"state": "dead_letter", "failure_reason": "record_operation"}
    waits = given["state"] == "error" and "next_attempt_at_ms" in given
    instead = {
        **settlement,
        "state": "error" if waits else "dead_letter",
        "failure_reason": given["failure_reason"],
        "failure_message": message[:MESSAGE_MAX],
        "failure_key": f"record_operation:{refused.category}",
    }
    if settlement["kind"] == "event":
        instead["outcome"] = "retry" if waits else "dead_letter"
    return {**instead, "next_attempt_at_ms": given["next_attempt_at_ms"]} if waits else instead


def references(records):
    return ", ".join(f"{record._name}:{record.id}" for record in records)[:MESSAGE_MAX]


def key_of(settlement):
    return settlement["kind"], settlement["id"]
