# SPDX-License-Identifier: LGPL-3.0-or-later
"""Presets: files that say how a sender's requests are verified and read. They fill a draft, and are known nowhere else.

Copies of the project's `schema/presets/` (`scripts/check_schemas.py` compares them).
"""

import json
from pathlib import Path

from odoo import Command, _, api, fields, models
from odoo.exceptions import UserError

from .inbound_verification import AUTH_FIELDS, LINES, PLAIN_DEFAULTS, VERIFICATION_FIELDS

FOLDER = Path(__file__).resolve().parent.parent / "presets"
# What an administrator decides for the site, whoever sends: only a preset that says otherwise changes it.
OF_THE_SITE = ("replay_blocks", "ordered", "allowed_networks")


def _read_presets():
    presets = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")]
    return {preset["name"]: preset for preset in sorted(presets, key=lambda preset: preset["label"])}


PRESETS = _read_presets()


class InboundEndpoint(models.Model):
    """Fills the form of a draft with what is known of its sender."""

    _name = "bwt.webhook.inbound.endpoint"
    _inherit = "bwt.webhook.inbound.endpoint"

    preset = fields.Selection(
        [(name, preset["label"]) for name, preset in PRESETS.items()],
        string="Sender",
        tracking=True,
        help="Fills in verification, values and identity. Afterwards everything can be changed.",
    )
    preset_documentation = fields.Text(compute="_compute_preset_documentation")

    @api.depends("preset")
    def _compute_preset_documentation(self):
        for endpoint in self:
            endpoint.preset_documentation = PRESETS.get(endpoint.preset, {}).get("documentation")

    @api.onchange("preset")
    def _onchange_preset(self):
        if self.preset and self.state == "draft":
            self.update(self._preset_values())

    def action_apply_preset(self):
        """Fills in again what the preset says. Path, name, handler and secrets stay."""
        for endpoint in self:
            if endpoint.state != "draft" or not endpoint.preset:
                raise UserError(_("%s: a sender's settings can be filled in while it is a draft.", endpoint.name))
            endpoint.write(endpoint._preset_values())
        return True

    def _preset_values(self):
        """The inverse of `_contract_values`: what makes it give the preset's members."""
        wanted = PRESETS[self.preset]["endpoint"]
        verification = wanted.get("verification", {})
        values = {name: wanted.get(name, default) for name, default in PLAIN_DEFAULTS.items()}
        values.update(self._fields_from(AUTH_FIELDS, wanted.get("auth", {})))
        values.update(self._fields_from(VERIFICATION_FIELDS, verification))
        values["allowed_networks"] = "\n".join(wanted.get("allowed_networks", []))
        for field, member in LINES.items():
            values[field] = self._line_commands(field, (verification if member == "parts" else wanted).get(member, []))
        return {name: value for name, value in values.items() if name in wanted or name not in OF_THE_SITE}

    @api.model
    def _fields_from(self, names, members):
        defaults = self.default_get(list(names.values()))
        return {field: members.get(member, defaults.get(field, False)) for member, field in names.items()}

    def _line_commands(self, field, items):
        model = self[field].browse()
        created = [model._values_from_contract(item) for item in items]
        if "sequence" in model._fields:
            created = [{**values, "sequence": 10 * place} for place, values in enumerate(created, 1)]
        return [Command.clear(), *map(Command.create, created)]
