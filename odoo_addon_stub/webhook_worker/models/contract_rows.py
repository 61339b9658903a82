# SPDX-License-Identifier: LGPL-3.0-or-later
"""What claiming sets and reads of a delivery, and small helpers around deliveries that SQL changed."""

import json
import logging
from datetime import datetime, timedelta

from .contract_session import all_or_nothing
from .field_values import as_text

_logger = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1)
MODELS = {"delivery": "bwt.webhook.outbound.delivery", "event": "bwt.webhook.inbound.event"}
TABLES = {kind: model.replace(".", "_") for kind, model in MODELS.items()}
LOGS = ("bwt.webhook.outbound.delivery.attempt", "bwt.webhook.inbound.rule.execution")
# The bytes of a delivery that an answer is filled with: files travel as base64.
SIZE = """octet_length(coalesce(frozen_payload_json, payload_json))
    + octet_length(coalesce(frozen_headers_json, request_headers_json)) + files_bytes / 3 * 4"""
CLAIMED = f"""
    d.id, d.delivery_uid, d.endpoint_id, d.lease_token, (extract(epoch FROM d.lease_expires_at) * 1000)::bigint,
    d.lease_count, d.attempt_count - d.attempt_base, (extract(epoch FROM d.queued_at) * 1000)::bigint, d.lane,
    coalesce(d.frozen_http_method, d.http_method), d.request_body_mode,
    coalesce(d.frozen_headers_json, d.request_headers_json), coalesce(d.frozen_payload_json, d.payload_json),
    d.priority, d.next_attempt_at, {SIZE}, d.handler_id, d.content_frozen, d.frozen_target_path, d.context_values_json,
    d.lane_xid::text::bigint, (extract(epoch FROM d.expires_at) * 1000)::bigint, d.files_bytes
"""
# Its positions that claim itself needs.
ENDPOINT, LANE, BYTES, FILES_BYTES = 2, 8, 15, 22
# The failure of a delivery whose file cannot be read: it may be there again later.
FILE_GONE = "payload_invalid:file"
# Handlers that are not held, and endpoints; `EndpointStateMixin._held_by_configuration` says the same.
OPEN_HANDLER = "h.active AND h.paused IS NOT TRUE"
_OPEN_ENDPOINTS = f"""
      JOIN res_company c ON c.id = e.company_id
      LEFT JOIN bwt_webhook_handler h ON h.id = e.handler_id
     WHERE e.state = 'active' AND e.paused IS NOT TRUE AND c.webhooks_paused IS NOT TRUE
       AND (h.id IS NULL OR {OPEN_HANDLER})
"""
OPEN_ENDPOINTS = f"FROM bwt_webhook_outbound_endpoint e {_OPEN_ENDPOINTS} AND e.disabled_at IS NULL"
OPEN_INBOUND_ENDPOINTS = f"FROM bwt_webhook_inbound_endpoint e {_OPEN_ENDPOINTS}"
LEASE = """
    state = 'processing', lease_token = %(token)s, lease_expires_at = %(expires_at)s, lease_count = d.lease_count + 1,
    worker_id = %(worker_id)s
"""


def to_ms(moment):
    """Milliseconds since the epoch of a naive UTC time, rounded as PostgreSQL rounds them."""
    return (moment - EPOCH + timedelta(microseconds=500)) // timedelta(milliseconds=1)


def in_order(rows):
    """Claimed rows by priority and due time; a run of a lane stands where its first one does, in the lane's order."""
    by_lane = sorted(rows, key=lambda row: (row[20], row[0]))
    places = {}
    for row in by_lane:
        places.setdefault((row[ENDPOINT], row[LANE]) if row[LANE] else row[0], (row[13], row[14], row[0]))
    return sorted(by_lane, key=lambda row: places[(row[ENDPOINT], row[LANE]) if row[LANE] else row[0]])


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
    for key, value in (
        ("lane", row[8]),
        ("handler_id", row[16]),
        ("content_frozen", row[17]),
        ("target_path", row[18]),
        ("context_values", row[19]),
        ("expires_at_ms", row[21]),
    ):
        if value:
            delivery[key] = value
    return delivery


def add_field_values(env, claimed, kind):
    """Adds to claimed deliveries or events what the rules of their handlers and endpoints read of fields."""
    reading = set()
    for key, model in (("handler_id", "bwt.webhook.handler"), ("endpoint_id", "bwt.webhook.outbound.endpoint")):
        if kind == "delivery" or key == "handler_id":
            records = env[model].sudo().browse({row[key] for row in claimed if key in row})
            reading.update((key, record.id) for record in records.exists() if record.needed_fields_json)
    records = env[MODELS[kind]].sudo().browse(
        [row["id"] for row in claimed if any((key, row.get(key)) in reading for key in ("handler_id", "endpoint_id"))]
    )
    values = {record.id: as_text(record._field_values()) for record in records}
    for row in claimed:
        if row["id"] in values:
            row["field_values"] = values[row["id"]]
    return claimed


def call_hook(env, name, ids, kind="delivery"):
    """Calls an overridable hook on deliveries or events (or on records of another model, by its name). An addon's
    failing hook is logged and undoes only itself.
    """
    if not ids:
        return
    try:
        with all_or_nothing(env.cr):
            getattr(env[MODELS.get(kind, kind)].sudo().with_context({}).browse(ids), name)()
    except Exception:  # noqa: BLE001 pylint: disable=broad-except
        _logger.exception("The hook %s failed for the %s records %s", name, kind, ids)
