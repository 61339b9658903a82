# SPDX-License-Identifier: LGPL-3.0-or-later
"""Everything together: the worker's binary, the addon in a real Odoo, a receiver with a ledger of its own.

    scripts/odoo_sandbox.sh up DIR
    python3 -m pytest tests/odoo --sandbox DIR [--build build/release]

Every test gets a fresh database.
"""

import re
from pathlib import Path

import pytest
from odoo_database import Database
from processes import Receiver, Worker
from sandbox import ROOT, Sandbox


def pytest_addoption(parser):
    parser.addoption("--sandbox", metavar="DIR", required=True, help="a running sandbox with the addon")
    parser.addoption("--build", metavar="DIR", default=str(ROOT / "build" / "release"), help="where the binaries are")


@pytest.fixture(scope="session")
def sandbox(pytestconfig):
    return Sandbox(pytestconfig.getoption("--sandbox"))


@pytest.fixture(scope="session")
def programs(pytestconfig):
    build = Path(pytestconfig.getoption("--build"))
    return {"worker": build / "app/webhook_worker/webhook-worker", "demo": build / "app/webhook_demo/webhook-demo"}


@pytest.fixture
def database(sandbox, request):
    name = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower())[:50].strip("_")
    sandbox.clone(name)
    yield Database(sandbox, name)
    sandbox.drop(name)


@pytest.fixture
def receiver(programs, tmp_path):
    receiver = Receiver(programs["demo"], tmp_path)
    yield receiver
    receiver.close()


@pytest.fixture
def make_worker(programs, tmp_path, database):
    """Makes workers of the test's database; what still runs at the end is killed."""
    workers = []

    def make(name="worker", **settings):
        workers.append(Worker(programs["worker"], tmp_path / name, settings.pop("database", database), **settings))
        return workers[-1]

    yield make
    for worker in workers:
        if worker.process is not None:
            worker.kill()
