# SPDX-License-Identifier: LGPL-3.0-or-later
"""What another addon adds to events and deliveries holds for the rows that the product makes, and rules read it."""

import json

from inbound import EVENT, Inbound, new_handler, rule
from processes import wait_until
from scripted_receiver import ScriptedReceiver

ADDED = ["test_shop", "test_channel", "test_stamp"]


def test_events(database, make_worker):
    inbound = Inbound(database, [rule(
        "Berlin", "create_record", "webhook.test.everything", conditions=[
            ("event_field:test_shop", "equals", "Berlin"), ("event_field:test_channel", "in", "fax\nwebshop"),
            ("event_field:test_stamp", "starts_with", "stamped"),
        ],
        assign={"name": "event_field:test_shop", "code": "template:{{ event.test_stamp | upper }}",
                "short": "event_field:test_channel"})])
    ids = inbound.ingest({"shop": "Berlin"}, {"shop": "Paris"}, b"\xff\x00 no json", semantics={"topic": "t"})
    berlin, paris, broken = database.call(EVENT, "read", ids=ids, fields=ADDED)
    assert [berlin[name] for name in ADDED] == ["Berlin", "webshop", "stamped t"]
    assert [paris[name] for name in ADDED] == ["Paris", "webshop", "stamped t"]
    assert [broken[name] for name in ADDED] == [False, "webshop", "stamped t"]
    assert database.call(EVENT, "search_count", domain=[["test_shop", "=", "Berlin"]]) == 1, "it is stored"
    worker = make_worker().start()
    inbound.wait()
    assert inbound.states() == {"done": 3}, inbound.failures()
    made = database.call("webhook.test.everything", "search_read", domain=[], fields=["name", "code", "short"])
    assert [(row["name"], row["code"], row["short"]) for row in made] == [("Berlin", "STAMPED T", "webshop")]
    worker.stop()


def test_deliveries(database, make_worker):
    send = rule("Mark", "send", phase="before_send", scope="header",
                conditions=[("delivery_field:test_shop", "equals", "Berlin")],
                assign={"X-Shop": "delivery_field:test_shop", "X-Stamp": "delivery_field:test_stamp",
                        "X-Channel": "template:{{ delivery.test_channel }}"})
    handler = new_handler(database, "out", "outbound", [send])
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("out", receiver.url, "/", handler_id=handler)
        worker = make_worker().start()
        # The worker's report says which fields to resolve when a delivery is queued; without it they are at claim.
        wait_until(lambda: database.call(
            "bwt.webhook.handler", "read", ids=[handler], fields=["needed_fields_json"])[0]["needed_fields_json"],
            20, "the worker's report")
        for shop in ("Berlin", "Paris"):
            database.run_code(
                f"env['bwt.webhook.outbound.endpoint'].browse({endpoint})"
                f".queue_delivery({{'shop': '{shop}'}}, name='N')")
        wait_until(lambda: database.states() == {"done": 2}, 30, lambda: database.deliveries())
        worker.stop()
    rows = database.call("bwt.webhook.outbound.delivery", "search_read", domain=[], fields=ADDED, order="id")
    assert [[row[name] for name in ADDED] for row in rows] == [
        ["Berlin", "webshop", "stamped N"], ["Paris", "webshop", "stamped N"]]
    headers = {json.loads(request.body)["shop"]: request.headers for request in receiver.requests}
    assert [headers["Berlin"][name] for name in ("x-shop", "x-stamp", "x-channel")] == [
        "Berlin", "stamped N", "webshop"]
    assert "x-shop" not in headers["Paris"]
