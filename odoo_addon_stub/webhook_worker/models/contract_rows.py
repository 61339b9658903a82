# SPDX-License-Identifier: LGPL-3.0-or-later
"""What claiming sets and reads of a delivery, and small helpers around deliveries that SQL changed."""

import json
import logging
from datetime import datetime, timedelta

_logger = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1)
CLAIMED = """
    d.id, d.delivery_uid, d.endpoint_id, d.lease_token, (extract(epoch FROM d.lease_expires_at) * 1000)::bigint,
    d.lease_count, d.attempt_count - d.attempt_base, (extract(epoch FROM d.queued_at) * 1000)::bigint, d.lane,
    d.http_method, d.request_body_mode, d.request_headers_json, d.payload_json, d.priority, d.next_attempt_at,
    octet_length(d.payload_json) + octet_length(d.request_headers_json)
"""
# Its positions that claim itself needs.
ENDPOINT, BYTES = 2, 15
# Endpoints that are not held; `OutboundEndpoint._held_by_configuration` says the same.
OPEN_ENDPOINTS = """
      FROM bwt_webhook_outbound_endpoint e
      JOIN res_company c ON c.id = e.company_id
      LEFT JOIN bwt_webhook_handler h ON h.id = e.handler_id
     WHERE e.state = 'active' AND e.paused IS NOT TRUE AND c.webhooks_paused IS NOT TRUE AND (h.id IS NULL OR h.active)
"""
LEASE = """
    state = 'processing', lease_token = %(token)s, lease_expires_at = %(expires_at)s, lease_count = d.lease_count + 1,
    worker_id = %(worker_id)s
"""


def to_ms(moment):
    """Milliseconds since the epoch of a naive UTC time, rounded as PostgreSQL rounds them."""
    return (moment - EPOCH + timedelta(microseconds=500)) // timedelta(milliseconds=1)


def claimed_delivery(row):
    delivery = {
        "id": row[0],
        "delivery_uid": row[1],
        "endpoint_id": row[2],
        "lease_token": row[3],
        "lease_expires_at_ms": row[4],
        "lease_count": row[5],
        "attempt_count": row[6],
        "queued_at_ms": row[7],
        "http_method": row[9],
        "request_body_mode": row[10],
        "request_headers": json.loads(row[11]),
        "payload": row[12],
    }
    if row[8]:
        delivery["lane"] = row[8]
    return delivery


def call_hook(env, name, delivery_ids):
    """Calls an overridable hook on deliveries. An addon's failing hook is logged and undoes nothing but itself."""
    if not delivery_ids:
        return
    try:
        with env.cr.savepoint():
            deliveries = env["bwt.webhook.outbound.delivery"].sudo().with_context({}).browse(delivery_ids)
            getattr(deliveries, name)()
    except Exception:  # noqa: BLE001 pylint: disable=broad-except
        _logger.exception("The hook %s failed for the deliveries %s", name, delivery_ids)
