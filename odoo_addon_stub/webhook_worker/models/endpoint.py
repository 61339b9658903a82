# SPDX-License-Identifier: LGPL-3.0-or-later
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..compat import constraint

HTTP_METHODS = [("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE"), ("get", "GET")]
BODY_MODES = [
    ("json", "JSON"),
    ("form_urlencoded", "Form (URL-encoded)"),
    ("multipart", "Form (multipart)"),
    ("raw", "Raw text or XML"),
]
HELD_REASONS = [
    ("endpoint_archived", "Endpoint archived"),
    ("endpoint_draft", "Endpoint is a draft"),
    ("endpoint_paused", "Endpoint paused"),
    ("endpoint_disabled", "Endpoint disabled after failures"),
    ("handler_archived", "Handler archived"),
    ("handler_paused", "Handler paused"),
    ("company_paused", "Company paused"),
    ("neutralized", "Database neutralized"),
]
OPEN_STATES = ("queued", "error", "processing")
# The shape only: which addresses may be dialled is decided by the worker, where they are dialled.
_HOSTNAME = re.compile(r"https?://(?P<host>\[[0-9A-Fa-f:.%]+\]|[^/?#@\\:\[\]]+)(:(?P<port>[0-9]{1,5}))?")
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x20\x7f-\x9f]")


