# SPDX-License-Identifier: LGPL-3.0-or-later
"""run_python_handler: a handler's Python method, called as its execution user on an empty recordset of its model.

An event's call, its effects and its settlement are one transaction. `done` and `dead_letter` keep the effects; a retry,
an unknown result and an exception undo them. A delivery's call returns its decision; its effects are kept.
"""

import inspect
import logging

from odoo.exceptions import AccessError

from .. import compat
from ..exceptions import WebhookValidationError
from . import payload as payloads
from .contract_leased import execution_env_of, handed_to, leased_record, show_shaped
from .contract_rows import MODELS, to_ms
from .contract_session import (
    all_or_nothing,
    begin,
    begin_repeatable_read,
    database_state,
    envelope,
    limit_lock_waits,
    refuse_held,
    seen,
)
from .contract_settle import Settling
from .endpoint import HTTP_METHODS
from .execution import MESSAGE_MAX, OperationRefused, connection_is_lost, refusal
from .rule_mixin import RETRY_SECONDS_MAX

_logger = logging.getLogger(__name__)

OVERRIDES = ("http_method", "target_path", "headers", "payload")


def run_python_handler(env, request):
    begin(env)
    for model in MODELS.values():
        env[model].flush_model()
    state = database_state(env)
    refuse_held(state)
    settling = Settling(env, *seen(env, request["worker_uid"]))
    begin_repeatable_read(env)
    run = _run_for_event if request["lease"]["kind"] == "event" else _decide_delivery
    answer = run(settling, request, state["now"])
    begin(env)
    return {**envelope(database_state(env)), **answer}


def call(record, *arguments):
    """What the handler's method returns. The method was checked when it was saved, and is again."""
    handler = record.handler_id
    if handler.execution_mode != "python":
        raise OperationRefused("configuration", f"The handler {handler.name} has no Python callback.")
    handler._check_python_method()
    user_env = execution_env_of(record)
    compat.set_own_environment(user_env)
    method = getattr(user_env[handler.python_model_name].browse(), handler.python_method_name)
    arguments = arguments if len(inspect.signature(method).parameters) > 1 else ()
    return method(handed_to(record, user_env), *arguments)


# ---- events


class Undone(Exception):
    """The callback's effects must not stay. Holds the settlement that is written instead."""

    def __init__(self, settlement):
        super().__init__(settlement["outcome"])
        self.settlement = settlement


def _run_for_event(settling, request, now):
    base = {**request["lease"], "settlement_uid": request["settlement_uid"]}
    cr = settling.cr
    try:
        with cr.savepoint(flush=False):
            ((_position, _settlement, status),), rows = settling.decide([(0, base)])
    except compat.LOCK_ERRORS:
        return {"status": "conflict"}
    if status != "applied":
        return {"status": "failed", "category": "gone", "message": "There is no such event."} if status == "gone" else {
            "status": status
        }
    limit_lock_waits(settling.env)
    row, extra = rows["event", base["id"]], {}
    event = settling.env(su=True, context={})[MODELS["event"]].browse(row.id)
    try:
        with all_or_nothing(cr):
            settlement = _event_settlement(call(event), base, request, now)
            cr.flush()
            cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
            settling.write([(settlement, row, "applied")])
    except compat.LOCK_ERRORS:
        return {"status": "conflict"}
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        if connection_is_lost(error):
            raise
        if isinstance(error, Undone):
            settlement = error.settlement
        else:
            settlement, extra = _failed_settlement(_env_to_blame(event), error, base, request)
        settling.write([(settlement, row, "applied")])
    settling.note([(0, settlement, "applied")])
    settling.call_hooks()
    return {"status": "applied", **extra}


def _event_settlement(result, base, request, now):
    """From what the callback returned; raises Undone when its effects must not stay."""
    status = result.get("status") if isinstance(result, dict) else None
    note = _note(result) if status else ""
    base = {**base, "note": note} if note else base
    if status == "done":
        return {**base, "outcome": "done", "state": "done"}
    said_so = {"failure_reason": "rule", "failure_key": "callback:said_so", "failure_message": note or str(status)}
    if status == "dead_letter":
        return {**base, **said_so, "outcome": "dead_letter", "state": "dead_letter"}
    if status == "retry":
        raise Undone({**base, **said_so, **_retry(result.get("seconds"), request, now)})
    message = "The callback returned nothing." if result is None else f"The callback's result is unknown: {result!r}"
    raise Undone({**base, **_dead("callback:no_result", message)})


def _note(result):
    return _storable(result.get("note") or result.get("message") or "")


def _storable(text):
    return payloads.visible(str(text))[:MESSAGE_MAX]


def _retry(seconds, request, now):
    """The callback's seconds, else what the retry policy says; nothing more when its tries are exhausted."""
    if type(seconds) is int and 0 < seconds <= RETRY_SECONDS_MAX:
        return {"outcome": "retry", "state": "error", "next_attempt_at_ms": to_ms(now) + seconds * 1000}
    otherwise = request["otherwise"]
    due_at_ms = request.get("next_attempt_at_ms", otherwise.get("next_attempt_at_ms"))
    if due_at_ms is None:
        return {"outcome": "retry", "state": "dead_letter", "failure_reason": otherwise["failure_reason"]}
    return {"outcome": "retry", "state": "error", "next_attempt_at_ms": due_at_ms}


