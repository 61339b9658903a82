# SPDX-License-Identifier: LGPL-3.0-or-later
"""What an operator sees who got something wrong: every problem explained, each with what to do."""

import pytest


def test_a_good_configuration_is_ready(make_worker, database):
    done = make_worker().command("check")
    assert done.returncode == 0, done
    assert "ready: Odoo 19" in done.stdout
    assert database.sql("SELECT count(*) FROM bwt_webhook_worker") == [["0"]], "check registers nothing"


@pytest.mark.parametrize(("variable", "value", "said"), [
    ("WEBHOOK_WORKER_ODOO_URL", "http://127.0.0.1:9", "odoo.url"),
    ("WEBHOOK_WORKER_ODOO_DATABASE", "no_such_database", "odoo.database"),
])
def test_check_explains(make_worker, variable, value, said):
    done = make_worker().command("check", **{variable: value})
    assert done.returncode == 1
    assert "\nerror: " in f"\n{done.stdout}" and said in done.stdout and "do: " in done.stdout


def test_check_explains_a_wrong_key(make_worker):
    worker = make_worker()
    worker.write_key("0" * 40)
    done = worker.command("check")
    assert done.returncode == 1 and "key" in done.stdout and "do: " in done.stdout


def test_check_explains_missing_rights(make_worker, database):
    worker = make_worker()
    worker.write_key(database.admin_key)  # an administrator is no worker
    done = worker.command("check")
    assert done.returncode == 1 and "group" in done.stdout.lower()


def test_check_explains_a_missing_addon(make_worker, database):
    database.call("ir.module.module", "button_immediate_uninstall", ids=database.call(
        "ir.module.module", "search", domain=[["name", "=", "webhook_worker"]]))
    worker = make_worker()
    worker.write_key(database.admin_key)  # the worker's user went with the addon
    done = worker.command("check")
    assert done.returncode == 1 and "addon" in done.stdout


def test_all_errors_of_a_configuration_are_listed(make_worker):
    worker = make_worker()
    worker.config.write_text('[odoo]\nurl = "nonsense"\ndatabse = "x"\n[worker]\nlease_seconds = "long"\n[unknown]\n')
    for command in ("run", "check"):
        done = worker.command(command)
        assert done.returncode == 78
        for line in ("worker.toml:2: odoo.url", "worker.toml:3: odoo.databse", "worker.toml:5: worker.lease_seconds",
                     "worker.toml:6: unknown"):
            assert line in done.stderr, done.stderr


def test_two_processes_never_share_a_journal(make_worker):
    worker = make_worker().start()
    worker.wait_for_log("odoo.ready")
    second = worker.command("run")
    assert second.returncode == 75 and "journal" in second.stderr
    assert worker.stop() == 0
