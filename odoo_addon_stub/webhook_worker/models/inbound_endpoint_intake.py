# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, fields, models


class InboundEndpointIntake(models.Model):
    """How an endpoint's requests come in and in which order they are processed; what was refused and only counted."""

    _inherit = "bwt.webhook.inbound.endpoint"

    odoo_intake = fields.Boolean(
        string="Odoo Receives Too",
        tracking=True,
        help="For sites that cannot expose the worker: Odoo takes requests at the same path and answers 202; the worker"
        " verifies them later. Senders are not told of a wrong signature, and challenges are not answered.",
    )
    ordered = fields.Boolean(
        string="In Order",
        tracking=True,
        help="One event after the other, as they were accepted: one that waits for its next try holds up the others.",
    )
    rejection_ids = fields.One2many("bwt.webhook.inbound.rejection", "endpoint_id", readonly=True)
    rejection_count = fields.Integer(compute="_compute_rejection_count", string="Rejected and Only Counted")

    def _compute_rejection_count(self):
        rejections = self.env["bwt.webhook.inbound.rejection"]
        rejections.invalidate_model()  # ingest writes them by SQL
        for endpoint in self:
            endpoint.rejection_count = sum(endpoint.rejection_ids.mapped("count"))

    def action_view_rejected_requests(self):
        """The rejected requests of these endpoints that were recorded."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_rejected_request")
        return {**action, "domain": [("state", "=", "rejected"), ("endpoint_id", "in", self.ids)]}

    def action_view_rejections(self):
        """The counters of those that were not."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_inbound_rejection")
        return {**action, "name": _("Counted Only"), "domain": [("endpoint_id", "in", self.ids)]}
