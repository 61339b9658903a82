# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import _, fields, models
from odoo.exceptions import UserError

from .. import compat
from ..models.contract_settle_write import encode_headers
from ..models.endpoint_queue import uuid7
from ..models.execution import OperationRefused, env_of_user
from ..models.field_values import as_text, field_values, needed_fields

SHOWN = (
    "target_url", "http_method", "request_body", "response_status_code", "response_body", "duration_ms",
    "error_message",
)  # fmt: skip


class SendTest(models.TransientModel):
    """Sends one marked request to an endpoint, whatever its state, and shows what came back. Nothing is recorded."""

    _name = "bwt.webhook.send.test"
    _inherit = "bwt.webhook.probe.asking"
    _description = "Send a Test Request"
    _wait_seconds = 12.0  # the worker gives the receiver ten

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade")
    request_body_mode = fields.Selection(related="endpoint_id.request_body_mode")
    payload = fields.Text(default='{\n  "event": "test",\n  "text": "Hello from Odoo"\n}')
    request_headers_json = fields.Text(string="Headers", default="{}")
    context_values_json = fields.Text(string="Context Values", default="{}")

    summary = fields.Text(readonly=True)
    outcome = fields.Char(readonly=True)
    message = fields.Text(readonly=True)
    target_url = fields.Char(string="URL", readonly=True)
    http_method = fields.Char(string="HTTP Method", readonly=True)
    request_headers = fields.Text(string="Sent Headers", readonly=True)
    request_body = fields.Text(string="Sent Body", readonly=True)
    response_status_code = fields.Integer(string="HTTP Status", readonly=True)
    response_headers = fields.Text(readonly=True)
    response_body = fields.Text(readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)
    error_message = fields.Text(string="Error", readonly=True)

    def action_send(self):
        self.ensure_one()
        self.endpoint_id._check_access_admin()
        compat.check_access(self.endpoint_id, "write")
        self._check_live_worker()
        request = {"endpoint_id": self.endpoint_id.id, "delivery": self._delivery()}
        return self._ask(request, kind="send", endpoint_id=self.endpoint_id.id)

    def _delivery(self):
        """The delivery that is sent, as the contract shapes it."""
        endpoint = self.endpoint_id.sudo()
        payload, is_stored = endpoint._payload_text(self.payload or "")
        if not is_stored:
            raise UserError(endpoint._unstorable_message(True))
        headers = self._object("request_headers_json")
        delivery = {
            "delivery_uid": uuid7(),
            "http_method": endpoint.http_method,
            "request_body_mode": endpoint.request_body_mode,
            "request_headers": json.loads(endpoint._headers_text(headers)[0]),
            "payload": payload,
        }
        if context := self._object("context_values_json"):
            delivery["context_values"] = endpoint._context_text(context)
        if expressions := sorted({*needed_fields(endpoint), *needed_fields(endpoint.handler_id)}):
            delivery["field_values"] = as_text(field_values(expressions, self._roots(), self._reading_env()))
        return delivery

    def _roots(self):
        endpoint = self.endpoint_id.sudo()
        return {"endpoint": endpoint, "company": endpoint.company_id}

    def _reading_env(self):
        """With the rights of whoever asks: only a system administrator sees what the execution user sees."""
        user, executing = self.env.user, self.endpoint_id.sudo().handler_id.execution_user_id
        try:
            reader = executing if executing and user.has_group("base.group_system") else user
            return env_of_user(self.env, reader, self.endpoint_id.sudo().company_id)
        except OperationRefused as refused:
            return refused

    def _object(self, field):
        """A JSON object, as typed by a person."""
        label = self._fields[field]._description_string(self.env)
        try:
            value = json.loads(self[field] or "{}")
        except ValueError as error:
            raise UserError(_("%(field)s: this is no JSON: %(error)s", field=label, error=error)) from error
        if not isinstance(value, dict):
            raise UserError(_("%(field)s: a JSON object of names and values is needed.", field=label))
        return value

    def _no_answer(self):
        shown = ("summary", "outcome", "message", "request_headers", "response_headers", *SHOWN)
        return dict.fromkeys(shown, False)

    def _shown(self, answer):
        result = next(iter(answer["results"]), {})
        attempt = result.get("attempt", {})
        return {
            "summary": answer["summary"],
            "outcome": result.get("action"),
            "message": result.get("message"),
            "request_headers": encode_headers(attempt.get("request_headers", {})),
            "response_headers": encode_headers(attempt.get("response_headers", {})),
            **{name: attempt.get(name) for name in SHOWN},
        }


class OutboundEndpoint(models.Model):
    _inherit = "bwt.webhook.outbound.endpoint"

    def action_send_test(self):
        """Opens the wizard."""
        self.ensure_one()
        self._check_access_admin()
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_send_test")
        return {**action, "context": {"default_endpoint_id": self.id}}
