# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, models
from odoo.exceptions import AccessError, UserError

from .. import compat
from . import wake
from .delivery_actions import NO_FAILURE, NO_LEASE

# What each step may start from. A done event may be processed again, which people are asked about.
REPROCESS_FROM = ("error", "dead_letter", "done")
DEAD_LETTER_FROM = ("received", "error", "processing")


class InboundEventActions(models.Model):
    """What operators do with events. They write no field: each step checks them, then does its own narrow write.

    A worker that holds an event meanwhile is fenced by the state and the lease token: its settlement is superseded.
    """

    _inherit = "bwt.webhook.inbound.event"

    def action_reprocess(self):
        """Processes them again, due at once, with a fresh count of tries; by the endpoint's handler if it had none."""
        events = self._for_operator(REPROCESS_FROM, _("reprocessed"))
        for handler, part in events.grouped(lambda event: event.handler_id or event.endpoint_id.handler_id).items():
            part.write(
                {
                    **NO_FAILURE,
                    **NO_LEASE,
                    "state": "received",
                    "handler_id": handler.id,
                    "next_attempt_at": self.env.cr.now(),
                    "processed_at": False,
                    "attempt_count": 0,
                    "matched_inbound_rule_id": False,
                    "processing_note": _("Reprocessed by %s.", self.env.user.name),
                }
            )
        wake.after_commit(self.env)
        return True

    def action_dead_letter(self):
        """Gives them up. One that is in progress leaves no record changed: its settlement comes too late."""
        events = self._for_operator(DEAD_LETTER_FROM, _("dead-lettered"))
        events.write(
            {
                **NO_LEASE,
                "state": "dead_letter",
                "processed_at": self.env.cr.now(),
                "next_attempt_at": False,
                "failure_reason": "operator",
                "failure_message": _("Dead-lettered by %s.", self.env.user.name),
            }
        )
        events._on_dead_letter()
        return True

    def _for_operator(self, allowed, what):
        """The events as superuser, once the caller is an operator who sees them and all may take that step.

        Their rows are locked first and in the order of their ids, as settle does it.
        """
        if not self.env.user.has_group("webhook_worker.group_webhooks_operator"):
            raise AccessError(_("Only Webhooks Operators may do that."))
        compat.check_access(self, "read")
        wrong = self._locked().filtered(lambda event: event.state not in allowed)
        if wrong:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                _(
                    "%(count)s of the events cannot be %(what)s; the first is %(event)s: %(state)s.",
                    count=len(wrong),
                    what=what,
                    event=wrong[0].name,
                    state=states[wrong[0].state],
                )
            )
        return self.sudo()

    def _locked(self):
        """Until the end of the transaction; their states are read again."""
        self.flush_model()
        self.env.cr.execute(
            "SELECT id FROM bwt_webhook_inbound_event WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [self.ids]
        )
        self.invalidate_recordset(flush=False)
        return self
