# SPDX-License-Identifier: LGPL-3.0-or-later
"""Whose rights business records are read and written with, and what Odoo's refusals mean in the contract's words."""

import logging
import math

import psycopg2

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, MissingError, UserError

from .. import compat
from .payload import visible

_logger = logging.getLogger(__name__)

MESSAGE_MAX = 2000
# What does not pass by itself.
FINAL = ("access", "company", "configuration", "data")


class OperationRefused(Exception):
    """Odoo, or this addon, refuses a record operation. `category` is one of the contract's failure categories."""

    def __init__(self, category, message, final=False):
        super().__init__(message)
        # Odoo's messages may quote what a sender wrote.
        self.category, self.message = category, visible(str(message))[:MESSAGE_MAX]
        self.final = final or category in FINAL


def execution_env(env, handler, company):
    """The environment of the handler's execution user in a company: nothing in it comes from the call."""
    user = handler.sudo().execution_user_id
    if not user:
        raise OperationRefused("configuration", f"The handler {handler.sudo().name} has no execution user.")
    return env_of_user(env, user, company)


def env_of_user(env, user, company):
    user = user.sudo()
    problem = (
        "is the superuser"
        if user.id == SUPERUSER_ID
        else "is archived"
        if not user.active
        else "is a portal or public user"
        if user.share
        else None
    )
    if problem:
        raise OperationRefused("configuration", f"The execution user {user.login} {problem}.")
    if company not in user.company_ids:
        names = ", ".join(user.company_ids.mapped("name"))
        raise OperationRefused(
            "company", f"The execution user {user.login} works in {names}, and has no access to {company.sudo().name}."
        )
    context = {"allowed_company_ids": [company.id], "mail_notify_force_send": False}
    context.update({key: value for key, value in (("lang", user.lang), ("tz", user.tz)) if value})
    return env(user=user.id, context=context, su=False)


def refusal(env, error, doing=None):
    """Any exception of business code as OperationRefused; `doing` is (operation, model) when it was raised."""
    if isinstance(error, OperationRefused):
        return error
    if isinstance(error, AccessError):
        what = f" {doing[0]} {doing[1]}" if doing else " do that"
        return OperationRefused("access", f"{env.user.sudo().login} may not{what}: {_text(error)}")
    if isinstance(error, MissingError):
        return OperationRefused("missing", _text(error))
    if isinstance(error, UserError):
        return OperationRefused("validation", _text(error))
    if isinstance(error, psycopg2.IntegrityError):
        return OperationRefused("validation", _integrity_message(env, error))
    if isinstance(error, (psycopg2.Error, ValueError, OverflowError)):
        return OperationRefused("data", _text(error).split("\n", maxsplit=1)[0])  # the other lines show data
    _logger.error("Business code failed on a webhook's record operations", exc_info=error)
    return OperationRefused("validation", f"{type(error).__name__}: {_text(error)}")


def _text(error):
    return str(error).strip() or type(error).__name__


def _integrity_message(env, error):
    """What Odoo would tell a user, in his language."""
    table = error.diag.table_name
    model = next((env[name] for name in env.registry if table and env[name]._table == table), env["base"])
    return model.sudo()._sql_error_to_message(error)


def connection_is_lost(error):
    """The connection is gone or the statement was stopped: the worker repeats the whole call."""
    return isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)) and not isinstance(
        error, compat.LOCK_ERRORS
    )


# ---- companies


def companies_of(record):
    """The companies that a record belongs to; none when it is shared."""
    record = record.sudo()
    if record._name == "res.company":
        return record
    name = next((name for name in ("company_ids", "company_id") if name in record._fields), None)
    field = record._fields.get(name)
    return record[name] if field and field.comodel_name == "res.company" else record.env["res.company"]


def check_company(records, company):
    """OperationRefused when one of them belongs to other companies only; a parent's records are its branches' too."""
    allowed = company.sudo().parent_ids
    for record in records:
        companies = companies_of(record)
        if companies and not companies & allowed:
            raise OperationRefused(
                "company",
                f"{record._name},{record.id} belongs to the company {', '.join(companies.mapped('name'))}, and not to"
                f" {company.sudo().name}.",
            )


def as_number(text):
    """A decimal text as a finite float; ValueError otherwise."""
    number = float(text) if isinstance(text, str) and not set(text) - set("0123456789+-.eE") else math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no number")
    return number
