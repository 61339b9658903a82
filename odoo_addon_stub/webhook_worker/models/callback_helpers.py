# SPDX-License-Identifier: LGPL-3.0-or-later
"""What Python callbacks ask of the event or delivery that they are given, and what they return."""

import json

from odoo import models


def _result(status, note=None, **values):
    return {"status": status, **({"note": note} if note else {}), **values}


def _parsed(text):
    """JSON, {} for nothing; ValueError says what is wrong with it."""
    return json.loads(text) if text and text.strip() else {}


class InboundEventCallback(models.Model):
    _inherit = "bwt.webhook.inbound.event"

    def get_payload(self):
        """The body as JSON, or of a form or text what rules read of it; {} for an empty one. ValueError when it is
        none of these.
        """
        self.ensure_one()
        return _parsed(self.payload_text or self._raw_body().decode("utf-8"))

    def get_resolved_values(self):
        self.ensure_one()
        return _parsed(self.resolved_values_json)

    def get_resolved_value(self, key, default=False):
        return self.get_resolved_values().get(key, default)

    def webhook_done(self, note=None):
        return _result("done", note)

    def webhook_dead_letter(self, note=None):
        return _result("dead_letter", note)

    def webhook_retry(self, seconds=0, note=None):
        """Again after so many seconds; 0: when the retry policy says."""
        return _result("retry", note, seconds=seconds)


class OutboundDeliveryCallback(models.Model):
    _inherit = "bwt.webhook.outbound.delivery"

    def get_payload(self):
        """The payload as JSON; {} for an empty one."""
        self.ensure_one()
        return _parsed(self.payload_json)

    def _build_outbound_delivery_result(self, outcome="send", **overrides):
        """What becomes of the delivery; `overrides` replace the request's http_method, target_path, headers, payload,
        or give a note or the seconds of a retry."""
        return {"outcome": outcome, **overrides}

    def webhook_done(self, note=None):
        """A delivery is done by being sent: before that this is no result, and makes a dead letter that says so."""
        return self._build_outbound_delivery_result("done", **({"note": note} if note else {}))

    def webhook_cancel(self, note=None):
        return self._build_outbound_delivery_result("cancel", **({"note": note} if note else {}))

    def webhook_dead_letter(self, note=None):
        return self._build_outbound_delivery_result("dead_letter", **({"note": note} if note else {}))

    def webhook_retry(self, seconds=0, note=None):
        values = {"seconds": seconds, **({"note": note} if note else {})}
        return self._build_outbound_delivery_result("retry", **values)
