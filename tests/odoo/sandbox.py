# SPDX-License-Identifier: LGPL-3.0-or-later
"""The running sandbox (scripts/odoo_sandbox.sh) as the tests use it: databases, Odoo's log, stopping and starting."""

import shlex
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "odoo_sandbox.sh"


class Sandbox:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.env = {}
        for line in (self.folder / "env").read_text().splitlines():
            name, _, value = line.partition("=")
            if name.isidentifier():
                self.env[name] = shlex.split(value)[0] if value else ""

    @property
    def url(self):
        return self.env["ODOO_URL"]

    def run(self, *arguments, stdin=None):
        done = subprocess.run([SCRIPT, *arguments], input=stdin, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"
        return done.stdout

    def clone(self, database, source=None):
        self.run("clone", self.folder, database, *([source] if source else []))

    def drop(self, database):
        self.run("dropdb", self.folder, database)

    def psql(self, database, statement):
        """The rows as lists of texts."""
        out = self.run("psql", self.folder, "-d", database, "-v", "ON_ERROR_STOP=1", "-AtF", "\t", "-c", statement)
        return [line.split("\t") for line in out.splitlines()]

    def stop_odoo(self):
        self.run("stop-odoo", self.folder, "--kill")

    def start_odoo(self):
        self.run("start-odoo", self.folder)
        self.wait_for_odoo()

    def wait_for_odoo(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url + "/web/version", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError("Odoo does not come up again")

    def log_size(self):
        return (self.folder / "odoo.log").stat().st_size

    def log_since(self, size):
        with open(self.folder / "odoo.log", errors="replace") as log:
            log.seek(size)
            return log.read()
