# SPDX-License-Identifier: LGPL-3.0-or-later
"""claim with `work: intake`: requests that Odoo's own controller took, the longest waiting first.

Their lease just ends: nothing is taken over, and nothing counts. Of an `ordered` endpoint nobody gets rows while
another worker verifies earlier ones, and those of a lease that ended come before the later ones; for that, claims of
the intake wait for each other.
"""

import json
from datetime import timedelta

from .contract_ingest_counts import INGEST_LOCK
from .contract_session import begin, database_state, envelope, forget_cached, is_held, seen

MODEL = "bwt.webhook.inbound.intake"
ANSWER_BYTES_MAX = 16 * 1024 * 1024
CLAIMED = """
    i.id, i.event_uid, i.endpoint_id, (extract(epoch FROM i.received_at) * 1000)::bigint, i.http_method, i.request_url,
    i.remote_address, i.request_headers_json, coalesce(convert_from(i.request_body_raw, 'UTF8'), '')
"""
# A worker that has just lost sight of Odoo asks for rows that nobody had yet.
TAKE = f"""
    WITH due AS MATERIALIZED (
        SELECT i.id, coalesce(octet_length(i.request_body_raw), 0) + octet_length(i.request_headers_json) AS bytes
          FROM bwt_webhook_inbound_intake i JOIN bwt_webhook_inbound_endpoint e ON e.id = i.endpoint_id
         WHERE i.claimable_at <= %(now)s AND (%(takeover)s OR i.lease_token IS NULL)
           AND (e.ordered IS NOT TRUE OR NOT EXISTS (
               SELECT 1 FROM bwt_webhook_inbound_intake leased
                WHERE leased.endpoint_id = i.endpoint_id AND leased.lease_token IS NOT NULL
                  AND (leased.claimable_at > %(now)s OR NOT %(takeover)s)))
         ORDER BY CASE WHEN e.ordered THEN i.received_at ELSE i.claimable_at END, i.id
         LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
    ), fitting AS (
        SELECT id FROM (SELECT id, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM due) sized
         WHERE before < %(bytes_max)s
    )
    UPDATE bwt_webhook_inbound_intake i SET lease_token = %(token)s, claimable_at = %(expires_at)s
      FROM fitting WHERE i.id = fitting.id RETURNING {CLAIMED}
"""


def claim_intake(env, request):
    begin(env)
    env.cr.execute("SELECT pg_advisory_xact_lock(%s, 0)", [INGEST_LOCK])
    state = database_state(env)
    seen(env, request["worker_uid"])
    rows = []
    if not is_held(state):
        env.cr.execute(
            f"SELECT {CLAIMED} FROM bwt_webhook_inbound_intake i WHERE i.lease_token = %s", [request["claim_token"]]
        )
        rows = env.cr.fetchall() or take(env, request, state["now"])
    forget_cached(env, MODEL)
    claimed = [claimed_intake(row) for row in sorted(rows)]
    return {**envelope(state), "deliveries": [], "intake": claimed, "interrupted": 0, "poisoned": 0}


def take(env, request, now):
    if not request["limit"]:
        return []
    env.cr.execute(
        TAKE,
        {
            "now": now,
            "token": request["claim_token"],
            "expires_at": now + timedelta(seconds=request["lease_seconds"]),
            "takeover": request["takeover"],
            "limit": request["limit"],
            "bytes_max": ANSWER_BYTES_MAX,
        },
    )
    return env.cr.fetchall()


def is_waiting(env, now):
    """Whether a claim of the intake would find something; one look at an index."""
    env.cr.execute("SELECT EXISTS (SELECT 1 FROM bwt_webhook_inbound_intake WHERE claimable_at <= %s)", [now])
    return env.cr.fetchone()[0]


def claimed_intake(row):
    claimed = {
        "id": row[0],
        "event_uid": row[1],
        "endpoint_id": row[2],
        "received_at_ms": row[3],
        "http_method": row[4],
        "request_url": row[5],
        "request_headers": json.loads(row[7]),
        "request_body_base64": row[8],
    }
    return {**claimed, "remote_address": row[6]} if row[6] else claimed
