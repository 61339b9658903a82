# SPDX-License-Identifier: LGPL-3.0-or-later
"""Rules of outbound handlers: what is sent, and what becomes of the reply."""

import json

from inbound import executor, new_handler, partners, rule
from processes import wait_until
from scripted_receiver import ScriptedReceiver


def outbound(database, receiver, rules, code="out", retry=(1, 1), **endpoint):
    """An outbound endpoint whose handler has these rules."""
    handler_id = new_handler(database, code, "outbound", rules)
    policy = database.retry_policy(*retry, attempts_max=len(retry) + 1)
    return database.endpoint(code, receiver.url, "/orders", handler_id=handler_id, retry_policy_id=policy,
                             **endpoint), handler_id


def queue(database, endpoint_id, payload, options=""):
    database.run_code(
        f"env['bwt.webhook.outbound.endpoint'].browse({endpoint_id}).queue_delivery({payload!r}{options})")


def wait_for(database, states, seconds=30):
    wait_until(lambda: database.states() == states, seconds,
               lambda: f"{database.states()} {[d['failure_message'] for d in database.deliveries()]}")


def before(name, action, when=None, scope="payload", assign=(), **fields):
    conditions = [("payload:do", "equals", when)] if when else []
    return rule(name, action, conditions=conditions, assign=assign, scope=scope, phase="before_send", **fields)


def on_reply(name, action, model=None, status=None, **fields):
    conditions = [("status:", "equals", status)] if status else fields.pop("conditions", [])
    return rule(name, action, model, conditions=conditions, phase="response", **fields)


def test_before_sending(database, make_worker):
    changed = before("Change", "send", "change", assign=[
        ("customer.name", "template:{{ payload.name | upper }}"), ("extra.price", "json:1.10"), ("list[1]", "json:2"),
        ("secret", "json:null")])
    for target, source_text, scope in (
        ("X-Shop", "delivery_field:name", "header"), ("X-Gone", "json:null", "header"),
        ("http_method", "literal:put", "request"),
        ("target_path", "template:/orders/{{ payload.n }}", "request"),
    ):
        [row] = rule("", "send", assign=[(target, source_text)], scope=scope, phase="before_send")["assignment_ids"]
        changed["assignment_ids"].append(row)
    with ScriptedReceiver() as receiver:
        endpoint, _handler = outbound(database, receiver, [
            changed,
            before("Cancel", "cancel", "cancel", note="Not wanted."),
            before("Dead", "dead_letter", "dead", note="Never."),
            before("Retry", "retry", "retry", retry_seconds=3600),
        ])  # fmt: skip
        for what in ("change", "cancel", "dead", "retry", "plain"):
            queue(database, endpoint, {"do": what, "n": 7, "name": "Ünï", "secret": "s", "list": [1]},
                  ", headers={'X-Gone': '1', 'X-Stays': '2'}, name='Order'")
        make_worker().start()
        wait_for(database, {"done": 2, "canceled": 1, "dead_letter": 1, "error": 1})
    by_do = {json.loads(d["payload_json"])["do"]: d for d in database.deliveries()}
    assert by_do["dead"]["failure_reason"] == "rule" and "Never." in by_do["dead"]["failure_message"]
    [sent] = receiver.of(by_do["change"]["delivery_uid"])
    assert (sent.method, sent.path) == ("PUT", "/orders/7")
    assert sent.headers["x-shop"] == "Order" and sent.headers["x-stays"] == "2" and "x-gone" not in sent.headers
    assert json.loads(sent.body) == {"do": "change", "n": 7, "name": "Ünï", "secret": None,
                                     "customer": {"name": "ÜNÏ"}, "extra": {"price": 1.1}, "list": [1, 2]}
    assert b"1.10" in sent.body
    [plain] = receiver.of(by_do["plain"]["delivery_uid"])
    assert (plain.method, plain.path) == ("POST", "/orders") and plain.headers["x-gone"] == "1"
    assert plain.body.decode() == by_do["plain"]["payload_json"]
    assert len(receiver.requests) == 2
    outcomes = {row["outcome"] for row in database.attempts([["delivery_id", "=", by_do["cancel"]["id"]]])}
    assert outcomes == {"canceled"}


def test_a_rule_that_asks_for_a_retry_is_asked_again(database, make_worker):
    """What was never sent has no fixed content: the rules decide anew, until the attempts are used up."""
    with ScriptedReceiver() as receiver:
        endpoint, _handler = outbound(database, receiver, [before("Wait", "retry", retry_seconds=1)])
        queue(database, endpoint, {"n": 1})
        make_worker().start()
        wait_for(database, {"dead_letter": 1})
    [delivery] = database.deliveries()
    assert delivery["failure_reason"] == "attempts_exhausted" and receiver.requests == []


