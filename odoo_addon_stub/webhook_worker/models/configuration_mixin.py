# SPDX-License-Identifier: LGPL-3.0-or-later
import re

from odoo import _, api, models
from odoo.exceptions import UserError, ValidationError

SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


class ConfigurationMixin(models.AbstractModel):
    """What workers keep a copy of. Every change makes the configuration revision grow, once per transaction."""

    _name = "bwt.webhook.configuration.mixin"
    _description = "Part of the Webhook Configuration"
    # What never changes once a record exists. Record rules look at a record before it is written: who may write it
    # could otherwise move it to where he has no rights, and its deliveries and handlers would stay behind.
    _fixed_fields = ("company_id",)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["bwt.webhook.ledger"]._bump_configuration_revision()
        return records

    def write(self, vals):
        self._check_fixed_fields(vals)
        result = super().write(vals)
        self.env["bwt.webhook.ledger"]._bump_configuration_revision()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["bwt.webhook.ledger"]._bump_configuration_revision()
        return result

    def _check_fixed_fields(self, vals):
        for name in set(self._fixed_fields) & set(vals) & set(self._fields):
            for record in self.sudo():
                present = record[name].id if self._fields[name].relational else record[name]
                if present != (vals[name] or False):
                    raise UserError(
                        _(
                            "%(record)s: the field %(field)s cannot be changed. Make a new one instead.",
                            record=record.display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )


class CodedMixin(models.AbstractModel):
    """A configuration record with a code: a lowercase slug, unique within its company."""

    _name = "bwt.webhook.coded.mixin"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Webhook Configuration with a Code"

    @api.constrains("code")
    def _check_code(self):
        for record in self:
            if not SLUG.fullmatch(record.code or ""):
                raise ValidationError(
                    _(
                        "The code %(code)r is not a lowercase slug: use a-z and 0-9, separated by '-', '_' or '.',"
                        " without spaces.",
                        code=record.code or "",
                    )
                )

    def copy_data(self, default=None):
        """A copy needs a code of its own."""
        values_list = super().copy_data(default=default)
        for record, values in zip(self, values_list):
            if "code" not in (default or {}):
                values["code"] = record._free_code()
        return values_list

    def _free_code(self):
        taken = set(
            self.with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id), ("code", "=like", f"{self.code}-%")])
            .mapped("code")
        )
        number = 2
        while f"{self.code}-{number}" in taken:
            number += 1
        return f"{self.code}-{number}"

    @api.model
    def _find_by_code(self, code, company=None):
        """The record of the company with this code, for business code that has no rights on the webhook models.

        Found as superuser because ordinary users may not read the configuration; handed back without those rights.
        """
        company = company or self.env.company
        found = self.sudo().search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
        return found.with_env(self.env)
