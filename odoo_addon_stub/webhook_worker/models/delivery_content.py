# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import fields, models

from .endpoint import HTTP_METHODS
from .execution import OperationRefused, env_of_user, execution_env
from .field_values import as_text, field_values, needed_fields, needed_fields_of, roots_of

FROZEN = (
    "content_frozen", "frozen_http_method", "frozen_target_path", "frozen_headers_json", "frozen_payload_json",
)  # fmt: skip


class OutboundDeliveryContent(models.Model):
    """What rules read of a delivery, frozen when it is queued; what they made of it, frozen by its first attempt."""

    _name = "bwt.webhook.outbound.delivery"
    _inherit = ["bwt.webhook.outbound.delivery", "bwt.webhook.trace.mixin"]
    _trace_field = "rule_trace"

    context_values_json = fields.Text(string="Context Values", readonly=True)
    field_values_json = fields.Text(string="Field Values", readonly=True)
    content_frozen = fields.Boolean(
        required=True, readonly=True, default=False, copy=False, help="Sent before: every later attempt sends the same."
    )
    frozen_http_method = fields.Selection(HTTP_METHODS, string="Sent Method", readonly=True, copy=False)
    frozen_target_path = fields.Char(string="Sent Path", readonly=True, copy=False)
    frozen_headers_json = fields.Text(string="Sent Headers", readonly=True, copy=False)
    frozen_payload_json = fields.Text(string="Sent Payload", readonly=True, copy=False)
    matched_outbound_rule_id = fields.Many2one(
        "bwt.webhook.outbound.handler.rule", string="Matched Rule", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    rule_trace = fields.Text(readonly=True, copy=False)

    def _replay_values(self, now, content=None):
        """A replay runs the rules again, on the values of then. `frozen`: it sends what was sent, if anything was.
        `rebuilt`: what the endpoint, and the values that rules read, are now.
        """
        if content == "frozen" and not self.content_frozen:
            content = "rebuilt"
        values = {**super()._replay_values(now, content), "context_values_json": self.context_values_json}
        if content != "rebuilt":
            values["field_values_json"] = self.field_values_json
        if content == "frozen":
            values.update({name: self[name] for name in FROZEN})
        return values

    def _field_values(self):
        """{expression: value} of what the rules of its endpoint and handler read: what is known, and besides what is
        missing, as of now.

        Read as the handler's execution user or, without one, as the user who queued the delivery.
        """
        self.ensure_one()
        known = json.loads(self.field_values_json or "{}")
        missing = [e for e in needed_fields_of(self) if e not in known and f"{e}!" not in known]
        if missing:
            known.update(field_values(missing, roots_of(self), self._reading_env()))
        return known

    def _reading_env(self):
        try:
            if self.handler_id.execution_user_id:
                return execution_env(self.env, self.handler_id, self.company_id)
            return env_of_user(self.env, self.create_uid, self.company_id)
        except OperationRefused as refused:
            return refused

    def _freeze_field_values(self):
        """When they are queued. Called as superuser."""
        for delivery in self:
            if needed_fields_of(delivery):
                delivery.field_values_json = as_text(delivery._field_values())


class OutboundDeliveryAttemptContent(models.Model):
    _name = "bwt.webhook.outbound.delivery.attempt"
    _inherit = ["bwt.webhook.outbound.delivery.attempt", "bwt.webhook.trace.mixin"]
    _trace_field = "rule_trace"

    rule_trace = fields.Text(readonly=True)
    record_reference = fields.Char(string="Record", readonly=True, help="What a rule wrote on the reply: model:id")


class InboundEventContent(models.Model):
    _inherit = "bwt.webhook.inbound.event"

    def _field_values(self):
        """{expression: value} of what the handler's rules read, as of now and as the execution user."""
        self.ensure_one()
        needed = needed_fields(self.handler_id)
        if not needed:
            return {}
        try:
            user_env = execution_env(self.env, self.handler_id, self.company_id)
        except OperationRefused as refused:
            user_env = refused
        return field_values(needed, roots_of(self), user_env)
