# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json

from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import compat
from .contract_event_rows import SEMANTICS
from .payload import visible

JSON_FIELDS = ("headers_json", "query_json", "resolved_values_json", "semantics_json")


class TestPayload(models.Model):
    """A recorded request that is kept for trying rules on. Credentials never reached Odoo: they are *** already."""

    _name = "bwt.webhook.test.payload"
    _description = "Webhook Test Payload"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    handler_id = fields.Many2one(
        "bwt.webhook.handler", required=True, index=True, ondelete="cascade", domain=[("direction", "=", "inbound")]
    )
    endpoint_id = fields.Many2one(
        "bwt.webhook.inbound.endpoint", readonly=True, index=True, check_company=True, ondelete="set null"
    )
    company_id = fields.Many2one(related="handler_id.company_id")
    body_raw = fields.Binary(attachment=False, readonly=True, help="The bytes as they came.")
    body = fields.Text(
        compute="_compute_body", inverse="_inverse_body", help="Bytes that are no text are shown as �, until edited."
    )
    headers_json = fields.Text(string="Headers", required=True, default="{}")
    query_json = fields.Text(string="Query", required=True, default="{}")
    resolved_values_json = fields.Text(string="Resolved Values", required=True, default="{}")
    semantics_json = fields.Text(string="Meanings", required=True, default="{}", help="Topic, event type and the like.")

    def write(self, vals):
        """Record rules look at a record before it is written only: it must not move to another company's handler."""
        result = super().write(vals)
        compat.check_access(self, "write")
        return result

    @api.depends("body_raw")
    def _compute_body(self):
        for payload in self:
            payload.body = payload._raw_body().decode("utf-8", "replace").replace("\0", "\\u0000")

    def _inverse_body(self):
        for payload in self:
            payload.body_raw = base64.b64encode(visible(payload.body or "").encode())

    def _raw_body(self):
        return base64.b64decode(self.with_context(bin_size=False).body_raw or b"")

    @api.constrains(*JSON_FIELDS)
    def _check_objects(self):
        for payload in self:
            for field in JSON_FIELDS:
                try:
                    fits = isinstance(json.loads(payload[field]), dict)
                except (ValueError, RecursionError):
                    fits = False
                if not fits:
                    label = self._fields[field]._description_string(self.env)
                    raise ValidationError(_("%(field)s: a JSON object of names and values is needed.", field=label))

    def _sample(self):
        """As the contract shapes a sample, and the records that rules may read fields of."""
        self.ensure_one()
        semantics = _texts(self.semantics_json)
        sample = {
            "name": self.name,
            "phase": "event",
            "body_base64": base64.b64encode(self._raw_body()).decode(),
            "headers": _texts(self.headers_json),
            "query": _texts(self.query_json),
            "resolved_values": self.resolved_values_json,
            "semantics": {name: semantics[name] for name in SEMANTICS if semantics.get(name)},
        }
        company = self.handler_id.company_id
        event = self.env["bwt.webhook.inbound.event"].new(
            {
                "name": self.name,
                "endpoint_id": self.endpoint_id.id,
                "handler_id": self.handler_id.id,
                "company_id": company.id,
                "resolved_values_json": self.resolved_values_json,
                **{SEMANTICS[name]: value for name, value in sample["semantics"].items()},
            }
        )
        return sample, {"event": event, "endpoint": self.endpoint_id, "company": company}


def _texts(text):
    """A JSON object of names and values, the values as texts."""
    return {name: item if isinstance(item, str) else json.dumps(item) for name, item in json.loads(text).items()}


class InboundEvent(models.Model):
    _inherit = "bwt.webhook.inbound.event"

    def action_save_as_test_payload(self):
        """Keeps these requests for the handler's Test, with the rights of whoever asks."""
        payloads = self.env["bwt.webhook.test.payload"]
        for event in self:
            handler = event.handler_id or event.endpoint_id.handler_id
            if not handler:
                raise UserError(_("%s has no handler: give its endpoint one first.", event.name))
            payloads |= payloads.create(
                {
                    "name": f"{event.name} #{event.id}",
                    "handler_id": handler.id,
                    "endpoint_id": event.endpoint_id.id,
                    "body_raw": event.with_context(bin_size=False).request_body_raw,
                    "headers_json": event.request_headers_json,
                    "query_json": event.query_json,
                    "resolved_values_json": event.resolved_values_json,
                    "semantics_json": json.dumps(
                        {name: event[column] for name, column in SEMANTICS.items() if event[column]}
                    ),
                }
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_test_payload")
        if len(payloads) == 1:
            return {**action, "res_id": payloads.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", payloads.ids)]}
