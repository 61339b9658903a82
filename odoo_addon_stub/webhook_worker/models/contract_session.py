# SPDX-License-Identifier: LGPL-3.0-or-later
"""What every contract method starts with: its own transaction, and what the database says about itself.

Messages to the worker are English, like its log: they are not translated.
"""

from contextlib import contextmanager

from odoo.exceptions import ValidationError
from odoo.tools.misc import Callbacks

from .. import compat
from .execution import OperationRefused

ENVELOPE = (
    "fingerprint",
    "fingerprint_confirmed",
    "neutralized",
    "configuration_revision",
    "settlement_number",
    "server_time_ms",
)
# A worker is seen again at most so often, so that claims do not write a row each.
SEEN_EVERY_SECONDS = 10


def begin(env):
    """Commits what the RPC layer did and goes on in a READ COMMITTED transaction.

    Odoo's transactions are REPEATABLE READ, and their snapshot is older than the call: SKIP LOCKED would meet rows that
    another worker took and committed meanwhile, raise a serialization failure, and Odoo would sleep before it repeats.
    """
    if compat.in_test_mode(env):
        env.cr.flush()
        return
    env.cr.commit()
    env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def begin_repeatable_read(env):
    """Commits, and goes on in a transaction of Odoo's own kind, for business code. Its first query is its snapshot."""
    if compat.in_test_mode(env):
        env.cr.flush()
        return
    env.cr.commit()


@contextmanager
def all_or_nothing(cr):
    """A savepoint for business code, whose effects and the settlement stand or fall together: it must not commit, and
    what is undone leaves nothing for after the commit, where it would be done once for each try of a halved batch.
    """
    outer, cr.postcommit = cr.postcommit, Callbacks()
    given = {name: vars(cr).pop(name) for name in ("commit", "rollback") if name in vars(cr)}
    cr.commit = cr.rollback = _must_not_commit
    try:
        # The savepoint's end flushes and runs precommit hooks, so that what is deferred fails here.
        with compat.own_environment(cr), cr.savepoint():
            yield
        inner = cr.postcommit
        outer.add(lambda: _run_as_postcommit(cr, inner))
    finally:
        cr.postcommit = outer
        del cr.commit, cr.rollback
        vars(cr).update(given)


def _run_as_postcommit(cr, callbacks):
    """Callbacks look for their data in the cursor's own (the bus does)."""
    outer, cr.postcommit = cr.postcommit, callbacks
    try:
        callbacks.run()
    finally:
        cr.postcommit = outer


def _must_not_commit():
    raise OperationRefused(
        "configuration", "Business code that a webhook runs must not commit or roll back: its transaction is not over."
    )


def limit_lock_waits(env, wait="1s"):
    """From here on to the end of the transaction: who keeps records locked for longer makes a conflict of it."""
    env.cr.execute("SELECT set_config('lock_timeout', %s, true)", [wait])


def database_state(env):
    return env["bwt.webhook.ledger"]._database_state()


def envelope(state):
    return {key: state[key] for key in ENVELOPE}


def is_held(state):
    """Whether this is a copy, or neutralized: nothing may leave it, and nothing about deliveries may change in it."""
    return state["neutralized"] or not state["fingerprint_confirmed"]


def refuse_held(state):
    if state["neutralized"]:
        raise ValidationError("This database is neutralized: it takes no settlements and no events.")
    if not state["fingerprint_confirmed"]:
        raise ValidationError(
            "This database is not confirmed as the one the deliveries were claimed from: it takes no settlements and"
            " no events. Say hello first; after a copy or a move, an operator runs confirm-database."
        )


def seen(env, worker_uid):
    """The id and name of the worker that calls (None, '' before its hello), noting that it is alive."""
    env.cr.execute(
        """
        SELECT id, name, last_seen_at < (clock_timestamp() AT TIME ZONE 'UTC') - %s * interval '1 second'
          FROM bwt_webhook_worker WHERE worker_uid = %s
        """,
        [SEEN_EVERY_SECONDS, worker_uid],
    )
    row = env.cr.fetchone()
    if not row:
        return None, ""
    worker_id, name, stale = row
    if stale:
        env.cr.execute(
            """
            UPDATE bwt_webhook_worker SET last_seen_at = clock_timestamp() AT TIME ZONE 'UTC'
             WHERE id = (SELECT id FROM bwt_webhook_worker WHERE id = %s FOR UPDATE SKIP LOCKED)
            """,
            [worker_id],
        )
    return worker_id, name


def forget_cached(env, *models):
    """SQL changed these tables: the ORM reads them again."""
    for model in models:
        env[model].invalidate_model()
