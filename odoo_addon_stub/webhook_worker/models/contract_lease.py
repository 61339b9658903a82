# SPDX-License-Identifier: LGPL-3.0-or-later
"""renew: extends leases that are still held. release: gives them back unspent."""

from datetime import timedelta

from . import wake
from .contract_lanes import free_lanes
from .contract_rows import MODELS
from .contract_session import begin, database_state, envelope, forget_cached, is_held, seen

_MINE = """
    WITH mine AS MATERIALIZED (
        SELECT d.id, d.endpoint_id, d.lane, d.lease_token FROM bwt_webhook_outbound_delivery d
          JOIN unnest(%(ids)s::int[], %(tokens)s::text[]) AS asked(id, token) ON asked.id = d.id
         WHERE d.state = 'processing' AND d.lease_token = asked.token
         ORDER BY d.id FOR NO KEY UPDATE OF d
    )
"""
# Events have no lanes.
_MY_EVENTS = """
    WITH mine AS MATERIALIZED (
        SELECT e.id FROM bwt_webhook_inbound_event e
          JOIN unnest(%(ids)s::int[], %(tokens)s::text[]) AS asked(id, token) ON asked.id = e.id
         WHERE e.state = 'processing' AND e.lease_token = asked.token
         ORDER BY e.id FOR NO KEY UPDATE OF e
    )
"""
RENEW = {
    "delivery": f"""
        {_MINE}, lanes AS (
            UPDATE bwt_webhook_lane_lease l SET lease_expires_at = %(expires_at)s FROM mine
             WHERE l.endpoint_id = mine.endpoint_id AND l.lane = mine.lane AND l.lease_token = mine.lease_token
        )
        UPDATE bwt_webhook_outbound_delivery d SET lease_expires_at = %(expires_at)s FROM mine
         WHERE d.id = mine.id RETURNING d.id, d.lease_token
    """,
    "event": f"""
        {_MY_EVENTS}
        UPDATE bwt_webhook_inbound_event e SET lease_expires_at = %(expires_at)s FROM mine
         WHERE e.id = mine.id RETURNING e.id, e.lease_token
    """,
}
RELEASE = {
    "delivery": f"""
        {_MINE}, released AS (
            UPDATE bwt_webhook_outbound_delivery d
               SET state = CASE WHEN d.attempt_count > d.attempt_base THEN 'error' ELSE 'queued' END,
                   lease_token = NULL, lease_expires_at = NULL, worker_id = NULL,
                   lease_count = greatest(d.lease_count - 1, 0), lease_lost_count = 0
              FROM mine WHERE d.id = mine.id
        )
        SELECT endpoint_id, lane, lease_token FROM mine
    """,
    "event": f"""
        {_MY_EVENTS}
        UPDATE bwt_webhook_inbound_event e
           SET state = CASE WHEN e.attempt_count > 0 THEN 'error' ELSE 'received' END,
               lease_token = NULL, lease_expires_at = NULL, worker_id = NULL,
               lease_count = greatest(e.lease_count - 1, 0), lease_lost_count = 0
          FROM mine WHERE e.id = mine.id
        RETURNING NULL, NULL, NULL
    """,
}


def renew(env, request):
    """In a database that is held no lease is ours any more: all of them are lost, and nothing changes."""
    state = _start(env, request)
    renewed = set()
    if not is_held(state):
        expires_at = state["now"] + timedelta(seconds=request["lease_seconds"])
        for kind, parameters in _by_kind(request):
            env.cr.execute(RENEW[kind], {**parameters, "expires_at": expires_at})
            renewed.update((kind, *row) for row in env.cr.fetchall())
    lost = [
        lease for lease in request["leases"] if (lease["kind"], lease["id"], lease["lease_token"]) not in renewed
    ]
    forget_cached(env, *MODELS.values())
    return {**envelope(state), "lost": lost}


def release(env, request):
    """Due again at once; the lease counts neither as used nor as lost. Other workers are woken."""
    state = _start(env, request)
    released = 0
    if not is_held(state):
        for kind, parameters in _by_kind(request):
            env.cr.execute(RELEASE[kind], parameters)
            rows = env.cr.fetchall()
            released += len(rows)
            free_lanes(env.cr, [row for row in rows if row[1]])
        if released:
            wake.after_commit(env)
    forget_cached(env, *MODELS.values())
    return {**envelope(state), "released": released}


def _start(env, request):
    begin(env)
    for model in MODELS.values():
        env[model].flush_model()
    state = database_state(env)
    seen(env, request["worker_uid"])
    return state


def _by_kind(request):
    """(kind, parameters) of the kinds that the request has leases of."""
    for kind in MODELS:
        leases = [lease for lease in request["leases"] if lease["kind"] == kind]
        if leases:
            yield kind, {"ids": [lease["id"] for lease in leases], "tokens": [lease["lease_token"] for lease in leases]}
