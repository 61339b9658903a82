#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the conformance suite of the protocol clients on another server than its own fake one:

    run_on.py double PROGRAM SUITE      the Odoo double, started for it
    run_on.py sandbox DIR SUITE         the real Odoo of a sandbox that has the addon webhook_worker_test
"""

import json
import os
import shlex
import subprocess
import sys


def run(suite, url, database, login, key):
    names = {"URL": url, "DB": database, "LOGIN": login, "KEY": key}
    given = {f"WEBHOOK_TEST_ODOO_{name}": value for name, value in names.items()}
    return subprocess.run([suite], env={**os.environ, **given}, check=False).returncode


def on_double(program, suite):
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as double:
        told = json.loads(double.stdout.readline())
        status = run(suite, told["url"], told["database"], "webhook_worker", told["worker_key"])
        double.stdin.close()
    return status


def on_sandbox(folder, suite):
    with open(os.path.join(folder, "env"), encoding="utf-8") as file:
        env = dict(shlex.split(line)[0].split("=", 1) for line in file if "=" in line)
    return run(suite, env["ODOO_URL"], env["ODOO_DB"], env["WORKER_LOGIN"], env["WORKER_KEY"])


if __name__ == "__main__":
    kind, place, suite_program = sys.argv[1:]
    sys.exit({"double": on_double, "sandbox": on_sandbox}[kind](place, suite_program))
