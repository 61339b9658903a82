# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import api, fields, models


class OutboundDelivery(models.Model):
    """What another addon adds: a stored computed field, a default, an override of create."""

    _inherit = "bwt.webhook.outbound.delivery"

    test_shop = fields.Char(compute="_compute_test_shop", store=True)
    test_channel = fields.Char(default="webshop")
    test_stamp = fields.Char()

    @api.depends("payload_json")
    def _compute_test_shop(self):
        for delivery in self:
            payload = delivery.request_body_mode != "raw" and json.loads(delivery.payload_json)
            delivery.test_shop = payload.get("shop") if isinstance(payload, dict) else False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{"test_stamp": f"stamped {vals.get('name')}", **vals} for vals in vals_list])
