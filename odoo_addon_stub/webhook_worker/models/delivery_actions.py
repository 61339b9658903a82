# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, fields, models
from odoo.exceptions import AccessError, UserError

from .. import compat
from . import wake
from .contract_lanes import free_lanes
from .contract_rows import FILE_GONE
from .endpoint_queue import uuid7

# What each step may start from.
REPROCESS_FROM = ("error", "dead_letter", "canceled")
REPLAY_FROM = ("done", "error", "dead_letter", "canceled")
DEAD_LETTER_FROM = ("draft", "queued", "error", "processing")
CANCEL_FROM = ("draft", "queued", "error")
NO_FAILURE = {"failure_reason": False, "failure_message": False, "failure_key": False}
NO_LEASE = {"lease_token": False, "lease_expires_at": False, "lease_lost_count": 0}


class OutboundDeliveryActions(models.Model):
    """What operators do with deliveries. They write no field: each step checks them, then does its own narrow write.

    A worker that holds a delivery meanwhile is fenced by the state and the lease token: its settlement is superseded.
    """

    _inherit = "bwt.webhook.outbound.delivery"

    def action_reprocess(self):
        """Queues them again, due at once, with a fresh count of attempts and a fresh age; same webhook-id and body."""
        deliveries = self._for_operator(REPROCESS_FROM, _("reprocessed"))
        deliveries._refuse_invalid_payload()
        now = self.env.cr.now()
        for attempt_count, group in deliveries.grouped("attempt_count").items():
            group.write(
                {
                    **NO_FAILURE,
                    **NO_LEASE,
                    "state": "queued",
                    "queued_at": now,
                    "next_attempt_at": now,
                    "processed_at": False,
                    "attempt_base": attempt_count,
                }
            )
        # Whoever wants it sent again says that it is still of use.
        deliveries.filtered(lambda delivery: delivery.expires_at and delivery.expires_at <= now).expires_at = False
        wake.after_commit(self.env)
        return True

    def action_replay(self):
        """Makes new deliveries of the same content, with ids of their own, linked to the old ones."""
        deliveries = self._to_replay()
        now = self.env.cr.now()
        replays = deliveries._replay([delivery._replay_values(now) for delivery in deliveries])
        wake.after_commit(self.env)
        return replays.with_env(self.env)._open()

    def _replay(self, values_list):
        """New deliveries of these values, with copies of these deliveries' files."""
        replays = self.create(values_list)
        replays._freeze_field_values()
        for delivery, replay in zip(self, replays):
            if delivery.files_json:
                replay._attach_files(delivery._stored_files())
        return replays

    def _to_replay(self):
        """The deliveries as superuser, once they may be replayed."""
        deliveries = self._for_operator(REPLAY_FROM, _("replayed"))
        deliveries._refuse_invalid_payload()
        for endpoint in deliveries.endpoint_id:
            if endpoint.state != "active":
                raise UserError(
                    _("The endpoint %(endpoint)s is not active: nothing can be queued on it.", endpoint=endpoint.name)
                )
        return deliveries

    def action_dead_letter(self):
        """Gives them up. One that is in progress may still arrive; its attempt is recorded all the same."""
        deliveries = self._for_operator(DEAD_LETTER_FROM, _("dead-lettered"))
        message = _("Dead-lettered by %s.", self.env.user.name)
        deliveries._end("dead_letter", failure_reason="operator", failure_message=message)
        deliveries._on_dead_letter()
        return True

    def action_cancel(self):
        """Takes them back before they are sent, or after the worker that was sending them lost its lease."""
        deliveries = self._for_operator(CANCEL_FROM, _("canceled"), or_lease_expired=True)
        deliveries._end("canceled", processing_note=_("Canceled by %s.", self.env.user.name))
        return True

    # ---- means

    def _for_operator(self, allowed, what, or_lease_expired=False):
        """The deliveries as superuser, once the caller is an operator who sees them and all may take that step.

        Their rows are locked first and in the order of their ids, as settle does it.
        """
        if not self.env.user.has_group("webhook_worker.group_webhooks_operator"):
            raise AccessError(_("Only Webhooks Operators may do that."))
        compat.check_access(self, "read")
        self.flush_model()
        self.env.cr.execute(
            "SELECT id FROM bwt_webhook_outbound_delivery WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [self.ids]
        )
        self.invalidate_recordset(flush=False)
        wrong = self.filtered(lambda delivery: delivery.state not in allowed)
        if or_lease_expired:
            now = fields.Datetime.now()
            wrong = wrong.filtered(lambda d: d.state != "processing" or d.lease_expires_at >= now)
        if wrong:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                _(
                    "%(count)s of the deliveries cannot be %(what)s; the first is %(delivery)s: %(state)s.",
                    count=len(wrong),
                    what=what,
                    delivery=wrong[0].name,
                    state=states[wrong[0].state],
                )
            )
        return self.sudo()

    def _refuse_invalid_payload(self):
        wrong = self.filtered(lambda d: d.failure_reason == "payload_invalid" and d.failure_key != FILE_GONE)
        if wrong:
            raise UserError(
                _(
                    "The payload of %(delivery)s cannot be sent as it was given: mend it where it comes from, and queue"
                    " it anew.",
                    delivery=wrong[0].name,
                )
            )

    def _end(self, state, **values):
        held = [(d.endpoint_id.id, d.lane, d.lease_token) for d in self if d.lane and d.lease_token]
        self.write({**NO_LEASE, **values, "state": state, "processed_at": self.env.cr.now(), "next_attempt_at": False})
        self.flush_recordset()
        free_lanes(self.env.cr, held)

    def _replay_values(self, now, content=None):
        """The row of a replay. `content`: see `delivery_content`."""
        self.ensure_one()
        shape = self.endpoint_id if content == "rebuilt" else self
        # What was queued for one kind of body is none for the other.
        keeps_body = bool(self.files_json) or "raw" in (self.request_body_mode, shape.request_body_mode)
        original = self.name.split(" / Replay ")[0]
        return {
            "name": f"{original} / Replay {self.replay_count + 1}",
            "endpoint_id": self.endpoint_id.id,
            "company_id": self.company_id.id,
            "handler_id": self.endpoint_id.handler_id.id,
            "state": "queued",
            "delivery_uid": uuid7(),
            "payload_json": self.payload_json,
            "request_headers_json": self.request_headers_json,
            "http_method": shape.http_method,
            "request_body_mode": self.request_body_mode if keeps_body else shape.request_body_mode,
            "priority": self.priority,
            "lane": self.lane,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "queued_at": now,
            "next_attempt_at": now,
            "replayed_from_delivery_id": self.id,
        }

    def _open(self):
        """The form of one delivery, the list of several."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_outbound_delivery")
        if len(self) == 1:
            return {**action, "views": [(False, "form")], "view_mode": "form", "res_id": self.id, "context": {}}
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}
