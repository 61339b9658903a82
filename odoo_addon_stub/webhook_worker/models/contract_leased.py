# SPDX-License-Identifier: LGPL-3.0-or-later
"""What calls on behalf of one leased delivery or event share."""

import json
from datetime import timedelta

from .. import compat
from .contract_rows import MODELS
from .execution import execution_env


def leased_record(env, lease, now):
    """The delivery or event, as superuser, or None when the lease is not live or is somebody else's."""
    record = env(su=True, context={})[MODELS[lease["kind"]]].browse(lease["id"]).exists()
    live = (
        record
        and record.state == "processing"
        and record.lease_token == lease["lease_token"]
        and record.lease_expires_at + timedelta(seconds=1) > now  # the ORM cuts fractions of seconds off
    )
    return record if live else None


def show_shaped(record, request):
    """Shows the callback the request as the endpoint's own rules made it, in place of what was queued: in the cache
    only, from where nothing is written.
    """
    for name, value in (
        ("http_method", request["http_method"]),
        ("request_headers_json", json.dumps(request["request_headers"])),
        ("payload_json", request["payload"]),
    ):
        compat.put_in_cache(record, name, value)


def handed_to(record, user_env):
    """The record as its handler's execution user, who may have no right on webhooks: its fields and those of its
    endpoint are read beforehand, into the cache that both share. Writing it is refused as ever.
    """
    for one in (record, record.endpoint_id):
        known = one.with_env(user_env).sudo()
        for name, field in one._fields.items():
            if field.store and field.column_type:
                known[name]  # noqa: B018 pylint: disable=pointless-statement
    if hasattr(record, "_raw_body"):
        record.with_env(user_env).sudo()._raw_body()
    return record.with_env(user_env)


def execution_env_of(record):
    return execution_env(record.env, record.handler_id, record.company_id)
