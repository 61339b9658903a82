# SPDX-License-Identifier: LGPL-3.0-or-later
"""The Test button, as an administrator uses it over RPC, and what a worker finds wrong in a handler."""

import json

import pytest
from inbound import EVENT, Inbound, new_handler, partners, rule
from odoo_database import Refused
from processes import wait_until
from scripted_receiver import ScriptedReceiver

HANDLER, RULE, TEST = "bwt.webhook.handler", "bwt.webhook.inbound.handler.rule", "bwt.webhook.rule.test"
PARTNER = {"name": "payload:name", "ref": "payload:ref", "color": "payload:color"}


OUTBOUND_RULE = "bwt.webhook.outbound.handler.rule"


def try_rules(database, handler_id, changes=None, **fields):
    """The wizard's summary and its results, changed ones first."""
    [test_id] = database.call(TEST, "create", vals_list=[{
        "handler_id": handler_id, "draft_changes_json": json.dumps(changes or {}), **fields}])
    database.call(TEST, "action_test", ids=[test_id])

    def answered():
        database.call(TEST, "action_refresh", ids=[test_id])
        return database.call(TEST, "read", ids=[test_id], fields=["state"])[0]["state"] == "answered"

    wait_until(answered, 20, "the worker's answer")
    [test] = database.call(TEST, "read", ids=[test_id], fields=["summary", "result_ids"])
    return test["summary"], database.call(TEST + ".result", "read", ids=test["result_ids"], fields=[
        "name", "action", "rule_name", "changed", "message", "trace_text"])


def counts(database):
    return database.sql("SELECT (SELECT count(*) FROM res_partner), (SELECT count(*) FROM bwt_webhook_inbound_event),"
                        " (SELECT count(*) FROM bwt_webhook_inbound_handler_rule),"
                        " (SELECT string_agg(state, ',' ORDER BY id) FROM bwt_webhook_inbound_event)")


def test_a_pasted_payload(database, make_worker):
    inbound = Inbound(database, [
        rule("Paid", "create_record", "res.partner", assign=PARTNER, conditions=[
            ("payload:status", "equals", "paid"), ("header:X-Shop", "is_set")])])
    with pytest.raises(Refused, match="No worker is running"):
        try_rules(database, inbound.handler_id, payload="{}")
    make_worker().start().wait_for_log("odoo.ready")
    before = counts(database)
    summary, [result] = try_rules(
        database, inbound.handler_id, payload='{"status": "paid", "name": "Ünï", "ref": "00123"}',
        headers_json='{"x-shop": "1"}')
    assert "Paid" in summary and result["action"] == "create_record"
    assert all(text in result["message"] for text in ("res.partner", "Ünï", "00123")), result
    assert result["trace_text"].startswith("✓ Paid")
    summary, [result] = try_rules(database, inbound.handler_id, payload='{"status": "open"}')
    assert (summary, result["action"], result["rule_name"]) == ("none", "none", False)
    assert "open" in result["trace_text"]
    summary, [result] = try_rules(
        database, inbound.handler_id, payload='{"status": "paid", "name": "A", "color": "blue"}',
        headers_json='{"X-Shop": "1"}')
    assert result["action"] == "error" and 'found "blue"' in result["message"], result
    # Edited, not saved.
    [rule_id] = database.call(RULE, "search", domain=[["handler_id", "=", inbound.handler_id]])
    changes = {"inbound_rule_ids": [
        [1, rule_id, {"name": "Edited", "action_type": "dead_letter", "assignment_ids": [[5, 0, 0]], "condition_ids": [
            [5, 0, 0]]}]]}
    summary, [result] = try_rules(database, inbound.handler_id, changes, payload='{"status": "open"}')
    assert (summary, result["action"]) == ("Edited: dead_letter", "dead_letter")
    new_rule = rule("Brand new", "done", sequence=-1)
    summary, [result] = try_rules(
        database, inbound.handler_id, {"inbound_rule_ids": [[0, 0, new_rule]]}, payload="{}")
    assert result["rule_name"] == "Brand new"
    assert counts(database) == before, "nothing is applied"


def test_the_last_recorded_events(database, make_worker):
    inbound = Inbound(database, [
        rule("Paid", "create_record", "res.partner", [("payload:status", "equals", "paid")], assign=PARTNER)])
    worker = make_worker().start()
    inbound.ingest(*({"status": "paid" if n < 20 else "open", "name": f"N {n}", "ref": f"r{n}", "total": n}
                     for n in range(60)))
    inbound.wait()
    assert len(partners(database, [["ref", "like", "r%"]])) == 20
    before = counts(database)
    summary, results = try_rules(database, inbound.handler_id, source="recorded", recorded_count=1000)
    assert summary == "0 of 60 change" and len(results) == 60
    [rule_id] = database.call(RULE, "search", domain=[["handler_id", "=", inbound.handler_id]])
    changes = {"inbound_rule_ids": [
        [1, rule_id, {"condition_ids": [[5, 0, 0], [0, 0, {
            "source_kind": "payload_path", "source_expression": "total", "operator": "gte", "expected_value": "15"}]]}],
        [0, 0, rule("Small", "dead_letter", conditions=[("payload:total", "lt", "3")], sequence=-1)]]}
    summary, results = try_rules(database, inbound.handler_id, changes, source="recorded", recorded_count=1000)
    # 0..2 were created and now dead-letter, 3..14 were created and now are not, 20..59 newly create.
    assert summary == "55 of 60 change: 40 newly create_record, 3 newly dead_letter, 12 newly none"
    assert sum(result["changed"] for result in results) == 55
    summary, results = try_rules(database, inbound.handler_id, changes, source="recorded", recorded_count=10)
    assert summary == "10 of 10 change: 10 newly create_record"
    assert counts(database) == before, "nothing is applied"
    assert not database.call(EVENT, "search", domain=[["state", "!=", "done"]])
    worker.stop()


