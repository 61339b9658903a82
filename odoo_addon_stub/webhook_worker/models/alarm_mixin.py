# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class AlarmMixin(models.AbstractModel):
    """Shows the alarm on a form."""

    _name = "bwt.webhook.alarm.mixin"
    _description = "Webhook Alarm Banner"

    alarm_message = fields.Text(compute="_compute_alarm_message", string="Alarm")

    def _compute_alarm_message(self):
        self.alarm_message = self.env["bwt.webhook.ledger"]._the_row().alarm_message