def test_a_second_attempt_has_the_bytes_of_the_first(database, make_worker):
    """Although the rules, and what they read, were changed in between."""
    with ScriptedReceiver(lambda request, number: (500 if number == 1 else 200, {})) as receiver:
        endpoint, handler_id = outbound(
            database, receiver,
            [before("Mark", "send", assign=[("mark", "literal:first"), ("now", "endpoint_field:name")])],
            retry=(4, 1))
        queue(database, endpoint, {"n": 1})
        make_worker().start()
        wait_for(database, {"error": 1})
        rules = "bwt.webhook.outbound.handler.rule"
        [rule_id] = database.call(rules, "search", domain=[["handler_id", "=", handler_id]])
        database.call(rules, "write", ids=[rule_id], vals={
            "assignment_ids": [(5,), *before("", "send", assign=[("mark", "literal:second")])["assignment_ids"]]})
        database.call("bwt.webhook.outbound.endpoint", "write", ids=[endpoint], vals={"name": "Renamed"})
        wait_for(database, {"done": 1})
        queue(database, endpoint, {"n": 2})
        wait_for(database, {"done": 2})
    first, second, *others = receiver.requests
    assert json.loads(first.body) == {"n": 1, "mark": "first", "now": "out"}
    assert first.body == second.body and first.path == second.path and first.method == second.method
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert {json.loads(request.body)["mark"] for request in others} == {"second"}


def test_a_reply_writes_records(database, make_worker):
    """The remote id is stored on the order, the partner is flagged, and a repetition does not do it again."""
    [customer] = database.call("res.partner", "create", vals_list=[{"name": "Customer", "ref": "C-1"}])
    [order] = database.call("sale.order", "create", vals_list=[{"partner_id": customer, "client_order_ref": "A-1"}])

    def answer(request, _number):
        number = json.loads(request.body)["number"]
        return {"A-1": (201, {"data": {"id": 12345678901234567890}}), "A-2": (422, {"error": {"text": "blocked"}}),
                "A-3": (200, {"data": {}})}.get(number, (200, {}))

    with ScriptedReceiver(answer) as receiver:
        endpoint, _handler = outbound(database, receiver, [
            on_reply("Store", "update_record", "sale.order", conditions=[("reply:data.id", "is_set")],
                     lookups={"id": "record_field:id"}, assign={"webhook_remote_id": "reply:data.id"}),
            on_reply("Flag", "update_record", "res.partner", status="422", lookups={"ref": "payload:customer"},
                     assign={"comment": "template:{{ response.body.error.text }} ({{ response.status }})"}),
        ])  # fmt: skip
        for number in ("A-1", "A-2", "A-3"):
            queue(database, endpoint, {"number": number, "customer": "C-1"},
                  f", record=env['sale.order'].browse({order})")
        make_worker().start()
        wait_until(lambda: sum(n for state, n in database.states().items() if state in ("done", "dead_letter")) == 3,
                   30, lambda: f"{database.states()} {database.deliveries()}")
    [stored] = database.call("sale.order", "read", ids=[order], fields=["webhook_remote_id", "write_uid"])
    assert stored["webhook_remote_id"] == "12345678901234567890"
    assert stored["write_uid"][0] == executor(database)
    [flagged] = partners(database, [["id", "=", customer]], ["comment"])
    assert "blocked (422)" in flagged["comment"]
    by_number = {json.loads(d["payload_json"])["number"]: d for d in database.deliveries()}
    assert {n: d["state"] for n, d in by_number.items()} == {"A-1": "done", "A-2": "dead_letter", "A-3": "done"}
    assert len(receiver.requests) == 3


def test_replies_and_the_rules_that_decide_about_them(database, make_worker):
    """500 and no response rule matches → retry: the classification stays as it is."""
    def answer(request, _number):
        return json.loads(request.body)["status"], {"state": json.loads(request.body).get("state")}

    with ScriptedReceiver(answer) as receiver:
        endpoint, _handler = outbound(database, receiver, [
            on_reply("Already there", "done", status="409"),
            on_reply("Hopeless", "dead_letter", status="503", note="Hopeless."),
            on_reply("Not yet", "retry", conditions=[("reply:state", "equals", "busy")], retry_seconds=3600),
        ], retry=(3600,))  # fmt: skip
        for payload in ({"status": 500}, {"status": 409}, {"status": 503}, {"status": 200, "state": "busy"},
                        {"status": 200}, {"status": 404}):
            queue(database, endpoint, payload)
        make_worker().start()
        wait_for(database, {"error": 3, "done": 2, "dead_letter": 1})
    found = {}
    for delivery in database.deliveries():
        payload = json.loads(delivery["payload_json"])
        found[payload["status"], payload.get("state")] = (delivery["state"], delivery["failure_reason"])
    assert found == {
        (500, None): ("error", "http_status"), (404, None): ("error", "http_status"), (409, None): ("done", False),
        (503, None): ("dead_letter", "rule"), (200, "busy"): ("error", "rule"), (200, None): ("done", False),
    }  # fmt: skip


def test_a_delivered_request_is_never_sent_again_for_a_record_that_odoo_refuses(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint, _handler = outbound(database, receiver, [
            on_reply("Nobody", "update_record", "res.partner", status="200", lookups={"ref": "literal:nobody"},
                     assign={"name": "literal:X"})])
        queue(database, endpoint, {"n": 1})
        make_worker().start()
        wait_for(database, {"dead_letter": 1})
    [delivery] = database.deliveries()
    assert "It was delivered" in delivery["failure_message"] and "ref = 'nobody'" in delivery["failure_message"]
    assert len(receiver.requests) == 1
