# SPDX-License-Identifier: LGPL-3.0-or-later
"""Python callbacks as the published guide shows them; the test addon's methods end as the payload says in `want`."""

import json

from inbound import Inbound, executor, new_handler, xmlid
from processes import wait_until
from scripted_receiver import ScriptedReceiver

EVERYTHING = "webhook.test.everything"
INBOUND = {"execution_mode": "python", "python_model_name": EVERYTHING, "python_method_name": "handle_inbound_event"}
OUTBOUND = {**INBOUND, "python_method_name": "handle_outbound_delivery"}


def records(database):
    return sorted(row["name"] for row in database.call(EVERYTHING, "search_read", domain=[], fields=["name"]))


def test_events(database, make_worker):
    """Each callback makes a record first: it stays with done and dead_letter, and is undone with everything else."""
    inbound = Inbound(database, retry=(3600,), **INBOUND)
    wants = ["done", "dead_letter", "retry", "nothing", "user_error", "invalid", "settings", "constraint"]
    payloads = [{"want": want, "number": -1 if want == "constraint" else 1} for want in wants]
    payloads[-1]["want"] = "done"
    ids = inbound.ingest(*payloads, b"no json")
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    rows = dict(zip([*wants, "no json"], inbound.read(ids)))
    states = {want: (row["state"], row["failure_reason"]) for want, row in rows.items()}
    assert states == {
        "done": ("done", False), "dead_letter": ("dead_letter", "rule"), "retry": ("error", "rule"),
        "nothing": ("dead_letter", "callback"), "user_error": ("error", "callback"),
        "invalid": ("dead_letter", "callback"), "settings": ("dead_letter", "callback"),
        "constraint": ("error", "callback"), "no json": ("error", "callback"),
    }, {want: row["failure_message"] for want, row in rows.items()}  # fmt: skip
    assert rows["done"]["processing_note"] == "noted"
    assert "of no use" in rows["dead_letter"]["failure_message"]
    assert "returned nothing" in rows["nothing"]["failure_message"]
    assert "Not now." in rows["user_error"]["failure_message"]
    assert "The total is missing." in rows["invalid"]["failure_message"]
    assert rows["invalid"]["failure_key"] == "callback:payload"
    assert "executor may not" in rows["settings"]["failure_message"]
    assert "must not be negative" in rows["constraint"]["failure_message"]
    assert records(database) == ["in dead_letter", "in done"], "effects and state are one transaction"
    [made] = database.call(EVERYTHING, "search_read", domain=[["name", "=", "in done"]], fields=["create_uid"])
    assert made["create_uid"][0] == executor(database)
    [[seconds]] = database.sql(
        "SELECT extract(epoch FROM next_attempt_at - now() AT TIME ZONE 'UTC') FROM bwt_webhook_inbound_event"
        f" WHERE id = {rows['retry']['id']}")
    assert 3500 < float(seconds) <= 3600
    worker.stop()


def test_an_event_is_tried_again_when_its_callback_says_so(database, make_worker):
    inbound = Inbound(database, **INBOUND)
    [event_id] = inbound.ingest({"want": "retry_once"})
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter"))
    [row] = inbound.read([event_id])
    assert (row["state"], row["attempt_count"]) == ("done", 1), row
    assert records(database) == ["in retry_once"]
    worker.stop()


def test_many_events(database, make_worker):
    """Each exactly once, also when the worker is killed in between."""
    inbound = Inbound(database, **INBOUND)
    inbound.ingest(*({"want": "done", "number": n} for n in range(100)))
    worker = make_worker(worker__lease_seconds=30).start()
    wait_until(lambda: inbound.states().get("done", 0) > 10, 60, inbound.states)
    worker.kill()
    worker.start()
    wait_until(lambda: inbound.states() == {"done": 100}, 120, lambda: f"{inbound.states()} {inbound.failures()}")
    assert database.sql("SELECT count(*), count(DISTINCT number) FROM webhook_test_everything") == [["100", "100"]]
    worker.stop()


def test_deliveries(database, make_worker):
    handler = new_handler(database, "out", "outbound", **OUTBOUND)
    policy = database.retry_policy(3600, attempts_max=2)
    wants = ["send", "changed", "cancel", "dead_letter", "retry", "nothing", "user_error", "invalid"]
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("out", receiver.url, "/healthy", handler_id=handler, retry_policy_id=policy)
        for want in wants:
            database.run_code(
                f"env['bwt.webhook.outbound.endpoint'].browse({endpoint}).queue_delivery({{'want': '{want}'}})")
        worker = make_worker().start()
        wait_until(lambda: not {"queued", "processing"} & set(database.states()), 30, database.states)
        worker.stop()
    rows = {json.loads(row["payload_json"])["want"]: row for row in database.deliveries()}
    assert {want: row["state"] for want, row in rows.items()} == {
        "send": "done", "changed": "done", "cancel": "canceled", "dead_letter": "dead_letter", "retry": "error",
        "nothing": "dead_letter", "user_error": "error", "invalid": "dead_letter",
    }, {want: row["failure_message"] for want, row in rows.items()}  # fmt: skip
    assert "returned nothing" in rows["nothing"]["failure_message"]
    assert "Not now." in rows["user_error"]["failure_message"]
    assert "The total is missing." in rows["invalid"]["failure_message"]
    assert len(receiver.requests) == 2
    [sent] = receiver.of(rows["send"]["delivery_uid"])
    assert (sent.method, sent.path, json.loads(sent.body)) == ("POST", "/healthy", {"want": "send"})
    [changed] = receiver.of(rows["changed"]["delivery_uid"])
    assert (changed.method, changed.path, changed.headers["x-callback"]) == ("PUT", "/healthy/changed", "yes")
    assert json.loads(changed.body) == {"want": "changed", "added": True}


def test_a_callback_of_a_user_who_may_nothing(database, make_worker):
    """An internal user without rights on contacts: the model's name, the operation and the user are named."""
    user = database.call("res.users", "create", vals_list=[{
        "name": "nobody", "login": "nobody", "group_ids": [(6, 0, [xmlid(database, "base.group_user")])]}])[0]
    inbound = Inbound(database, execution_user_id=user, **INBOUND)
    [event_id] = inbound.ingest({"want": "settings"})
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    [row] = inbound.read([event_id])
    assert (row["state"], row["failure_key"]) == ("dead_letter", "callback:access")
    assert "nobody may not" in row["failure_message"] and "System Parameter" in row["failure_message"]
    assert records(database) == []
    worker.stop()
