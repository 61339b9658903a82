# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, fields, models
from odoo.exceptions import UserError

from ..compat import constraint


class OutboundEndpoint(models.Model):
    """What an endpoint's receiver may be asked to take, in which order, and what happens when it keeps failing."""

    _name = "bwt.webhook.outbound.endpoint"
    _inherit = "bwt.webhook.outbound.endpoint"

    ordering = fields.Selection(
        [("none", "None"), ("endpoint", "One after the other"), ("record", "One after the other for each record")],
        required=True,
        default="none",
        tracking=True,
        help="In the order of their commits. A delivery that fails holds those behind it until it is done or given up.",
    )
    rate_limit_count = fields.Integer(
        string="Rate Limit", required=True, default=0, tracking=True, help="0: none. Over all workers together."
    )
    rate_limit_period_seconds = fields.Integer(string="Rate Limit's Period", required=True, default=1, tracking=True)
    breaker_failures_max = fields.Integer(
        string="Circuit Breaker",
        required=True,
        default=10,
        help="After so many failures in a row nothing is sent for a while, then one delivery at a time.",
    )
    breaker_open_seconds = fields.Integer(string="Breaker's Pause", required=True, default=30)
    redirects_max = fields.Integer(
        string="Redirects Followed",
        required=True,
        default=0,
        tracking=True,
        help="0: none. Each is checked like a target.",
    )
    disabled_at = fields.Datetime(
        string="Disabled Since", readonly=True, copy=False, help="Since then its deliveries wait until it is enabled."
    )
    disabled_reason = fields.Selection(
        [("failing", "It failed for days without a success"), ("gone", "The receiver answered 410 Gone")],
        string="Disabled Because",
        readonly=True,
        copy=False,
        tracking=True,
    )

    _rate_limit_range = constraint(
        "CHECK (rate_limit_count BETWEEN 0 AND 1000000)", "The rate limit must be 0 to 1,000,000."
    )
    _rate_limit_period_range = constraint(
        "CHECK (rate_limit_period_seconds BETWEEN 1 AND 86400)", "The rate limit's period must be 1 to 86,400 seconds."
    )
    _breaker_failures_range = constraint(
        "CHECK (breaker_failures_max BETWEEN 1 AND 1000)", "The circuit breaker must open after 1 to 1000 failures."
    )
    _breaker_open_range = constraint(
        "CHECK (breaker_open_seconds BETWEEN 1 AND 86400)", "The circuit breaker's pause must be 1 to 86,400 seconds."
    )
    _redirects_range = constraint("CHECK (redirects_max BETWEEN 0 AND 5)", "At most 5 redirects can be followed.")

    def action_enable(self):
        """Ends what too many failures began: the deliveries that waited go out, at the rate limit."""
        enabled = self.filtered("disabled_at")
        if not enabled:
            raise UserError(_("It is not disabled."))
        enabled._check_no_errors_found()
        return enabled.write({"disabled_at": False, "disabled_reason": False})

    def _contract_values(self):
        values = super()._contract_values()
        values["breaker"] = {"failures_max": self.breaker_failures_max, "open_seconds": self.breaker_open_seconds}
        if self.rate_limit_count:
            values["rate_limit"] = {
                "count": self.rate_limit_count,
                "period_seconds": self.rate_limit_period_seconds,
            }
        if self.redirects_max:
            values["redirects_max"] = self.redirects_max
        return values
