# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, fields, models
from odoo.exceptions import AccessError

from ..compat import index
from .delivery import STATES
from .endpoint import HTTP_METHODS

OUTCOMES = [
    ("delivered", "Delivered"),
    ("retry", "Failed, retry"),
    ("dead_letter", "Dead letter"),
    ("canceled", "Canceled"),
    ("interrupted", "Interrupted"),
]


class OutboundDeliveryAttempt(models.Model):
    """The record of one finished try. Written by `settle` and by the `claim` that takes over a lost lease."""

    _name = "bwt.webhook.outbound.delivery.attempt"
    _description = "Outbound Webhook Attempt"
    _order = "id desc"
    _log_access = False

    name = fields.Char(compute="_compute_name")
    delivery_id = fields.Many2one("bwt.webhook.outbound.delivery", required=True, readonly=True, ondelete="cascade")
    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    attempt_number = fields.Integer(string="Attempt", required=True, readonly=True, aggregator=None)
    attempt_uid = fields.Char(required=True, readonly=True)
    lease_token = fields.Char(required=True, readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, help="The state it brought the delivery to.")
    superseded = fields.Boolean(
        readonly=True, help="Another worker had taken the delivery over: this result is logged and changed nothing."
    )
    maybe_delivered = fields.Boolean(readonly=True, help="Bytes may have left although there is no reply.")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True, aggregator="avg")
    worker_id = fields.Many2one("bwt.webhook.worker", readonly=True, ondelete="set null")
    worker_name = fields.Char(string="Worker Name", readonly=True)
    http_method = fields.Selection(HTTP_METHODS, string="HTTP Method", readonly=True)
    target_url = fields.Char(string="URL", readonly=True)
    request_headers_json = fields.Text(string="Request Headers", readonly=True)
    request_body = fields.Text(readonly=True)
    response_status_code = fields.Integer(string="HTTP Status", readonly=True, aggregator=None)
    response_headers_json = fields.Text(string="Response Headers", readonly=True)
    response_body = fields.Text(readonly=True)
    error_kind = fields.Char(readonly=True)
    processing_error = fields.Text(string="Error", readonly=True)
    processing_note = fields.Text(readonly=True)

    _lease_unique = index("(delivery_id, lease_token)", unique=True)
    _uid_unique = index("(attempt_uid)", unique=True)

    def _compute_name(self):
        for attempt in self:
            attempt.name = _("Attempt %s", attempt.attempt_number)

    def write(self, vals):
        raise AccessError(_("Attempts are a record of what happened: nobody changes them."))

    def unlink(self):
        raise AccessError(_("Attempts are a record of what happened: they go with their delivery."))
