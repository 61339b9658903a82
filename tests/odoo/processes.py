# SPDX-License-Identifier: LGPL-3.0-or-later
"""The programs under test as processes: the worker, and the receiver that keeps its own ledger."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections import defaultdict


def wait_until(done, seconds, what):
    """Polls until `done()` is true; the wait is bounded, and what was waited for is in the message."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")


class Receiver:
    """webhook-demo receiver; paths decide how it answers."""

    def __init__(self, program, folder):
        self.ledger_file, self.port_file = folder / "ledger.jsonl", folder / "port"
        self.process = subprocess.Popen(
            [program, "receiver", "--ledger", self.ledger_file, "--port-file", self.port_file],
            stdout=subprocess.DEVNULL)
        wait_until(self.port_file.exists, 10, "the receiver listens")
        self.port = int(self.port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"

    def ledger(self):
        """All requests so far, in the order received. `answered` is a status, "reset" or "none"."""
        with open(self.ledger_file) as file:
            entries = [json.loads(line) for line in file if line.endswith("\n")]
        for entry in entries:
            entry["answered"] = int(entry["answered"]) if entry["answered"].isdigit() else entry["answered"]
        return entries

    def by_id(self):
        requests = defaultdict(list)
        for entry in self.ledger():
            requests[entry["webhook_id"]].append(entry)
        return requests

    def count(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/ledger")
        body = json.loads(connection.getresponse().read())
        connection.close()
        return sum(sum(counts.values()) for counts in body.values())

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class Worker:
    """webhook-worker run, with a configuration and a journal in a folder of its own."""

    def __init__(self, program, folder, database, odoo_url=None, **settings):
        self.program, self.folder = program, folder
        folder.mkdir(exist_ok=True)
        self.config, self.log_file = folder / "worker.toml", folder / "worker.log"
        self.key_file = folder / "key"
        self.write_key(database.worker_key)
        sections = {
            "odoo": {"url": odoo_url or database.sandbox.url, "database": database.name,
                     "api_key_file": str(self.key_file)},
            "worker": {"name": folder.name, "journal": str(folder / "journal.sqlite")},
            "transport": {"allow": ["127.0.0.0/8"], "plain_http_allowed": True},
        }
        for name, value in settings.items():
            section, _, key = name.partition("__")
            sections.setdefault(section, {})[key] = value
        self.config.write_text("\n".join(
            f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
            for section, values in sections.items()))
        self.process = None

    def write_key(self, key):
        self.key_file.write_text(key)
        self.key_file.chmod(0o600)

    def start(self):
        self.process = subprocess.Popen([self.program, "run", "--config", self.config],
                                        stderr=open(self.log_file, "a"))
        return self

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def wait_for_log(self, text, seconds=30):
        wait_until(lambda: text in self.log(), seconds, lambda: f"{text!r} in the log: {self.log()[-2000:]}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def stop(self, seconds=60):
        """Graceful; the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(seconds)
        self.process = None
        return code

    def command(self, name, **environment):
        return subprocess.run([self.program, name, "--config", self.config], capture_output=True, text=True,
                              timeout=60, env={**os.environ, **environment})
