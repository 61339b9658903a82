# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models

from ..compat import index


class LaneLease(models.Model):
    """Which lease works on a lane: its unique index makes "one worker a lane" a fact of the database."""

    _name = "bwt.webhook.lane.lease"
    _description = "Webhook Lane Lease"
    _log_access = False

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade")
    lane = fields.Char(required=True)
    lease_token = fields.Char(required=True)
    lease_expires_at = fields.Datetime(required=True)

    _lane_unique = index("(endpoint_id, lane)", unique=True)

    def _give_back(self, deliveries):
        """Frees the lanes that these deliveries hold themselves, before their leases are cleared."""
        held = [(d.endpoint_id.id, d.lane, d.lease_token) for d in deliveries if d.lane and d.lease_token]
        for endpoint_id, lane, lease_token in held:
            self.env.cr.execute(
                "DELETE FROM bwt_webhook_lane_lease WHERE endpoint_id = %s AND lane = %s AND lease_token = %s",
                [endpoint_id, lane, lease_token],
            )
