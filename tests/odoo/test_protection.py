# SPDX-License-Identifier: LGPL-3.0-or-later
"""What protects receivers and endpoints from each other: concurrency, rates, breakers, lanes, pauses; measured by the
receiver."""

import json
import threading
import time
from collections import defaultdict

from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for

ENDPOINT = "bwt.webhook.outbound.endpoint"
DELIVERY = "bwt.webhook.outbound.delivery"


def most_in(times, seconds):
    """The largest number of them in any window of that length."""
    most, first = 0, 0
    for last, moment in enumerate(times):
        while moment - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_limits_hold_under_load_with_dead_endpoints(database, make_worker):
    """20 endpoints under load, two of them dead: rate and concurrency limits hold over two workers, and the healthy
    ones do not wait for the dead.
    """
    over = threading.Event()

    def answer(request, _number):
        if request.path == "/silent":
            over.wait(120)
        time.sleep(0.02)
        return 200, {}

    with ScriptedReceiver(answer) as receiver:
        policy = database.retry_policy(3600, attempts_max=2)
        healthy = [database.endpoint(f"h{n}", receiver.url, f"/h{n}") for n in range(16)]
        rated = database.endpoint("rated", receiver.url, "/rated", rate_limit_count=20, rate_limit_period_seconds=1)
        narrow = database.endpoint("narrow", receiver.url, "/narrow", concurrency_max=2)
        # Nothing listens on one; the other takes the connection and never answers.
        dead = [database.endpoint("refusing", "http://127.0.0.1:1", "/", retry_policy_id=policy, timeout_seconds=5),
                database.endpoint("silent", receiver.url, "/silent", retry_policy_id=policy, timeout_seconds=2)]
        for endpoint in [*healthy, narrow, *dead]:
            database.queue(endpoint, 100)
        database.queue(rated, 200)
        workers = [make_worker(f"worker-{n}").start() for n in range(2)]
        started = time.monotonic()
        wait_until(lambda: database.states().get("done", 0) == 1700 + 200, 90, database.states)
        took = time.monotonic() - started
        over.set()
    rated_times = receiver.times("/rated")
    assert len(rated_times) == 200
    # The receiver's clock, so a moment of jitter between sending and arriving is allowed for.
    assert most_in(rated_times, 0.95) <= 20, most_in(rated_times, 0.95)
    assert took < 60, took
    # A limit of requests at a time is one worker's.
    assert receiver.busy_max["/narrow"] <= 2 * len(workers)
    opened = [line for worker in workers for line in worker.log().splitlines() if "breaker.opened" in line]
    assert any("refusing" in line for line in opened) and any("silent" in line for line in opened), opened
    # The breaker kept most deliveries of the dead endpoints from spending an attempt.
    tried = database.sql("SELECT count(*) FROM bwt_webhook_outbound_delivery d JOIN bwt_webhook_outbound_endpoint e"
                         " ON e.id = d.endpoint_id WHERE e.code IN ('refusing', 'silent') AND d.attempt_count > 0")
    assert int(tried[0][0]) < 100, tried


