# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import api, fields, models

from .. import compat
from ..models.contract_hello import handler_values


class _Undo(Exception):
    """Ends the savepoint in which unsaved rules were tried on for size."""


class RuleTest(models.TransientModel):
    """Asks a worker how rules, saved or as they are being edited, decide about a pasted payload or about what was
    recorded. Nothing of it is applied.
    """

    _name = "bwt.webhook.rule.test"
    _inherit = ["bwt.webhook.probe.asking", "bwt.webhook.probe.samples"]
    _description = "Test Webhook Rules"

    handler_id = fields.Many2one("bwt.webhook.handler", required=True, readonly=True, ondelete="cascade")
    direction = fields.Selection(related="handler_id.direction")
    draft_changes_json = fields.Text(readonly=True, help="What the form had changed and not saved.")
    is_edited = fields.Boolean(compute="_compute_is_edited")
    source = fields.Selection(
        [("pasted", "A pasted payload"), ("recorded", "What was recorded last"), ("saved", "Test payloads")],
        required=True,
        default="pasted",
    )
    test_payload_ids = fields.Many2many(
        "bwt.webhook.test.payload", string="Test Payloads", domain="[('handler_id', '=', handler_id)]"
    )
    phase = fields.Selection(
        [("before_send", "Before sending"), ("response", "On the reply")], required=True, default="before_send"
    )
    payload = fields.Text(default="{}")
    headers_json = fields.Text(string="Headers", default="{}")
    query_json = fields.Text(string="Query", default="{}")
    response_status_code = fields.Integer(string="Reply Status", default=200)
    response_body = fields.Text(string="Reply Body")
    recorded_count = fields.Integer(string="How Many", default=100)

    summary = fields.Text(readonly=True)
    result_ids = fields.One2many("bwt.webhook.rule.test.result", "test_id", readonly=True)

    @api.depends("draft_changes_json")
    def _compute_is_edited(self):
        for test in self:
            test.is_edited = bool(json.loads(test.draft_changes_json or "{}"))

    # ---- asking

    def action_test(self):
        """Asks, and waits for the answer."""
        self.ensure_one()
        self._check_live_worker()
        compat.check_access(self.handler_id, "read")
        return self._ask(self._request(), handler_id=self.handler_id.id)

    def _request(self):
        """The probe's request, with the handler as it is being edited: its changes are written as the user, checked
        like any other write, and undone.
        """
        request = {}
        rules, samples = self._rules_of(self.handler_id), self._samples()
        try:
            with self.env.cr.savepoint():
                if self.is_edited:
                    changes = json.loads(self.draft_changes_json)
                    self.handler_id.with_context(tracking_disable=True).write(changes)
                unsaved = self._rules_of(self.handler_id) - rules
                negative = {rule.id: -number for number, rule in enumerate(unsaved.sorted("id"), 1)}
                values = handler_values(self.handler_id.sudo())
                for rule in values.get("rules", []):
                    rule["id"] = negative.get(rule["id"], rule["id"])
                request.update(
                    handler=values,
                    samples=[{**sample, "field_values": self._field_values(roots)} for sample, roots in samples],
                )
                raise _Undo
        except _Undo:
            self.env.invalidate_all(flush=False)
        return request

    @api.model
    def _rules_of(self, handler):
        inbound, outbound = handler._all_rules()
        return inbound if handler.direction == "inbound" else outbound

    def _no_answer(self):
        return {"summary": False, "result_ids": [(5,)]}

    def _shown(self, answer):
        results = [
            {name: result.get(name) for name in ("name", "action", "rule_name", "changed", "message", "trace")}
            for result in answer["results"]
        ]
        return {"summary": answer["summary"], "result_ids": [(5,), *((0, 0, result) for result in results)]}

    def _reopen(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_rule_test")
        return {**action, "res_id": self.id}


class RuleTestResult(models.TransientModel):
    """How the rules decide about one sample."""

    _name = "bwt.webhook.rule.test.result"
    _inherit = "bwt.webhook.trace.mixin"
    _description = "Result of a Test of Webhook Rules"
    _order = "changed desc, id"

    test_id = fields.Many2one("bwt.webhook.rule.test", required=True, ondelete="cascade")
    name = fields.Char(readonly=True)
    action = fields.Char(readonly=True)
    rule_name = fields.Char(string="Rule", readonly=True)
    changed = fields.Boolean(readonly=True, help="Decided otherwise than when it was recorded.")
    message = fields.Text(string="Result", readonly=True)
    trace = fields.Text(readonly=True)
