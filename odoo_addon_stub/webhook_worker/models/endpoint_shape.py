# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from .rule_source import CONFIGURATION_SOURCES, MADE_UP_SOURCES, TARGET_CHARS_MAX, source_kind

ENDPOINT_SOURCES = [
    ("payload_path", "Payload path"),
    ("header", "Header"),
    ("delivery_field", "Delivery field"),
    *CONFIGURATION_SOURCES,
    ("partner_field", "Partner field"),
    ("record_field", "Record field"),
    ("context_key", "Context key"),
    *MADE_UP_SOURCES,
]
# Sources that may read records, as the handler's execution user where there is one.
READING_SOURCES = (
    "delivery_field", "endpoint_field", "company_field", "partner_field", "record_field", "template",
)  # fmt: skip
ROWS_MAX = {"context_line_ids": 100, "header_rule_ids": 100, "payload_rule_ids": 200}


class EndpointRule(models.AbstractModel):
    """A row of an endpoint that makes one value of the request. Subclasses say in `_target_field` where it goes."""

    _name = "bwt.webhook.endpoint.rule.mixin"
    _inherit = "bwt.webhook.rule.source.mixin"
    _description = "Value in the Request of an Outbound Webhook Endpoint"
    _owner_field = "endpoint_id"
    _fixed_fields = ("endpoint_id",)
    _target_field = None

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade", index=True)
    active = fields.Boolean(default=True)
    source_kind = source_kind(ENDPOINT_SOURCES, default="literal")

    def _handlers(self):
        """Those whose execution user's eyes these rows may use: then they are part of what the handler does."""
        return self.filtered(lambda row: row.source_kind in READING_SOURCES).endpoint_id.handler_id

    def _rules(self):
        return self.env["bwt.webhook.outbound.handler.rule"]

    @api.constrains(lambda self: [self._target_field] if self._target_field else [])
    def _check_target(self):
        for row in self:
            row._check_length(self._target_field, TARGET_CHARS_MAX)

    def _contract_values(self):
        self.ensure_one()
        return {"id": self.id, "target": (self[self._target_field] or "").strip(), "source": self._source_values()}


class EndpointHeaderRule(models.Model):
    """A header that every request of the endpoint carries."""

    _name = "bwt.webhook.outbound.endpoint.header.rule"
    _inherit = "bwt.webhook.endpoint.rule.mixin"
    _description = "Header Rule of an Outbound Webhook Endpoint"
    _rec_name = "header_name"
    _target_field = "header_name"

    header_name = fields.Char(string="Header", required=True)


class EndpointPayloadRule(models.Model):
    """A value that is put into the payload of every delivery of the endpoint."""

    _name = "bwt.webhook.outbound.endpoint.payload.rule"
    _inherit = "bwt.webhook.endpoint.rule.mixin"
    _description = "Payload Rule of an Outbound Webhook Endpoint"
    _rec_name = "target_path"
    _target_field = "target_path"

    # An empty path is the whole payload.
    target_path = fields.Char(string="Path", help="Where in the payload: order.reference. Empty: the whole payload.")


class EndpointContextLine(models.Model):
    """A context value: it fills {name} in the path, and rules read it."""

    _name = "bwt.webhook.outbound.endpoint.context.line"
    _inherit = "bwt.webhook.endpoint.rule.mixin"
    _description = "Context Line of an Outbound Webhook Endpoint"
    _rec_name = "key_name"
    _target_field = "key_name"

    key_name = fields.Char(string="Name", required=True, help="{name} in the path stands for it.")


def rows(model, string):
    """The rows of one kind, inactive ones too: the form shows them, and they are copied."""
    return fields.One2many(
        f"bwt.webhook.outbound.endpoint.{model}",
        "endpoint_id",
        string=string,
        copy=True,
        context={"active_test": False},
    )


class OutboundEndpoint(models.Model):
    """The shape of an endpoint's requests."""

    _name = "bwt.webhook.outbound.endpoint"
    _inherit = "bwt.webhook.outbound.endpoint"

    content_type = fields.Char(size=255, tracking=True, help="Instead of the body's own. Not for multipart.")
    header_rule_ids = rows("header.rule", "Headers")
    payload_rule_ids = rows("payload.rule", "Payload Values")
    context_line_ids = rows("context.line", "Context Values")
    # Written by `report_findings` alone: who could add a field here would have the execution user read it.
    needed_fields_json = fields.Text(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model_create_multi
    def create(self, vals_list):
        endpoints = super().create(vals_list)
        endpoints._check_may_read_as_handler()
        return endpoints

    def write(self, vals):
        result = super().write(vals)
        if "handler_id" in vals:
            self._check_may_read_as_handler()
        return result

    def _check_may_read_as_handler(self):
        """Another handler may have the endpoint's rules read as another user."""
        for field in ROWS_MAX:
            self[field]._handlers()._check_may_program()

    @api.constrains(*ROWS_MAX)
    def _check_sizes(self):
        for endpoint in self:
            for field, rows_max in ROWS_MAX.items():
                if len(endpoint[field]) > rows_max:
                    raise ValidationError(
                        _(
                            "%(endpoint)s: at most %(max)s rows are allowed in %(field)s.",
                            endpoint=endpoint.name,
                            max=rows_max,
                            field=endpoint._fields[field]._description_string(self.env),
                        )
                    )

    def _contract_values(self):
        values = super()._contract_values()
        if content_type := (self.content_type or "").strip():
            values["content_type"] = content_type
        for field, key in (
            ("context_line_ids", "context_lines"),
            ("header_rule_ids", "header_rules"),
            ("payload_rule_ids", "payload_rules"),
        ):
            if active := self[field].filtered("active").sorted(lambda row: (row.sequence, row.id)):
                values[key] = [row._contract_values() for row in active]
        return values
