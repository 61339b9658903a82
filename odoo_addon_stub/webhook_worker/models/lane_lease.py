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

    def _give_back(self, held):
        """Frees lanes, given as (endpoint id, lane, lease token), whose leases are no longer the deliveries'.

        After their deliveries were written: settle and claim lock deliveries first and lanes then.
        """
        if held:
            endpoint_ids, lanes, tokens = zip(*held)
            self.env.cr.execute(
                """
                DELETE FROM bwt_webhook_lane_lease l
                 USING unnest(%s::int[], %s::text[], %s::text[]) AS held(endpoint_id, lane, lease_token)
                 WHERE l.endpoint_id = held.endpoint_id AND l.lane = held.lane AND l.lease_token = held.lease_token
                """,
                [list(endpoint_ids), list(lanes), list(tokens)],
            )
