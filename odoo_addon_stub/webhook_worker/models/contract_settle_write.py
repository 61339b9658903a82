# SPDX-License-Identifier: LGPL-3.0-or-later
"""What settle reads and writes, in a handful of statements for a whole batch."""

import json
from collections import namedtuple

from psycopg2 import errors

from .contract_lanes import free_lanes
from .contract_rows import TABLES
from .contract_shape import TIME_MS_MAX

# How long settle waits for rows that another transaction has locked.
LOCK_WAIT = "500ms"

# With indent= it would be ten times slower.
encode_headers = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",\n ", ": ")).encode

COLUMNS = "id state lease_token last_settlement_uid attempt_count endpoint_id company_id handler_id lane"
Row = namedtuple("Row", COLUMNS)

ATTEMPTS = """
    INSERT INTO bwt_webhook_outbound_delivery_attempt AS a
           (delivery_id, endpoint_id, company_id, attempt_number, attempt_uid, lease_token, outcome, state, superseded,
            maybe_delivered, started_at, finished_at, duration_ms, worker_id, worker_name, http_method, target_url,
            request_headers_json, request_body, response_status_code, response_headers_json, response_body, error_kind,
            processing_error, processing_note, rule_trace, record_reference)
    SELECT s.delivery_id, s.endpoint_id, s.company_id, s.attempt_number, s.attempt_uid, s.lease_token, s.outcome,
           s.state, s.superseded, s.maybe_delivered,
           to_timestamp(s.started_at_ms / 1000.0) AT TIME ZONE 'UTC',
           to_timestamp(least(s.started_at_ms + s.duration_ms, %(time_ms_max)s) / 1000.0) AT TIME ZONE 'UTC',
           s.duration_ms, %(worker_id)s, %(worker_name)s, s.http_method, s.target_url, s.request_headers_json,
           s.request_body, s.response_status_code, s.response_headers_json, s.response_body, s.error_kind,
           s.error_message, s.note, s.rule_trace, s.record_reference
      FROM json_to_recordset(%(rows)s) AS s(
           delivery_id int, endpoint_id int, company_id int, attempt_number int, attempt_uid text, lease_token text,
           outcome text, state text, superseded boolean, maybe_delivered boolean, started_at_ms bigint,
           duration_ms bigint, http_method text, target_url text, request_headers_json text, request_body text,
           response_status_code int,
           response_headers_json text, response_body text, error_kind text, error_message text, note text,
           rule_trace text, record_reference text)
        ON CONFLICT (delivery_id, lease_token) DO UPDATE SET
           attempt_uid = excluded.attempt_uid, outcome = excluded.outcome, state = excluded.state,
           superseded = excluded.superseded, maybe_delivered = excluded.maybe_delivered,
           started_at = excluded.started_at, finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
           http_method = excluded.http_method, target_url = excluded.target_url,
           request_headers_json = excluded.request_headers_json, request_body = excluded.request_body,
           response_status_code = excluded.response_status_code, response_headers_json = excluded.response_headers_json,
           response_body = excluded.response_body, error_kind = excluded.error_kind,
           processing_error = excluded.processing_error, processing_note = excluded.processing_note,
           rule_trace = excluded.rule_trace, record_reference = excluded.record_reference
     WHERE a.outcome = 'interrupted'
    RETURNING delivery_id, (xmax = 0) AS is_new
"""

