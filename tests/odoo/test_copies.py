# SPDX-License-Identifier: LGPL-3.0-or-later
"""A copy of a database must not fire at production's receivers."""

import time

import pytest
from odoo_database import Database
from processes import wait_until

QUIET_SECONDS = 5  # several polls


@pytest.fixture
def served(database, receiver, make_worker):
    """A database that a worker has served, with five deliveries that wait for one."""
    endpoint = database.endpoint("copy", receiver.url, "/healthy")
    database.queue(endpoint, 1)
    worker = make_worker().start()
    wait_until(lambda: database.states() == {"done": 1}, 30, database.states)
    assert worker.stop() == 0
    database.queue(endpoint, 5)
    return worker


def assert_held(worker, database, receiver, reason):
    worker.start()
    worker.wait_for_log("database.held")
    time.sleep(QUIET_SECONDS)
    assert len(receiver.ledger()) == 1, "a copy fired"
    assert database.states() == {"done": 1, "queued": 5}
    assert reason in worker.log()


def test_a_neutralized_database_is_held(database, served, receiver):
    database.sql("INSERT INTO ir_config_parameter (key, value) VALUES ('database.is_neutralized', 'true')")
    assert_held(served, database, receiver, "neutralized")
    database.sql("DELETE FROM ir_config_parameter WHERE key = 'database.is_neutralized'")
    wait_until(lambda: database.states() == {"done": 6}, 60, database.states)
    assert served.stop() == 0


def test_a_createdb_copy_is_held_also_for_a_fresh_worker(database, served, receiver, make_worker, sandbox):
    copy = Database(sandbox, database.name[:40] + "_copy")
    sandbox.clone(copy.name, database.name)
    try:
        fresh = make_worker("fresh", database=copy)
        assert_held(fresh, copy, receiver, "confirm-database")
        assert fresh.command("check").returncode == 1
        assert fresh.stop() == 0
        confirmed = fresh.command("confirm-database")
        assert confirmed.returncode == 0, confirmed
        fresh.start()
        wait_until(lambda: copy.states() == {"done": 6}, 30, copy.states)
        assert fresh.stop() == 0
    finally:
        sandbox.drop(copy.name)


def test_an_older_copy_under_the_same_name_is_held(database, served, receiver, sandbox):
    """A restored snapshot of the whole cluster: nothing but the settlement number tells."""
    database.sql("SELECT setval('bwt_webhook_settlement_number', 1, false)")
    assert_held(served, database, receiver, "older")
    assert served.stop() == 0
    assert served.command("confirm-database").returncode == 0
    served.start()
    wait_until(lambda: database.states() == {"done": 6}, 30, database.states)
    assert served.stop() == 0


def test_a_restored_dump_under_the_same_name_is_held(database, served, receiver, make_worker, sandbox):
    moved = database.name[:40] + "_moved"
    sandbox.clone(moved, database.name)
    sandbox.drop(database.name)
    sandbox.clone(database.name, moved)
    sandbox.drop(moved)
    assert_held(served, database, receiver, "confirm-database")
    assert served.stop() == 0


def test_neutralize_sql_holds_by_itself(database, served, receiver, sandbox):
    from sandbox import ROOT
    database.sql((ROOT / "odoo_addon_stub/webhook_worker/data/neutralize.sql").read_text())
    states = database.sql("SELECT DISTINCT paused FROM bwt_webhook_outbound_endpoint")
    assert states == [["t"]]
    served.start()
    time.sleep(QUIET_SECONDS)
    assert len(receiver.ledger()) == 1
    assert served.stop() == 0
