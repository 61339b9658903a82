# SPDX-License-Identifier: LGPL-3.0-or-later
"""Values of the contract (`schema/contract/README.md`, "Values") as the ORM takes them."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tools import html_sanitize

from .. import compat
from .execution import OperationRefused, as_number, check_company, refusal
from .handler import SENSITIVE_PREFIXES

PLAIN_TYPES = {
    "boolean": bool,
    "integer": int,
    "many2one_reference": int,
    "char": str,
    "text": str,
    "html": str,
    "selection": str,
    "date": str,
    "datetime": str,
    "binary": str,
    "properties": dict,
}


SANITIZE_OPTIONS = (
    "sanitize_tags", "sanitize_attributes", "sanitize_style", "sanitize_form", "strip_style", "strip_classes",
)  # fmt: skip


class RecordValues:
    """Converts values, and finds records, as one execution user in one company. Looks things up; changes nothing."""

    def __init__(self, env, company, handler):
        self.env, self.company, self.handler = env, company, handler
        self.policies = {}  # the operation at work: on_none, on_many

    def model(self, name):
        if name not in self.env:
            raise OperationRefused("configuration", f"There is no model {name}.")
        return self.env[name]

    def field(self, model, name):
        field = model._fields.get(name)
        if not field:
            raise OperationRefused("configuration", f"There is no field {name} in {model._name}.")
        return field

    def is_forbidden(self, model_name):
        """Technical models are written only by handlers that name them, which was checked when they were saved."""
        return model_name.startswith(SENSITIVE_PREFIXES) and model_name not in self.handler._reached_models()

    # ---- values

    def to_write(self, model, values, record=None):
        """The dict for `create` or, of `record`, for `write`."""
        return {name: self.value(model, name, value, record) for name, value in values.items()}

    def value(self, model, name, value, record=None):
        field = self.field(model, name)
        self.check_own(model, field)
        if field.type in ("one2many", "many2many"):
            return self.commands(model, field, value, record)
        try:
            return self.scalar(field, value)
        except ValueError as error:
            raise OperationRefused("data", f"{model._name}.{name}: {error}") from error

    def scalar(self, field, value):
        if value is False:
            return False
        if field.type == "many2one":
            return self.record(value, field.comodel_name).id
        if field.type in ("float", "monetary"):
            return as_number(value)
        if field.type == "reference":
            model_name, _comma, record_id = str(value).partition(",")
            self.record({"id": int(record_id)}, model_name)
            return value
        if type(value) is not PLAIN_TYPES.get(field.type):
            raise ValueError(f"{str(value)[:100]!r} is no value of a {field.type} field")
        if field.type == "html" and field.sanitize and field.sanitize_overridable:
            # Odoo would not, for an execution user who may write what he likes: but it is a sender who wrote this.
            return html_sanitize(value, **{name: getattr(field, name) for name in SANITIZE_OPTIONS})
        return value

    def check_own(self, model, field):
        """A field that is another model's (by delegation or `related`) may not lead to a sensitive one."""
        path, step = (field.related or "").split(".") if field.related else [], model
        for name in path[:-1]:
            step = step.env[step._fields[name].comodel_name]
            if step._name != model._name and self.is_forbidden(step._name):
                raise OperationRefused(
                    "configuration", f"The field {field.name} of {model._name} is one of {step._name}: not allowed."
                )

    def check_no_users_contact(self, record):
        """Who changes the e-mail address of an internal user may have a new password sent to himself: his contact is
        as sensitive as he is, whatever the execution user may do.
        """
        if record._name == "res.partner" and self.is_forbidden("res.users"):
            users = record.sudo().user_ids.filtered(lambda user: not user.share)
            if users:
                raise OperationRefused(
                    "configuration",
                    f"res.partner,{record.id} is the contact of the user {users[0].login}: only a handler that a system"
                    " administrator made for res.users may change it.",
                )

    def commands(self, model, field, value, record):
        """x2many. What is created, changed or deleted that way must not be of a sensitive model."""
        value = {"mode": "replace", "items": []} if value is False else value
        if not isinstance(value, dict) or not isinstance(value.get("items"), list):
            raise OperationRefused("data", f"{model._name}.{field.name}: a list of records is expected.")
        comodel = self.env[field.comodel_name]
        created = [item["values"] for item in value["items"] if isinstance(item, dict) and "values" in item]
        if (field.type == "one2many" or created) and self.is_forbidden(comodel._name):
            raise OperationRefused(
                "configuration",
                f"The field {field.name} of {model._name} would change {comodel._name}: only a handler that a system"
                " administrator made for it may do that.",
            )
        ids = [
            self.record(item, comodel._name).id
            for item in value["items"]
            if not (isinstance(item, dict) and "values" in item)
        ]
        commands = [Command.create(self.to_write(comodel, values)) for values in created]
        if value.get("mode") == "add":
            return [Command.link(record_id) for record_id in ids] + commands
        if field.type == "many2many":
            return [Command.set(ids)] + commands
        present = record[field.name].ids if record else []
        removed = [Command.delete(record_id) for record_id in present if record_id not in ids]
        return removed + [Command.link(record_id) for record_id in ids] + commands

    # ---- records

    def record(self, reference, model_name):
        """The one record meant by {"id"}, {"external_id"} or {"lookup"}: it exists, fits and may be read."""
        reference = reference if isinstance(reference, dict) else {}
        if "lookup" in reference:
            if reference.get("model", model_name) != model_name:
                raise OperationRefused("data", f"A record of {model_name} is expected, not of {reference['model']}.")
            return self.find(self.model(model_name), reference["lookup"])
        if "external_id" in reference:
            record = self.env.ref(str(reference["external_id"]), raise_if_not_found=False)
            if record is not None and record._name != model_name:
                raise OperationRefused("data", f"{reference['external_id']} is a {record._name}, no {model_name}.")
            name = reference["external_id"]
        else:
            if type(reference.get("id")) is not int:
                raise OperationRefused("data", f"A record of {model_name} is expected.")
            record = self.model(model_name).browse(reference["id"]).exists()
            name = f"{model_name},{reference['id']}"
        if not record:
            raise OperationRefused("missing", f"There is no record {name}.")
        check_company(record, self.company)
        try:
            compat.check_access(record, "read")
        except AccessError as error:
            raise refusal(self.env, error, ("read", f"{record._name},{record.id}")) from error
        return record

    def find(self, model, lookup, archived=False):
        """The record with these keys in the company or shared; OperationRefused when it is not exactly one."""
        found = self.search(model, lookup, archived)
        if len(found) == 1:
            return found
        keys = ", ".join(f"{key['field']} = {key['value']!r}"[:200] for key in lookup)
        category, policy = ("many_matches", "on_many") if found else ("no_match", "on_none")
        count = "More than one" if found else "No"
        raise OperationRefused(
            category, f"{count} {model._name} with {keys}.", self.policies.get(policy) == "dead_letter"
        )

    def search(self, model, lookup, archived=False):
        """At most two, or one when the first is wanted."""
        if not lookup:
            raise OperationRefused("configuration", f"A lookup of {model._name} without keys.")
        domain = [(key["field"], "=", self.key(model, key)) for key in lookup]
        if "company_id" in model._fields and model._fields["company_id"].comodel_name == "res.company":
            domain.append(("company_id", "in", [False, *self.company.sudo().parent_ids.ids]))
        model = model.with_context(active_test=False) if archived else model
        if self.policies.get("on_many") == "first":
            return model.search(domain, limit=1)
        # Without the model's own order: a search writes all that is not written yet of the fields it sorts by.
        return model.search(domain, limit=2, order="id")

    def key(self, model, key):
        """A lookup's value, by the field at the end of its path."""
        *path, last = key["field"].split(".")
        for name in path:
            field = self.field(model, name)
            if not field.comodel_name:
                raise OperationRefused("configuration", f"The field {name} of {model._name} leads nowhere.")
            model = self.env[field.comodel_name]
        field = self.field(model, last)
        try:
            if field.type in ("one2many", "many2many"):
                return self.record(key["value"], field.comodel_name).id
            return self.scalar(field, key["value"])
        except ValueError as error:
            raise OperationRefused("data", f"Lookup {key['field']}: {error}") from error
