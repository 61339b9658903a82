# SPDX-License-Identifier: LGPL-3.0-or-later
"""Queue, send, settle: the main job, against a mixed receiver."""

import time

from ledger_check import all_terminal, disagreements
from processes import wait_until


def test_a_thousand_deliveries_to_a_mixed_receiver(database, receiver, make_worker):
    policy = database.retry_policy(1, 1, 2, attempts_max=4)
    for code, count in (("healthy", 600), ("flaky", 300), ("dead", 100)):
        # Every delivery of the dead one is to be tried to its end.
        endpoint = database.endpoint(code, receiver.url, f"/{code}", retry_policy_id=policy, breaker_failures_max=1000)
        database.queue(endpoint, count)
    worker = make_worker().start()
    wait_until(lambda: all_terminal(database), 120, database.states)
    assert worker.stop() == 0
    assert database.states() == {"done": 900, "dead_letter": 100}
    assert disagreements(database, receiver) == []
    dead = database.deliveries([["state", "=", "dead_letter"]])
    assert {row["failure_reason"] for row in dead} == {"attempts_exhausted"}
    assert {row["attempt_count"] for row in dead} == {4}


def test_speed_is_printed(database, receiver, make_worker, capsys):
    """1 kB payloads, 50 endpoints, request and response capture, address guard on, fsync on."""
    endpoints = [database.endpoint(f"speed-{n}", receiver.url, "/healthy") for n in range(50)]
    total = 10000
    for endpoint in endpoints:
        database.queue(endpoint, total // len(endpoints), "{'n': n, 'text': 'x' * 1000}")
    worker = make_worker()
    started = time.monotonic()
    worker.start()
    wait_until(lambda: receiver.count() >= total, 120, receiver.count)
    wait_until(lambda: database.states() == {"done": total}, 60, database.states)
    seconds = time.monotonic() - started
    assert worker.stop() == 0
    first, last = database.sql(
        "SELECT extract(epoch FROM min(started_at)), extract(epoch FROM max(d.processed_at)) "
        "FROM bwt_webhook_outbound_delivery d JOIN bwt_webhook_outbound_delivery_attempt a ON a.delivery_id = d.id")[0]
    with capsys.disabled():
        print(f"\nspeed: {total} deliveries queued -> 2xx -> settled in {seconds:.1f} s from the worker's start "
              f"({total / seconds:.0f}/s); {total / max(float(last) - float(first), 0.001):.0f}/s between the first "
              f"send and the last settlement")
    assert disagreements(database, receiver) == []


def test_a_rolled_back_transaction_sends_nothing(database, receiver, make_worker):
    endpoint = database.endpoint("rollback", receiver.url, "/healthy")
    worker = make_worker().start()
    worker.wait_for_log("odoo.ready")
    try:
        database.run_code(
            f"env['bwt.webhook.outbound.endpoint'].browse({endpoint}).queue_delivery({{'n': 1}})\n"
            "raise UserError('the order cannot be confirmed')")
    except Exception as error:  # noqa: BLE001 - whatever Odoo makes of it
        assert "cannot be confirmed" in str(error)
    else:
        raise AssertionError("the transaction was not rolled back")
    database.queue(endpoint, 1, "{'n': 2}")
    wait_until(lambda: database.states() == {"done": 1}, 20, database.states)
    worker.stop()
    assert len(receiver.ledger()) == 1


def test_a_wake_up_makes_it_fast(database, receiver, make_worker, capsys):
    endpoint = database.endpoint("wake", receiver.url, "/healthy")
    worker = make_worker(poll__idle_ms_max=4000, poll__idle_woken_ms_max=5000).start()
    worker.wait_for_log("odoo.ready")
    latencies = []
    for n in range(20):
        database.queue(endpoint, 1)
        committed = time.time()
        wait_until(lambda: receiver.count() > n, 10, "the request arrives")
        latencies.append(receiver.ledger()[-1]["time_ms"] / 1000 - committed)
    latencies.sort()
    with capsys.disabled():
        print(f"\ncommit -> receiver, woken: p50 {latencies[10] * 1000:.0f} ms, worst {latencies[-1] * 1000:.0f} ms")
    assert latencies[10] < 1.0, "without wake-ups half of them would wait for seconds"
    worker.stop()
