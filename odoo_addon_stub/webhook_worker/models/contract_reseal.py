# SPDX-License-Identifier: LGPL-3.0-or-later
"""reseal: a worker that holds the key before and the confirmed one seals secrets to the latter."""

from . import sealing
from .contract_session import begin, database_state, envelope, forget_cached, refuse_held, seen


def reseal(env, request):
    """One statement. What was changed in Odoo meanwhile stays."""
    begin(env)
    state = database_state(env)
    refuse_held(state)
    seen(env, request["worker_uid"])
    wanted = _sealed_to_confirmed(env, request["secrets"])
    env["bwt.webhook.secret"].flush_model()
    env.cr.execute(
        """
        UPDATE bwt_webhook_secret s SET sealed_value = w.value, write_date = now() AT TIME ZONE 'UTC', write_uid = %s
          FROM unnest(%s::int[], %s::text[], %s::text[]) AS w(id, previous, value)
         WHERE s.id = w.id AND s.sealed_value = w.previous
        RETURNING s.id
        """,
        [env.uid, *([item[key] for item in wanted] for key in ("id", "previous_value", "value"))],
    )
    resealed_ids = sorted(secret_id for (secret_id,) in env.cr.fetchall())
    if resealed_ids:
        env["bwt.webhook.ledger"]._bump_configuration_revision()
        forget_cached(env, "bwt.webhook.secret")
    return {**envelope(state), "resealed_ids": resealed_ids}


def _sealed_to_confirmed(env, items):
    """One for each secret, and only what the holder of the confirmed key can open."""
    confirmed = env["bwt.webhook.worker.public.key"]._confirmed()
    if not confirmed:
        return []
    key_id = sealing.key_id(confirmed._bytes())
    return list({item["id"]: item for item in items if sealing.key_id_of(item["value"]) == key_id}.values())
