# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models

from ..compat import constraint
from .inbound_line import KEY_CHARS_MAX


class InboundSemanticBinding(models.Model):
    """Says which value of a request is its event type, its id, its signature, …"""

    _name = "bwt.webhook.inbound.endpoint.semantic.binding"
    _inherit = "bwt.webhook.inbound.endpoint.line.mixin"
    _description = "Semantic Binding of an Inbound Webhook Endpoint"
    _order = "semantic_name, id"
    _rec_name = "semantic_name"
    _contract_fields = {"semantic": "semantic_name", "key": "value_key"}
    _trimmed_fields = ("value_key",)

    semantic_name = fields.Selection(
        [
            ("topic", "Topic"),
            ("event_type", "Event type"),
            ("event_id", "Event ID"),
            ("delivery_id", "Delivery ID"),
            ("notification_id", "Notification ID"),
            ("idempotency_key", "Idempotency key"),
            ("signature", "Signature"),
            ("signature_timestamp", "Timestamp of the signature"),
            ("occurred_at", "Time of the event"),
            ("tenant_key", "Tenant"),
            ("version", "Version"),
            ("resource_reference", "Reference of the resource"),
            ("handler_selector", "Code of the handler"),
        ],
        string="Meaning",
        required=True,
        index=True,
    )
    value_key = fields.Char(string="Key", required=True, index=True, size=KEY_CHARS_MAX, help="The key of a value.")
    note = fields.Char()

    _semantic_unique = constraint(
        "UNIQUE (endpoint_id, semantic_name)",
        "An endpoint has one value for each meaning: change the line that is there.",
    )

    @api.constrains("value_key")
    def _check_key(self):
        self._check_not_blank("value_key")
