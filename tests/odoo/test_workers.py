# SPDX-License-Identifier: LGPL-3.0-or-later
"""Several workers of one database never send the same claim, and never make Odoo's transactions collide."""

import pytest
from ledger_check import disagreements
from processes import wait_until


@pytest.mark.parametrize("count", [2, 4])
def test_workers_share_the_work(database, receiver, make_worker, sandbox, count):
    log_size = sandbox.log_size()
    for n in range(10):
        database.queue(database.endpoint(f"shared-{n}", receiver.url, "/healthy"), 300)
    workers = [make_worker(f"worker-{n}", worker__claim_batch_max=100).start() for n in range(count)]
    wait_until(lambda: database.states() == {"done": 3000}, 120, database.states)
    for worker in workers:
        assert worker.stop() == 0
    assert disagreements(database, receiver) == []
    assert all(len(entries) == 1 for entries in receiver.by_id().values()), "sent twice"
    shares = database.sql("SELECT count(*) FROM bwt_webhook_outbound_delivery_attempt GROUP BY worker_id")
    assert len(shares) > 1, "one worker did everything"
    log = sandbox.log_since(log_size)
    assert "tries left" not in log and "could not serialize" not in log
