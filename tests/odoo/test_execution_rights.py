# SPDX-License-Identifier: LGPL-3.0-or-later
"""Rules write with the rights of a named user, in one company, and nobody gets more rights out of them."""

import json

import pytest
from inbound import (
    EVENT,
    GATEWAY,
    Inbound,
    contract,
    executor,
    ingest_events,
    new_handler,
    new_user,
    partners,
    rule,
    xmlid,
)
from odoo_database import Refused
from processes import wait_until

RULE = "bwt.webhook.inbound.handler.rule"
HANDLER = "bwt.webhook.handler"
TEST = "bwt.webhook.rule.test"
PARTNER = {"name": "payload:name", "ref": "payload:ref"}


def test_a_refused_access_names_model_operation_and_user(database, make_worker):
    plain = new_user(database, "plain", [])
    [known] = database.call("res.partner", "create", vals_list=[{"name": "Known", "ref": "known"}])
    inbound = Inbound(database, [
        rule("Update", "update_record", "res.partner", [("payload:ref", "is_set")], {"ref": "payload:ref"}, PARTNER),
        rule("Create", "create_record", "res.partner", assign=PARTNER),
    ], execution_user_id=plain)  # fmt: skip
    ids = inbound.ingest({"name": "New"}, {"name": "Changed", "ref": "known"})
    worker = make_worker().start()
    inbound.wait()
    created, updated = inbound.read(ids)
    assert {created["failure_reason"], updated["failure_reason"]} == {"record_operation"}
    assert created["failure_key"] == updated["failure_key"] == "record_operation:access"
    assert "plain may not create res.partner" in created["failure_message"]
    assert f"plain may not write res.partner,{known}" in updated["failure_message"]
    assert created["attempt_count"] <= 1, "final at the first try"
    assert not partners(database, [["name", "in", ["New", "Changed"]]])
    worker.stop()


def test_two_handlers_in_one_batch_write_as_their_own_users(database, make_worker):
    """Also the new contacts of a contact, and what Odoo computes afterwards."""
    assign = [("name", "payload:name"), ("child_ids", "payload:contacts"), ("child_ids/name", "item:name")]
    users = {login: new_user(database, login, ["base.group_partner_manager"]) for login in ("anna", "bert")}
    users["carl"] = new_user(database, "carl", [])
    inbounds = {login: Inbound(database, [rule("Create", "create_record", "res.partner", assign=assign)], login,
                               execution_user_id=user) for login, user in users.items()}  # fmt: skip
    for number in range(5):
        for login, inbound in inbounds.items():
            inbound.ingest({"name": f"{login} {number}", "contacts": [{"name": f"{login} {number} contact"}]})
    worker = make_worker().start()
    for inbound in inbounds.values():
        inbound.wait()
    assert [inbound.states() for inbound in inbounds.values()] == [{"done": 5}, {"done": 5}, {"dead_letter": 5}]
    for login in ("anna", "bert"):
        made = partners(database, [["name", "like", f"{login} %"]], ["create_uid", "write_uid"])
        assert len(made) == 10
        assert {user[0] for row in made for user in (row["create_uid"], row["write_uid"])} == {users[login]}
    assert not partners(database, [["name", "like", "carl %"]])
    worker.stop()


