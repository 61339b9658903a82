# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    webhooks_paused = fields.Boolean(
        help="Stops everything: no delivery of this company is sent. They wait and go out when it is unset."
    )

    def write(self, vals):
        result = super().write(vals)
        if "webhooks_paused" in vals:
            self.env["bwt.webhook.ledger"]._bump_configuration_revision()
        return result
