# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..models import wake
from ..models.delivery import FAILURE_REASONS
from ..models.delivery_actions import REPLAY_FROM

REPLAYS_MAX = 10000
BATCH = 500


class Replay(models.TransientModel):
    """Queues deliveries again as new ones: those that were selected, or all that match. Operators see the endpoints and
    deliveries of their companies only, here as everywhere.
    """

    _name = "bwt.webhook.replay"
    _description = "Replay Webhook Deliveries"

    selection = fields.Selection(
        [("selected", "The selected deliveries"), ("filter", "All that match")],
        string="Which",
        required=True,
        default="selected",
    )
    delivery_ids = fields.Many2many("bwt.webhook.outbound.delivery", string="Deliveries")
    endpoint_ids = fields.Many2many("bwt.webhook.outbound.endpoint", string="Endpoints")
    state = fields.Selection(
        [("dead_letter", "Dead letters"), ("error", "Retrying"), ("canceled", "Canceled"), ("done", "Done")],
        default="dead_letter",
        help="None: all of these.",
    )
    failure_reason = fields.Selection(FAILURE_REASONS)
    queued_from = fields.Datetime()
    queued_until = fields.Datetime()
    content = fields.Selection(
        [("frozen", "What was sent"), ("rebuilt", "Made anew, with the endpoint and rules of now")],
        required=True,
        default="frozen",
        help="What was never sent is made anew in any case.",
    )
    rate_per_minute = fields.Integer(
        string="Deliveries a Minute", help="0: as fast as the limits of the endpoints let them go."
    )
    count = fields.Integer(compute="_compute_count", string="Found")

    @api.model
    def default_get(self, fields_list):
        """From a list: what was selected there."""
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "bwt.webhook.outbound.delivery" and "delivery_ids" in fields_list:
            values.update(delivery_ids=[(6, 0, self.env.context.get("active_ids", []))], selection="selected")
        return values

    @api.depends("selection", "delivery_ids", "endpoint_ids", "state", "failure_reason", "queued_from", "queued_until")
    def _compute_count(self):
        for replay in self:
            if replay.selection == "selected":
                replay.count = len(replay.delivery_ids)
            else:
                replay.count = self.env["bwt.webhook.outbound.delivery"].search_count(replay._domain())

    def _domain(self):
        """What cannot be sent as it was given is not found."""
        domain = [
            ("state", "in", [self.state] if self.state else list(REPLAY_FROM)),
            "|", ("failure_reason", "=", False), ("failure_reason", "!=", "payload_invalid"),
            ("endpoint_id.state", "=", "active"),
        ]  # fmt: skip
        for field, operator, value in (
            ("endpoint_id", "in", self.endpoint_ids._origin.ids or self.endpoint_ids.ids),
            ("failure_reason", "=", self.failure_reason),
            ("queued_at", ">=", self.queued_from),
            ("queued_at", "<=", self.queued_until),
        ):
            if value:
                domain.append((field, operator, value))
        return domain

    def action_replay(self):
        """Oldest first, so that lanes keep their order; all or none of them."""
        self.ensure_one()
        deliveries = self.delivery_ids
        if self.selection == "filter":
            deliveries = deliveries.search(self._domain(), order="id", limit=REPLAYS_MAX + 1)
        if not deliveries:
            raise UserError(_("There is nothing to replay."))
        if len(deliveries) > REPLAYS_MAX:
            raise UserError(
                _(
                    "More than %s deliveries match, which is too many at a time. Narrow the dates or the endpoints, and"
                    " replay them in parts.",
                    REPLAYS_MAX,
                )
            )
        deliveries = deliveries._to_replay().sorted("id")
        now, gap = self.env.cr.now(), 60 / self.rate_per_minute if self.rate_per_minute > 0 else 0
        replays = deliveries.browse()
        for start in range(0, len(deliveries), BATCH):
            part = deliveries.browse(deliveries.ids[start:][:BATCH])
            values_list = [delivery._replay_values(now, self.content) for delivery in part]
            for place, values in enumerate(values_list, start):
                # Their age counts from when they may go out: at a low rate the last ones would expire unsent.
                values["queued_at"] = values["next_attempt_at"] = now + timedelta(seconds=place * gap)
            replays |= part._replay(values_list)
            replays.flush_recordset()
        wake.after_commit(self.env)
        return replays.with_env(self.env)._open()