def test_a_rate_limit_spends_no_attempts(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("rated", receiver.url, "/", rate_limit_count=5, rate_limit_period_seconds=1)
        database.queue(endpoint, 30)
        make_worker().start()
        wait_for(database, {"done": 30}, 60)
    assert most_in(receiver.times(), 0.95) <= 5
    assert {attempt["attempt_number"] for attempt in database.attempts()} == {1}
    assert {row["attempt_count"] for row in database.deliveries()} == {1}


def test_a_breaker_probes_and_closes(database, make_worker):
    """While it is open one request at a time knocks; when the receiver is back everything goes out."""
    state = {"status": 503}
    with ScriptedReceiver(lambda request, number: (state["status"], {})) as receiver:
        endpoint = database.endpoint("breaking", receiver.url, "/", breaker_failures_max=3, breaker_open_seconds=1,
                                     concurrency_max=1, retry_policy_id=database.retry_policy(2, attempts_max=50))
        database.queue(endpoint, 100)
        worker = make_worker().start()
        worker.wait_for_log("breaker.opened")
        time.sleep(4)
        assert len(receiver.requests) <= 10, len(receiver.requests)
        state["status"] = 200
        wait_for(database, {"done": 100}, 60)
        assert "breaker.closed" in worker.log()


def lane_payloads(requests):
    """{lane: the numbers in the order of their first arrival}"""
    order = defaultdict(list)
    for request in requests:
        body = json.loads(request.body)
        if body["n"] not in order[body["lane"]]:
            order[body["lane"]].append(body["n"])
    return order


def test_lanes_keep_their_order_and_block_only_themselves(database, make_worker):
    """One lane's head fails for a while: the others go on, and afterwards the lane goes on in order."""
    def answer(request, number):
        body = json.loads(request.body)
        return (503 if body["lane"] == "stuck" and body["n"] == 3 and number <= 2 else 200), {}

    with ScriptedReceiver(answer) as receiver:
        endpoint = database.endpoint("lanes", receiver.url, "/",
                                     retry_policy_id=database.retry_policy(3, attempts_max=9))
        database.run_code(f"""
endpoint = env['{ENDPOINT}'].browse({endpoint})
for n in range(50):
    endpoint.queue_deliveries([{{'payload': {{'lane': lane, 'n': n}}, 'lane': lane}} for lane in ('a', 'b', 'stuck')])
""")
        workers = [make_worker(f"worker-{n}").start() for n in range(2)]
        wait_until(lambda: database.states().get("done", 0) >= 103, 30, database.states)
        assert database.states().get("error") == 1
        stuck = [json.loads(r.body)["n"] for r in receiver.requests if json.loads(r.body)["lane"] == "stuck"]
        assert set(stuck) <= {0, 1, 2, 3}
        wait_for(database, {"done": 150}, 60)
        assert all(worker.stop() == 0 for worker in workers)
    for lane, numbers in lane_payloads(receiver.requests).items():
        assert numbers == list(range(50)), lane
    assert len(receiver.requests) == 152


def test_an_endpoint_may_order_everything_or_by_record(database, make_worker):
    partners = database.call("res.partner", "create", vals_list=[{"name": f"P{n}"} for n in range(3)])
    with ScriptedReceiver() as receiver:
        whole = database.endpoint("whole", receiver.url, "/whole", ordering="endpoint", concurrency_max=50)
        by_record = database.endpoint("by-record", receiver.url, "/record", ordering="record", concurrency_max=50)
        for n in range(20):
            database.run_code(f"""
for endpoint in env['{ENDPOINT}'].browse([{whole}, {by_record}]):
    for partner in env['res.partner'].browse({partners}):
        endpoint.queue_delivery({{'lane': endpoint.code == 'whole' and 'whole' or partner.name,
                                 'n': {n}, 'p': partner.id}}, record=partner)
""")
        make_worker().start()
        wait_for(database, {"done": 120}, 60)
    got = defaultdict(list)
    for request in receiver.requests:
        body = json.loads(request.body)
        got[body["lane"]].append((body["n"], body["p"]))
    assert got["whole"] == [(n, partner) for n in range(20) for partner in partners]
    for number, partner in enumerate(partners):
        assert got[f"P{number}"] == [(n, partner) for n in range(20)]


def test_one_lane_is_fast(database, receiver, make_worker):
    """Strictly in order, 500 a second."""
    endpoint = database.endpoint("fast", receiver.url, "/healthy", ordering="endpoint")
    database.queue(endpoint, 3000)
    make_worker().start()
    wait_until(lambda: database.states() == {"done": 3000}, 90, database.states)
    entries = receiver.ledger()
    assert len(entries) == 3000
    order = [entry["webhook_id"] for entry in entries]
    queued = database.sql("SELECT delivery_uid FROM bwt_webhook_outbound_delivery ORDER BY id")
    assert order == [uid for (uid,) in queued]
    seconds = (entries[-1]["time_ms"] - entries[0]["time_ms"]) / 1000
    print(f"one lane: {3000 / seconds:.0f}/s at the receiver")
    assert 3000 / seconds >= 500, seconds


def test_pause_and_resume(database, make_worker):
    with ScriptedReceiver() as receiver:
        handler = database.call("bwt.webhook.handler", "create", vals_list=[
            {"name": "H", "code": "h", "direction": "outbound", "execution_mode": "model_driven"}])[0]
        endpoint = database.endpoint("paused", receiver.url, "/", handler_id=handler)
        [[company]] = database.sql(f"SELECT company_id FROM bwt_webhook_outbound_endpoint WHERE id = {endpoint}")
        make_worker().start()
        queue(database, endpoint, {"n": 0})
        wait_for(database, {"done": 1})
        steps = [
            (ENDPOINT, endpoint, "action_pause", "action_resume", "endpoint_paused"),
            ("bwt.webhook.handler", handler, "action_pause", "action_resume", "handler_paused"),
        ]
        for n, (model, record, pause, resume, reason) in enumerate(steps, 1):
            database.call(model, pause, ids=[record])
            queue(database, endpoint, {"n": n})
            time.sleep(2.5)
            assert len(receiver.requests) == n, reason
            [waiting] = database.deliveries([["state", "=", "queued"]])
            assert waiting["held_reason"] == reason
            database.call(model, resume, ids=[record])
            wait_for(database, {"done": n + 1})
        database.call("res.company", "write", ids=[int(company)], vals={"webhooks_paused": True})
        queue(database, endpoint, {"n": 3})
        time.sleep(2.5)
        [waiting] = database.deliveries([["state", "=", "queued"]])
        assert waiting["held_reason"] == "company_paused" and len(receiver.requests) == 3
        database.call("res.company", "write", ids=[int(company)], vals={"webhooks_paused": False})
        wait_for(database, {"done": 4})


def test_gone_disables_and_enabling_releases_at_the_rate_limit(database, make_worker):
    state = {"status": 410}
    with ScriptedReceiver(lambda request, number: (state["status"], {})) as receiver:
        endpoint = database.endpoint("gone", receiver.url, "/", concurrency_max=1, rate_limit_count=10,
                                     rate_limit_period_seconds=1)
        queue(database, endpoint, {"n": 0})
        make_worker().start()
        wait_for(database, {"dead_letter": 1})
        [read] = database.call(ENDPOINT, "read", ids=[endpoint],
                               fields=["held_reason", "disabled_at", "disabled_reason", "activity_ids"])
        assert read["held_reason"] == "endpoint_disabled" and read["disabled_reason"] == "gone" and read["disabled_at"]
        assert len(read["activity_ids"]) == 1
        database.queue(endpoint, 30)
        time.sleep(2.5)
        assert len(receiver.requests) == 1
        state["status"] = 200
        database.call(ENDPOINT, "action_enable", ids=[endpoint])
        wait_for(database, {"done": 30, "dead_letter": 1}, 60)
    assert most_in(receiver.times()[1:], 0.95) <= 10


def test_five_days_of_failures_disable_an_endpoint_once(database, make_worker):
    with ScriptedReceiver(lambda request, number: (503, {})) as receiver:
        endpoint = database.endpoint("failing", receiver.url, "/", breaker_failures_max=1000,
                                     retry_policy_id=database.retry_policy(3600, attempts_max=99))
        make_worker().start()
        database.queue(endpoint, 9)
        wait_for(database, {"error": 9})
        database.sql(
            "UPDATE bwt_webhook_endpoint_health SET failing_since = failing_since - interval '5 days 1 minute'")
        fields = ["disabled_at", "disabled_reason", "activity_ids"]
        [read] = database.call(ENDPOINT, "read", ids=[endpoint], fields=fields)
        assert not read["disabled_at"]
        database.queue(endpoint, 3)
        wait_until(lambda: database.call(ENDPOINT, "read", ids=[endpoint], fields=fields)[0]["disabled_at"], 30,
                   "it is disabled")
        [read] = database.call(ENDPOINT, "read", ids=[endpoint], fields=fields)
    assert read["disabled_reason"] == "failing" and len(read["activity_ids"]) == 1
    assert len(receiver.requests) >= 10


def test_an_identity_key_is_sent_once(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("identity", receiver.url, "/")
        for _again in range(3):
            queue(database, endpoint, {"n": 1}, ", identity_key='order-1'")
        make_worker().start()
        wait_for(database, {"done": 1})
    assert len(receiver.requests) == 1
