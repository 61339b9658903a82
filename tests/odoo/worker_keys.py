# SPDX-License-Identifier: LGPL-3.0-or-later
"""A worker with a key of its own, which an administrator has confirmed: so that Odoo can seal secrets."""

import subprocess

from processes import wait_until

KEYS = "bwt.webhook.worker.public.key"
SECRETS = "bwt.webhook.secret"


def keygen(program, file):
    """Makes a key pair; what the command printed."""
    done = subprocess.run([program, "keygen", "--out", file], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    return done.stdout


def fingerprint(text):
    """Without the blanks that make it readable."""
    return "".join(text.split())


def confirm_keys(database, printed=None):
    """Confirms the key that waits, as an administrator does: only when it is the one that keygen printed."""
    wait_until(lambda: database.call(KEYS, "search", domain=[["state", "=", "pending"]]), 30, "a key waits")
    [waiting] = database.call(KEYS, "search_read", domain=[["state", "=", "pending"]], fields=["fingerprint"])
    if printed is not None:
        assert fingerprint(waiting["fingerprint"]) in fingerprint(printed)
    database.call(KEYS, "action_confirm", ids=[waiting["id"]])


def sealing_worker(make_worker, programs, database, folder, name="worker", **settings):
    """A running worker whose key is confirmed."""
    key_file = folder / f"{name}.private_key"
    printed = keygen(programs["worker"], key_file)
    worker = make_worker(name, secrets__key_file=str(key_file), **settings).start()
    confirm_keys(database, printed)
    return worker


def add_secret(database, endpoint_id, purpose, value, **fields):
    return database.call(SECRETS, "create", vals_list=[
        {"endpoint_id": endpoint_id, "purpose": purpose, "value": value, **fields}])[0]
