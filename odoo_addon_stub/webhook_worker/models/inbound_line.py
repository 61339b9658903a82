# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the lines of an inbound endpoint have in common."""

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

KEY_CHARS_MAX = 128
NAME_CHARS_MAX = 128
EXPRESSION_CHARS_MAX = 1000
# The field that says what a line of this kind takes. Other kinds need none.
EXPRESSION_FIELDS = {
    "header": "header_name",
    "header_param": "header_name",
    "payload_path": "payload_path",
    "query_parameter": "query_parameter_name",
    "literal": "literal_value",
}


class InboundEndpointLine(models.AbstractModel):
    """A line of an inbound endpoint: it stays there, and never makes an active endpoint one that cannot work.

    Subclasses name in `_contract_fields` the members of the contract and their fields, and what is trimmed.
    """

    _name = "bwt.webhook.inbound.endpoint.line.mixin"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Line of an Inbound Webhook Endpoint"
    _fixed_fields = ("endpoint_id",)
    _contract_fields = {}
    _trimmed_fields = ()

    endpoint_id = fields.Many2one("bwt.webhook.inbound.endpoint", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._normalized(vals) for vals in vals_list])
        lines.endpoint_id._check_configuration_now()
        return lines

    def write(self, vals):
        result = super().write(self._normalized(vals))
        self.endpoint_id._check_configuration_now()
        return result

    def unlink(self):
        endpoints = self.endpoint_id
        result = super().unlink()
        endpoints._check_configuration_now()
        return result

    def _normalized(self, vals):
        return {**vals, **{name: (vals[name] or "").strip() for name in self._trimmed_fields if name in vals}}

    @api.constrains("endpoint_id")
    def _check_count(self):
        self.endpoint_id._check_line_counts()

    def _check_not_blank(self, field):
        for line in self:
            if not line[field]:
                raise ValidationError(
                    _(
                        "%(endpoint)s: %(field)s must not be blank.",
                        endpoint=line.endpoint_id.name,
                        field=line._fields[field]._description_string(self.env),
                    )
                )

    def _contract_values(self):
        self.ensure_one()
        values = {member: self[field] for member, field in self._contract_fields.items()}
        return {"id": self.id, **{m: value for m, value in values.items() if value or type(value) is int}}

    @api.model
    def _values_from_contract(self, members):
        """What makes a line that `_contract_values` would give these members of."""
        return {field: members[member] for member, field in self._contract_fields.items() if member in members}


class InboundRequestValue(models.AbstractModel):
    """A line that takes one text out of a request. Subclasses have `source_kind`."""

    _name = "bwt.webhook.inbound.request.value.mixin"
    _inherit = "bwt.webhook.inbound.endpoint.line.mixin"
    _description = "Value out of an Inbound Webhook Request"
    _trimmed_fields = ("header_name", "header_param_name", "payload_path", "query_parameter_name")

    sequence = fields.Integer(string="Line Order", default=10, required=True)
    active = fields.Boolean(default=True)
    header_name = fields.Char(string="Header", size=NAME_CHARS_MAX)
    header_param_name = fields.Char(
        string="Parameter", size=NAME_CHARS_MAX, help="The name inside the header: t of 't=1700000000,v1=5257a8'."
    )
    payload_path = fields.Char(size=EXPRESSION_CHARS_MAX, help="data.object.id, items[0].sku")
    query_parameter_name = fields.Char(string="Query Parameter", size=NAME_CHARS_MAX)
    literal_value = fields.Char(string="Literal", size=EXPRESSION_CHARS_MAX, trim=False)
    required = fields.Boolean()
    # Lists have one column for all kinds. The kind is no dependency: who changes it keeps what is shown.
    expression = fields.Char(
        string="Name, Path or Literal",
        compute="_compute_expression",
        inverse="_inverse_nothing",
        size=EXPRESSION_CHARS_MAX,
        trim=False,
        help="The header's or parameter's name, the path in the payload, or the literal.",
    )

    @api.depends(*sorted(set(EXPRESSION_FIELDS.values())))
    def _compute_expression(self):
        for line in self:
            field = EXPRESSION_FIELDS.get(line.source_kind)
            line.expression = field and line[field]

    def _inverse_nothing(self):
        """`_normalized` put it where it belongs."""

    def write(self, vals):
        if {"expression", "source_kind"} & set(vals) and len(self) > 1:
            return all([line.write(vals) for line in self])
        return super().write(vals)

    def _normalized(self, vals):
        vals = dict(vals)
        if "source_kind" in vals and not vals.keys() & {"expression", *EXPRESSION_FIELDS.values()} and self.expression:
            vals["expression"] = self.expression  # a form sends what was changed only
        if "expression" in vals:
            kind = vals.get("source_kind") or self.source_kind or self.default_get(["source_kind"])["source_kind"]
            expression = vals.pop("expression")
            if kind in EXPRESSION_FIELDS:
                vals[EXPRESSION_FIELDS[kind]] = expression
        return super()._normalized(vals)

    @api.constrains("source_kind", "header_param_name", *sorted(set(EXPRESSION_FIELDS.values())))
    def _check_expression(self):
        for line in self:
            names = [EXPRESSION_FIELDS.get(line.source_kind)]
            names += ["header_param_name"] if line.source_kind == "header_param" else []
            for name in filter(None, names):
                if not line[name]:
                    raise ValidationError(
                        _(
                            "%(endpoint)s, %(line)s: a source of the kind %(kind)s needs the field %(field)s.",
                            endpoint=line.endpoint_id.name,
                            line=line.display_name,
                            kind=dict(line._fields["source_kind"]._description_selection(self.env))[line.source_kind],
                            field=line._fields[name]._description_string(self.env),
                        )
                    )

    def _contract_values(self):
        values = {**super()._contract_values(), "kind": self.source_kind}
        if self.source_kind in EXPRESSION_FIELDS:
            values["expression"] = self[EXPRESSION_FIELDS[self.source_kind]]
        if self.source_kind == "header_param":
            values["parameter"] = self.header_param_name
        return {**values, "required": True} if self.required else values

    @api.model
    def _values_from_contract(self, members):
        values = {**super()._values_from_contract(members), "source_kind": members["kind"]}
        if members["kind"] in EXPRESSION_FIELDS:
            values[EXPRESSION_FIELDS[members["kind"]]] = members["expression"]
        return {
            **values,
            "header_param_name": members.get("parameter", False),
            "required": members.get("required", False),
        }
