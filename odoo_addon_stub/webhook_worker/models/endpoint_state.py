# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError


class EndpointStateMixin(models.AbstractModel):
    """The states of an endpoint of either direction, and why its work is held."""

    _name = "bwt.webhook.endpoint.state.mixin"
    _description = "State of a Webhook Endpoint"

    pending_key_count = fields.Integer(compute="_compute_pending_key_count")

    def _compute_pending_key_count(self):
        self.pending_key_count = self.env["bwt.webhook.worker.public.key"]._pending_count()

    @api.depends(lambda self: self._held_reason_depends())
    def _compute_held_reason(self):
        neutralized = self.env["bwt.webhook.ledger"]._database_state()["neutralized"]
        for endpoint in self:
            endpoint.held_reason = "neutralized" if neutralized else endpoint._held_by_configuration()

    @api.model
    def _held_reason_depends(self):
        if self._abstract:
            return []
        disabled = ["disabled_at"] if "disabled_at" in self._fields else []
        return ["state", "paused", "handler_id.active", "handler_id.paused", "company_id.webhooks_paused", *disabled]

    def _held_by_configuration(self):
        """Why nothing of this endpoint may be claimed, or False. `contract_claim` says the same in SQL."""
        self.ensure_one()
        if self.state != "active":
            return f"endpoint_{self.state}"
        if self.paused:
            return "endpoint_paused"
        if "disabled_at" in self._fields and self.disabled_at:
            return "endpoint_disabled"
        if self.handler_id and not self.handler_id.active:
            return "handler_archived"
        if self.handler_id.paused:
            return "handler_paused"
        return "company_paused" if self.company_id.webhooks_paused else False

    @api.model
    def _search_held_reason(self, operator, value):
        """By looking at every endpoint: there are few of them."""
        if operator not in ("=", "in", "!=", "not in"):
            raise ValidationError(_("Held reasons can be compared with = and != only."))
        wanted = {value} if isinstance(value, (str, bool)) else set(value)
        matches = operator in ("=", "in")
        found = self.sudo().search([]).filtered(lambda endpoint: (endpoint.held_reason in wanted) == matches)
        return [("id", "in", found.ids)]

    def _change_state(self, allowed, state):
        wrong = self.filtered(lambda endpoint: endpoint.state not in allowed)
        if wrong:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise ValidationError(
                _(
                    "%(endpoint)s is %(state)s: that step is not possible from there.",
                    endpoint=wrong[0].name,
                    state=states[wrong[0].state],
                )
            )
        return self.write({"state": state})

    def write(self, vals):
        if vals.get("state") == "active":
            self.filtered(lambda endpoint: endpoint.state != "active")._check_no_errors_found()
        return super().write(vals)

    def action_activate(self):
        return self._change_state(("draft",), "active")

    def action_set_draft(self):
        return self._change_state(("active", "archived"), "draft")

    def action_archive(self):
        """Holds what is open."""
        return self._change_state(("draft", "active"), "archived")

    def action_unarchive(self):
        """Odoo's own needs a field `active`, and fails without one; an archived endpoint comes back as a draft."""
        return self._change_state(("archived",), "draft")

    def action_pause(self):
        return self.write({"paused": True})

    def action_resume(self):
        return self.write({"paused": False})
