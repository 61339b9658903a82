# SPDX-License-Identifier: LGPL-3.0-or-later
"""The part of claim that takes over leases whose worker let them expire."""

from .contract_lanes import free_lanes
from .contract_rows import CLAIMED, ENDPOINT, LANE, LEASE, OPEN_ENDPOINTS, SIZE

LEASES_LOST_MAX = 3
HELD_MAX = 1000  # a call
LOST_MESSAGE = "The worker's lease expired; the request may have been delivered."
POISON_MESSAGE = (
    "The worker lost this delivery three times in a row while it processed it: what stops the worker may be its"
    " content. It may have been delivered."
)

# The lost attempt and the new lease are one statement: there is no moment at which only one of them exists. A lane's
# expired deliveries are taken all or not at all, with the lane: the head is leased anew, the others wait behind it.
TAKE_OVER = """
    WITH expired AS MATERIALIZED (
        SELECT d.id, d.endpoint_id, d.lane, d.lease_token, d.attempt_count, d.worker_id, d.company_id, d.http_method,
               CASE WHEN d.lease_lost_count + 1 >= {leases_lost_max} THEN 'dead_letter'
                    WHEN d.id = ANY(%(held_ids)s::int[] || %(behind_ids)s::int[]) THEN 'error'
                    ELSE 'processing' END AS next_state,
               d.lane IS NOT NULL AND NOT d.id = ANY(%(held_ids)s::int[]) AS needs_lane,
               e.target_url, w.name AS worker_name
          FROM bwt_webhook_outbound_delivery d
          JOIN bwt_webhook_outbound_endpoint e ON e.id = d.endpoint_id
          LEFT JOIN bwt_webhook_worker w ON w.id = d.worker_id
         WHERE d.id = ANY(%(chosen_ids)s::int[] || %(behind_ids)s::int[] || %(held_ids)s::int[])
           AND d.state = 'processing' AND d.lease_expires_at < %(now)s
           FOR NO KEY UPDATE OF d SKIP LOCKED
    ), won AS (
        INSERT INTO bwt_webhook_lane_lease AS l (endpoint_id, lane, lease_token, lease_expires_at)
        SELECT run.endpoint_id, run.lane, %(token)s, %(expires_at)s
          FROM unnest(%(lane_endpoint_ids)s::int[], %(lanes)s::text[], %(lane_sizes)s::int[])
               AS run(endpoint_id, lane, size)
         WHERE run.size = (SELECT count(*) FROM expired x
                            WHERE x.needs_lane AND x.endpoint_id = run.endpoint_id AND x.lane = run.lane)
         ORDER BY run.endpoint_id, run.lane
            ON CONFLICT (endpoint_id, lane) DO UPDATE
           SET lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at
         WHERE l.lease_expires_at < %(now)s
        RETURNING endpoint_id, lane
    ), taken AS (
        SELECT x.* FROM expired x LEFT JOIN won ON won.endpoint_id = x.endpoint_id AND won.lane = x.lane
         WHERE NOT x.needs_lane OR won.lane IS NOT NULL
    ), lost AS (
        INSERT INTO bwt_webhook_outbound_delivery_attempt
               (delivery_id, endpoint_id, company_id, attempt_number, attempt_uid, lease_token, outcome, state,
                superseded, maybe_delivered, finished_at, worker_id, worker_name, http_method, target_url, error_kind,
                processing_error)
        SELECT id, endpoint_id, company_id, attempt_count + 1, gen_random_uuid()::text, lease_token, 'interrupted',
               CASE next_state WHEN 'dead_letter' THEN 'dead_letter' ELSE 'error' END, false, true, %(now)s, worker_id,
               worker_name, http_method, target_url, 'interrupted', %(lost_message)s
          FROM taken
            ON CONFLICT (delivery_id, lease_token) DO NOTHING
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
          FROM taken x WHERE d.id = x.id AND x.next_state <> 'processing'
    )
    UPDATE bwt_webhook_outbound_delivery d
       SET {lease}, attempt_count = d.attempt_count + 1, lease_lost_count = d.lease_lost_count + 1
      FROM taken x WHERE d.id = x.id AND x.next_state = 'processing'
    RETURNING {claimed}
"""


def take_over(claiming):
    """Leases that expired, within the quotas: their lost attempts are recorded, the third loss in a row is the last.

    Those of held endpoints, asked for or not, end as well: nobody else would ever see them again.
    """
    chosen, runs = _choose(claiming)
    held = _held(claiming)
    if not chosen and not runs and not held:
        return []
    heads, behind = _split(claiming, runs)
    chosen += heads
    rows = claiming.execute(
        TAKE_OVER.format(leases_lost_max=LEASES_LOST_MAX, lease=LEASE, claimed=CLAIMED),
        chosen_ids=chosen,
        behind_ids=behind,
        held_ids=[delivery_id for delivery_id, _lane in held],
        lane_endpoint_ids=[endpoint_id for endpoint_id, _lane, _token in runs],
        lanes=[lane for _endpoint_id, lane, _token in runs],
        lane_sizes=[len(ids) for ids in runs.values()],
        poison_message=POISON_MESSAGE,
        lost_message=LOST_MESSAGE,
    )
    taken = {row[0] for row in rows}
    token, leased = claiming.parameters["token"], {(row[ENDPOINT], row[LANE]) for row in rows}
    free_lanes(
        claiming.cr,
        [lane for _delivery_id, lane in held if lane[1]]
        + [(*lane, token) for *lane, _token in runs if tuple(lane) not in leased],
    )
    ended = _ended(claiming, [*chosen, *behind, *(delivery_id for delivery_id, _lane in held)], taken)
    waiting = set(behind).intersection(delivery_id for delivery_id, state in ended if state == "error")
    claiming.poisoned_ids = [delivery_id for delivery_id, state in ended if state == "dead_letter"]
    claiming.interrupted = len(taken) + len(waiting) + len(claiming.poisoned_ids)
    return rows