def test_records_of_another_company(database, make_worker):
    """Named by the payload, found by a lookup, or moved there: never, and the message names both companies. Although
    the user works in both.
    """
    [ours] = database.call("res.company", "search", domain=[], limit=1, order="id")
    [other] = database.call("res.company", "create", vals_list=[{"name": "Other Company"}])
    [[our_name]] = database.sql(f"SELECT name FROM res_company WHERE id = {ours}")
    user = new_user(database, "both", ["base.group_partner_manager"], company_ids=[(6, 0, [ours, other])],
                    company_id=ours)
    [theirs] = database.call("res.partner", "create", vals_list=[
        {"name": "Theirs", "ref": "theirs", "company_id": other}])
    assign = {**PARTNER, "parent_id/.id": "payload:parent", "company_id/.id": "payload:company"}
    inbound = Inbound(database, [
        rule("Create", "create_record", "res.partner", [("payload:do", "equals", "create")], assign=assign),
        rule("Update", "update_record", "res.partner", [("payload:do", "equals", "update")],
             {"id": "payload:id"}, {"name": "payload:name"}, on_none="dead_letter"),
        rule("Move", "upsert_record", "res.partner", [("payload:do", "equals", "upsert")], {"ref": "payload:ref"},
             assign),
    ], execution_user_id=user)  # fmt: skip
    linked, moved, found, upserted, upserted_there = ids = inbound.ingest(
        {"do": "create", "name": "Linked", "parent": theirs}, {"do": "create", "name": "Moved", "company": other},
        {"do": "update", "id": theirs, "name": "Found"}, {"do": "upsert", "ref": "theirs", "name": "Ours now"},
        {"do": "upsert", "ref": "new", "name": "There", "company": other})  # fmt: skip
    worker = make_worker().start()
    inbound.wait()
    rows = dict(zip(ids, inbound.read(ids)))
    for event_id in (linked, moved, upserted_there):
        message = rows[event_id]["failure_message"] or ""
        assert rows[event_id]["state"] == "dead_letter" and rows[event_id]["attempt_count"] <= 1, message
        assert rows[event_id]["failure_key"] == "record_operation:company"
        assert "Other Company" in message and our_name in message, message
    assert rows[found]["state"] == "dead_letter" and "No res.partner with id" in rows[found]["failure_message"]
    assert rows[upserted]["state"] == "done", rows[upserted]
    assert [p["name"] for p in partners(database, [["ref", "=", "theirs"]])] == ["Theirs", "Ours now"]
    assert not partners(database, [["name", "in", ["Linked", "Moved", "Found", "There"]]])
    worker.stop()


def test_an_execution_user_who_is_archived_meanwhile(database, make_worker):
    user = executor(database)
    inbound = Inbound(database, [rule("Create", "create_record", "res.partner", assign=PARTNER)], retry=(3600,))
    inbound.ingest({"name": "Before"})
    worker = make_worker().start()
    inbound.wait()
    assert inbound.states() == {"done": 1}
    database.call("res.users", "write", ids=[user], vals={"active": False})
    [event_id] = inbound.ingest({"name": "After"})
    inbound.wait(states=("done", "dead_letter", "error"))
    [row] = inbound.read([event_id])
    assert row["state"] == "dead_letter" and "executor is archived" in row["failure_message"], row
    assert not partners(database, [["name", "=", "After"]])
    worker.stop()


@pytest.fixture
def administrator(database):
    """A Webhooks Administrator who is no system administrator, over JSON-RPC; his user id is `.id`."""
    def call(model, method, *arguments):
        return database.json_rpc("webhooks", "webhooks", model, method, *arguments)
    call.id = new_user(database, "webhooks", ["webhook_worker.group_webhooks_admin", "base.group_partner_manager"])
    return call


def refused(attempt, kinds=("AccessError",)):
    with pytest.raises(Refused) as caught:
        attempt()
    assert any(kind in str(caught.value) for kind in kinds), caught.value


