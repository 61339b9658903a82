# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models

from .inbound_line import KEY_CHARS_MAX


class InboundSource(models.Model):
    """One line of the value resolution: the worker joins those of one key and tier, and takes the first tier that has
    a value.
    """

    _name = "bwt.webhook.inbound.endpoint.source"
    _inherit = "bwt.webhook.inbound.request.value.mixin"
    _description = "Value Source of an Inbound Webhook Endpoint"
    _order = "field_name, candidate_sequence, sequence, id"
    _rec_name = "field_name"
    _contract_fields = {
        "key": "field_name",
        "tier": "candidate_sequence",
        "joiner": "joiner",
        "normalize": "normalize_mode",
        "hash": "hash_algorithm",
    }

    field_name = fields.Char(
        string="Key", required=True, index=True, size=KEY_CHARS_MAX, help="Of your choice; bindings and rules name it."
    )
    candidate_sequence = fields.Integer(
        string="Tier", default=10, required=True, help="Lower tiers first: the next one is tried when one has no value."
    )
    joiner = fields.Char(
        string="Joined with", size=16, trim=False, help="Between the values of a tier: that of its first line with one."
    )
    source_kind = fields.Selection(
        [
            ("header", "Header"),
            ("header_param", "Parameter in a header"),
            ("payload_path", "Payload path"),
            ("query_parameter", "Query parameter"),
            ("literal", "Literal"),
            ("body_sha256", "SHA-256 of the body"),
        ],
        string="Source",
        required=True,
        default="header",
    )
    normalize_mode = fields.Selection(
        [("none", "As it is"), ("strip", "Without blanks around"), ("lower", "Lower case"), ("upper", "Upper case")],
        string="Normalized",
        required=True,
        default="none",
    )
    hash_algorithm = fields.Selection(
        [("none", "No"), ("sha1", "SHA-1"), ("sha256", "SHA-256"), ("sha512", "SHA-512")],
        string="Hashed",
        required=True,
        default="none",
        help="After normalizing, in hexadecimal.",
    )
    required = fields.Boolean(string="Required in Tier", help="Without this value its whole tier has none.")
    note = fields.Char()

    def _normalized(self, vals):
        vals = super()._normalized(vals)
        return {**vals, "field_name": (vals["field_name"] or "").strip()} if "field_name" in vals else vals

    @api.constrains("field_name")
    def _check_key(self):
        self._check_not_blank("field_name")

    def _contract_values(self):
        values = super()._contract_values()
        for member in ("normalize", "hash"):
            if values[member] == "none":
                del values[member]
        return values