def _choose(claiming):
    """(ids, runs): expired leases of the open endpoints, the longest expired first, no more than quotas and the size
    leave. Of lanes what the lost lease holds of each, {(endpoint id, lane, token): ids in the lane's order}: it counts
    as one, for its head.
    """
    quotas = dict(claiming.free)
    chosen, runs = [], {}
    taken = 0
    for delivery_id, endpoint_id, lane, token, size in claiming.execute(
        f"""
        SELECT id, endpoint_id, lane, lease_token, {SIZE}
          FROM bwt_webhook_outbound_delivery
         WHERE state = 'processing' AND lease_expires_at < %(now)s AND endpoint_id = ANY(%(endpoint_ids)s)
         ORDER BY lease_expires_at, id LIMIT 5000
        """,
        endpoint_ids=list(claiming.free),
    ):
        run = (endpoint_id, lane, token)
        if run in runs or len(chosen) + len(runs) >= claiming.limit or taken >= claiming.bytes_left:
            continue
        if quotas[endpoint_id] > 0:
            taken += size
            quotas[endpoint_id] -= 1
            if lane:
                runs[run] = []
            else:
                chosen.append(delivery_id)
    if runs:
        for delivery_id, *run in claiming.execute(
            """
            SELECT d.id, d.endpoint_id, d.lane, d.lease_token FROM bwt_webhook_outbound_delivery d
              JOIN unnest(%(lane_endpoint_ids)s::int[], %(lanes)s::text[], %(tokens)s::text[])
                   AS run(endpoint_id, lane, token)
                ON d.lease_token = run.token AND d.endpoint_id = run.endpoint_id AND d.lane = run.lane
             WHERE d.state = 'processing' ORDER BY d.lane_xid, d.id
            """,
            lane_endpoint_ids=[endpoint_id for endpoint_id, _lane, _token in runs],
            lanes=[lane for _endpoint_id, lane, _token in runs],
            tokens=[token for _endpoint_id, _lane, token in runs],
        ):
            runs[tuple(run)].append(delivery_id)
    return chosen, {run: ids for run, ids in runs.items() if ids}


def _split(claiming, runs):
    """(heads, behind): of lost runs what is the first open delivery of its lane, and all others. A run has no head when
    its own was settled, and waits for its retry.
    """
    ids = [delivery_id for run in runs.values() for delivery_id in run]
    rows = claiming.execute(
        """
        SELECT d.id FROM bwt_webhook_outbound_delivery d
         WHERE d.id = ANY(%(first_ids)s) AND d.id = (
               SELECT id FROM bwt_webhook_outbound_delivery
                WHERE endpoint_id = d.endpoint_id AND lane = d.lane AND state IN ('queued', 'error', 'processing')
                ORDER BY endpoint_id, lane, lane_xid, id LIMIT 1)
        """,
        first_ids=[run[0] for run in runs.values()],
    )
    heads = [delivery_id for (delivery_id,) in rows]
    return heads, [delivery_id for delivery_id in ids if delivery_id not in heads]


def _held(claiming):
    """[(id, (endpoint id, lane, token))]: expired leases of endpoints that are held, whether asked for or not."""
    rows = claiming.execute(
        f"""
        SELECT id, endpoint_id, lane, lease_token FROM bwt_webhook_outbound_delivery
         WHERE state = 'processing' AND lease_expires_at < %(now)s AND endpoint_id NOT IN (
               SELECT e.id {OPEN_ENDPOINTS})
         ORDER BY lease_expires_at, id LIMIT {HELD_MAX}
        """
    )
    return [(delivery_id, tuple(lane)) for delivery_id, *lane in rows]


def _ended(claiming, delivery_ids, taken):
    """[(id, state)] of the rows that this very call ended (it locked them) instead of handing them out."""
    delivery_ids = [delivery_id for delivery_id in delivery_ids if delivery_id not in taken]
    if not delivery_ids:
        return []
    return claiming.execute(
        """
        SELECT id, state FROM bwt_webhook_outbound_delivery WHERE id = ANY(%(delivery_ids)s)
           AND (state = 'dead_letter' AND failure_reason = 'poison' AND processed_at = %(now)s
                OR state = 'error' AND failure_reason = 'interrupted' AND next_attempt_at = %(now)s)
        """,
        delivery_ids=delivery_ids,
    )
