# SPDX-License-Identifier: LGPL-3.0-or-later
"""kill -9 in the middle of the work: nothing lost, nothing settled twice, repetitions carry the same id and bytes."""

import shutil

from ledger_check import all_terminal, disagreements
from processes import wait_until


def queue_mixed(database, receiver, count):
    policy = database.retry_policy(1, 1, 1, 1, attempts_max=8)
    for code in ("healthy", "flaky"):
        database.queue(database.endpoint(code, receiver.url, f"/{code}", retry_policy_id=policy), count // 2)


def settled_twice(database):
    return database.sql("SELECT attempt_uid, count(*) FROM bwt_webhook_outbound_delivery_attempt "
                        "WHERE attempt_uid IS NOT NULL GROUP BY attempt_uid HAVING count(*) > 1")


def test_kill_9_and_start_again(database, receiver, make_worker):
    queue_mixed(database, receiver, 1000)
    worker = make_worker()
    for round_number in range(1, 4):
        worker.start()
        wait_until(lambda: receiver.count() >= 150 * round_number, 60, receiver.count)
        worker.kill()
    worker.start()
    wait_until(lambda: all_terminal(database), 120, database.states)
    assert worker.stop() == 0
    assert database.states() == {"done": 1000}
    assert disagreements(database, receiver, crashed=True) == []
    assert settled_twice(database) == []
    repeated = {uid for uid, entries in receiver.by_id().items()
                if sum(entry["answered"] == 200 for entry in entries) > 1}
    uncertain = {row["delivery_id"][0] for row in database.attempts([["maybe_delivered", "=", True]])}
    by_uid = {row["delivery_uid"]: row["id"] for row in database.deliveries()}
    assert {by_uid[uid] for uid in repeated} <= uncertain, "a repetition that no attempt explains"


def test_kill_9_and_the_journal_is_gone(database, receiver, make_worker):
    """Another worker takes the leases over once they have expired; what was lost says so."""
    queue_mixed(database, receiver, 200)
    first = make_worker("first", worker__lease_seconds=10, worker__shutdown_grace_seconds=5,
                        transport__connect_timeout_seconds=5).start()
    wait_until(lambda: receiver.count() >= 20, 60, receiver.count)
    first.kill()
    shutil.rmtree(first.folder)
    second = make_worker("second").start()
    wait_until(lambda: all_terminal(database), 150, database.states)
    assert second.stop() == 0
    assert database.states() == {"done": 200}
    assert disagreements(database, receiver, crashed=True) == []
    assert settled_twice(database) == []
