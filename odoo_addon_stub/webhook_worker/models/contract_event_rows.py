# SPDX-License-Identifier: LGPL-3.0-or-later
"""What claiming reads of an event, and how the contract spells it."""

import json

from .contract_rows import add_field_values

# The contract's semantics, and the columns where they are.
SEMANTICS = {
    "topic": "topic",
    "event_type": "event_type",
    "event_id": "event_id",
    "delivery_id": "delivery_id",
    "notification_id": "notification_id",
    "idempotency_key": "idempotency_key",
    "tenant_key": "tenant_key",
    "resource_reference": "resource_reference",
    "version": "version",
    "handler_selector": "handler_selector",
    "signature": "signature",
    "signature_timestamp": "signature_timestamp_raw",
    "occurred_at": "occurred_at_raw",
}
EVENT_SIZE = """coalesce(octet_length(request_body_raw), 0) + octet_length(request_headers_json)
    + octet_length(resolved_values_json) + octet_length(query_json)"""
# Odoo keeps binary fields as base64.
CLAIMED_EVENT = f"""
    e.id, e.event_uid, e.endpoint_id, e.lease_token, (extract(epoch FROM e.lease_expires_at) * 1000)::bigint,
    e.lease_count, e.attempt_count, (extract(epoch FROM e.received_at) * 1000)::bigint,
    coalesce(convert_from(e.request_body_raw, 'UTF8'), ''), e.request_headers_json, e.query_json,
    e.resolved_values_json, e.handler_id, e.next_attempt_at, {EVENT_SIZE}, {', '.join(SEMANTICS.values())}
"""
EVENT_ENDPOINT, EVENT_BYTES = 2, 14
EVENT_LEASE = """
    state = 'processing', lease_token = %(token)s, lease_expires_at = %(expires_at)s, lease_count = e.lease_count + 1,
    worker_id = %(worker_id)s
"""


def claimed_events(env, rows):
    """The rows as the contract has them, the longest due first, with the values that their rules read."""
    rows = sorted(rows, key=lambda row: (row[13], row[0]))
    return add_field_values(env, [claimed_event(row) for row in rows], "event")


def claimed_event(row):
    event = {
        "id": row[0],
        "event_uid": row[1],
        "endpoint_id": row[2],
        "lease_token": row[3],
        "lease_expires_at_ms": row[4],
        "lease_count": row[5],
        "attempt_count": row[6],
        "received_at_ms": row[7],
        "request_body_base64": row[8],
        "request_headers": json.loads(row[9]),
        "query": json.loads(row[10]),
        "resolved_values": row[11],
        "semantics": {name: value for name, value in zip(SEMANTICS, row[15:]) if value},
        "field_values": "{}",
    }
    if row[12]:
        event["handler_id"] = row[12]
    return event
