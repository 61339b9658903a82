# SPDX-License-Identifier: LGPL-3.0-or-later
"""What settle writes of events: states and rule executions, in two statements for a whole batch."""

import json

# Outcomes that are a failed try.
FAILED = ("retry", "interrupted")

EVENTS = """
    UPDATE bwt_webhook_inbound_event e
       SET state = s.state,
           next_attempt_at = to_timestamp(s.next_attempt_at_ms / 1000.0) AT TIME ZONE 'UTC',
           processed_at = CASE WHEN s.state IN ('done', 'dead_letter', 'rejected')
                               THEN clock_timestamp() AT TIME ZONE 'UTC' END,
           last_settlement_uid = s.settlement_uid,
           lease_token = NULL, lease_expires_at = NULL, lease_lost_count = 0,
           lease_count = CASE WHEN s.is_deferred THEN greatest(e.lease_count - 1, 0) ELSE e.lease_count END,
           attempt_count = e.attempt_count + s.attempts,
           failure_reason = CASE WHEN s.is_deferred THEN coalesce(s.failure_reason, e.failure_reason)
                                 ELSE s.failure_reason END,
           failure_message = CASE WHEN s.is_deferred THEN coalesce(s.failure_message, e.failure_message)
                                  ELSE s.failure_message END,
           failure_key = CASE WHEN s.is_deferred THEN coalesce(s.failure_key, e.failure_key) ELSE s.failure_key END,
           processing_note = coalesce(s.note, e.processing_note),
           matched_inbound_rule_id = coalesce(
               (SELECT id FROM bwt_webhook_inbound_handler_rule WHERE id = s.rule_id), e.matched_inbound_rule_id)
      FROM json_to_recordset(%(rows)s) AS s(
           id int, settlement_uid text, state text, next_attempt_at_ms bigint, is_deferred boolean, attempts int,
           failure_reason text, failure_message text, failure_key text, note text, rule_id int)
     WHERE e.id = s.id
"""

EXECUTIONS = """
    INSERT INTO bwt_webhook_inbound_rule_execution
           (name, event_id, handler_id, rule_id, company_id, action, state, note, error, record_reference,
            settlement_uid, trace, create_uid, create_date, write_uid, write_date)
    SELECT coalesce(r.name, CASE WHEN s.record_reference <> '' THEN 'Callback' ELSE 'No rule matched' END),
           s.event_id, s.handler_id, r.id, s.company_id, s.action,
           CASE WHEN s.error IS NOT NULL THEN 'error'
                WHEN s.rule_id IS NULL AND coalesce(s.record_reference, '') = '' THEN 'skipped' ELSE 'done' END,
           s.note, s.error, s.record_reference, s.settlement_uid, s.trace, %(uid)s, moment, %(uid)s, moment
      FROM json_to_recordset(%(rows)s) AS s(
           event_id int, handler_id int, rule_id int, company_id int, action text, note text, error text,
           record_reference text, settlement_uid text, trace text)
     CROSS JOIN (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS moment) now
      LEFT JOIN bwt_webhook_inbound_handler_rule r ON r.id = s.rule_id
"""


def write_events(cr, applied, uid):
    """Writes [(settlement, row)] of events that are applied; those that are superseded leave nothing."""
    if not applied:
        return
    rows = [event_values(settlement) for settlement, _row in applied]
    cr.execute(EVENTS, {"rows": json.dumps(rows)}, log_exceptions=False)
    executions = [
        execution_values(settlement, row)
        for settlement, row in applied
        if "execution" in settlement or "record_reference" in settlement
    ]
    if executions:
        cr.execute(EXECUTIONS, {"rows": json.dumps(executions), "uid": uid}, log_exceptions=False)


def event_values(settlement):
    waits = settlement["state"] in ("received", "error")
    deferred = settlement["outcome"] == "deferred"
    return {
        "id": settlement["id"],
        "settlement_uid": settlement["settlement_uid"],
        # What waits for its first try is `queued` in the contract's words, and `received` in an event's.
        "state": "received" if settlement["state"] == "queued" else settlement["state"],
        "next_attempt_at_ms": settlement.get("next_attempt_at_ms") if waits or deferred else None,
        "is_deferred": deferred,
        "attempts": int(settlement["outcome"] in FAILED),
        "failure_reason": settlement.get("failure_reason"),
        "failure_message": settlement.get("failure_message"),
        "failure_key": settlement.get("failure_key"),
        "note": settlement.get("note"),
        "rule_id": settlement.get("execution", {}).get("rule_id"),
    }


def execution_values(settlement, row):
    execution = settlement.get("execution", {})
    return {
        "event_id": row.id,
        "handler_id": row.handler_id,
        "rule_id": execution.get("rule_id"),
        "company_id": row.company_id,
        "action": execution.get("action"),
        "note": settlement.get("note"),
        # That a rule says dead letter or retry is no error of it.
        "error": settlement.get("failure_message") if settlement.get("failure_reason") != "rule" else None,
        "record_reference": settlement.get("record_reference"),
        "settlement_uid": settlement["settlement_uid"],
        "trace": execution.get("trace"),
    }
