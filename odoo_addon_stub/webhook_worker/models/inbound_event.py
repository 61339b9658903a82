# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json

from odoo import api, fields, models

from ..compat import index
from .delivery import FAILURE_REASONS
from .endpoint import HELD_REASONS
from .payload import is_storable

STATES = [
    ("received", "Received"),
    ("processing", "In Progress"),
    ("done", "Done"),
    ("error", "Retrying"),
    ("dead_letter", "Dead Letter"),
    ("rejected", "Rejected"),
]
PREVIEW_CHARS_MAX = 100000


def _indented(text):
    """JSON as people read it; False for nothing, for what is long, and for what is no JSON."""
    try:
        value = json.loads(text) if text and len(text) <= PREVIEW_CHARS_MAX else {}
        # ASCII where UTF-8 cannot have it: half a surrogate pair.
        return json.dumps(value, indent=2, ensure_ascii=not is_storable(value)) if value != {} else False
    except (ValueError, RecursionError):
        return False


class InboundEvent(models.Model):
    """One accepted inbound request, with its raw bytes.

    `ingest`, `claim` and `settle` make and change them; people change them by the methods of `inbound_event_actions`.
    Nobody has the right to write a field. No chatter: there are millions of these.
    """

    _name = "bwt.webhook.inbound.event"
    _inherit = "bwt.webhook.alarm.mixin"
    _description = "Inbound Webhook Event"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    endpoint_id = fields.Many2one(
        "bwt.webhook.inbound.endpoint", required=True, readonly=True, ondelete="restrict", check_company=True
    )
    handler_id = fields.Many2one(
        "bwt.webhook.handler", readonly=True, ondelete="set null", help="Fixed when the event was received."
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    remote_address = fields.Char(string="Sender's Address", readonly=True)
    event_uid = fields.Char(string="Event ID", required=True, readonly=True, copy=False)
    received_at = fields.Datetime(required=True, readonly=True)
    processed_at = fields.Datetime(readonly=True)
    processing_seconds = fields.Float(compute="_compute_processing_seconds", digits=(16, 3))
    state = fields.Selection(STATES, required=True, readonly=True, default="received")

    topic = fields.Char(readonly=True)
    event_type = fields.Char(readonly=True)
    event_id = fields.Char(string="Sender's Event ID", readonly=True)
    delivery_id = fields.Char(string="Sender's Delivery ID", readonly=True)
    notification_id = fields.Char(string="Notification ID", readonly=True)
    idempotency_key = fields.Char(readonly=True)
    tenant_key = fields.Char(readonly=True)
    resource_reference = fields.Char(readonly=True)
    version = fields.Char(readonly=True)
    handler_selector = fields.Char(readonly=True)
    signature = fields.Char(readonly=True)
    signature_timestamp_raw = fields.Char(string="Signature Timestamp", readonly=True)
    occurred_at_raw = fields.Char(string="Occurred At", readonly=True)

    delivery_identity_key = fields.Char(string="Identity Key", readonly=True, copy=False)
    delivery_identity_source = fields.Selection(
        [("delivery_id", "Delivery ID"), ("idempotency_key", "Idempotency key"), ("body_sha256", "Body hash")],
        string="Identity From",
        readonly=True,
    )
    replay_identity_key = fields.Char(readonly=True, copy=False)
    replay_identity_source = fields.Selection(
        [("event_id", "Event ID"), ("idempotency_key", "Idempotency key")], string="Replay Identity From", readonly=True
    )
    delivery_kind = fields.Selection(
        [("primary", "First"), ("replay", "Replay")], required=True, readonly=True, default="primary"
    )
    replayed_from_event_id = fields.Many2one(
        "bwt.webhook.inbound.event", string="Replay of", readonly=True, ondelete="set null", index="btree_not_null"
    )
    duplicate_count = fields.Integer(
        string="Duplicates", required=True, readonly=True, default=0, help="So often the same request came again."
    )

    resolved_values_json = fields.Text(string="Resolved Values", required=True, readonly=True, default="{}")
    body_sha256 = fields.Char(string="Body SHA-256", readonly=True)
    request_body_raw = fields.Binary(attachment=False, readonly=True, help="The bytes as they came.")
    request_body = fields.Text(
        compute="_compute_request_body", string="Raw Body", help="Bytes that are no text are shown as �."
    )
    request_headers_json = fields.Text(string="Headers", required=True, readonly=True, default="{}")
    query_json = fields.Text(string="Query", required=True, readonly=True, default="{}")
    payload_text = fields.Text(
        string="Payload as JSON", readonly=True, help="What rules read of a body that is no JSON: a form, or a text."
    )
    payload_json = fields.Text(compute="_compute_request_body", string="Payload")

    next_attempt_at = fields.Datetime(string="Next Attempt", readonly=True)
    attempt_count = fields.Integer(string="Failed Tries", required=True, readonly=True, default=0, copy=False)
    lease_token = fields.Char(readonly=True, copy=False)
    lease_count = fields.Integer(required=True, readonly=True, default=0, copy=False)
    lease_lost_count = fields.Integer(
        string="Leases Lost in a Row", required=True, readonly=True, default=0, copy=False
    )
    lease_expires_at = fields.Datetime(readonly=True, copy=False)
    worker_id = fields.Many2one("bwt.webhook.worker", readonly=True, copy=False, ondelete="set null")
    last_settlement_uid = fields.Char(readonly=True, copy=False)
    failure_reason = fields.Selection(FAILURE_REASONS, readonly=True, copy=False)
    failure_message = fields.Char(readonly=True, copy=False)
    failure_key = fields.Char(readonly=True, copy=False, help="Equal failures have equal keys.")
    processing_note = fields.Text(readonly=True, copy=False)
    held_reason = fields.Selection(HELD_REASONS, compute="_compute_held_reason", string="Held")
    matched_inbound_rule_id = fields.Many2one(
        "bwt.webhook.inbound.handler.rule", string="Matched Rule", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    rule_execution_ids = fields.One2many("bwt.webhook.inbound.rule.execution", "event_id", readonly=True)
    rejection_category = fields.Char(readonly=True)
    rejection_reason = fields.Text(readonly=True)

    _uid_unique = index("(event_uid)", unique=True)
    # What a forged request cannot occupy: rejected events have no part in it.
    _identity_unique = index(
        "(endpoint_id, delivery_identity_key) WHERE delivery_identity_key IS NOT NULL AND state <> 'rejected'",
        unique=True,
    )
    # What `claim` reads.
    _waiting = index("(endpoint_id, next_attempt_at, id) WHERE state IN ('received', 'error')")
    _leased = index("(lease_expires_at) WHERE state = 'processing'")
    _open = index("(endpoint_id, id) WHERE state IN ('received', 'error', 'processing')")
    _lease_token = index("(lease_token) WHERE lease_token IS NOT NULL")
    # What people, replays and retention read.
    _of_endpoint = index("(endpoint_id, id)")
    _attention = index("(id) WHERE state IN ('error', 'dead_letter', 'rejected')")
    _processed = index("(processed_at) WHERE state IN ('done', 'dead_letter', 'rejected')")
    _replays = index("(endpoint_id, replay_identity_key, id) WHERE replay_identity_key IS NOT NULL")

    @api.depends("received_at", "processed_at")
    def _compute_processing_seconds(self):
        for event in self:
            both = event.processed_at and event.received_at
            event.processing_seconds = both and max((event.processed_at - event.received_at).total_seconds(), 0)

    @api.depends("request_body_raw", "payload_text")
    def _compute_request_body(self):
        """For people: cut where it is long, indented where it is JSON."""
        for event in self:
            text = event._raw_body().decode("utf-8", "replace").replace("\0", "\\u0000")
            event.request_body = text[:PREVIEW_CHARS_MAX]
            event.payload_json = _indented(event.payload_text or text)

    def _raw_body(self):
        """The bytes of the body."""
        return base64.b64decode(self.with_context(bin_size=False).request_body_raw or b"")

    @api.depends("state", "endpoint_id.held_reason")
    def _compute_held_reason(self):
        for event in self:
            waiting = event.state in ("received", "error")
            event.held_reason = waiting and event.endpoint_id.sudo().held_reason

    # ---- hooks for other addons; called once per batch, with superuser records because the worker's user has no rights

    def _after_ingest(self):
        """The events that a call of `ingest` made."""

    def _after_settle(self):
        """The events that a batch of settlements was applied to."""

    def _on_dead_letter(self):
        """The events that just became dead letters, whoever made them so."""
