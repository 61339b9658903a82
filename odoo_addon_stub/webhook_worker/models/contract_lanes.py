# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lanes: deliveries that are sent one after the other, in the order of (transaction, id).

A lane belongs to one lease token at a time. Its row in the table of lane leases says so, and goes when the last
delivery of the run that the token took is no longer in progress. Whoever changes both locks deliveries first, lanes
then.
"""

from .contract_rows import CLAIMED, LEASE, SIZE

RUN_MAX = 100  # deliveries of a lane in one call
# Whether a lease `l` still works on something of its lane.
LANE_IN_USE = """EXISTS (
    SELECT 1 FROM bwt_webhook_outbound_delivery held
     WHERE held.lease_token = l.lease_token AND held.endpoint_id = l.endpoint_id AND held.lane = l.lane
       AND held.state = 'processing')
"""
# A run ends at a gap: what is in progress, not due yet, locked by somebody else, or not older than every running
# transaction (an earlier one of its lane may still be committed). What was lost in progress before goes alone: of a
# lost run nobody knows which one stops the workers.
TAKE_RUNS = f"""
    WITH asked AS (
        SELECT * FROM unnest(%(endpoint_ids)s::int[], %(lanes)s::text[], %(most)s::int[])
               WITH ORDINALITY AS lanes(endpoint_id, lane, most, turn)
    ), candidate AS MATERIALIZED (
        SELECT one.id, one.bytes, asked.endpoint_id, asked.lane, asked.turn,
               row_number() OVER in_order AS place, bool_or(one.lease_lost_count > 0) OVER in_order AS was_lost
          FROM asked CROSS JOIN LATERAL (
               SELECT id, lane_xid, lease_lost_count, {SIZE} AS bytes FROM bwt_webhook_outbound_delivery
                WHERE endpoint_id = asked.endpoint_id AND lane = asked.lane
                  AND state IN ('queued', 'error', 'processing')
                ORDER BY endpoint_id, lane, lane_xid, id LIMIT asked.most) one
        WINDOW in_order AS (PARTITION BY asked.turn ORDER BY one.lane_xid, one.id)
    ), locked AS MATERIALIZED (
        SELECT id FROM bwt_webhook_outbound_delivery
         WHERE id = ANY(ARRAY(SELECT id FROM candidate WHERE place = 1 OR NOT was_lost))
           AND state IN ('queued', 'error') AND next_attempt_at <= %(now)s
           AND lane_xid < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ), run AS (
        SELECT candidate.*, count(*) FILTER (WHERE locked.id IS NULL)
               OVER (PARTITION BY turn ORDER BY place ROWS UNBOUNDED PRECEDING) AS gaps
          FROM candidate LEFT JOIN locked USING (id)
    ), fitting AS (
        SELECT id, endpoint_id, lane FROM (
            SELECT id, endpoint_id, lane,
                   sum(bytes) OVER (ORDER BY place, turn ROWS UNBOUNDED PRECEDING) - bytes AS before
              FROM run WHERE gaps = 0) sized
         WHERE before < %(bytes_left)s
    ), won AS (
        INSERT INTO bwt_webhook_lane_lease AS l (endpoint_id, lane, lease_token, lease_expires_at)
        SELECT DISTINCT endpoint_id, lane, %(token)s, %(expires_at)s::timestamp FROM fitting ORDER BY endpoint_id, lane
            ON CONFLICT (endpoint_id, lane) DO UPDATE
           SET lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at
         WHERE l.lease_expires_at < %(now)s AND NOT {LANE_IN_USE}
        RETURNING endpoint_id, lane
    )
    UPDATE bwt_webhook_outbound_delivery d SET {LEASE}
      FROM fitting JOIN won USING (endpoint_id, lane) WHERE d.id = fitting.id RETURNING {CLAIMED}
"""


def take_runs(claiming, lanes):
    """Leases a run of each of the lanes [(endpoint id, lane)], the share of each as large as quotas and limit leave."""
    counts = {}
    for endpoint_id, _lane in lanes:
        counts[endpoint_id] = counts.get(endpoint_id, 0) + 1
    most = [
        max(1, min(RUN_MAX, claiming.free[endpoint_id] // counts[endpoint_id], claiming.limit // len(lanes)))
        for endpoint_id, _lane in lanes
    ]
    return claiming.execute(
        TAKE_RUNS,
        endpoint_ids=[endpoint_id for endpoint_id, _lane in lanes],
        lanes=[lane for _endpoint_id, lane in lanes],
        most=most,
        bytes_left=claiming.bytes_left,
    )


def free_lanes(cr, held):
    """Frees lanes, given as (endpoint id, lane, lease token), that the token works on nothing more of.

    Two transactions may end two deliveries of one run: each waits here for the other, and the second one sees what the
    first did (or, in Odoo's REPEATABLE READ, is told to repeat: what stays is written anew for that).
    """
    if not held:
        return
    endpoint_ids, lanes, tokens = map(list, zip(*sorted(set(held))))
    parameters = {"endpoint_ids": endpoint_ids, "lanes": lanes, "tokens": tokens}
    cr.execute(
        """
        SELECT l.id FROM bwt_webhook_lane_lease l
          JOIN unnest(%(endpoint_ids)s::int[], %(lanes)s::text[], %(tokens)s::text[]) AS held(endpoint_id, lane, token)
            ON l.endpoint_id = held.endpoint_id AND l.lane = held.lane AND l.lease_token = held.token
         ORDER BY l.endpoint_id, l.lane FOR UPDATE OF l
        """,
        parameters,
    )
    lease_ids = [lease_id for (lease_id,) in cr.fetchall()]
    if lease_ids:
        cr.execute(
            f"""
            WITH asked AS MATERIALIZED (
                SELECT l.id, {LANE_IN_USE} AS in_use FROM bwt_webhook_lane_lease l WHERE l.id = ANY(%(lease_ids)s)
            ), freed AS (
                DELETE FROM bwt_webhook_lane_lease WHERE id IN (SELECT id FROM asked WHERE NOT in_use)
            )
            UPDATE bwt_webhook_lane_lease SET lease_token = lease_token
             WHERE id IN (SELECT id FROM asked WHERE in_use)
            """,
            {"lease_ids": lease_ids},
        )
