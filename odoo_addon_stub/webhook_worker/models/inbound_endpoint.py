# SPDX-License-Identifier: LGPL-3.0-or-later
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..compat import constraint
from .endpoint import HELD_REASONS

_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
OPEN_EVENT_STATES = ("received", "processing", "error")


class InboundEndpoint(models.Model):
    """A public receiver of events: where they arrive, and which handler processes them."""

    _name = "bwt.webhook.inbound.endpoint"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "bwt.webhook.endpoint.state.mixin",
        "bwt.webhook.findings.mixin",
        "bwt.webhook.configuration.mixin",
        "bwt.webhook.alarm.mixin",
    ]
    _description = "Inbound Webhook Endpoint"
    _order = "name, id"
    _check_company_auto = True
    # Who calls the path knows it by heart: another path is another endpoint.
    _fixed_fields = ("company_id", "path")

    name = fields.Char(required=True, tracking=True)
    path = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="One segment of the public address, unique in this database, and for good.",
    )
    route_path = fields.Char(string="Public Path", compute="_compute_route_path")
    public_url = fields.Char(
        string="Public Address", compute="_compute_public_url", help="Of the gateway of a worker that is live."
    )
    intake_url = fields.Char(string="Address at Odoo", compute="_compute_public_url")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("archived", "Archived")],
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    handler_id = fields.Many2one(
        "bwt.webhook.handler",
        domain="[('direction', '=', 'inbound'), ('company_id', '=', company_id)]",
        check_company=True,
        tracking=True,
        index=True,
        ondelete="restrict",
    )
    retry_policy_id = fields.Many2one(
        "bwt.webhook.retry.policy",
        required=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self.env.ref("webhook_worker.retry_policy_standard", raise_if_not_found=False),
        help="When an event whose processing failed is tried again.",
    )
    paused = fields.Boolean(
        readonly=True, copy=False, tracking=True, help="Events are accepted, but wait until it is resumed."
    )
    held_reason = fields.Selection(
        HELD_REASONS, compute="_compute_held_reason", search="_search_held_reason", compute_sudo=True
    )
    note = fields.Text()
    finding_ids = fields.One2many("bwt.webhook.finding", "inbound_endpoint_id", readonly=True)
    inbound_event_count = fields.Integer(compute="_compute_event_counts", string="Events")
    open_event_count = fields.Integer(compute="_compute_event_counts", string="Open Events")
    failed_event_count = fields.Integer(compute="_compute_event_counts", string="Failures")
    rejected_event_count = fields.Integer(compute="_compute_event_counts", string="Rejected Requests")

    _path_unique = constraint("UNIQUE (path)", "Another endpoint has this path.")

    @api.depends("path")
    def _compute_route_path(self):
        for endpoint in self:
            endpoint.route_path = endpoint.path and f"/webhooks/in/{endpoint.path}"

    @api.depends("path")
    def _compute_public_url(self):
        gateway = next((url for url in self.env["bwt.webhook.worker"]._live().mapped("gateway_url") if url), "")
        for endpoint in self:
            endpoint.public_url = gateway and endpoint.path and gateway.rstrip("/") + endpoint.route_path
            endpoint.intake_url = endpoint.path and endpoint.get_base_url().rstrip("/") + endpoint.route_path

    def _compute_event_counts(self):
        counts = {endpoint_id: {} for endpoint_id in self.ids}
        for endpoint, state, count in self.env["bwt.webhook.inbound.event"]._read_group(
            [("endpoint_id", "in", self.ids)], ["endpoint_id", "state"], ["__count"]
        ):
            counts[endpoint.id][state] = count
        for endpoint in self:
            by_state = counts.get(endpoint.id, {})
            endpoint.rejected_event_count = by_state.pop("rejected", 0)
            endpoint.inbound_event_count = sum(by_state.values())
            endpoint.failed_event_count = by_state.get("error", 0) + by_state.get("dead_letter", 0)
            endpoint.open_event_count = sum(by_state.get(state, 0) for state in OPEN_EVENT_STATES)

    # ---- shape

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalized(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalized(vals))

    @api.model
    def _normalized(self, vals):
        """Blanks and slashes around the path are mended, not refused."""
        return {**vals, "path": (vals["path"] or "").strip().strip("/").strip()} if "path" in vals else vals

    def copy_data(self, default=None):
        """A copy needs a path of its own."""
        values_list = super().copy_data(default=default)
        for endpoint, values in zip(self, values_list):
            if "path" not in (default or {}):
                values["path"] = endpoint._free_path()
        return values_list

    def _free_path(self):
        taken = set(self.sudo().search([("path", "=like", f"{self.path}-%")]).mapped("path"))
        number = 2
        while f"{self.path}-{number}" in taken:
            number += 1
        return f"{self.path}-{number}"

    @api.constrains("path")
    def _check_path(self):
        for endpoint in self:
            path = endpoint.path or ""
            if not path or path in (".", "..") or _BLANK_OR_CONTROL.search(path) or set(path) & set("/?#%\\"):
                raise ValidationError(
                    _(
                        "The path %(path)r must be one segment of a URL, without blanks, '/', '?', '#', '%%' and"
                        " '\\'.",
                        path=path,
                    )
                )

    @api.constrains("handler_id", "state")
    def _check_handler(self):
        for endpoint in self.filtered("handler_id"):
            handler = endpoint.handler_id
            if handler.direction != "inbound":
                raise ValidationError(
                    _(
                        "The handler %(handler)s cannot be used by an inbound endpoint: verify that its Direction is"
                        " set to Inbound.",
                        handler=handler.name,
                    )
                )
            if endpoint.state == "active" and not handler.active:
                raise ValidationError(
                    _(
                        "The handler %(handler)s is archived: %(endpoint)s cannot be active with it.",
                        handler=handler.name,
                        endpoint=endpoint.name,
                    )
                )

    def action_view_inbound_events(self):
        """The events of these endpoints but the rejected ones; the context may name a filter."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_inbound_event")
        wanted = self.env.context.get("webhook_filter")
        action["domain"] = [("endpoint_id", "in", self.ids), ("state", "!=", "rejected")]
        action["context"] = {f"search_default_{wanted}": 1} if wanted else {}
        return action

    def _contract_values(self):
        """This endpoint in the configuration document of the contract."""
        self.ensure_one()
        values = {
            "id": self.id,
            "path": self.path,
            "name": self.name,
            "company_id": self.company_id.id,
            "state": self.state,
            "retry_policy_id": self.retry_policy_id.id,
        }
        if held_reason := self._held_by_configuration():
            values["held_reason"] = held_reason
        if self.handler_id:
            values["handler_id"] = self.handler_id.id
        return values
