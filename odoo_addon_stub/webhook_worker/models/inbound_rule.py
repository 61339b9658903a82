# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from .rule_source import INBOUND_SOURCES, ITEM_SOURCE, source_kind

RECORD_SELECTION = [
    ("create_record", "Create record"),
    ("update_record", "Update record"),
    ("upsert_record", "Update or create record"),
]


class InboundRule(models.Model):
    """A rule that decides what becomes of an event."""

    _name = "bwt.webhook.inbound.handler.rule"
    _inherit = "bwt.webhook.rule.mixin"
    _description = "Inbound Webhook Rule"

    name = fields.Char(default=lambda self: _("Inbound Rule"))
    action_type = fields.Selection(
        [("done", "Done"), ("dead_letter", "Dead letter"), ("retry", "Retry"), *RECORD_SELECTION],
        string="Action",
        required=True,
        default="done",
    )
    condition_ids = fields.One2many(
        "bwt.webhook.inbound.handler.rule.condition", "rule_id", string="Conditions", copy=True
    )
    lookup_ids = fields.One2many("bwt.webhook.inbound.handler.rule.lookup", "rule_id", string="Lookup Keys", copy=True)
    assignment_ids = fields.One2many(
        "bwt.webhook.inbound.handler.rule.assignment", "rule_id", string="Assignments", copy=True
    )
    execution_ids = fields.One2many("bwt.webhook.inbound.rule.execution", "rule_id", readonly=True)

    def _phase(self):
        return "event"

    def _allowed_actions(self):
        return dict(self._fields["action_type"].selection)

    @api.constrains(
        "active", "action_type", "target_model_id", "retry_seconds", "note", "condition_ids", "lookup_ids",
        "assignment_ids",
    )  # fmt: skip
    def _check_rule(self):
        self._check_shape()


class InboundRuleCondition(models.Model):
    _name = "bwt.webhook.inbound.handler.rule.condition"
    _inherit = "bwt.webhook.rule.condition.mixin"
    _description = "Condition of an Inbound Webhook Rule"

    rule_id = fields.Many2one("bwt.webhook.inbound.handler.rule", required=True, ondelete="cascade", index=True)
    source_kind = source_kind(INBOUND_SOURCES)


class InboundRuleLookup(models.Model):
    _name = "bwt.webhook.inbound.handler.rule.lookup"
    _inherit = "bwt.webhook.rule.lookup.mixin"
    _description = "Lookup Key of an Inbound Webhook Rule"

    rule_id = fields.Many2one("bwt.webhook.inbound.handler.rule", required=True, ondelete="cascade", index=True)
    source_kind = source_kind(INBOUND_SOURCES)


class InboundRuleAssignment(models.Model):
    _name = "bwt.webhook.inbound.handler.rule.assignment"
    _inherit = "bwt.webhook.rule.assignment.mixin"
    _description = "Assignment of an Inbound Webhook Rule"
    _scope_field = "target_kind"

    rule_id = fields.Many2one("bwt.webhook.inbound.handler.rule", required=True, ondelete="cascade", index=True)
    source_kind = source_kind([*INBOUND_SOURCES, ITEM_SOURCE])
    target_kind = fields.Selection([("field", "Field")], string="Target", required=True, default="field")

    @api.constrains("target_kind", "target_expression")
    def _check_target(self):
        for assignment in self:
            assignment._check_scope()
