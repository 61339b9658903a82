# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import models
from odoo.exceptions import UserError

from odoo.addons.webhook_worker.exceptions import WebhookPayloadValidationError


class EverythingCallbacks(models.Model):
    """Callbacks as the guide writes them. The payload says in `want` how they end; each makes a record first."""

    _inherit = "webhook.test.everything"

    def handle_inbound_event(self, event):
        payload = event.get_payload()
        want = payload.get("want")
        self.create({"name": f"in {want}", "number": payload.get("number", 0)})
        self._fail_as_wanted(want)
        if want == "settings":
            self.env["ir.config_parameter"].set_param("webhook.test", "x")
        if want == "dead_letter":
            return event.webhook_dead_letter("of no use")
        if want == "retry":
            return event.webhook_retry(seconds=3600)
        if want == "retry_once":
            return event.webhook_retry(seconds=1) if not event.attempt_count else event.webhook_done()
        return event.webhook_done("noted") if want == "done" else None

    def handle_outbound_delivery(self, delivery):
        payload = delivery.get_payload()
        want = payload.get("want")
        self.create({"name": f"out {want}"})
        self._fail_as_wanted(want)
        if want in ("cancel", "dead_letter"):
            return delivery._build_outbound_delivery_result(outcome=want, note="as wanted")
        if want == "retry":
            return delivery.webhook_retry(seconds=3600)
        if want == "changed":
            return delivery._build_outbound_delivery_result(
                outcome="send", http_method="put", target_path="/healthy/changed", headers={"X-Callback": "yes"},
                payload={**payload, "added": True},
            )  # fmt: skip
        return delivery._build_outbound_delivery_result(outcome="send") if want == "send" else None

    def _fail_as_wanted(self, want):
        if want == "user_error":
            raise UserError("Not now.")
        if want == "invalid":
            raise WebhookPayloadValidationError("The total is missing.")
