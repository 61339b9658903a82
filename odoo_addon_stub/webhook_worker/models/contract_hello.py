# SPDX-License-Identifier: LGPL-3.0-or-later
"""hello: registers or refreshes a worker. configuration: what the workers keep a copy of."""

import json
import re
from datetime import timedelta

from odoo import release
from odoo.exceptions import ValidationError
from odoo.http import request as http_request

from .. import compat
from . import sealing, wake
from .contract_ingest_counts import COUNT_MAX
from .contract_rows import EPOCH, to_ms
from .contract_session import begin, database_state, envelope, forget_cached
from .field_metadata import field_metadata

CONTRACT_VERSION = 1
_GATEWAY_URL = re.compile(r"https?://[^\s?#]+\Z")
# Columns of a worker that hello has under their names, and those of its inbox; absent ones are NULL.
REGISTERED = (
    "worker_uid", "name", "version", "host", "contract_version", "journal_healthy", "wake_address", "public_key",
)  # fmt: skip
INBOX = {
    "inbox_event_count": "event_count",
    "inbox_bytes": "bytes_used",
    "inbox_bytes_max": "bytes_max",
    "inbox_set_aside_count": "set_aside_count",
    "inbox_healthy": "healthy",
}
LIMITS = {"claim_batch_max": 1000, "settle_batch_max": 1000, "lease_seconds_max": 3600, "calls_in_flight_max": 2}


def hello(env, request):
    begin(env)
    state = database_state(env)
    answer = {
        "compatible": True,
        "contract_version": CONTRACT_VERSION,
        "addon_version": compat.addon_version(),
        "odoo_version": release.version,
    }
    if request["contract_version"] != CONTRACT_VERSION:
        answer.update(compatible=False, incompatible_message=_incompatible_message(request["contract_version"]))
        return {**envelope(state), **answer}
    if request.get("options", {}).get("check_only"):
        # A database that nobody has said hello to yet would be remembered by the first real one.
        state = {**state, "fingerprint_confirmed": state["fingerprint_confirmed"] or not state["remembered"]}
        return {**envelope(state), **answer, "limits": LIMITS, **_sealing_key(env), **_key_expiry(env)}
    _check_wake_address(request)
    _check_public_key(request)
    _check_gateway_url(request)
    state = _confirm(env, state, request.get("confirm_fingerprint"))
    answer.update(
        worker_id=_register(env, request),
        wake_secret=wake.secret_text(env, request["worker_uid"]),
        limits=LIMITS,
        **_sealing_key(env),
        **_key_expiry(env),
    )
    return {**envelope(state), **answer}


def _sealing_key(env):
    confirmed = env["bwt.webhook.worker.public.key"]._confirmed()
    return {"sealing_public_key": confirmed.public_key} if confirmed else {}


def _key_expiry(env):
    expires_at_ms = _key_expires_at_ms(env)
    return {} if expires_at_ms is None else {"key_expires_at_ms": expires_at_ms}


def _incompatible_message(version):
    older = "addon" if version > CONTRACT_VERSION else "worker"
    return (
        f"The addon webhook_worker {compat.addon_version()} speaks contract version {CONTRACT_VERSION}, the worker"
        f" {version}: upgrade the {older}."
    )


def _check_wake_address(request):
    if "wake_address" not in request:
        return
    try:
        wake.parse_address(request["wake_address"])
    except ValueError as error:
        raise ValidationError(
            "hello: /wake_address: a numeric address and a port are expected, such as 127.0.0.1:4711 or [::1]:4711."
        ) from error


def _check_public_key(request):
    if "public_key" not in request:
        return
    try:
        sealing.decode_public_key(request["public_key"])
    except ValueError as error:
        raise ValidationError(f"hello: /public_key: an X25519 key is expected: {error}.") from error


def _check_gateway_url(request):
    if not _GATEWAY_URL.match(request.get("gateway_url") or "https://x"):
        raise ValidationError("hello: /gateway_url: an address such as https://hooks.example.com is expected.")


def _confirm(env, state, wanted):
    """The first hello of a fresh database remembers it; afterwards only an operator's confirm-database does."""
    if state["fingerprint_confirmed"] or (state["remembered"] and wanted != state["fingerprint"]):
        return state
    env["bwt.webhook.ledger"]._remember_fingerprint(state["fingerprint"])
    return database_state(env)


