# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from . import wake


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    webhooks_paused = fields.Boolean(
        related="company_id.webhooks_paused", readonly=False, string="Stop all webhooks of this company"
    )
    webhooks_alarm_minutes = fields.Integer(
        string="Alarm after", default=10, config_parameter="webhook_worker.alarm_minutes"
    )
    webhooks_keep_done_days = fields.Integer(
        string="Keep done deliveries", default=90, config_parameter="webhook_worker.keep_done_days"
    )
    webhooks_keep_dead_letter_days = fields.Integer(
        string="Keep dead letters", default=365, config_parameter="webhook_worker.keep_dead_letter_days"
    )
    webhooks_wake_targets = fields.Char(string="Wake-up networks", config_parameter=wake.TARGETS_PARAMETER)

    @api.constrains("webhooks_wake_targets")
    def _check_webhooks_wake_targets(self):
        for settings in self:
            try:
                wake.parse_networks(settings.webhooks_wake_targets)
            except ValueError as error:
                raise ValidationError(_("Wake-up networks: %(error)s", error=error)) from error