def test_deliveries_before_sending_and_on_the_reply(database, make_worker):
    handler = new_handler(database, "out", "outbound", [
        rule("Cancel", "cancel", conditions=[("payload:n", "gt", "3")], phase="before_send"),
        rule("Late", "done", conditions=[("reply:state", "equals", "late")], phase="response")])
    with ScriptedReceiver(lambda request, _number: (503, {"state": "late"})) as receiver:
        endpoint = database.endpoint("out", receiver.url, "/", handler_id=handler)
        database.queue(endpoint, 6)
        worker = make_worker().start()
        wait_until(lambda: database.states() == {"done": 4, "canceled": 2}, 30, database.states)
        before, attempts = database.states(), database.attempts()
        summary, results = try_rules(database, handler, source="recorded", recorded_count=100)
        assert summary == "0 of 6 change" and len(results) == 6
        rules = {row["name"]: row["id"] for row in database.call(
            OUTBOUND_RULE, "search_read", domain=[["handler_id", "=", handler]], fields=["name"])}
        changes = {"outbound_rule_ids": [
            [1, rules["Cancel"], {"condition_ids": [[5, 0, 0]], "result_status": "send", "assignment_ids": [[0, 0, {
                "target_scope": "payload", "target_expression": "mark", "source_kind": "literal",
                "literal_value": "new"}]]}],
            [1, rules["Late"], {"result_status": "dead_letter"}]]}
        summary, results = try_rules(database, handler, changes, source="recorded", recorded_count=100)
        assert summary == "6 of 6 change: 6 newly send"
        assert all('"mark":"new"' in result["message"] for result in results)
        # Two were canceled: they have no reply.
        summary, _results = try_rules(
            database, handler, changes, source="recorded", recorded_count=100, phase="response")
        assert summary == "4 of 6 change: 4 newly dead_letter"
        summary, [result] = try_rules(
            database, handler, phase="response", payload="{}", response_status_code=200,
            response_body='{"state": "late"}')
        assert summary == "Late: done" and "late" in result["trace_text"]
        assert (database.states(), database.attempts()) == (before, attempts) and len(receiver.requests) == 4
        worker.stop()


def test_a_bad_template_is_found_and_is_in_the_way_of_activation(database, make_worker):
    inbound = Inbound(database, [rule("Bad", "create_record", "res.partner", assign={
        "name": "template:{{ payload.name | shout }}", "ref": "payload:a[", "email": "payload:mail"})])
    endpoint = "bwt.webhook.inbound.endpoint"
    database.call(endpoint, "action_set_draft", ids=[inbound.endpoint_id])
    worker = make_worker().start()

    def handler():
        return database.call(HANDLER, "read", ids=[inbound.handler_id], fields=[
            "finding_message", "finding_severity", "finding_ids"])[0]

    wait_until(lambda: handler()["finding_severity"] == "error", 20, handler)
    assert "shout" in handler()["finding_message"] and len(handler()["finding_ids"]) == 2, handler()
    with pytest.raises(Refused, match="cannot be activated"):
        database.call(endpoint, "action_activate", ids=[inbound.endpoint_id])
    database.call(HANDLER, "write", ids=[inbound.handler_id], vals={"active": False})
    [row] = database.sql("SELECT max(revision) FROM bwt_webhook_finding")
    wait_until(lambda: database.sql("SELECT max(revision) FROM bwt_webhook_finding") != [row], 20, handler)
    with pytest.raises(Refused, match="cannot be activated.*shout"):
        database.call(HANDLER, "write", ids=[inbound.handler_id], vals={"active": True})
    [rule_id] = database.call(RULE, "search", domain=[["handler_id", "=", inbound.handler_id]])
    fixed = rule("", "create_record", assign={"name": "template:{{ payload.name | upper }}", "ref": "payload:a"})
    database.call(RULE, "write", ids=[rule_id], vals={"assignment_ids": [(5,), *fixed["assignment_ids"]]})
    wait_until(lambda: not handler()["finding_ids"], 20, handler)
    database.call(HANDLER, "write", ids=[inbound.handler_id], vals={"active": True})
    database.call(endpoint, "action_activate", ids=[inbound.endpoint_id])
    inbound.ingest({"name": "loud", "a": "A-1"})
    inbound.wait()
    assert [p["name"] for p in partners(database, [["ref", "=", "A-1"]])] == ["LOUD"], inbound.failures()
    worker.stop()