def test_a_webhooks_administrator_gets_no_more_rights(database, administrator):
    """Each way is refused; the same steps on what is his own succeed."""
    admin = xmlid(database, "base.user_admin")
    mine = administrator(HANDLER, "create", [{
        "name": "Mine", "code": "mine", "direction": "inbound", "execution_user_id": administrator.id}])[0]
    own = rule("Own", "create_record", "res.partner", assign=PARTNER)
    own_rule = administrator(RULE, "create", [{**own, "handler_id": mine}])[0]
    administrator(RULE, "write", [own_rule], {"note": "his own"})
    theirs = new_handler(database, "theirs", rules=[rule("Theirs", "create_record", "res.partner", assign=PARTNER)],
                         execution_user_id=admin)
    [their_rule] = database.call(RULE, "search", domain=[["handler_id", "=", theirs]])
    [their_row] = database.call(RULE + ".assignment", "search", domain=[["rule_id", "=", their_rule], [
        "target_expression", "=", "name"]])
    target_of = {name: database.call("ir.model", "search", domain=[["model", "=", name]])[0]
                 for name in ("res.users", "ir.config_parameter", "res.groups", "bwt.webhook.handler")}

    def write_mine(**values):
        return lambda: administrator(HANDLER, "write", [mine], values)

    attempts = [
        write_mine(execution_user_id=admin),
        lambda: administrator(HANDLER, "create", [{
            "name": "X", "code": "x", "direction": "inbound", "execution_user_id": admin}]),
        *(lambda target=target: administrator(RULE, "write", [own_rule], {
            "target_model_id": target, "assignment_ids": [(5,)]})
          for target in target_of.values()),
        lambda: administrator(RULE, "create", [{
            **own, "handler_id": mine, "target_model_name": "ir.cron", "assignment_ids": []}]),
        lambda: administrator(RULE, "write", [own_rule], {"assignment_ids": [(0, 0, {
            "target_expression": "user_ids/login", "source_kind": "payload_path", "source_expression": "x"})]}),
        lambda: administrator(RULE, "write", [their_rule], {"note": "x"}),
        lambda: administrator(RULE, "create", [{**own, "handler_id": theirs}]),
        lambda: administrator(RULE + ".assignment", "write", [their_row], {"source_expression": "x"}),
        lambda: administrator(RULE, "copy", [own_rule], {"handler_id": theirs}),
        lambda: administrator(HANDLER, "copy", [theirs]),
        lambda: administrator(HANDLER, "write", [theirs], {"execution_user_id": administrator.id}),
        write_mine(execution_mode="python", python_model_name="res.users",
                   python_method_name="action_revoke_all_devices"),
        write_mine(execution_mode="python", python_model_name="ir.actions.server", python_method_name="run"),
        write_mine(execution_mode="native", native_callback="x", allowed_model_ids=[(4, target_of["res.users"])]),
        lambda: administrator(TEST, "action_test", administrator(TEST, "create", [{
            "handler_id": theirs, "draft_changes_json": json.dumps(
                {"inbound_rule_ids": [[1, their_rule, {"note": "x"}]]})}])),
    ]
    contract(database, "hello", **GATEWAY)  # the wizard wants a live worker
    for number, attempt in enumerate(attempts):
        print(number)
        refused(attempt)
    [rule_now] = database.call(RULE, "read", ids=[their_rule], fields=["note"])
    assert not rule_now["note"]
    [handler] = database.call(HANDLER, "read", ids=[mine], fields=["execution_user_id", "execution_mode"])
    assert (handler["execution_user_id"][0], handler["execution_mode"]) == (administrator.id, "model_driven")


def test_a_webhooks_administrator_neither_forges_nor_reads_secrets(database, administrator):
    inbound = Inbound(database, [rule("Done", "done")])
    [event_id] = ingest_events(database, inbound.endpoint_id, [{"n": 1}])
    assert administrator(EVENT, "read", [event_id], ["state"])[0]["state"] == "received"
    forged = [
        lambda: administrator(EVENT, "write", [event_id], {"state": "done"}),
        lambda: administrator(EVENT, "write", [event_id], {"request_body_raw": "e30="}),
        lambda: administrator(EVENT, "create", [{"name": "x", "endpoint_id": inbound.endpoint_id}]),
        lambda: administrator(EVENT, "unlink", [event_id]),
        lambda: administrator("bwt.webhook.outbound.delivery", "create", [{"name": "x"}]),
        lambda: administrator("bwt.webhook.inbound.rule.execution", "create", [{"event_id": event_id}]),
        lambda: administrator("bwt.webhook.finding", "create", [{"message": "x"}]),
        *(lambda method=method: administrator("bwt.webhook.worker", method, "{}") for method in (
            "hello", "configuration", "claim", "ingest", "settle", "run_python_handler", "read_as", "answer_probe",
            "report_findings")),
    ]  # fmt: skip
    secrets = [
        lambda: administrator("ir.config_parameter", "get_param", "database.secret"),
        lambda: administrator("ir.config_parameter", "search_read", []),
        lambda: administrator("bwt.webhook.worker.key", "create", [{}]),
        lambda: administrator("bwt.webhook.probe", "search_read", []),
        lambda: administrator("bwt.webhook.identity.key", "search_read", []),
    ]
    for number, attempt in enumerate(forged + secrets):
        print(number)
        refused(attempt)
    keys = administrator("res.users.apikeys", "search_read", [])
    assert {key["user_id"][0] for key in keys} <= {administrator.id} and not any("key" in key for key in keys)
    wait_until(lambda: inbound.states() == {"received": 1}, 5, inbound.states)