class OutboundEndpoint(models.Model):
    """A target of deliveries: where they go, how they are shaped, and what they may take."""

    _name = "bwt.webhook.outbound.endpoint"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "bwt.webhook.endpoint.state.mixin",
        "bwt.webhook.findings.mixin",
        "bwt.webhook.coded.mixin",
        "bwt.webhook.alarm.mixin",
    ]
    _description = "Outbound Webhook Endpoint"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        index=True,
        tracking=True,
        help="Stable technical identifier, unique within the company: a lowercase slug without spaces.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("archived", "Archived")],
        required=True,
        default="active",
        index=True,
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user, domain=[("share", "=", False)]
    )
    handler_id = fields.Many2one(
        "bwt.webhook.handler",
        domain="[('direction', '=', 'outbound'), ('company_id', '=', company_id)]",
        check_company=True,
        tracking=True,
        index=True,
        ondelete="restrict",
    )
    http_method = fields.Selection(HTTP_METHODS, string="HTTP Method", required=True, default="post", tracking=True)
    request_body_mode = fields.Selection(BODY_MODES, string="Body", required=True, default="json", tracking=True)
    target_hostname = fields.Char(
        string="Target", tracking=True, help="Scheme, host and optional port: https://example.com:8443"
    )
    target_path = fields.Char(string="Path", required=True, default="/", tracking=True)
    target_url = fields.Char(string="URL", compute="_compute_target_url", store=True)
    timeout_seconds = fields.Integer(
        string="Timeout",
        default=30, required=True, tracking=True, help="For the whole attempt, from dialling to the last byte."
    )
    retry_policy_id = fields.Many2one(
        "bwt.webhook.retry.policy",
        required=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self._default_retry_policy(),
    )
    concurrency_max = fields.Integer(
        string="Maximal Concurrency",
        default=10,
        required=True,
        help="So many requests at a time. Workers share them; each may have one.",
    )
    paused = fields.Boolean(
        readonly=True, copy=False, tracking=True, help="Deliveries are queued, but wait until it is resumed."
    )
    held_reason = fields.Selection(
        HELD_REASONS, compute="_compute_held_reason", search="_search_held_reason", compute_sudo=True
    )
    capture_request = fields.Boolean(default=True, help="Keep the headers and body of every attempt's request.")
    capture_response = fields.Boolean(default=True, help="Keep the headers and body of every attempt's reply.")
    capture_bytes_max = fields.Integer(string="Captured Bytes", default=10000, required=True)
    note = fields.Text()
    finding_ids = fields.One2many("bwt.webhook.finding", "outbound_endpoint_id", readonly=True)

    failed_delivery_count = fields.Integer(compute="_compute_open_counts", string="Failures")
    open_delivery_count = fields.Integer(compute="_compute_open_counts", string="Open Deliveries")

    _code_unique = constraint("UNIQUE (company_id, code)", "Another endpoint of this company has this code.")
    _timeout_range = constraint("CHECK (timeout_seconds BETWEEN 1 AND 3600)", "The timeout must be 1 to 3600 seconds.")
    _concurrency_range = constraint(
        "CHECK (concurrency_max BETWEEN 1 AND 1000)", "The maximal concurrency must be 1 to 1000."
    )
    _capture_range = constraint(
        "CHECK (capture_bytes_max BETWEEN 0 AND 1000000)", "The captured bytes must be 0 to 1,000,000."
    )

    def _default_retry_policy(self):
        return self.env.ref("webhook_worker.retry_policy_standard", raise_if_not_found=False)

    @api.depends("target_hostname", "target_path")
    def _compute_target_url(self):
        for endpoint in self:
            endpoint.target_url = endpoint.target_hostname and endpoint.target_hostname + (endpoint.target_path or "/")

    def _compute_open_counts(self):
        """One query over what is not done, however many deliveries are."""
        counts = self.env["bwt.webhook.outbound.delivery"]._count_unfinished(self.ids)
        for endpoint in self:
            by_state = counts.get(endpoint.id, {})
            endpoint.failed_delivery_count = by_state.get("error", 0) + by_state.get("dead_letter", 0)
            endpoint.open_delivery_count = sum(by_state.get(state, 0) for state in OPEN_STATES)

    # ---- shape

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalized(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalized(vals))

    @api.model
    def _normalized(self, vals):
        """Blanks around, the target's trailing slash and the path's missing leading one are mended, not refused."""
        vals = dict(vals)
        if vals.get("target_hostname"):
            vals["target_hostname"] = vals["target_hostname"].strip().rstrip("/")
        if "target_path" in vals:
            path = (vals["target_path"] or "").strip()
            vals["target_path"] = path if path.startswith("/") else f"/{path}"
        return vals

    @api.constrains("state", "target_hostname", "target_path")
    def _check_target(self):
        for endpoint in self:
            endpoint._check_target_hostname()
            if "#" in endpoint.target_path or _BLANK_OR_CONTROL.search(endpoint.target_path):
                raise ValidationError(
                    _("%s: the path must not contain '#', blanks or control characters.", endpoint.name)
                )

    def _check_target_hostname(self):
        hostname = self.target_hostname
        if not hostname:
            if self.state == "active":
                raise ValidationError(_("%(endpoint)s needs a target to be active.", endpoint=self.name))
            return
        match = _HOSTNAME.fullmatch(hostname)
        port = match and match["port"]
        if not match or _BLANK_OR_CONTROL.search(hostname) or (port and not 0 < int(port) < 65536):
            raise ValidationError(
                _(
                    "%(endpoint)s: the target %(target)r must be http:// or https://, a host and an optional port,"
                    " without user name, path, query, fragment or blanks; the path has a field of its own.",
                    endpoint=self.name,
                    target=hostname,
                )
            )

    @api.constrains("handler_id")
    def _check_handler(self):
        for endpoint in self.filtered("handler_id"):
            handler = endpoint.handler_id
            if handler.direction != "outbound":
                raise ValidationError(
                    _(
                        "The handler %(handler)s cannot be used by an outbound endpoint: verify that its Direction is"
                        " set to Outbound.",
                        handler=handler.name,
                    )
                )
            if not handler.active:
                raise ValidationError(
                    _("The handler %(handler)s is archived: it cannot be chosen for new work.", handler=handler.name)
                )

    # ---- actions

    def action_cancel_open(self):
        """Cancels everything of these endpoints that waits."""
        waiting = self.env["bwt.webhook.outbound.delivery"].search(
            [("endpoint_id", "in", self.ids), ("state", "in", ("queued", "error"))]
        )
        return waiting.action_cancel()

    def action_view_deliveries(self):
        """The deliveries of these endpoints; the context may name a filter."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_outbound_delivery")
        wanted = self.env.context.get("webhook_filter")
        action["domain"] = [("endpoint_id", "in", self.ids)]
        action["context"] = {f"search_default_{wanted}": 1} if wanted else {}
        return action

    def _contract_values(self):
        """This endpoint in the configuration document of the contract."""
        self.ensure_one()
        values = {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "company_id": self.company_id.id,
            "state": self.state,
            "target_hostname": self.target_hostname or "",
            "target_path": self.target_path,
            "timeout_seconds": self.timeout_seconds,
            "retry_policy_id": self.retry_policy_id.id,
            "concurrency_max": self.concurrency_max,
            "capture_request": self.capture_request,
            "capture_response": self.capture_response,
            "capture_bytes_max": self.capture_bytes_max,
        }
        # A neutralized database is told by every answer's envelope, not by a document that would go stale.
        if held_reason := self._held_by_configuration():
            values["held_reason"] = held_reason
        if self.handler_id:
            values["handler_id"] = self.handler_id.id
        return values
