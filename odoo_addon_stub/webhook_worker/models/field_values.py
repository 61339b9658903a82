# SPDX-License-Identifier: LGPL-3.0-or-later
"""Values of fields that rules read: `record_field:partner_id.email`. Dotted walks over fields, and nothing else."""

import json
import logging
from datetime import date, datetime

import psycopg2

from odoo.exceptions import AccessError, MissingError

from .. import compat
from .execution import OperationRefused, connection_is_lost

_logger = logging.getLogger(__name__)

# These are read by themselves, for those who have no right on webhooks; what they lead to is read as the user.
OWN_KINDS = ("event", "delivery", "endpoint")


def field_values(expressions, roots, user_env):
    """{expression: value}; of what cannot be read `{"<expression>!": why}`.

    `roots` are the records by kind (`event`, `delivery`, `endpoint`, `company`, `partner`, `record`; superuser's);
    `user_env` is the environment of who reads, or the OperationRefused that says why there is none.
    """
    values = {}
    try:
        with roots["company"].env.cr.savepoint(flush=False):
            for expression in expressions:
                values.update(_one_value(expression, roots, user_env))
    except psycopg2.Error as error:
        if connection_is_lost(error):
            raise
        _logger.warning("Fields cannot be read", exc_info=True)
        left = [expression for expression in expressions if expression not in values and f"{expression}!" not in values]
        values.update({f"{expression}!": str(error).split("\n", maxsplit=1)[0] for expression in left})
    return values


def _one_value(expression, roots, user_env):
    kind, _colon, path = expression.partition("_field:")
    try:
        return {expression: _read(roots.get(kind), kind in OWN_KINDS, path.split("."), user_env)}
    except psycopg2.Error:
        raise
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        if not isinstance(error, (OperationRefused, AccessError, MissingError)):
            _logger.warning("The value of %s cannot be read", expression, exc_info=True)
        return {f"{expression}!": (str(error) or type(error).__name__)[:500]}


def needed_fields(record):
    """The expressions that the rules of a handler, or of an outbound endpoint, read, as the workers reported them."""
    return json.loads(record.sudo().needed_fields_json or "[]")


def needed_fields_of(delivery):
    """What the rules of a delivery's endpoint and of its handler read, each expression once."""
    return sorted({*needed_fields(delivery.endpoint_id), *needed_fields(delivery.handler_id)})


def as_text(values):
    return json.dumps(values, separators=(",", ":"), default=str)


def roots_of(record):
    """The roots for an event or a delivery."""
    record = record.sudo()
    roots = {"endpoint": record.endpoint_id, "company": record.company_id}
    if record._name == "bwt.webhook.inbound.event":
        return {**roots, "event": record}
    about = record.env.get(record.res_model) if record.res_model else None
    if about is not None:
        about = about.browse(record.res_id)
        roots["record"] = about
        if about._name == "res.partner":
            roots["partner"] = about
        elif "partner_id" in about._fields:
            roots["partner"] = about.exists().partner_id
    return {**roots, "delivery": record}


def _read(record, is_own, path, user_env):
    if record is None or not record:
        raise OperationRefused("missing", "There is no such record here.")
    if isinstance(user_env, OperationRefused) and not (is_own and len(path) == 1):
        raise user_env
    return _walk(record, path, user_env, is_own)


def _walk(record, path, user_env, is_own=False):
    """The value at the end; of several records the list of their values."""
    name, rest = path[0], path[1:]
    field = record._fields.get(name)
    if not field:
        raise OperationRefused("configuration", f"There is no field {name} in {record._name}.")
    if field.type == "binary":
        raise OperationRefused("configuration", f"The field {name} of {record._name} is binary.")
    if is_own:
        reader = record.env.user if isinstance(user_env, OperationRefused) else user_env.user
        compat.check_field_access(record.with_user(reader), field)
    else:
        record = record.with_env(user_env)
        compat.check_access(record, "read")
        compat.check_field_access(record, field)
    value = record[name]
    if not field.relational:
        if rest:
            raise OperationRefused("configuration", f"The field {name} of {record._name} leads nowhere.")
        return _plain(field, value, record)
    if not rest:
        return (value.id or None) if field.type == "many2one" else value.ids
    if field.type == "many2one":
        return _walk(value, rest, user_env) if value else None
    return [_walk(item, rest, user_env) for item in value]


def _plain(field, value, record):
    """As JSON knows it. Unset is null, and only a boolean is false."""
    if field.type == "reference":
        return value and f"{value._name},{value.id}" or None
    if value is False and field.type != "boolean":
        return None
    if isinstance(value, datetime):
        return f"{value.replace(microsecond=0).isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "properties":
        return record.read([field.name])[0][field.name]
    return value if isinstance(value, (bool, int, float, str, list, dict)) else str(value)