def _dead(key, message):
    return {
        "outcome": "dead_letter", "state": "dead_letter", "failure_reason": "callback", "failure_key": key,
        "failure_message": message[:MESSAGE_MAX],
    }  # fmt: skip


def _failed_settlement(env, error, base, request):
    """What an exception comes to, and what the answer says of it."""
    category, final, message = _meaning(env, error)
    key = f"callback:{getattr(error, 'rejection_category', category)}"
    settlement = {**base, **_dead(key, message)}
    otherwise = request["otherwise"]
    if not final and otherwise["state"] == "error" and "next_attempt_at_ms" in otherwise:
        settlement.update(
            outcome="retry", state="error", next_attempt_at_ms=otherwise["next_attempt_at_ms"],
            failure_reason=otherwise["failure_reason"],
        )  # fmt: skip
    return settlement, {"category": category, "message": message}


def _meaning(env, error):
    """(category, whether it is final, message)"""
    if isinstance(error, WebhookValidationError):
        return error.rejection_category, True, _storable(error)
    refused = refusal(env, error)
    if not isinstance(error, (OperationRefused, AccessError)):
        _logger.warning("A webhook's Python callback failed: %s", refused.message, exc_info=error)
    # Only a refused right is final: wrong data may be a bug of the callback that is soon mended.
    return refused.category, isinstance(error, (OperationRefused, AccessError)) and refused.final, refused.message


def _env_to_blame(record):
    """For messages: that of the execution user, who may also be one who must not execute."""
    return record.env(user=record.handler_id.execution_user_id.id or record.env.uid)


# ---- deliveries


def _decide_delivery(settling, request, now):
    record = leased_record(settling.env, request["lease"], now)
    if not record:
        return {"status": "superseded"}
    shaped = request.get("request", {})
    if shaped:
        show_shaped(record, shaped)
    shown = {
        "http_method": record.http_method,
        "target_path": shaped.get("target_path", record.endpoint_id.target_path),
        "headers": payloads.decode(record.request_headers_json),
        "payload": record.payload_json if record.request_body_mode == "raw" else payloads.decode(record.payload_json),
    }
    limit_lock_waits(settling.env)
    try:
        with all_or_nothing(settling.cr):
            return {"status": "decided", "decision": _decision(call(record, shown), record.request_body_mode)}
    except compat.LOCK_ERRORS:
        return {"status": "conflict"}
    except WebhookValidationError as error:
        return {"status": "decided", "decision": {"outcome": "dead_letter", "note": _storable(error)}}
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        if connection_is_lost(error):
            raise
        category, _final, message = _meaning(_env_to_blame(record), error)
        return {"status": "failed", "category": category, "message": message}
    finally:
        record.invalidate_recordset(flush=False)


def _decision(result, body_mode):
    """What no callback can have meant is a dead letter."""
    outcome = result.get("outcome", result.get("status")) if isinstance(result, dict) else None
    if outcome == "done":
        note = "The callback returned done before anything was sent; send or cancel is expected."
        return {"outcome": "dead_letter", "note": note}
    if outcome not in ("send", "cancel", "dead_letter", "retry"):
        said = "nothing" if result is None else f"an unknown result: {result!r}"[:500]
        return {"outcome": "dead_letter", "note": f"The callback returned {said}."}
    decision = {"outcome": outcome}
    if note := _note(result):
        decision["note"] = note
    seconds = result.get("seconds")
    if outcome == "retry" and type(seconds) is int and 0 <= seconds <= RETRY_SECONDS_MAX:
        decision["seconds"] = seconds
    changed = {name: result[name] for name in OVERRIDES if result.get(name) is not None}
    return {**decision, "request": _request(changed, body_mode)} if changed else decision


def _request(changed, body_mode):
    """What replaces the request's parts, as the contract shapes it."""
    if "payload" in changed:
        try:
            encode = payloads.encode_raw if body_mode == "raw" else payloads.encode
            changed["payload"] = encode(changed["payload"])
        except ValueError as error:
            raise WebhookValidationError(f"The callback's payload cannot be sent: {error}") from error
    if "http_method" in changed:
        changed["http_method"] = str(changed["http_method"]).lower()
    headers, path = changed.get("headers", {}), changed.get("target_path", "")
    known = changed.get("http_method", "post") in dict(HTTP_METHODS)
    if not (known and isinstance(headers, dict) and isinstance(path, str)):
        raise WebhookValidationError(f"The callback asked for what cannot be: {changed!r}"[:MESSAGE_MAX])
    if headers:
        changed["headers"] = {
            _storable(name): payloads.visible(str(value)) for name, value in headers.items() if value is not None
        }
    return {**changed, "target_path": payloads.visible(path)} if path else changed
