# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class InboundSignaturePart(models.Model):
    """One part of what the sender signed; they are joined in their order. None: the body as it came."""

    _name = "bwt.webhook.inbound.endpoint.signature.part"
    _inherit = "bwt.webhook.inbound.request.value.mixin"
    _description = "Signed Part of an Inbound Webhook Request"
    _order = "sequence, id"
    _rec_name = "source_kind"

    source_kind = fields.Selection(
        [
            ("raw_body", "Body, as it came"),
            ("header", "Header"),
            ("header_param", "Parameter in a header"),
            ("payload_path", "Payload path"),
            ("literal", "Literal"),
            ("request_url", "URL, as the sender called it"),
            ("sorted_form_fields", "Form fields, sorted by name"),
            ("http_method", "HTTP method"),
        ],
        string="Part",
        required=True,
        default="raw_body",
    )
    required = fields.Boolean(help="Without it the request is refused. Otherwise the part is left out.")
