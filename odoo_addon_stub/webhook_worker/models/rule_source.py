# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

EXPRESSION_CHARS_MAX = 4000
LITERAL_CHARS_MAX = 10000
TARGET_CHARS_MAX = 255
CONFIGURATION_SOURCES = [("endpoint_field", "Endpoint field"), ("company_field", "Company field")]
MADE_UP_SOURCES = [("template", "Text template"), ("literal", "Literal")]
INBOUND_SOURCES = [
    ("payload_path", "Payload path"),
    ("header", "Header"),
    ("query_parameter", "Query parameter"),
    ("resolved_value", "Resolved value"),
    ("semantic_field", "Semantic field"),
    ("event_field", "Event field"),
    *CONFIGURATION_SOURCES,
    *MADE_UP_SOURCES,
]
OUTBOUND_SOURCES = [
    ("payload_path", "Payload path"),
    ("header", "Header"),
    ("delivery_field", "Delivery field"),
    *CONFIGURATION_SOURCES,
    # Of the business record that the delivery is about: an event has none.
    ("partner_field", "Partner field"),
    ("record_field", "Record field"),
    ("context_key", "Context key"),
    ("request_field", "Request field"),
    ("response_status", "Reply status"),
    ("response_header", "Reply header"),
    ("response_body", "Reply body path"),
    *MADE_UP_SOURCES,
]
ITEM_SOURCE = ("item_path", "Path in the list item")
# Sources that say everything without an expression, or whose empty expression means the whole.
WITHOUT_EXPRESSION = ("literal", "response_status", "response_body", "item_path")
OPERATORS = [
    ("equals", "equals"),
    ("not_equals", "does not equal"),
    ("is_set", "is set"),
    ("not_set", "is not set"),
    ("contains", "contains"),
    ("not_contains", "does not contain"),
    ("in", "is one of"),
    ("not_in", "is none of"),
    ("gt", ">"),
    ("gte", "≥"),
    ("lt", "<"),
    ("lte", "≤"),
    ("starts_with", "starts with"),
    ("ends_with", "ends with"),
    ("matches", "matches (regular expression)"),
]


def source_kind(sources, default="payload_path"):
    """The field `source_kind` of a model whose rows know these sources."""
    return fields.Selection(sources, string="Source", required=True, default=default)


class RulePart(models.AbstractModel):
    """What belongs to a handler's program: whoever may not change the handler's program may not change this.

    Checked before a change, for what is there, and after it, for what has come of it.
    """

    _name = "bwt.webhook.rule.part.mixin"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Part of a Webhook Rule"

    def _handlers(self):
        """The handlers that these records belong to."""
        return self.rule_id.handler_id

    def _rules(self):
        return self.rule_id

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._handlers()._check_may_program()
        return records

    def write(self, vals):
        self._handlers()._check_may_program()
        result = super().write(vals)
        self._handlers()._check_may_program()
        return result

    def unlink(self):
        self._handlers()._check_may_program()
        rules = self._rules()
        result = super().unlink()
        rules.exists()._check_ready()
        return result


class RuleSource(models.AbstractModel):
    """Where a value comes from. What paths, templates and patterns mean is known to the worker alone.

    Subclasses have `source_kind`, and a field that names what they belong to.
    """

    _name = "bwt.webhook.rule.source.mixin"
    _inherit = "bwt.webhook.rule.part.mixin"
    _description = "Source of a Value in a Webhook Rule"
    _order = "sequence, id"
    _owner_field = "rule_id"
    # A row never moves to another rule.
    _fixed_fields = ("rule_id",)

    sequence = fields.Integer(default=10, required=True)
    source_expression = fields.Char(
        string="Expression",
        help='The path, name or template: order.lines[0].sku, X-Shop-Id, {{ payload.order.id | default("none") }}.',
    )
    literal_value = fields.Text(string="Literal", help="Kept exactly as typed: 1.10 stays 1.10, 00123 stays 00123.")
    literal_is_json = fields.Boolean(
        string="JSON", help="The literal is JSON: numbers, true, null, lists and objects instead of text."
    )

    @api.constrains(lambda self: [self._owner_field] if self._owner_field in self._fields else [])
    def _check_owner_sizes(self):
        """Also of rows that are made by themselves: one row too many, and workers refuse the whole configuration."""
        for owner in self[self._owner_field]:
            owner._check_sizes()

    @api.constrains("source_kind", "source_expression", "literal_value")
    def _check_source(self):
        for row in self:
            expression = row.source_expression or ""
            if row.source_kind not in WITHOUT_EXPRESSION and not expression.strip():
                raise ValidationError(
                    _(
                        "%(rule)s: the source %(source)s needs an expression.",
                        rule=row[row._owner_field].display_name,
                        source=row._label_of("source_kind"),
                    )
                )
            row._check_length("source_expression", EXPRESSION_CHARS_MAX)
            row._check_length("literal_value", LITERAL_CHARS_MAX)

    def _check_length(self, field, chars_max):
        if len(self[field] or "") > chars_max:
            raise ValidationError(
                _(
                    "%(rule)s: %(field)s is longer than %(count)s characters.",
                    rule=self[self._owner_field].display_name,
                    field=self._fields[field]._description_string(self.env),
                    count=chars_max,
                )
            )

    def _label_of(self, field):
        return dict(self._fields[field]._description_selection(self.env)).get(self[field])

    def _source_values(self):
        values = {"kind": self.source_kind}
        if self.source_kind == "literal":
            return {**values, "literal": self.literal_value or "", "literal_is_json": self.literal_is_json}
        return {**values, "expression": self.source_expression} if self.source_expression else values


