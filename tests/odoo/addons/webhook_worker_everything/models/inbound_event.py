# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import api, fields, models


class InboundEvent(models.Model):
    """What another addon adds: a stored computed field, a default, an override of create."""

    _inherit = "bwt.webhook.inbound.event"

    test_shop = fields.Char(compute="_compute_test_shop", store=True)
    test_channel = fields.Char(default="webshop")
    test_stamp = fields.Char()

    @api.depends("request_body_raw")
    def _compute_test_shop(self):
        for event in self:
            try:
                event.test_shop = json.loads(event._raw_body() or b"{}").get("shop")
            except (ValueError, AttributeError):
                event.test_shop = False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{"test_stamp": f"stamped {vals.get('topic')}", **vals} for vals in vals_list])
