# SPDX-License-Identifier: LGPL-3.0-or-later
"""The part of claim that takes over leases whose worker let them expire."""

from .contract_rows import CLAIMED, LEASE, OPEN_ENDPOINTS, SIZE

LEASES_LOST_MAX = 3
HELD_MAX = 1000  # a call
LOST_MESSAGE = "The worker's lease expired; the request may have been delivered."
POISON_MESSAGE = (
    "The worker lost this delivery three times in a row while it processed it: what stops the worker may be its"
    " content. It may have been delivered."
)

# The lost attempt and the new lease are one statement: there is no moment at which only one of them exists.
TAKE_OVER = """
    WITH expired AS MATERIALIZED (
        SELECT d.id, d.endpoint_id, d.lane, d.lease_token, d.attempt_count, d.worker_id, d.company_id, d.http_method,
               CASE WHEN d.lease_lost_count + 1 >= {leases_lost_max} THEN 'dead_letter'
                    WHEN d.id = ANY(%(held_ids)s) THEN 'error' ELSE 'processing' END AS next_state,
               e.target_url, w.name AS worker_name
          FROM bwt_webhook_outbound_delivery d
          JOIN bwt_webhook_outbound_endpoint e ON e.id = d.endpoint_id
          LEFT JOIN bwt_webhook_worker w ON w.id = d.worker_id
         WHERE d.id = ANY(%(delivery_ids)s) AND d.state = 'processing' AND d.lease_expires_at < %(now)s
           FOR NO KEY UPDATE OF d SKIP LOCKED
    ), lost AS (
        INSERT INTO bwt_webhook_outbound_delivery_attempt
               (delivery_id, endpoint_id, company_id, attempt_number, attempt_uid, lease_token, outcome, state,
                superseded, maybe_delivered, finished_at, worker_id, worker_name, http_method, target_url, error_kind,
                processing_error)
        SELECT id, endpoint_id, company_id, attempt_count + 1, gen_random_uuid()::text, lease_token, 'interrupted',
               CASE next_state WHEN 'dead_letter' THEN 'dead_letter' ELSE 'error' END, false, true, %(now)s, worker_id,
               worker_name, http_method, target_url, 'interrupted', %(lost_message)s
          FROM expired
            ON CONFLICT (delivery_id, lease_token) DO NOTHING
    ), freed AS (
        DELETE FROM bwt_webhook_lane_lease l USING expired x
         WHERE l.endpoint_id = x.endpoint_id AND l.lane = x.lane AND x.next_state <> 'processing'
    ), moved AS (
        UPDATE bwt_webhook_lane_lease l SET lease_token = %(token)s, lease_expires_at = %(expires_at)s FROM expired x
         WHERE l.endpoint_id = x.endpoint_id AND l.lane = x.lane AND x.next_state = 'processing'
    ), ended AS (
        UPDATE bwt_webhook_outbound_delivery d
           SET state = x.next_state,
               failure_reason = CASE x.next_state WHEN 'error' THEN 'interrupted' ELSE 'poison' END,
               failure_key = CASE x.next_state WHEN 'error' THEN 'interrupted' ELSE 'poison' END,
               failure_message = CASE x.next_state WHEN 'error' THEN %(lost_message)s ELSE %(poison_message)s END,
               processed_at = CASE x.next_state WHEN 'dead_letter' THEN %(now)s END,
               next_attempt_at = CASE x.next_state WHEN 'error' THEN %(now)s END,
               lease_token = NULL, lease_expires_at = NULL,
               attempt_count = d.attempt_count + 1, lease_lost_count = d.lease_lost_count + 1
          FROM expired x WHERE d.id = x.id AND x.next_state <> 'processing'
    )
    UPDATE bwt_webhook_outbound_delivery d
       SET {lease}, attempt_count = d.attempt_count + 1, lease_lost_count = d.lease_lost_count + 1
      FROM expired x WHERE d.id = x.id AND x.next_state = 'processing'
    RETURNING {claimed}
"""


def take_over(claiming):
    """Leases that expired, within the quotas: their lost attempts are recorded, the third loss in a row is the last.

    Those of held endpoints, asked for or not, end as well: nobody else would ever see them again.
    """
    chosen, held = _choose(claiming), _held(claiming)
    if not chosen and not held:
        return []
    rows = claiming.execute(
        TAKE_OVER.format(leases_lost_max=LEASES_LOST_MAX, lease=LEASE, claimed=CLAIMED),
        delivery_ids=chosen + held,
        held_ids=held,
        poison_message=POISON_MESSAGE,
        lost_message=LOST_MESSAGE,
    )
    taken = {row[0] for row in rows}
    dead = _poisoned(claiming, [delivery_id for delivery_id in chosen + held if delivery_id not in taken])
    claiming.interrupted = len(taken) + len(dead)
    claiming.poisoned_ids = dead
    return rows


def _choose(claiming):
    """Expired leases of the open endpoints, the longest expired first, no more than quotas and the size leave."""
    quotas = dict(claiming.free)
    chosen = []
    taken = 0
    for delivery_id, endpoint_id, size in claiming.execute(
        f"""
        SELECT id, endpoint_id, {SIZE}
          FROM bwt_webhook_outbound_delivery
         WHERE state = 'processing' AND lease_expires_at < %(now)s AND endpoint_id = ANY(%(endpoint_ids)s)
         ORDER BY lease_expires_at, id LIMIT 5000
        """,
        endpoint_ids=list(claiming.free),
    ):
        if quotas[endpoint_id] > 0 and len(chosen) < claiming.limit and taken < claiming.bytes_left:
            taken += size
            quotas[endpoint_id] -= 1
            chosen.append(delivery_id)
    return chosen


def _held(claiming):
    """Expired leases of endpoints that are held, whether they were asked for or not."""
    rows = claiming.execute(
        f"""
        SELECT id FROM bwt_webhook_outbound_delivery
         WHERE state = 'processing' AND lease_expires_at < %(now)s AND endpoint_id NOT IN (
               SELECT e.id {OPEN_ENDPOINTS})
         ORDER BY lease_expires_at, id LIMIT {HELD_MAX}
        """
    )
    return [delivery_id for (delivery_id,) in rows]


def _poisoned(claiming, delivery_ids):
    """Of the rows that were chosen but not handed out, those this very call dead-lettered (it locked them)."""
    if not delivery_ids:
        return []
    rows = claiming.execute(
        "SELECT id FROM bwt_webhook_outbound_delivery WHERE id = ANY(%(delivery_ids)s) AND failure_reason = 'poison'"
        " AND state = 'dead_letter' AND processed_at = %(now)s",
        delivery_ids=delivery_ids,
    )
    return [delivery_id for (delivery_id,) in rows]
