# SPDX-License-Identifier: LGPL-3.0-or-later
"""Replay of one, of several, of all that match; with what was sent then, or made anew; at a rate. Send test."""

import json

from inbound import source
from scripted_receiver import ScriptedReceiver
from test_protection import most_in
from test_rules_outbound import queue, wait_for

ENDPOINT = "bwt.webhook.outbound.endpoint"
DELIVERY = "bwt.webhook.outbound.delivery"
WIZARD = "bwt.webhook.replay"


def marked(database, receiver, mark, **fields):
    return database.endpoint("replayed", receiver.url, "/", payload_rule_ids=[
        (0, 0, {"target_path": "mark", **source(f"literal:{mark}")})], **fields)


def test_frozen_or_rebuilt(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = marked(database, receiver, "first")
        make_worker().start()
        queue(database, endpoint, {"n": 1}, ", headers={'X-Shop': '1'}")
        wait_for(database, {"done": 1})
        rules = "bwt.webhook.outbound.endpoint.payload.rule"
        database.call(rules, "write", ids=database.call(rules, "search", domain=[]), vals={"literal_value": "second"})
        [original] = database.deliveries()
        for content in ("frozen", "rebuilt"):
            wizard = database.call(WIZARD, "create", vals_list=[
                {"delivery_ids": [(6, 0, [original["id"]])], "content": content}])
            database.call(WIZARD, "action_replay", ids=wizard)
        wait_for(database, {"done": 3})
    first, frozen, rebuilt = receiver.requests
    assert json.loads(first.body) == {"n": 1, "mark": "first"}
    assert frozen.body == first.body and json.loads(rebuilt.body) == {"n": 1, "mark": "second"}
    assert {request.headers["x-shop"] for request in receiver.requests} == {"1"}
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 3
    replays = database.call(DELIVERY, "search_read", domain=[["replayed_from_delivery_id", "=", original["id"]]],
                            fields=["state"])
    assert len(replays) == 2


def test_all_that_match_at_a_rate(database, make_worker):
    state = {"status": 422}
    with ScriptedReceiver(lambda request, number: (state["status"], {})) as receiver:
        endpoint = database.endpoint("filtered", receiver.url, "/")
        other = database.endpoint("other", receiver.url, "/other")
        make_worker().start()
        database.queue(endpoint, 20)
        database.queue(other, 3)
        wait_for(database, {"dead_letter": 23})
        state["status"] = 200
        wizard = database.call(WIZARD, "create", vals_list=[{
            "selection": "filter", "endpoint_ids": [(6, 0, [endpoint])], "rate_per_minute": 240}])
        [shown] = database.call(WIZARD, "read", ids=wizard, fields=["count"])
        assert shown["count"] == 20
        database.call(WIZARD, "action_replay", ids=wizard)
        wait_for(database, {"dead_letter": 23, "done": 20}, 60)
    times = [request.at for request in receiver.requests[23:]]
    assert len(times) == 20 and all(request.path == "/" for request in receiver.requests[23:])
    assert most_in(sorted(times), 0.95) <= 6  # four a second, claimed in small groups
    assert times[-1] - times[0] > 3


def test_send_test(database, make_worker):
    """One marked request from the endpoint as it is, also from a draft; the answer is shown, nothing is recorded."""
    def answer(request, _number):
        return (200 if "webhook-test" in request.headers else 500), {"seen": request.headers.get("webhook-test")}

    with ScriptedReceiver(answer) as receiver:
        draft = marked(database, receiver, "draft", state="draft")
        refused = database.endpoint("refused", "http://169.254.169.254", "/latest/meta-data", state="draft")
        worker = make_worker().start()
        worker.wait_for_log("configuration")
        shown = {}
        for endpoint in (draft, refused):
            action = database.call(ENDPOINT, "action_send_test", ids=[endpoint])
            wizard = "bwt.webhook.send.test"
            ids = [action["res_id"]] if action.get("res_id") else database.call(
                wizard, "create", vals_list=[{"endpoint_id": endpoint, "payload": '{"n": 1}'}])
            database.call(wizard, "action_send", ids=ids)
            [shown[endpoint]] = database.call(wizard, "read", ids=ids, fields=[])
    [request] = receiver.requests
    assert request.headers["webhook-test"] == "1" and json.loads(request.body)["mark"] == "draft"
    assert shown[draft]["state"] == "answered" and "200" in json.dumps(shown[draft])
    assert "169.254" in json.dumps(shown[refused]) and "refused" in json.dumps(shown[refused])
    assert database.deliveries() == [] and database.attempts() == []