DELIVERIES = """
    UPDATE bwt_webhook_outbound_delivery d
       SET state = s.state,
           next_attempt_at = to_timestamp(s.next_attempt_at_ms / 1000.0) AT TIME ZONE 'UTC',
           processed_at = CASE WHEN s.state IN ('done', 'dead_letter', 'canceled')
                               THEN clock_timestamp() AT TIME ZONE 'UTC' END,
           last_settlement_uid = s.settlement_uid,
           lease_token = NULL, lease_expires_at = NULL, lease_lost_count = 0,
           lease_count = CASE WHEN s.is_deferred THEN greatest(d.lease_count - 1, 0) ELSE d.lease_count END,
           attempt_count = d.attempt_count + s.attempts,
           response_status_code = CASE WHEN s.attempts > 0 THEN s.response_status_code ELSE d.response_status_code END,
           failure_reason = CASE WHEN s.is_deferred THEN coalesce(s.failure_reason, d.failure_reason)
                                 ELSE s.failure_reason END,
           failure_message = CASE WHEN s.is_deferred THEN coalesce(s.failure_message, d.failure_message)
                                  ELSE s.failure_message END,
           failure_key = CASE WHEN s.is_deferred THEN coalesce(s.failure_key, d.failure_key) ELSE s.failure_key END,
           processing_note = coalesce(s.note, d.processing_note),
           content_frozen = d.content_frozen OR s.was_sent,
           frozen_http_method = coalesce(d.frozen_http_method, s.frozen_http_method),
           frozen_target_path = coalesce(d.frozen_target_path, s.frozen_target_path),
           frozen_headers_json = coalesce(d.frozen_headers_json, s.frozen_headers_json),
           frozen_payload_json = coalesce(d.frozen_payload_json, s.frozen_payload_json),
           matched_outbound_rule_id = coalesce(
               (SELECT id FROM bwt_webhook_outbound_handler_rule WHERE id = s.rule_id), d.matched_outbound_rule_id),
           rule_trace = coalesce(s.rule_trace, d.rule_trace)
      FROM json_to_recordset(%(rows)s) AS s(
           id int, settlement_uid text, state text, next_attempt_at_ms bigint, is_deferred boolean, attempts int,
           response_status_code int, failure_reason text, failure_message text, failure_key text, note text,
           was_sent boolean, frozen_http_method text, frozen_target_path text, frozen_headers_json text,
           frozen_payload_json text, rule_id int, rule_trace text)
     WHERE d.id = s.id
"""


def locked_rows(cr, kind, ids):
    """({id: Row}, ids): the rows that could be locked, and the ids of those that another transaction keeps.

    First without waiting, so that a batch is never held up; then a moment for the rest: a claim that met rows which
    were just taken holds their locks until it commits, a few milliseconds later.
    """
    rows = lock(cr, kind, ids, "SKIP LOCKED")
    busy = existing_ids(cr, kind, [row_id for row_id in ids if row_id not in rows])
    if busy:
        try:
            with cr.savepoint(flush=False):
                cr.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                rows.update(lock(cr, kind, list(busy), ""))
                cr.execute("SET LOCAL lock_timeout TO DEFAULT")
        except errors.LockNotAvailable:
            pass
    return rows, busy - set(rows)


def lock(cr, kind, ids, how):
    columns = ", ".join(name if kind == "delivery" or name != "lane" else "NULL" for name in Row._fields)
    cr.execute(
        f"""
        SELECT {columns} FROM {TABLES[kind]}
         WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE {how}
        """,
        [ids],
        log_exceptions=False,
    )
    return {values[0]: Row(*values) for values in cr.fetchall()}


def existing_ids(cr, kind, ids):
    if not ids:
        return set()
    cr.execute(f"SELECT id FROM {TABLES[kind]} WHERE id = ANY(%s)", [ids])
    return {row_id for (row_id,) in cr.fetchall()}


def recorded_attempts(cr, attempt_uids):
    """Which of the attempts are in the log already."""
    if not attempt_uids:
        return frozenset()
    cr.execute(
        "SELECT attempt_uid FROM bwt_webhook_outbound_delivery_attempt WHERE attempt_uid = ANY(%s)", [attempt_uids]
    )
    return {attempt_uid for (attempt_uid,) in cr.fetchall()}


