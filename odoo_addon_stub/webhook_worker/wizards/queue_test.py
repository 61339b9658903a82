# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import _, fields, models
from odoo.exceptions import UserError


class QueueTest(models.TransientModel):
    """Queues a delivery by hand, to see an endpoint work."""

    _name = "bwt.webhook.queue.test"
    _description = "Queue a Test Delivery"

    endpoint_id = fields.Many2one(
        "bwt.webhook.outbound.endpoint", required=True, domain=[("state", "=", "active")], ondelete="cascade"
    )
    payload_json = fields.Text(
        string="Payload", required=True, default='{\n  "event": "test",\n  "text": "Hello from Odoo"\n}'
    )
    request_headers_json = fields.Text(string="Headers", default="{}")
    copies = fields.Integer(string="How Many", default=1, required=True)

    def action_queue(self):
        self.ensure_one()
        try:
            headers = json.loads(self.request_headers_json or "{}")
        except ValueError as error:
            raise UserError(_("The headers are no JSON object: %(error)s", error=error)) from error
        if not isinstance(headers, dict):
            raise UserError(_("The headers must be a JSON object of names and values."))
        ids = self.endpoint_id.action_queue_test(self.payload_json, headers, self.copies)
        return self.env["bwt.webhook.outbound.delivery"].browse(ids)._open()
