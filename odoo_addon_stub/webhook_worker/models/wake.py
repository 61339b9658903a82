# SPDX-License-Identifier: LGPL-3.0-or-later
"""The wake-up: one UDP datagram per transaction and live worker. Its only effect is that the worker polls now."""

import base64
import hashlib
import hmac
import ipaddress
import logging
import socket
import threading
import time
from urllib.parse import quote

_logger = logging.getLogger(__name__)

TARGETS_PARAMETER = "webhook_worker.wake_targets"
LIVE_SECONDS = 60  # a worker that was seen within this time counts as live, here and everywhere else
_PENDING = "webhook_worker.wake"
_last_counter = 0
_counter_lock = threading.Lock()


def secret(env, worker_uid):
    """The key that both sides derive; it is stored nowhere."""
    database_secret = env["ir.config_parameter"].sudo().get_param("database.secret") or ""
    return hmac.new(database_secret.encode(), f"webhook_worker.wake:{worker_uid}".encode(), hashlib.sha256).digest()


def secret_text(env, worker_uid):
    return base64.b64encode(secret(env, worker_uid)).decode()


def parse_address(text):
    """`127.0.0.1:4711` or `[::1]:4711` as (ip address, port); ValueError for anything that is not numeric."""
    host, _separator, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(text)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(text)
    return ipaddress.ip_address(host), int(port)


def parse_networks(text):
    """The networks of the system parameter, separated by commas or blanks; ValueError when one is none."""
    return [ipaddress.ip_network(item) for item in (text or "").replace(",", " ").split()]


def is_allowed(address, networks):
    """Loopback always, anything else only when an administrator listed its network."""
    return address.is_loopback or any(address in network for network in networks)


def after_commit(env):
    """Wakes the live workers once this transaction is committed. Never raises, never waits."""
    postcommit = env.cr.postcommit
    if postcommit.data.setdefault(_PENDING, False):
        return
    postcommit.data[_PENDING] = True
    # The cursor must not be used after the commit: all that the hook needs is read now.
    targets = _targets(env)
    if targets:
        database = env.cr.dbname
        postcommit.add(lambda: send(database, targets))


def _targets(env):
    """[(address family, (host, port), key)] of the live workers that may be woken."""
    env.cr.execute(
        """
        SELECT worker_uid, wake_address FROM bwt_webhook_worker
         WHERE wake_address IS NOT NULL AND last_seen_at > (now() AT TIME ZONE 'UTC') - %s * interval '1 second'
         ORDER BY last_seen_at DESC LIMIT 64
        """,
        [LIVE_SECONDS],
    )
    rows = env.cr.fetchall()
    if not rows:
        return []
    try:
        networks = parse_networks(env["ir.config_parameter"].sudo().get_param(TARGETS_PARAMETER))
    except ValueError:
        _logger.warning("The system parameter %s is no list of networks; only loopback is woken", TARGETS_PARAMETER)
        networks = []
    targets = []
    for worker_uid, wake_address in rows:
        try:
            address, port = parse_address(wake_address)
        except ValueError:
            continue
        if is_allowed(address, networks):
            family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
            targets.append((family, (str(address), port), secret(env, worker_uid)))
    return targets


def datagram(database, key, counter, unix_ms):
    """`ww1 <database> <counter> <unix_ms> <hex hmac-sha256 of what stands before>`"""
    text = f"ww1 {quote(database, safe='._-')} {counter} {unix_ms}"
    return f"{text} {hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}".encode()


def next_counter():
    """Grows within a process and, because it starts at the clock, practically between processes."""
    global _last_counter  # noqa: PLW0603 pylint: disable=global-statement
    with _counter_lock:
        _last_counter = max(_last_counter + 1, time.time_ns())
        return _last_counter


def send(database, targets):
    """One non-blocking datagram per target. Whatever goes wrong costs latency only: the workers poll anyway."""
    for family, address, key in targets:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(datagram(database, key, next_counter(), time.time_ns() // 1_000_000), address)
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.debug("No wake-up to %s", address, exc_info=True)
