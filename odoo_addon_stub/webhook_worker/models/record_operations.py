# SPDX-License-Identifier: LGPL-3.0-or-later
"""Applies the record operations of settlements, as their execution users. Called inside a savepoint that is undone when
one of them is refused: nothing here catches.
"""

import hashlib
import json
from collections import namedtuple

from .. import compat
from .execution import OperationRefused, check_company, execution_env
from .record_values import RecordValues

# The operations of one settlement: `handler` and `company` are records, `rules` the model of the handler's rules.
Job = namedtuple("Job", "operations handler company rules")


class RecordOperations:
    """A part of a batch. Consecutive jobs that each create one record of the same model are one `create`."""

    def __init__(self, env):
        self.env = env
        self.values_of = {}  # (handler, company) -> RecordValues
        self.doing = None  # (operation, model), for messages
        self.user_env = env
        self.acting = None  # the environment that business code was last called in
        self.waiting = []  # [(job's position, values)] of self.waiting_model
        self.waiting_model = None
        self.records = {}  # job's position -> [records]
        self.rules = {}  # (model, id) -> the rule, or none
        self.ahead = {}  # model -> ids of records that are probably found

    def run(self, jobs):
        """[[records that were created or updated] of each job]"""
        self._reserve_upserts(jobs)
        self._look_ahead(jobs)
        for position, job in enumerate(jobs):
            self.records[position] = []
            values = self._values(job)
            for operation in job.operations:
                self._check_allowed(job, operation)
            if len(job.operations) == 1 and is_plain_create(job.operations[0]):
                self._add_create(position, job.operations[0], values)
                continue
            self._create_waiting()
            for operation in job.operations:
                self.records[position].append(self._apply(values, operation))
        self._create_waiting()
        return [self.records[position] for position in range(len(jobs))]

    def _values(self, job):
        key = (job.handler.id, job.company.id)
        if key not in self.values_of:
            self.values_of[key] = RecordValues(
                execution_env(self.env, job.handler, job.company), job.company, job.handler
            )
        self.user_env = self.values_of[key].env
        return self.values_of[key]

    def _check_allowed(self, job, operation):
        """The model must be the rule's target, or one that the handler allows its callback. Both were checked when an
        administrator saved them.
        """
        model, handler, rule_id = operation["model"], job.handler, operation.get("rule_id")
        if rule_id:
            if (job.rules._name, rule_id) not in self.rules:
                self.rules[job.rules._name, rule_id] = job.rules.browse(rule_id).exists()
            rule = self.rules[job.rules._name, rule_id]
            allowed = rule.handler_id == handler and rule.target_model_name == model
        else:
            allowed = handler.execution_mode == "native" and model in handler.allowed_model_ids.mapped("model")
        if not allowed:
            source = f"the rule {rule_id}" if rule_id else "the callback"
            raise OperationRefused(
                "configuration", f"The handler {handler.name} does not let {source} write {model}."
            )

    def _act_as(self, env):
        """What business code left to be recomputed is so as the user who called it."""
        self.user_env = env
        if env != self.acting:
            if self.acting:
                self.acting.cr.flush()
            self.acting = env
            compat.set_own_environment(env)

    # ---- create

    def _add_create(self, position, operation, values):
        model = values.model(operation["model"])
        if model != self.waiting_model or model.env != self.waiting_model.env:
            self._create_waiting()
            self.waiting_model = model
        self.doing = ("create", model._name)
        self.waiting.append((position, values.to_write(model, operation["values"]), values.company))

    def _create_waiting(self):
        if self.waiting:
            self.doing = ("create", self.waiting_model._name)
            self._act_as(self.waiting_model.env)
            created = self.waiting_model.create([values for _position, values, _company in self.waiting])
            for record, (position, _values, company) in zip(created, self.waiting):
                check_company(record, company)
                self.records[position].append(record)
        self.waiting, self.waiting_model = [], None

    # ---- one by one

    def _apply(self, values, operation):
        self._act_as(values.env)
        model = values.model(operation["model"])
        values.policies = operation
        kind, lookup = operation["operation"], operation.get("lookup", [])
        record = model.browse()
        if kind != "create":
            self.doing = ("read", model._name)
            archived = operation.get("include_archived", False)
            record = values.search(model, lookup, archived)
            if len(record) > 1 or (kind == "update" and not record):
                record = values.find(model, lookup, archived)
            if record.id in self.ahead.get(model._name, ()):
                record = record.with_prefetch(self.ahead[model._name])
        if record:
            self.doing = ("write", f"{model._name},{record.id}")
            check_company(record, values.company)
            values.check_no_users_contact(record)
            record.write(values.to_write(model, operation["values"], record))
        else:
            self.doing = ("create", model._name)
            # What it is found by next time.
            kept = [key for key in lookup if "." not in key["field"] and key["field"] != "id"]
            keys = {key["field"]: to_assign(model, key) for key in kept}
            record = model.create([values.to_write(model, {**keys, **operation["values"]})])
        check_company(record, values.company)
        values.policies = {}
        return record

    def _look_ahead(self, jobs):
        """Finds the records of lookups by one key in one search. Each is searched again when its turn comes, because of
        what happened in between; but the ORM then reads all of them when it reads the first.
        """
        wanted = {}
        for job in jobs:
            for operation in job.operations:
                (lookup, *more) = operation.get("lookup") or [{"field": ".", "value": None}]
                if not more and "." not in lookup["field"] and isinstance(lookup["value"], (str, int)):
                    values = self._values(job)
                    model = values.model(operation["model"])
                    wanted.setdefault((model, lookup["field"]), set()).add(values.key(model, lookup))
        for (model, field), keys in wanted.items():
            if len(keys) > 1:
                self.doing = ("read", model._name)
                found = model.search([(field, "in", list(keys))], limit=1000, order="id")
                self.ahead[model._name] = self.ahead.get(model._name, ()) + found._ids

    def _reserve_upserts(self, jobs):
        """Rows of the key table, in one order for everybody: of two concurrent upserts with the same keys the second
        waits, and then gets a serialization failure, because it cannot see what the first created.
        """
        keys = {
            (operation["model"], job.company.id, lookup_hash(operation["lookup"]))
            for job in jobs
            for operation in job.operations
            if operation["operation"] == "upsert" and operation.get("lookup")
        }
        if keys:
            models, companies, hashes = zip(*sorted(keys))
            self.env.cr.execute(
                """
                INSERT INTO bwt_webhook_upsert_key (model_name, company_id, key_hash, used_at)
                SELECT model, company, hash, now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::text[], %s::int[], %s::text[]) AS used(model, company, hash)
                    ON CONFLICT (model_name, company_id, key_hash) DO UPDATE SET used_at = excluded.used_at
                """,
                [list(models), list(companies), list(hashes)],
                log_exceptions=False,
            )


def to_assign(model, key):
    """A lookup's key as a value to write."""
    is_list = model._fields[key["field"]].type in ("one2many", "many2many")
    return {"items": [key["value"]]} if is_list else key["value"]


def is_plain_create(operation):
    """Whether it may be created together with others: it does not look for what one of them creates."""
    return operation["operation"] == "create" and '"lookup"' not in json.dumps(operation["values"])


def lookup_hash(lookup):
    keys = sorted(json.dumps([key["field"], key["value"]], sort_keys=True) for key in lookup)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
