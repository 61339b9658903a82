# SPDX-License-Identifier: LGPL-3.0-or-later
"""The contract between worker and addon (schema/contract/README.md), run unchanged against its two other sides:

    pytest tests/contract --target=double --double=build/release/tests/contract/double/webhook-double
    pytest tests/contract --target=odoo --sandbox=DIR     (scripts/odoo_sandbox.sh up DIR --workers 4)

What is not in these suites may not be relied on. Every test works on endpoints of its own.
"""

import pytest
from double_target import DoubleTarget
from odoo_target import OdooTarget, read_env
from worker import Worker


def pytest_addoption(parser):
    group = parser.getgroup("contract")
    group.addoption("--target", choices=("double", "odoo"), default="double", help="what the suites run against")
    group.addoption("--double", metavar="PROGRAM", help="the webhook-double to start")
    group.addoption("--sandbox", metavar="DIR", help="a running sandbox of scripts/odoo_sandbox.sh with the addon")


@pytest.fixture(scope="session")
def target(pytestconfig):
    """The other side of the contract."""
    kind, needed = pytestconfig.getoption("target"), {"double": "double", "odoo": "sandbox"}
    place = pytestconfig.getoption(needed[kind])
    if not place:
        pytest.exit(f"--target={kind} needs --{needed[kind]}", returncode=4)
    opened = DoubleTarget(place) if kind == "double" else OdooTarget(read_env(place))
    yield opened
    opened.close()


@pytest.fixture
def worker(target):
    """A worker that has said hello."""
    worker = Worker(target)
    worker.hello()
    return worker


@pytest.fixture
def endpoint(target):
    """The id of a new endpoint without work."""
    return target.add_endpoint()


@pytest.fixture
def inbound(target):
    """The id of a new inbound endpoint without events."""
    return target.add_inbound_endpoint()