def write(cr, changes, worker):
    """Writes [(settlement, row, status)]: attempts of all, states and freed lanes of those that are applied."""
    attempts = [values for change in changes if (values := attempt_values(*change))]
    new_attempts = set()
    if attempts:
        parameters = {**worker, "rows": json.dumps(attempts), "time_ms_max": TIME_MS_MAX}
        # A statement that is refused would be logged with all its headers and bodies.
        cr.execute(ATTEMPTS, parameters, log_exceptions=False)
        new_attempts = {delivery_id for delivery_id, is_new in cr.fetchall() if is_new}
    applied = [(settlement, row) for settlement, row, status in changes if status == "applied"]
    if applied:
        values = [delivery_values(settlement, settlement["id"] in new_attempts) for settlement, _row in applied]
        cr.execute(DELIVERIES, {"rows": json.dumps(values)}, log_exceptions=False)
        free_lanes(cr, [(row.endpoint_id, row.lane, row.lease_token) for _settlement, row in applied if row.lane])
    # A superseded attempt that no placeholder stood for was sent all the same: the count is that of the log.
    extra = [s["id"] for s, _row, status in changes if status == "superseded" and s["id"] in new_attempts]
    if extra:
        cr.execute(
            "UPDATE bwt_webhook_outbound_delivery SET attempt_count = attempt_count + 1 WHERE id = ANY(%s)", [extra]
        )


def attempt_values(settlement, row, status):
    """The attempt's row, or None when nothing was tried: deferred, or decided without sending."""
    attempt = settlement.get("attempt")
    if settlement["outcome"] == "deferred" or not (attempt or settlement["outcome"] == "canceled"):
        return None
    # Canceled before sending: a row without a reply says so.
    attempt = attempt or {"attempt_uid": settlement["settlement_uid"], "maybe_delivered": False}
    return {
        "delivery_id": row.id,
        "endpoint_id": row.endpoint_id,
        "company_id": row.company_id,
        "attempt_number": row.attempt_count + 1,
        "attempt_uid": attempt["attempt_uid"],
        "lease_token": settlement["lease_token"],
        "outcome": settlement["outcome"],
        "state": settlement["state"],
        "superseded": status == "superseded",
        "maybe_delivered": attempt["maybe_delivered"],
        "started_at_ms": attempt.get("started_at_ms"),
        "duration_ms": attempt.get("duration_ms"),
        "http_method": attempt.get("http_method"),
        "target_url": attempt.get("target_url"),
        "request_headers_json": headers_text(attempt, "request_headers"),
        "request_body": attempt.get("request_body"),
        "response_status_code": attempt.get("response_status_code"),
        "response_headers_json": headers_text(attempt, "response_headers"),
        "response_body": attempt.get("response_body"),
        "error_kind": attempt.get("error_kind"),
        "error_message": attempt.get("error_message") or settlement.get("failure_message"),
        "note": settlement.get("note"),
        "rule_trace": settlement.get("execution", {}).get("trace"),
        "record_reference": settlement.get("record_reference"),
    }


def headers_text(attempt, key):
    """One header a line, sorted."""
    return encode_headers(attempt[key]) if key in attempt else None


def was_sent(settlement):
    """Whether the content is fixed from now on. A handler that asks for a retry before anything left fixes nothing."""
    attempt = settlement.get("attempt", {})
    return "frozen" in settlement or "response_status_code" in attempt or attempt.get("maybe_delivered", False)


def delivery_values(settlement, has_attempt):
    frozen, execution = settlement.get("frozen", {}), settlement.get("execution", {})
    waits = settlement["state"] in ("queued", "error")
    return {
        "id": settlement["id"],
        "settlement_uid": settlement["settlement_uid"],
        "state": settlement["state"],
        "next_attempt_at_ms": settlement.get("next_attempt_at_ms") if waits else None,
        "is_deferred": settlement["outcome"] == "deferred",
        "attempts": int(has_attempt),
        "response_status_code": settlement.get("attempt", {}).get("response_status_code"),
        "failure_reason": settlement.get("failure_reason"),
        "failure_message": settlement.get("failure_message"),
        "failure_key": settlement.get("failure_key"),
        "note": settlement.get("note"),
        "was_sent": was_sent(settlement),
        "frozen_http_method": frozen.get("http_method"),
        "frozen_target_path": frozen.get("target_path"),
        "frozen_headers_json": json.dumps(frozen["request_headers"]) if frozen else None,
        "frozen_payload_json": frozen.get("payload"),
        "rule_id": execution.get("rule_id"),
        "rule_trace": execution.get("trace"),
    }