class RuleCondition(models.AbstractModel):
    """One condition of a rule; all of them must hold."""

    _name = "bwt.webhook.rule.condition.mixin"
    _inherit = "bwt.webhook.rule.source.mixin"
    _description = "Webhook Rule Condition"

    operator = fields.Selection(OPERATORS, required=True, default="equals")
    expected_value = fields.Text(string="Expected", help="Of 'is one of' and 'is none of' one value a line.")
    expected_is_json = fields.Boolean(string="Expected JSON", help="The expected value is JSON; of lists a JSON list.")
    ignore_case = fields.Boolean()

    @api.constrains("expected_value")
    def _check_expected(self):
        for condition in self:
            condition._check_length("expected_value", LITERAL_CHARS_MAX)

    def _contract_values(self):
        self.ensure_one()
        values = {"id": self.id, "source": self._source_values(), "operator": self.operator}
        if self.operator not in ("is_set", "not_set"):
            values.update(expected=self.expected_value or "", expected_is_json=self.expected_is_json)
        return {**values, "ignore_case": True} if self.ignore_case else values


class RuleTarget(models.AbstractModel):
    """A row that names a field of its rule's target model: chosen from a list, or typed as a path beginning with it.

    Subclasses say in `_path_field` where the path is.
    """

    _name = "bwt.webhook.rule.target.mixin"
    _inherit = "bwt.webhook.rule.source.mixin"
    _description = "Target Field of a Webhook Rule"
    _path_field = "target_expression"

    target_model_name = fields.Char(compute="_compute_target_field_id")
    target_field_id = fields.Many2one(
        "ir.model.fields",
        string="Field",
        compute="_compute_target_field_id",
        readonly=False,
        domain="[('model', '=', target_model_name)]",
        help="Choosing one fills in the path beside it.",
    )

    @api.depends(lambda self: [self._path_field, "rule_id.target_model_name"] if not self._abstract else [])
    def _compute_target_field_id(self):
        fields_model = self.env["ir.model.fields"].sudo()
        for row in self:
            name, model_name = row._first_field_name(), row.rule_id.target_model_name
            row.target_model_name = model_name
            row.target_field_id = name and model_name and fields_model._get(model_name, name)

    @api.onchange("target_field_id")
    def _onchange_target_field_id(self):
        if self.target_field_id and self.target_field_id.name != self._first_field_name():
            self[self._path_field] = self.target_field_id.name

    def _first_field_name(self):
        return (self[self._path_field] or "").strip().partition("/")[0].partition(".")[0]

    def _check_target_field(self):
        """The path's first field exists; what follows is the worker's to say."""
        self._check_length(self._path_field, TARGET_CHARS_MAX)
        model_name = self.rule_id.target_model_name
        if model_name in self.env and self._first_field_name() not in self.env[model_name]._fields:
            raise ValidationError(
                _(
                    "%(rule)s: the model %(model)s has no field %(field)s.",
                    rule=self.rule_id.display_name,
                    model=model_name,
                    field=self._first_field_name(),
                )
            )


class RuleLookup(models.AbstractModel):
    """One key by which the record to update is found; all of them together."""

    _name = "bwt.webhook.rule.lookup.mixin"
    _inherit = "bwt.webhook.rule.target.mixin"
    _description = "Webhook Rule Lookup Key"
    _path_field = "target_field_name"

    target_field_name = fields.Char(
        string="Field Path", required=True, help="A field of the target model, or a path with dots: partner_id.ref"
    )

    @api.constrains("target_field_name")
    def _check_target(self):
        for lookup in self:
            lookup._check_target_field()

    def _contract_values(self):
        self.ensure_one()
        return {"id": self.id, "field": self.target_field_name, "source": self._source_values()}


class RuleAssignment(models.AbstractModel):
    """One value that a rule writes."""

    _name = "bwt.webhook.rule.assignment.mixin"
    _inherit = "bwt.webhook.rule.target.mixin"
    _description = "Webhook Rule Assignment"
    # Inbound assignments know one scope and call it `target_kind`, outbound ones have several.
    _scope_field = "target_scope"

    target_expression = fields.Char(
        string="Path",
        required=True,
        help="Of a record, as an import writes it: name, partner_id/ref (found by that field), country_id/id (external"
        " id), order_line (a list) and order_line/name (of each item). Of a request: http_method, target_path or"
        " payload. A header's name. A path in the payload.",
    )
    list_mode = fields.Selection(
        [("replace", "Replace"), ("add", "Add")],
        string="List",
        required=True,
        default="replace",
        help="A list of records: instead of those that are there, or besides them.",
    )

    def _check_scope(self):
        """The scope fits the rule's phase and action, and the target fits the scope."""
        scope, path = self[self._scope_field], (self.target_expression or "").strip()
        if scope not in self.rule_id._assignment_scopes():
            raise ValidationError(
                _(
                    "%(rule)s: an assignment to %(scope)s is not possible in a rule of this phase and action.",
                    rule=self.rule_id.display_name,
                    scope=self._label_of(self._scope_field),
                )
            )
        if scope == "request" and path not in ("http_method", "target_path", "payload"):
            raise ValidationError(
                _(
                    "%(rule)s: of a request http_method, target_path and payload can be assigned, not %(path)s.",
                    rule=self.rule_id.display_name,
                    path=path,
                )
            )
        if scope == "field":
            self._check_target_field()

    def _contract_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "scope": self[self._scope_field],
            "target": self.target_expression,
            "source": self._source_values(),
            "list_mode": self.list_mode,
        }
