# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import _, fields, models
from odoo.exceptions import AccessError, UserError


def readable_trace(trace):
    """The worker's trace for people: one line a rule, one a condition, the outcome last. Anything else as it is."""
    try:
        value = json.loads(trace or "{}")
        lines = []
        for rule in value.get("rules", []):
            lines.append(f"{'✓' if rule['matched'] else '✗'} {rule['name']}")
            lines += [f"    {_condition_line(condition)}" for condition in rule["conditions"]]
        return "\n".join([*lines, *([f"→ {value['outcome']}"] if value.get("outcome") else [])])
    except (ValueError, TypeError, KeyError, AttributeError):
        return trace


def _condition_line(condition):
    source = " ".join(str(condition[key]) for key in ("source", "expression") if condition.get(key))
    test = " ".join(str(condition[key]) for key in ("operator", "expected") if condition.get(key) not in (None, ""))
    mark = "✓" if condition["holds"] else "✗"
    reason = f" ({condition['reason']})" if condition.get("reason") else ""
    return f"{mark} {source} = {condition.get('found')} {test}{reason}"


class TraceMixin(models.AbstractModel):
    """A record with a worker's trace, in the field that `_trace_field` names, and how people read it."""

    _name = "bwt.webhook.trace.mixin"
    _description = "Trace of Webhook Rules"
    _trace_field = "trace"

    trace_text = fields.Text(
        string="Why",
        compute="_compute_trace_text",
        help="Each rule that was tried, each of its conditions with the value that it found, and what came of it.",
    )

    def _compute_trace_text(self):
        for record in self:
            record.trace_text = readable_trace(record[self._trace_field])


class InboundRuleExecution(models.Model):
    """Which rule decided about an event, and why: written with the event's settlement, never changed."""

    _name = "bwt.webhook.inbound.rule.execution"
    _inherit = "bwt.webhook.trace.mixin"
    _description = "Inbound Webhook Rule Execution"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True, default=lambda self: _("No rule matched"))
    event_id = fields.Many2one(
        "bwt.webhook.inbound.event", required=True, readonly=True, ondelete="cascade", index=True
    )
    handler_id = fields.Many2one("bwt.webhook.handler", readonly=True, ondelete="set null")
    rule_id = fields.Many2one(
        "bwt.webhook.inbound.handler.rule", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    action = fields.Char(readonly=True)
    state = fields.Selection(
        [("matched", "Matched"), ("done", "Done"), ("error", "Failed"), ("skipped", "No rule matched")],
        required=True,
        readonly=True,
        default="matched",
    )
    note = fields.Text(readonly=True)
    error = fields.Text(readonly=True)
    record_reference = fields.Char(string="Record", readonly=True, help="What was written: model:id")
    settlement_uid = fields.Char(readonly=True)
    trace = fields.Text(readonly=True, help="As the worker told it, JSON.")

    def action_open_record(self):
        """The record that was written, with the rights of whoever looks."""
        self.ensure_one()
        model_name, _colon, record_id = (self.record_reference or "").partition(":")
        if model_name not in self.env or not record_id.isdecimal():
            raise UserError(_("Nothing was written, or Odoo does not know its model any more."))
        record = self.env[model_name].browse(int(record_id)).exists()
        if not record:
            raise UserError(_("That record was deleted."))
        return record.get_formview_action()

    def write(self, vals):
        raise AccessError(_("Rule executions are a record of what happened: nobody changes them."))
