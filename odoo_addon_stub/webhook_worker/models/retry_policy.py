# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..compat import constraint

EXPANDED_MAX = 100
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
# In the context of a policy's write, and an object so that no RPC's context can hold it: `_check_delays` follows.
_WHOLE_SCHEDULE = object()


class RetryPolicy(models.Model):
    """When a failed delivery is tried again, and when it is given up.

    A policy without a company serves all of them, and only system administrators may change it.
    """

    _name = "bwt.webhook.retry.policy"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Webhook Retry Policy"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        copy=False,
        default=lambda self: self.env.company,
        help="Empty: for every company, and changed by system administrators only.",
    )
    schedule_mode = fields.Selection(
        [("explicit", "A list of waits"), ("exponential", "Growing waits")],
        string="Schedule Kind",
        required=True,
        default="explicit",
    )
    base_seconds = fields.Integer(string="First Wait (seconds)", default=5, required=True)
    factor = fields.Float(default=2.0, required=True, digits=(6, 2), help="Each wait is so many times the one before.")
    longest_seconds = fields.Integer(string="Longest Wait (seconds)", default=24 * 3600, required=True)
    delay_ids = fields.One2many(
        "bwt.webhook.retry.policy.delay",
        "policy_id",
        string="Delays",
        copy=True,
        help="The wait after the first failed attempt, after the second, and so on. The last one repeats.",
    )
    delays_summary = fields.Char(compute="_compute_delays_summary", string="Schedule")
    attempts_max = fields.Integer(string="Maximal Attempts", default=10, required=True)
    age_max_seconds = fields.Integer(
        string="Maximal Age (seconds)",
        default=5 * 24 * 3600,
        required=True,
        help="A delivery that is older ends as a dead letter with the reason 'expired'.",
    )
    jitter_percent = fields.Integer(
        string="Jitter (%)",
        default=10,
        required=True,
        help="Spreads retries of many deliveries: up to this share is added to each wait, at random. Never taken off.",
    )
    retry_after_max_seconds = fields.Integer(
        string="Longest Retry-After (seconds)",
        default=86400,
        required=True,
        help="A receiver may ask for a later retry with the header Retry-After, up to this.",
    )
    retry_statuses = fields.Char(
        string="Retried Too",
        size=500,
        help="Statuses that are tried again although they are final by themselves: 409, 422, 500-599.",
    )
    final_statuses = fields.Char(
        string="Final Too", size=500, help="Statuses that are given up although they are tried again by themselves."
    )

    _attempts_positive = constraint("CHECK (attempts_max >= 1)", "At least one attempt must be allowed.")
    _age_positive = constraint("CHECK (age_max_seconds >= 1)", "The maximal age must be positive.")
    _jitter_percent = constraint("CHECK (jitter_percent BETWEEN 0 AND 100)", "The jitter must be 0 to 100 percent.")
    _retry_after = constraint("CHECK (retry_after_max_seconds >= 0)", "The longest Retry-After must not be negative.")

    _exponential_range = constraint(
        "CHECK (base_seconds >= 1 AND longest_seconds BETWEEN base_seconds AND 31536000 AND factor BETWEEN 1 AND 100)",
        "The first wait must be a second at least, the longest not shorter and a year at most, the factor 1 to 100.",
    )

    @api.depends(
        "delay_ids.value", "delay_ids.unit", "schedule_mode", "base_seconds", "factor", "longest_seconds",
        "attempts_max",
    )  # fmt: skip
    def _compute_delays_summary(self):
        """As many of an exponential schedule as tell how it goes on."""
        for policy in self:
            if policy.schedule_mode == "explicit":
                policy.delays_summary = ", ".join(policy.delay_ids.mapped("display_name"))
                continue
            delays = policy._delays_seconds()
            shown = [self._in_words(seconds) for seconds in (delays if len(delays) <= 6 else delays[:5])]
            if len(delays) > 6:
                shown.append(_("… up to %s", self._in_words(delays[-1])))
            policy.delays_summary = ", ".join(shown)

    @api.model
    def _in_words(self, seconds):
        for unit, text in ((3600, _("%s h")), (60, _("%s min"))):
            if seconds and seconds % unit == 0:
                return text % (seconds // unit)
        return _("%s s", seconds)

    def _delays_seconds(self):
        """The schedule in full: the last wait repeats, and more than the attempts need are not made."""
        if self.schedule_mode == "explicit":
            return [line.value * UNIT_SECONDS[line.unit] for line in self.delay_ids] or [60]
        delays, wait = [], float(max(self.base_seconds, 1))
        longest = max(self.longest_seconds, 1)
        for _place in range(min(max(self.attempts_max - 1, 1), EXPANDED_MAX)):
            delays.append(min(int(wait), longest))
            wait *= max(self.factor, 1.0)
            if delays[-1] == longest:
                break
        return delays

    def write(self, vals):
        """Changing the schedule may take every delay away before it adds the new ones."""
        return super(RetryPolicy, self.with_context(webhook_whole_schedule=_WHOLE_SCHEDULE)).write(vals)

    # The name, because a new policy without a word about delays is checked for what it says.
    @api.constrains("name", "delay_ids", "schedule_mode")
    def _check_delays(self):
        for policy in self:
            if policy.schedule_mode == "explicit" and not policy.delay_ids:
                raise ValidationError(_("The retry policy %(policy)s needs at least one delay.", policy=policy.name))

    def _contract_values(self):
        """This policy in the configuration document of the contract."""
        self.ensure_one()
        statuses = {name: (self[name] or "").strip() for name in ("retry_statuses", "final_statuses")}
        return {
            "id": self.id,
            "name": self.name,
            "delays_seconds": self._delays_seconds(),
            "attempts_max": self.attempts_max,
            "age_max_seconds": self.age_max_seconds,
            "jitter_percent": self.jitter_percent,
            "retry_after_max_seconds": self.retry_after_max_seconds,
            **{name: text for name, text in statuses.items() if text},
        }


class RetryPolicyDelay(models.Model):
    """One wait of a retry policy."""

    _name = "bwt.webhook.retry.policy.delay"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Webhook Retry Delay"
    _order = "policy_id, sequence, id"
    _rec_name = "value"
    _fixed_fields = ("policy_id",)

    policy_id = fields.Many2one("bwt.webhook.retry.policy", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    value = fields.Integer(string="Wait", required=True, default=1)
    unit = fields.Selection(
        [("second", "Seconds"), ("minute", "Minutes"), ("hour", "Hours")], required=True, default="minute"
    )

    _value_range = constraint("CHECK (value BETWEEN 0 AND 100000)", "A delay must be between 0 and 100000.")

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        if self.env.context.get("webhook_whole_schedule") is not _WHOLE_SCHEDULE:
            policies.exists()._check_delays()
        return result

    @api.depends("value", "unit")
    def _compute_display_name(self):
        short = {"second": _("%s s"), "minute": _("%s min"), "hour": _("%s h")}
        for line in self:
            line.display_name = short[line.unit] % line.value if line.unit else str(line.value)
