# SPDX-License-Identifier: LGPL-3.0-or-later
"""The shapes of the contract's requests, as checks. `schema/contract/` says the same in JSON Schema.

A check is a function of a value and of the path to it, which raises Misfit.
"""

import re

ID_MAX = 2147483647
TIME_MS_MAX = 253402300799999  # the end of the year 9999: Python knows no later one
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class Misfit(Exception):
    """What does not fit, and where."""


def text(max_length=None, min_length=0, pattern=None):
    def check(value, path):
        if not isinstance(value, str):
            raise Misfit(f"{path}: a text is expected")
        if max_length is not None and len(value) > max_length:
            raise Misfit(f"{path}: at most {max_length} characters are allowed")
        if len(value) < min_length:
            raise Misfit(f"{path}: must not be empty")
        if pattern and not pattern.fullmatch(value):
            raise Misfit(f"{path}: has not the form {pattern.pattern}")

    return check


def integer(minimum=0, maximum=None):
    def check(value, path):
        if type(value) is not int or value < minimum or (maximum is not None and value > maximum):
            limits = f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"
            raise Misfit(f"{path}: an integer is expected, {limits}")

    return check


def one_of(*allowed):
    choices = frozenset(allowed)

    def check(value, path):
        if not isinstance(value, str) or value not in choices:
            raise Misfit(f"{path}: must be one of {', '.join(allowed)}")

    return check


def array(item, max_items):
    def check(value, path):
        if not isinstance(value, list):
            raise Misfit(f"{path}: a list is expected")
        if len(value) > max_items:
            raise Misfit(f"{path}: at most {max_items} items are allowed")
        for position, element in enumerate(value):
            item(element, f"{path}/{position}")

    return check


def record(required, optional=None):
    """An object with these keys and no others."""
    checks = {**required, **(optional or {})}

    def check(value, path):
        if not isinstance(value, dict):
            raise Misfit(f"{path or '/'}: an object is expected")
        for key in required:
            if key not in value:
                raise Misfit(f"{path or '/'}: {key} is missing")
        for key, element in value.items():
            if key not in checks:
                raise Misfit(f"{path or '/'}: there is no {key!r}")
            checks[key](element, f"{path}/{key}")

    return check


def boolean(value, path):
    if not isinstance(value, bool):
        raise Misfit(f"{path}: true or false is expected")


def anything_in_object(value, path):
    if not isinstance(value, dict):
        raise Misfit(f"{path}: an object is expected")


def text_map(value, path):
    anything_in_object(value, path)
    for key, element in value.items():
        if not isinstance(element, str):
            raise Misfit(f"{path}/{key}: a text is expected")


uuid = text(pattern=_UUID)
record_id = integer(1, ID_MAX)
time_ms = integer(0, TIME_MS_MAX)
method = one_of("get", "post", "put", "patch", "delete")
options = {"options": anything_in_object}
lease = record({"kind": one_of("delivery", "event"), "id": record_id, "lease_token": uuid})

attempt = record(
    {
        "attempt_uid": uuid,
        "started_at_ms": time_ms,
        "duration_ms": integer(0, ID_MAX),
        "http_method": method,
        "target_url": text(4096),
        "maybe_delivered": boolean,
    },
    {
        "request_headers": text_map,
        "request_body": text(),
        "response_status_code": integer(100, 999),
        "response_headers": text_map,
        "response_body": text(),
        "error_kind": text(64),
        "error_message": text(2000),
    },
)

settlement = record(
    {
        "settlement_uid": uuid,
        "kind": one_of("delivery", "event"),
        "id": record_id,
        "lease_token": uuid,
        "outcome": one_of(
            "delivered", "retry", "dead_letter", "canceled", "deferred", "interrupted", "done", "rejected"
        ),
        "state": one_of("queued", "done", "error", "dead_letter", "canceled", "received", "rejected"),
    },
    {
        "next_attempt_at_ms": time_ms,
        "failure_reason": text(64),
        "failure_message": text(2000),
        "failure_key": text(128),
        "note": text(2000),
        "attempt": attempt,
        "operations": array(anything_in_object, 100),
    },
)

REQUESTS = {
    "hello": record(
        {
            "contract_version": integer(1),
            "worker_uid": uuid,
            "name": text(128, 1),
            "version": text(64),
            "host": text(255),
            "callbacks": array(text(128), 1000),
            "journal_healthy": boolean,
        },
        {
            "wake_address": text(64),
            "public_key": text(pattern=_BASE64),
            "confirm_fingerprint": text(pattern=_FINGERPRINT),
            **options,
        },
    ),
    "configuration": record({"worker_uid": uuid}, {"known_revision": integer(), **options}),
    "claim": record(
        {
            "worker_uid": uuid,
            "claim_token": uuid,
            "limit": integer(0, 1000),
            "lease_seconds": integer(1, 3600),
            "takeover": boolean,
            "quotas": array(record({"endpoint_id": record_id, "free": integer(1, 1000)}), 10000),
        },
        options,
    ),
    "renew": record({"worker_uid": uuid, "lease_seconds": integer(1, 3600), "leases": array(lease, 5000)}, options),
    "release": record({"worker_uid": uuid, "leases": array(lease, 5000)}, options),
    "settle": record({"worker_uid": uuid, "settlements": array(settlement, 1000)}, options),
}
