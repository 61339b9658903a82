# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models

from ..compat import index


class InboundRejection(models.Model):
    """How many requests of an endpoint were rejected and only counted: those beyond what is recorded a minute.

    `ingest` writes it by SQL; nobody else writes it.
    """

    _name = "bwt.webhook.inbound.rejection"
    _description = "Count of Rejected Webhook Requests"
    _order = "last_at desc, id desc"
    _log_access = False
    _rec_name = "category"

    endpoint_id = fields.Many2one(
        "bwt.webhook.inbound.endpoint", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id")
    category = fields.Char(required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True)
    last_at = fields.Datetime(string="Last", required=True, readonly=True)

    _endpoint_category_unique = index("(endpoint_id, category)", unique=True)
