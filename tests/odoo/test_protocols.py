# SPDX-License-Identifier: LGPL-3.0-or-later
"""The same job over every protocol, and the same refusals."""

import pytest
from ledger_check import disagreements
from odoo_database import Refused
from processes import wait_until


@pytest.mark.parametrize("protocol", ["json2", "jsonrpc", "xmlrpc"])
def test_the_main_job_over(database, receiver, make_worker, protocol):
    database.queue(database.endpoint("protocol", receiver.url, "/flaky",
                                     retry_policy_id=database.retry_policy(1, 1, attempts_max=8)), 100,
                   r"{'n': n, 'text': 'Gr\u00fc\u00df \u20ac \r\n\t\x01 ' * 20}")
    worker = make_worker(odoo__protocol=protocol).start()
    wait_until(lambda: database.states() == {"done": 100}, 60, database.states)
    assert worker.stop() == 0
    assert disagreements(database, receiver) == []


def operator(database):
    """The log-in and password of a new user who is a Webhooks Operator and nothing else."""
    groups = database.call("res.groups", "search", domain=[["full_name", "ilike", "Operator"]])
    operator_group = int(database.sql("SELECT res_id FROM ir_model_data WHERE module = 'webhook_worker' "
                                      "AND name = 'group_webhooks_operator'")[0][0])
    assert operator_group in groups
    user_group = int(database.sql("SELECT res_id FROM ir_model_data WHERE module = 'base' "
                                  "AND name = 'group_user'")[0][0])
    database.call("res.users", "create", vals_list=[{
        "name": "Olga", "login": "olga", "password": "olga-olga", "group_ids": [(6, 0, [operator_group, user_group])]}])
    return "olga", "olga-olga"


def test_an_operator_writes_no_field_over_any_protocol(database, receiver, sandbox):
    database.queue(database.endpoint("guarded", receiver.url, "/healthy"), 1)
    delivery = database.deliveries()[0]["id"]
    login, password = operator(database)
    key = sandbox.run("shell", sandbox.folder, "-d", database.name, stdin=(
        "from datetime import datetime, timedelta\n"
        "user = env['res.users'].search([('login', '=', 'olga')])\n"
        "key = env['res.users.apikeys'].with_user(user)._generate('rpc', 'test', datetime.now() + timedelta(days=1))\n"
        "env.cr.commit()\nprint('KEY=' + key)\n")).split("KEY=")[1].split()[0]
    model, values = "bwt.webhook.outbound.delivery", {"state": "done"}
    assert len(database.call(model, "search_read", key=key, domain=[], fields=["state"])) == 1, "an operator may look"
    with pytest.raises(Refused):
        database.call(model, "write", key=key, ids=[delivery], vals=values)
    with pytest.raises(Refused):
        database.json_rpc(login, password, model, "write", [delivery], values)
    with pytest.raises(Refused):
        database.xml_rpc(login, password, model, "write", [delivery], values)
    assert database.states() == {"queued": 1}
    database.call(model, "action_cancel", key=key, ids=[delivery])
    assert database.states() == {"canceled": 1}