def _register(env, request):
    values = {
        **{column: request.get(column) for column in REGISTERED},
        "callbacks": json.dumps(request["callbacks"]),
        "gateway_url": request.get("gateway_url") or None,
        **_inbox(request.get("inbox", {})),
    }
    env.cr.execute(
        f"""
        INSERT INTO bwt_webhook_worker ({", ".join(values)}, first_seen_at, last_seen_at)
        VALUES ({", ".join(f"%({column})s" for column in values)},
                clock_timestamp() AT TIME ZONE 'UTC', clock_timestamp() AT TIME ZONE 'UTC')
        ON CONFLICT (worker_uid) DO UPDATE SET
               {", ".join(f"{column} = excluded.{column}" for column in [*values, "last_seen_at"])}
        RETURNING id
        """,
        values,
    )
    (worker_id,) = env.cr.fetchone()
    forget_cached(env, "bwt.webhook.worker")
    if "public_key" in request:
        env["bwt.webhook.worker.public.key"]._note_shown(request["public_key"], request["name"])
    return worker_id


def _inbox(inbox):
    """What a gateway has accepted and Odoo does not have yet, as columns of its worker."""
    oldest_ms = inbox.get("oldest_accepted_at_ms")
    inbox = {name: min(inbox[name], COUNT_MAX) if name.endswith("_count") else inbox[name] for name in inbox}
    return {
        **{column: inbox.get(name) for column, name in INBOX.items()},
        "inbox_oldest_at": None if oldest_ms is None else EPOCH + timedelta(milliseconds=oldest_ms),
    }


def _key_expires_at_ms(env):
    """Of the key that this very call used, where HTTP shows it, else of the longest-lived one."""
    authorization = http_request.httprequest.headers.get("Authorization", "") if http_request else ""
    _scheme, _blank, key = authorization.partition(" ")
    expires_at = compat.key_expiry(env, key[:8])
    return to_ms(expires_at) if expires_at else None


def configuration(env, request):
    """In Odoo's REPEATABLE READ transaction: the revision and the document come from one snapshot.

    Read as superuser, because the worker's user has no rights on any model and serves all companies.
    """
    state = database_state(env)
    revision = state["configuration_revision"]
    if request.get("known_revision") == revision:
        return {**envelope(state), "unchanged": True}
    return {**envelope(state), "unchanged": False, "configuration": document(env(su=True), revision)}


def document(env, revision):
    everything = {"active_test": False}
    endpoints = env["bwt.webhook.outbound.endpoint"].with_context(**everything).search([])
    archived = endpoints.filtered(lambda endpoint: endpoint.state == "archived")
    endpoints -= archived - _with_open_deliveries(env, archived)
    inbound = env["bwt.webhook.inbound.endpoint"].with_context(**everything).search([])
    handlers = env["bwt.webhook.handler"].search([]) | endpoints.handler_id | inbound.handler_id
    handlers |= _handlers_of_open_events(env)
    policies = env["bwt.webhook.retry.policy"].search([]) | endpoints.retry_policy_id | inbound.retry_policy_id
    return {
        "revision": revision,
        "handlers": [handler_values(handler) for handler in handlers],
        "inbound_endpoints": [endpoint._contract_values() for endpoint in inbound],
        "endpoints": [endpoint._contract_values() for endpoint in endpoints],
        "retry_policies": [policy._contract_values() for policy in policies],
    }


def handler_values(handler):
    """A handler with the metadata of the fields that it writes."""
    values = handler._contract_values()
    if metadata := field_metadata(handler, values.get("rules", []), values.get("allowed_models", [])):
        values["field_metadata"] = metadata
    return values


def _handlers_of_open_events(env):
    """Also archived ones: an event keeps the handler that it had when it was received."""
    env["bwt.webhook.inbound.event"].flush_model()
    env.cr.execute(
        """
        SELECT h.id FROM bwt_webhook_handler h WHERE h.active IS NOT TRUE AND h.direction = 'inbound'
           AND (EXISTS (SELECT 1 FROM bwt_webhook_inbound_event e
                         WHERE e.handler_id = h.id AND e.state IN ('received', 'error'))
                OR EXISTS (SELECT 1 FROM bwt_webhook_inbound_event e
                            WHERE e.handler_id = h.id AND e.state = 'processing'))
        """
    )
    return env["bwt.webhook.handler"].browse([handler_id for (handler_id,) in env.cr.fetchall()])


def _with_open_deliveries(env, endpoints):
    """Those of the endpoints that still have something to send."""
    env["bwt.webhook.outbound.delivery"].flush_model()
    env.cr.execute(
        """
        SELECT e.id FROM unnest(%s::int[]) AS e(id)
         WHERE EXISTS (SELECT 1 FROM bwt_webhook_outbound_delivery d
                        WHERE d.endpoint_id = e.id AND d.state IN ('queued', 'error', 'processing'))
        """,
        [endpoints.ids],
    )
    return endpoints.browse([endpoint_id for (endpoint_id,) in env.cr.fetchall()])
