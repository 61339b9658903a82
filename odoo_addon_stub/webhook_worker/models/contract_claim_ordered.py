# SPDX-License-Identifier: LGPL-3.0-or-later
"""claim with `work: events`, of endpoints whose events are processed one after the other (`ordered`): the oldest open
event by id, when none is leased. One that waits for its next try, or whose handler is held, holds those behind it.
"""

from .contract_event_rows import CLAIMED_EVENT, EVENT_LEASE, EVENT_SIZE

ORDERED_LOCK = 0x62777432  # the name space of our advisory locks, "bwt2"
# One look at an index for each endpoint.
HEADS = """
    SELECT head.id, head.next_attempt_at, head.handler_id, q.endpoint_id FROM unnest(%(endpoint_ids)s::int[])
           WITH ORDINALITY AS q(endpoint_id, place)
     CROSS JOIN LATERAL (
           SELECT id, state, next_attempt_at, handler_id FROM bwt_webhook_inbound_event
            WHERE endpoint_id = q.endpoint_id AND state IN ('received', 'error', 'processing') ORDER BY id LIMIT 1
     ) head
     WHERE head.state <> 'processing'
       AND q.endpoint_id NOT IN (SELECT endpoint_id FROM bwt_webhook_inbound_event WHERE state = 'processing')
     ORDER BY q.place
"""


def endpoints_in_work(claiming, endpoint_ids):
    """Those of which a worker holds an event under a lease that has not ended."""
    if not endpoint_ids:
        return set()
    rows = claiming.execute(
        """
        SELECT DISTINCT endpoint_id FROM bwt_webhook_inbound_event
         WHERE state = 'processing' AND lease_expires_at >= %(now)s AND endpoint_id = ANY(%(endpoint_ids)s)
        """,
        endpoint_ids=list(endpoint_ids),
    )
    return {endpoint_id for (endpoint_id,) in rows}


def take_heads(claiming, endpoint_ids, handler_open):
    """Leases the heads that are due. Of one endpoint one call at a time: a second one would see, in the moment between
    the first one's lock and its commit, a head that is still free.
    """
    endpoint_ids = [
        endpoint_id
        for endpoint_id, is_ours in claiming.execute(
            f"SELECT id, pg_try_advisory_xact_lock({ORDERED_LOCK}, id) FROM unnest(%(endpoint_ids)s::int[]) asked(id)",
            endpoint_ids=endpoint_ids,
        )
        if is_ours
    ]
    return claiming.execute(
        f"""
        WITH head AS MATERIALIZED ({HEADS}), due AS MATERIALIZED (
            SELECT e.id, {EVENT_SIZE} AS bytes FROM bwt_webhook_inbound_event e
             WHERE e.id IN (SELECT id FROM head WHERE next_attempt_at <= %(now)s LIMIT %(limit)s)
               AND e.state IN ('received', 'error') AND {handler_open}
               FOR NO KEY UPDATE OF e SKIP LOCKED
        ), fitting AS (
            SELECT id FROM (SELECT id, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM due) sized
             WHERE before < %(bytes_left)s
        )
        UPDATE bwt_webhook_inbound_event e SET {EVENT_LEASE} FROM fitting
         WHERE e.id = fitting.id RETURNING {CLAIMED_EVENT}
        """,
        endpoint_ids=endpoint_ids,
        limit=claiming.limit,
        bytes_left=claiming.bytes_left,
    )


def next_head_due(claiming, endpoint_ids, handler_open):
    """When the next head is due; None where heads are leased or held."""
    ((due_at,),) = claiming.execute(
        f"SELECT min(e.next_attempt_at) FROM ({HEADS}) e WHERE {handler_open}", endpoint_ids=endpoint_ids
    )
    return due_at
