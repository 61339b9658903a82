# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from . import wake

# Without `config_parameter`, which drops a 0: here 0 is a choice, and not the default.
NUMBERS = {
    "webhooks_alarm_minutes": ("alarm_minutes", 10),
    "webhooks_keep_done_days": ("keep_done_days", 90),
    "webhooks_keep_dead_letter_days": ("keep_dead_letter_days", 365),
    "webhooks_keep_rejected_days": ("keep_rejected_days", 14),
}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    webhooks_paused = fields.Boolean(
        related="company_id.webhooks_paused", readonly=False, string="Stop all webhooks of this company"
    )
    webhooks_alarm_minutes = fields.Integer(string="Alarm after")
    webhooks_keep_done_days = fields.Integer(string="Keep done deliveries")
    webhooks_keep_dead_letter_days = fields.Integer(string="Keep dead letters")
    webhooks_keep_rejected_days = fields.Integer(string="Keep rejected requests")
    webhooks_wake_targets = fields.Char(string="Wake-up networks", config_parameter=wake.TARGETS_PARAMETER)

    @api.constrains("webhooks_wake_targets")
    def _check_webhooks_wake_targets(self):
        for settings in self:
            try:
                wake.parse_networks(settings.webhooks_wake_targets)
            except ValueError as error:
                raise ValidationError(_("Wake-up networks: %(error)s", error=error)) from error

    @api.constrains(*NUMBERS)
    def _check_webhooks_numbers(self):
        for name in NUMBERS:
            if any(settings[name] < 0 for settings in self):
                label = self._fields[name]._description_string(self.env)
                raise ValidationError(_("%(setting)s: the number must not be negative.", setting=label))

    @api.model
    def get_values(self):
        values = super().get_values()
        housekeeping = self.env["bwt.webhook.housekeeping"]
        for field, (name, default) in NUMBERS.items():
            values[field] = housekeeping._parameter(name, default)
        return values

    def set_values(self):
        result = super().set_values()
        parameters = self.env["ir.config_parameter"].sudo()
        for field, (name, _default) in NUMBERS.items():
            parameters.set_param(f"webhook_worker.{name}", str(self[field]))
        return result
