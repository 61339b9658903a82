# SPDX-License-Identifier: LGPL-3.0-or-later
"""Everything that differs between Odoo 17, 18 and 19, so that nothing else in this addon asks which one it runs on."""

from contextlib import contextmanager

from psycopg2 import errors

from odoo import api, exceptions, models, release, tools
from odoo.modules import module as odoo_module

SERIES = release.version_info[0]
# After these PostgreSQL, or since 19 Odoo, wants the transaction to be repeated.
LOCK_ERRORS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
if SERIES >= 19:
    LOCK_ERRORS += (exceptions.ConcurrencyError,)


def private(method):
    """Python code may call the method, RPC may not (17 has no such mark; there the method checks its caller)."""
    return api.private(method) if SERIES >= 18 else method


if SERIES >= 19:

    def constraint(definition, message):
        """A table constraint, named for the attribute it is assigned to."""
        return models.Constraint(definition, message)

    def index(definition, unique=False):
        """An index, named for the attribute it is assigned to."""
        return models.UniqueIndex(definition) if unique else models.Index(definition)

else:

    class constraint:  # noqa: N801
        """Adds itself to the class's `_sql_constraints`."""

        def __init__(self, definition, message):
            self.definition, self.message = definition, message

        def __set_name__(self, owner, name):
            known = owner.__dict__.get("_sql_constraints", [])
            owner._sql_constraints = [*known, (name[1:], self.definition, self.message)]

    class index:  # noqa: N801
        """Adds itself to the class's `init`, which Odoo runs at every installation and update."""

        def __init__(self, definition, unique=False):
            self.definition, self.kind = definition, "UNIQUE INDEX" if unique else "INDEX"

        def __set_name__(self, owner, name):
            before = owner.__dict__.get("init") or (lambda model: super(owner, model).init())

            def init(model):
                before(model)
                title = tools.make_identifier(f"{model._table}_{name[1:]}")
                model.env.cr.execute(f"CREATE {self.kind} IF NOT EXISTS {title} ON {model._table} {self.definition}")

            owner.init = init


def in_test_mode(env):
    """Whether commit and SET TRANSACTION would break a test's cursor."""
    if SERIES >= 19:
        return bool(odoo_module.current_test)
    return env.registry.in_test_mode() or getattr(odoo_module, "current_test", False)


@contextmanager
def own_environment(cr):
    """What `set_own_environment` sets inside is undone at the end."""
    before = getattr(cr.transaction, "default_env", None)
    try:
        yield
    finally:
        if before is not None:
            cr.transaction.default_env = before


def set_own_environment(env):
    """Makes it the transaction's own environment (18, 19): the one that Odoo recomputes in, and that commands of lists
    of some models run in, whoever called. Otherwise that is the worker's user, who has no rights.
    """
    if getattr(env.transaction, "default_env", None) is not None:
        env.transaction.default_env = env


def check_access(records, operation):
    """Model rights and record rules of the current user, or AccessError."""
    if SERIES >= 18:
        records.check_access(operation)
    else:
        records.check_access_rights(operation)
        records.check_access_rule(operation)


def check_field_access(records, field):
    """AccessError when the field is limited to groups that the current user is not in."""
    if SERIES >= 19:
        records._check_field_access(field, "read")
    else:
        records.check_field_access_rights("read", [field.name])


def put_in_cache(record, name, value):
    """Makes reading the field give this value until the cache is emptied; nothing is written."""
    field = record._fields[name]
    if SERIES >= 19:
        field._update_cache(record, field.convert_to_cache(value, record))
    else:
        record.env.cache.set(record, field, field.convert_to_cache(value, record))


def users_of(group):
    """The users of a group, by implication too."""
    return group.all_user_ids if SERIES >= 19 else group.users


def addon_version():
    """The version of this addon's code."""
    return odoo_module.get_manifest("webhook_worker")["version"]


def generate_rpc_key(user, name, expires_at):
    """A new API key of `user` for RPC; `expires_at` None means that it never expires (always so on 17)."""
    keys = user.env["res.users.apikeys"].with_user(user).sudo()
    return keys._generate("rpc", name, expires_at) if SERIES >= 18 else keys._generate("rpc", name)


def key_expiry(env, prefix):
    """When the current user's API key expires: the key that starts with `prefix`, else the one that lasts longest.

    None when it never expires, or when there is none.
    """
    if SERIES < 18:
        return None
    env.cr.execute(
        """
        SELECT expiration_date FROM res_users_apikeys
         WHERE user_id = %s AND (scope IS NULL OR scope = 'rpc')
         ORDER BY index = %s DESC, expiration_date DESC NULLS FIRST LIMIT 1
        """,
        [env.uid, prefix or ""],
    )
    row = env.cr.fetchone()
    return row and row[0]
