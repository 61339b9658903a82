# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from .inbound_rule import RECORD_SELECTION
from .rule_mixin import RECORD_ACTIONS
from .rule_source import ITEM_SOURCE, OUTBOUND_SOURCES, source_kind

PHASE_ACTIONS = {
    "before_send": ("send", "cancel", "dead_letter", "retry"),
    "response": ("done", "dead_letter", "retry", *RECORD_ACTIONS),
}
RESPONSE_SOURCES = ("response_status", "response_header", "response_body")


class OutboundRule(models.Model):
    """A rule about a delivery: before it is sent, or when the reply is there."""

    _name = "bwt.webhook.outbound.handler.rule"
    _inherit = "bwt.webhook.rule.mixin"
    _description = "Outbound Webhook Rule"
    _order = "phase, sequence, id"
    _action_field = "result_status"

    name = fields.Char(default=lambda self: _("Outbound Rule"))
    phase = fields.Selection(
        [("before_send", "Before sending"), ("response", "On the reply")], required=True, default="before_send"
    )
    result_status = fields.Selection(
        [
            ("send", "Send"), ("cancel", "Cancel"), ("done", "Done"), ("dead_letter", "Dead letter"),
            ("retry", "Retry"), *RECORD_SELECTION,
        ],
        string="Action",
        required=True,
        default="send",
        help="Before sending: send, cancel, dead letter or retry. On the reply: done, dead letter, retry, or write a"
        " record (the delivery is then done).",
    )  # fmt: skip
    condition_ids = fields.One2many(
        "bwt.webhook.outbound.handler.rule.condition", "rule_id", string="Conditions", copy=True
    )
    lookup_ids = fields.One2many(
        "bwt.webhook.outbound.handler.rule.lookup", "rule_id", string="Lookup Keys", copy=True
    )
    assignment_ids = fields.One2many(
        "bwt.webhook.outbound.handler.rule.assignment", "rule_id", string="Assignments", copy=True
    )

    def _phase(self):
        return self.phase

    def _allowed_actions(self):
        return PHASE_ACTIONS[self.phase]

    def _assignment_scopes(self):
        return ("request", "header", "payload") if self.phase == "before_send" else super()._assignment_scopes()

    @api.constrains(
        "active", "phase", "result_status", "target_model_id", "retry_seconds", "note", "condition_ids", "lookup_ids",
        "assignment_ids",
    )  # fmt: skip
    def _check_rule(self):
        self._check_shape()
        for rule in self:
            rule.condition_ids._check_phase()
            rule.assignment_ids._check_phase()


class OutboundRuleSource(models.AbstractModel):
    """Sources of outbound rules: before sending there is no reply to read."""

    _name = "bwt.webhook.outbound.rule.source.mixin"
    _description = "Source of a Value in an Outbound Webhook Rule"

    rule_id = fields.Many2one("bwt.webhook.outbound.handler.rule", required=True, ondelete="cascade", index=True)

    @api.constrains("source_kind")
    def _check_phase(self):
        for row in self:
            if row.rule_id.phase == "before_send" and row.source_kind in RESPONSE_SOURCES:
                raise ValidationError(_("%(rule)s: before sending there is no reply to read.", rule=row.rule_id.name))


class OutboundRuleCondition(models.Model):
    _name = "bwt.webhook.outbound.handler.rule.condition"
    _inherit = ["bwt.webhook.outbound.rule.source.mixin", "bwt.webhook.rule.condition.mixin"]
    _description = "Condition of an Outbound Webhook Rule"

    source_kind = source_kind(OUTBOUND_SOURCES)


class OutboundRuleLookup(models.Model):
    _name = "bwt.webhook.outbound.handler.rule.lookup"
    _inherit = ["bwt.webhook.outbound.rule.source.mixin", "bwt.webhook.rule.lookup.mixin"]
    _description = "Lookup Key of an Outbound Webhook Rule"

    source_kind = source_kind(OUTBOUND_SOURCES)


class OutboundRuleAssignment(models.Model):
    _name = "bwt.webhook.outbound.handler.rule.assignment"
    _inherit = ["bwt.webhook.outbound.rule.source.mixin", "bwt.webhook.rule.assignment.mixin"]
    _description = "Assignment of an Outbound Webhook Rule"

    source_kind = source_kind([*OUTBOUND_SOURCES, ITEM_SOURCE])
    target_scope = fields.Selection(
        [("payload", "Payload"), ("header", "Header"), ("request", "Request"), ("field", "Field")],
        string="Target",
        required=True,
        default="payload",
    )

    @api.constrains("target_scope", "target_expression")
    def _check_target(self):
        for assignment in self:
            assignment._check_scope()
