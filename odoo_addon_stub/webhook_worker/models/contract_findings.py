# SPDX-License-Identifier: LGPL-3.0-or-later
"""report_findings: what a worker found in a configuration. answer_probe: its answer to a question of the UI."""

import json

from .contract_session import begin, database_state, envelope, forget_cached, is_held, seen


def report_findings(env, request):
    """In one transaction that holds the ledger's row: no other report comes between."""
    begin(env)
    env.cr.execute("SELECT configuration_revision FROM bwt_webhook_ledger FOR NO KEY UPDATE")
    state = database_state(env)
    seen(env, request["worker_uid"])
    accepted = request["configuration_revision"] == state["configuration_revision"] and not is_held(state)
    if accepted:
        env["bwt.webhook.finding"]._replace_all(request["configuration_revision"], request["findings"])
        for model, key, needs in (
            ("bwt.webhook.handler", "handler_id", request["needs"]),
            ("bwt.webhook.outbound.endpoint", "endpoint_id", request.get("endpoint_needs", ())),
        ):
            _note_needs(env, model, {need[key]: need["expressions"] for need in needs})
    return {**envelope(state), "accepted": accepted}


def _note_needs(env, model, needs):
    """By SQL: this is no change of the configuration, and must not make its revision grow."""
    env[model].flush_model()
    texts = {record_id: json.dumps(sorted(set(expressions))) for record_id, expressions in needs.items()}
    env.cr.execute(
        f"""
        UPDATE {env[model]._table} r SET needed_fields_json = need.expressions
          FROM (SELECT r.id, asked.expressions FROM {env[model]._table} r
                  LEFT JOIN unnest(%s::int[], %s::text[]) AS asked(id, expressions) ON asked.id = r.id) need
         WHERE need.id = r.id AND r.needed_fields_json IS DISTINCT FROM need.expressions
        """,
        [list(texts), list(texts.values())],
    )
    forget_cached(env, model)


def answer_probe(env, request):
    """Accepted once, while somebody waits for it."""
    begin(env)
    env["bwt.webhook.probe"].flush_model()
    seen(env, request["worker_uid"])
    env.cr.execute(
        """
        UPDATE bwt_webhook_probe SET state = 'answered', answer_json = %s
         WHERE probe_uid = %s AND state IN ('waiting', 'claimed')
        """,
        [json.dumps(request["answer"]), request["probe_uid"]],
    )
    accepted = env.cr.rowcount == 1
    forget_cached(env, "bwt.webhook.probe")
    return {**envelope(database_state(env)), "accepted": accepted}
