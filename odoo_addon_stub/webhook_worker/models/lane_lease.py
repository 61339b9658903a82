# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models

from ..compat import index


class LaneLease(models.Model):
    """Which lease works on a lane: its unique index makes "one worker a lane" a fact of the database (see
    `contract_lanes`)."""

    _name = "bwt.webhook.lane.lease"
    _description = "Webhook Lane Lease"
    _log_access = False

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade")
    lane = fields.Char(required=True)
    lease_token = fields.Char(required=True)
    lease_expires_at = fields.Datetime(required=True)

    _lane_unique = index("(endpoint_id, lane)", unique=True)
