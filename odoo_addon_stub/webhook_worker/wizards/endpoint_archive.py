# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class EndpointArchive(models.TransientModel):
    """Asks, before an endpoint with open deliveries is archived, what becomes of them."""

    _name = "bwt.webhook.endpoint.archive"
    _description = "Archive a Webhook Endpoint"

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, readonly=True, ondelete="cascade")
    open_delivery_count = fields.Integer(related="endpoint_id.open_delivery_count")
    open_deliveries = fields.Selection(
        [("hold", "Wait until it is active again"), ("cancel", "Are canceled")], required=True, default="hold"
    )

    def action_archive(self):
        """Archived first: nobody claims what is then canceled. What is in progress is finished by its worker."""
        self.ensure_one()
        self.endpoint_id.action_archive()
        if self.open_deliveries == "cancel":
            self.endpoint_id.action_cancel_open()
        return {"type": "ir.actions.act_window_close"}


class OutboundEndpoint(models.Model):
    _inherit = "bwt.webhook.outbound.endpoint"

    def action_ask_archive(self):
        """Archives the endpoint, after a question when it has open deliveries."""
        self.ensure_one()
        if not self.open_delivery_count:
            return self.action_archive()
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_endpoint_archive")
        return {**action, "context": {"default_endpoint_id": self.id}}
