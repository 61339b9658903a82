# SPDX-License-Identifier: LGPL-3.0-or-later
"""One event, one effect: whatever is lost, killed or done twice at a time."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from faulty_proxy import FaultyProxy
from inbound import Inbound, ingest_events, new_handler, rule
from processes import wait_until
from scripted_receiver import ScriptedReceiver

EVERYTHING = "webhook.test.everything"


def create_everything(**fields):
    return rule("Create", "create_record", EVERYTHING, assign={
        "name": "payload:name", "number": "payload:number", "code": "payload:code"}, **fields)


def names(database):
    """How often each name was written."""
    return {name: int(count) for name, count in database.sql(
        "SELECT name, count(*) FROM webhook_test_everything GROUP BY name")}


def test_lost_replies_of_settle(database, make_worker):
    inbound = Inbound(database, [create_everything()])
    with FaultyProxy(database.sandbox.url) as proxy:
        proxy.lose_reply_of("settle", 4)
        proxy.lose_reply_of("claim", 2)
        worker = make_worker(odoo_url=proxy.url, worker__settle_batch_max=20).start()
        ids = []
        for batch in range(10):
            ids += inbound.ingest(*({"name": f"{batch}-{n}", "number": n} for n in range(20)))
        wait_until(lambda: inbound.states() == {"done": 200}, 90, inbound.states)
        assert proxy.lost.count("settle") == 4 and proxy.lost.count("claim") == 2, proxy.lost
        worker.stop()
    found = names(database)
    assert len(found) == 200 and set(found.values()) == {1}
    executions = database.sql(
        "SELECT count(*), count(DISTINCT event_id) FROM bwt_webhook_inbound_rule_execution WHERE state = 'done'")
    assert executions == [["200", "200"]]


def test_killed_workers(database, make_worker, request):
    """kill -9 at any moment, again and again: what was processed and not settled is found in the journal, or is
    processed again when its lease ends.
    """
    seed = random.randrange(2 ** 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    total, rounds = 300, 6
    inbound = Inbound(database, [create_everything()])
    with FaultyProxy(database.sandbox.url) as proxy:
        worker = make_worker(odoo_url=proxy.url, worker__lease_seconds=30, worker__settle_batch_max=10)
        for number in range(rounds):
            inbound.ingest(*({"name": f"{number}-{n}", "number": n} for n in range(total // rounds)))
            proxy.lose_reply_of("settle", 1)  # applied, and nobody knows
            before = inbound.states().get("done", 0)
            worker.start()
            # Sometimes as soon as events are claimed, sometimes in the middle of settling them.
            wait_until(lambda: number % 2 and inbound.states().get("processing") or
                       inbound.states().get("done", 0) > before, 30, inbound.states)
            time.sleep(dice.uniform(0, 0.05))
            worker.kill()
        worker.start()
        wait_until(lambda: inbound.states() == {"done": total}, 120,
                   lambda: f"{inbound.states()} {inbound.failures()} {worker.log()[-1500:]}")
        worker.stop()
    found = names(database)
    assert len(found) == total and set(found.values()) == {1}, {n: c for n, c in found.items() if c > 1}


def test_killed_between_sending_and_settling(database, make_worker):
    """What a reply writes is written once per delivery, although some are sent twice."""
    total, rounds = 200, 4
    handler = new_handler(database, "out", "outbound", [rule(
        "Store", "create_record", EVERYTHING, phase="response",
        assign={"name": "template:delivery {{ payload.n }}", "code": "reply:id"})])
    numbers = iter(range(100000))
    with ScriptedReceiver(lambda request, number: (200, {"id": f"{next(numbers)}"})) as receiver, \
            FaultyProxy(database.sandbox.url) as proxy:
        endpoint = database.endpoint("out", receiver.url, "/", handler_id=handler, concurrency_max=8)
        database.queue(endpoint, total)
        worker = make_worker(odoo_url=proxy.url, worker__lease_seconds=30, worker__settle_batch_max=10)
        for number in range(1, rounds):
            worker.start()
            proxy.lose_reply_of("settle", 1)
            wait_until(lambda: len(receiver.requests) >= number * total // rounds, 60, lambda: len(receiver.requests))
            worker.kill()
        worker.start()
        wait_until(lambda: database.states() == {"done": total}, 150, database.states)
        worker.stop()
    found = names(database)
    assert len(found) == total and set(found.values()) == {1}, {n: c for n, c in found.items() if c > 1}
    assert len(receiver.requests) >= total


def test_two_workers_upsert_the_same_keys(database, make_worker, sandbox):
    """20 keys, each in ten events that arrive at once."""
    log_size = sandbox.log_size()
    inbound = Inbound(database, [rule("Upsert", "upsert_record", EVERYTHING, lookups={"code": "payload:code"}, assign={
        "code": "payload:code", "name": "payload:name", "number": "payload:number"})])
    batches = [[{"code": f"key-{n}", "name": f"Key {n}", "number": batch} for n in range(20)] for batch in range(10)]
    inbound.ingest({"code": "first", "name": "First"})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda batch: ingest_events(database, inbound.endpoint_id, batch), batches))
    workers = [make_worker(f"worker-{n}", worker__claim_batch_max=20, worker__settle_batch_max=20).start()
               for n in range(2)]  # fmt: skip
    wait_until(lambda: inbound.states() == {"done": 201}, 120, lambda: f"{inbound.states()} {inbound.failures()}")
    for worker in workers:
        assert worker.stop() == 0
    assert database.sql("SELECT count(*), count(DISTINCT code) FROM webhook_test_everything") == [["21", "21"]]
    attempts = database.sql("SELECT max(attempt_count) FROM bwt_webhook_inbound_event")
    assert attempts == [["0"]], "a conflict spends no try"
    assert "tries left" not in sandbox.log_since(log_size)


def test_a_poisonous_event_harms_no_other(database, make_worker):
    """Of fifty: one breaks a constraint of the database, one names a record that is not there."""
    inbound = Inbound(database, [create_everything()], retry=(3600,))
    payloads = [{"name": f"Good {n}", "number": n} for n in range(50)]
    payloads[17]["number"] = -1
    payloads[31]["name"] = None
    ids = inbound.ingest(*payloads)
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    rows = inbound.read(ids)
    assert [n for n, row in enumerate(rows) if row["state"] != "done"] == [17, 31]
    assert len(names(database)) == 48
    assert "A number must not be negative." in rows[17]["failure_message"]
    assert rows[17]["failure_reason"] == "record_operation" and rows[17]["failure_key"].startswith("record_operation:")
    assert {row["attempt_count"] for n, row in enumerate(rows) if n not in (17, 31)} == {0}
    worker.stop()
