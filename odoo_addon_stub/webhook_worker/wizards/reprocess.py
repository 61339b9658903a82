# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..models.delivery import FAILURE_REASONS
from ..models.inbound_event_actions import REPROCESS_FROM

EVENTS_MAX = 10000
BATCH = 500


class Reprocess(models.TransientModel):
    """Processes events again: those that were selected, or all that match. Operators see the endpoints and events of
    their companies only, here as everywhere.
    """

    _name = "bwt.webhook.reprocess"
    _description = "Reprocess Webhook Events"

    selection = fields.Selection(
        [("selected", "The selected events"), ("filter", "All that match")],
        string="Which",
        required=True,
        default="selected",
    )
    event_ids = fields.Many2many("bwt.webhook.inbound.event", string="Events")
    endpoint_ids = fields.Many2many("bwt.webhook.inbound.endpoint", string="Endpoints")
    state = fields.Selection(
        [("dead_letter", "Dead letters"), ("error", "Retrying"), ("done", "Done")],
        required=True,
        default="dead_letter",
        help="Of done ones the rules run a second time.",
    )
    failure_reason = fields.Selection(FAILURE_REASONS)
    event_type = fields.Char()
    received_from = fields.Datetime()
    received_until = fields.Datetime()
    count = fields.Integer(compute="_compute_count", string="Found")

    @api.model
    def default_get(self, fields_list):
        """From a list: what was selected there, if anything was."""
        values = super().default_get(fields_list)
        of_events = self.env.context.get("active_model") == "bwt.webhook.inbound.event"
        selected = of_events and self.env.context.get("active_ids")
        if selected and "event_ids" in fields_list:
            values.update(event_ids=[(6, 0, selected)], selection="selected")
        return values

    @api.depends(
        "selection", "event_ids", "endpoint_ids", "state", "failure_reason", "event_type", "received_from",
        "received_until",
    )  # fmt: skip
    def _compute_count(self):
        for wizard in self:
            if wizard.selection == "selected":
                wizard.count = len(wizard.event_ids)
            else:
                wizard.count = self.env["bwt.webhook.inbound.event"].search_count(wizard._domain())

    def _domain(self):
        domain = [("state", "=", self.state)]
        for field, operator, value in (
            ("endpoint_id", "in", self.endpoint_ids._origin.ids or self.endpoint_ids.ids),
            ("failure_reason", "=", self.failure_reason),
            ("event_type", "=", self.event_type),
            ("received_at", ">=", self.received_from),
            ("received_at", "<=", self.received_until),
        ):
            if value:
                domain.append((field, operator, value))
        return domain

    def action_reprocess(self):
        """Oldest first, all or none of them. What a worker took meanwhile is no longer among those that match."""
        self.ensure_one()
        events = self.event_ids.sorted("id")
        if self.selection == "filter":
            events = events.search(self._domain(), order="id", limit=EVENTS_MAX + 1)
        if not events:
            raise UserError(_("There is nothing to reprocess."))
        if len(events) > EVENTS_MAX:
            raise UserError(
                _(
                    "More than %s events match, which is too many at a time. Narrow the dates or the endpoints, and"
                    " reprocess them in parts.",
                    EVENTS_MAX,
                )
            )
        for start in range(0, len(events), BATCH):
            part = events.browse(events.ids[start:][:BATCH])
            if self.selection == "filter":
                part = part._locked().filtered(lambda event: event.state in REPROCESS_FROM)
            part.action_reprocess()
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_inbound_event")
        return {**action, "domain": [("id", "in", events.ids)]}
