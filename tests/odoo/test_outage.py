# SPDX-License-Identifier: LGPL-3.0-or-later
"""Odoo is away, refuses, or answers nonsense: the worker waits, says so, goes on by itself; no delivery fails."""

import time

from faulty_proxy import FaultyProxy
from ledger_check import all_terminal, disagreements
from processes import wait_until


def test_odoo_down_for_three_lease_times_with_a_full_outbox(database, receiver, make_worker, sandbox):
    """1,000 requests are under way when Odoo goes; their replies wait in the outbox. Two workers, so that somebody
    could take the expired leases over."""
    database.queue(database.endpoint("slow", receiver.url, "/slow/3000", concurrency_max=1000), 1000)
    settings = {"worker__lease_seconds": 10, "worker__shutdown_grace_seconds": 5,
                "transport__connect_timeout_seconds": 5, "worker__deliveries_in_flight_max": 1000}
    workers = [make_worker(f"worker-{n}", **settings).start() for n in range(2)]
    wait_until(lambda: database.states().get("processing") == 1000, 60, database.states)
    sandbox.stop_odoo()
    try:
        wait_until(lambda: receiver.count() >= 1000, 60, receiver.count)
        time.sleep(3 * 10)
        assert all("odoo.waiting" in worker.log() for worker in workers)
    finally:
        sandbox.start_odoo()
    wait_until(lambda: database.states() == {"done": 1000}, 90, database.states)
    for worker in workers:
        assert worker.stop() == 0
    assert disagreements(database, receiver) == []
    assert len(receiver.ledger()) == 1000, "a second request"


def test_odoo_down_at_start(database, receiver, make_worker, sandbox):
    database.queue(database.endpoint("later", receiver.url, "/healthy"), 10)
    sandbox.stop_odoo()
    try:
        worker = make_worker().start()
        worker.wait_for_log("odoo.waiting")
        assert "unreachable" in worker.log() and "start Odoo" in worker.log()
    finally:
        sandbox.start_odoo()
    wait_until(lambda: database.states() == {"done": 10}, 60, database.states)
    assert worker.stop() == 0


def test_lost_replies_strand_nothing(database, receiver, make_worker, sandbox):
    """The first claim and the first settle run in Odoo, but nobody hears of them."""
    database.queue(database.endpoint("lost", receiver.url, "/healthy"), 50)
    with FaultyProxy(sandbox.url) as proxy:
        proxy.lose_reply_of("claim", times=1)
        proxy.lose_reply_of("settle", times=1)
        worker = make_worker(odoo_url=proxy.url).start()
        wait_until(lambda: database.states() == {"done": 50}, 60, database.states)
        assert proxy.lost == ["claim", "settle"]
        assert worker.stop() == 0
    assert disagreements(database, receiver) == []
    assert len(receiver.ledger()) == 50, "a lost reply made it send again"
    assert {row["attempt_count"] for row in database.deliveries()} == {1}


def test_odoo_answers_nonsense(database, receiver, make_worker, sandbox):
    database.queue(database.endpoint("nonsense", receiver.url, "/healthy"), 20)
    with FaultyProxy(sandbox.url) as proxy:
        worker = make_worker(odoo_url=proxy.url).start()
        for answer in (b"<html>It works!</html>", b"", b'"{}"', b'{"jsonrpc": "2.0"}'):
            proxy.answer_everything_with(answer)
            size = len(worker.log())
            wait_until(lambda: "odoo.waiting" in worker.log()[size:], 40, worker.log)  # noqa: B023
        proxy.answer_everything_with(None)
        wait_until(lambda: database.states() == {"done": 20}, 60, database.states)
        assert worker.stop() == 0
    assert disagreements(database, receiver) == []


def test_a_refused_key_pauses_and_a_new_one_is_read(database, receiver, make_worker):
    database.queue(database.endpoint("key", receiver.url, "/healthy"), 10)
    worker = make_worker()
    worker.write_key("0" * 40)
    worker.start()
    worker.wait_for_log("fault=key_refused")
    assert database.states() == {"queued": 10}
    worker.write_key(database.worker_key)
    wait_until(lambda: database.states() == {"done": 10}, 60, database.states)
    assert worker.stop() == 0
    assert database.worker_key not in worker.log() and "0" * 40 not in worker.log()


def test_sigterm_is_graceful(database, receiver, make_worker):
    """What is under way ends and is settled; what is not goes back at once."""
    endpoint = database.endpoint("graceful", receiver.url, "/slow/1000", concurrency_max=20)
    database.queue(endpoint, 100)
    worker = make_worker().start()
    wait_until(lambda: receiver.count() >= 10, 30, receiver.count)
    assert worker.stop() == 0
    states = database.states()
    assert set(states) == {"done", "queued"} and states["done"] == len(receiver.ledger())
    second = make_worker("second").start()
    wait_until(lambda: all_terminal(database), 60, database.states)
    assert second.stop() == 0
    assert len(receiver.ledger()) == 100, "a graceful stop repeats nothing"
