# SPDX-License-Identifier: LGPL-3.0-or-later
"""read_as: what a native callback may read of Odoo, as its handler's execution user, while its lease is live."""

import json
from datetime import date, datetime

from odoo import fields

from .. import compat
from .contract_leased import execution_env_of, leased_record
from .contract_rows import MODELS
from .contract_session import begin, begin_repeatable_read, database_state, envelope, is_held, seen
from .execution import OperationRefused, connection_is_lost, refusal

RECORDS_MAX = 1000
ANSWER_BYTES_MAX = 16 * 1024 * 1024


def read_as(env, request):
    """In a transaction of its own that cannot write."""
    begin(env)
    for model in MODELS.values():
        env[model].flush_model()
    state = database_state(env)
    seen(env, request["worker_uid"])
    begin_repeatable_read(env)
    if not compat.in_test_mode(env):
        env.cr.execute("SET TRANSACTION READ ONLY")
    user_env = env
    try:
        with env.cr.savepoint():
            record = None if is_held(state) else leased_record(env, request["lease"], state["now"])
            if not record:
                raise OperationRefused("gone", "The lease is no longer live.")
            # Whoever steals the worker's key must not read as the execution user of every handler.
            if record.handler_id.execution_mode != "native":
                raise OperationRefused("access", "Only native callbacks read.")
            user_env = execution_env_of(record)
            text = _as_text(_read(user_env, request))
        answer = {"status": "read", "records": text}
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        if connection_is_lost(error) or isinstance(error, compat.LOCK_ERRORS):
            raise
        refused = refusal(user_env, error, (request["operation"], request["model"]))
        answer = {"status": "failed", "category": refused.category, "message": refused.message}
    return {**envelope(state), **answer}


def _read(env, request):
    model_name, operation = request["model"], request["operation"]
    if model_name not in env:
        raise OperationRefused("configuration", f"There is no model {model_name}.")
    if model_name.startswith("bwt.webhook."):
        raise OperationRefused("access", f"Callbacks do not read {model_name}.")
    model = env[model_name]
    names = request.get("fields") or ["display_name"]
    if operation == "read":
        return model.browse(request.get("record_ids", [])).exists().read(names, load=None)
    domain = _domain(request)
    if operation == "search_count":
        return model.search_count(domain)
    found = model.search(domain, order=request.get("order"), limit=request.get("limit", RECORDS_MAX))
    return found.ids if operation == "search" else found.read(names, load=None)


def _domain(request):
    """JSON knows no tuples."""
    domain = [tuple(term) if isinstance(term, list) else term for term in request.get("domain", [])]
    return domain + [("id", "in", request["record_ids"])] if "record_ids" in request else domain


def _as_text(value):
    text = json.dumps(value, separators=(",", ":"), default=_plain)
    if len(text) > ANSWER_BYTES_MAX:
        raise OperationRefused("data", f"The answer has {len(text)} bytes; at most {ANSWER_BYTES_MAX} are carried.")
    return text


def _plain(value):
    if isinstance(value, datetime):
        return fields.Datetime.to_string(value)
    if isinstance(value, date):
        return fields.Date.to_string(value)
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
