# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..compat import index
from .endpoint import BODY_MODES, HELD_REASONS, HTTP_METHODS

STATES = [
    ("draft", "Draft"),
    ("queued", "Queued"),
    ("processing", "In Progress"),
    ("done", "Done"),
    ("error", "Retrying"),
    ("dead_letter", "Dead Letter"),
    ("canceled", "Canceled"),
]
FAILURE_REASONS = [
    ("http_status", "HTTP status"),
    ("timeout", "Timed out"),
    ("connect", "No connection"),
    ("tls", "TLS failed"),
    ("connection_lost", "Connection lost"),
    ("response_invalid", "Reply invalid"),
    ("address_refused", "Address refused"),
    ("auth", "No access token"),
    ("request_invalid", "Request invalid"),
    ("payload_invalid", "Payload invalid"),
    ("endpoint_gone", "Endpoint gone"),
    ("attempts_exhausted", "Attempts exhausted"),
    ("expired", "Expired"),
    ("interrupted", "Worker interrupted"),
    ("poison", "Lease lost three times"),
    ("settlement_refused", "Result refused by Odoo"),
    ("operator", "By an operator"),
    ("rule", "By a rule or callback"),
    ("rule_invalid", "Rule does not fit"),
    ("record_operation", "Refused by Odoo's records"),
    ("callback", "Callback failed"),
]
PRIORITIES = [("1", "High"), ("2", "Normal"), ("3", "Low")]
# Every part of it is exactly what one partial index holds, so that counting never reads the done ones.
UNFINISHED = " UNION ALL ".join(
    f"SELECT endpoint_id, company_id, state, next_attempt_at FROM bwt_webhook_outbound_delivery WHERE {condition}"
    for condition in (
        "state IN ('queued', 'error') AND lane IS NULL",
        "state IN ('queued', 'error') AND lane IS NOT NULL",
        "state = 'processing'",
        "state = 'dead_letter'",
    )
)


class OutboundDelivery(models.Model):
    """The promise to bring one payload to one endpoint.

    Claims and settlements change rows by SQL (`contract_claim`, `contract_settle`); people change them by the methods
    of `delivery_actions`. Nobody has the right to write a field. No chatter: there are millions of these.
    """

    _name = "bwt.webhook.outbound.delivery"
    _inherit = "bwt.webhook.alarm.mixin"
    _description = "Outbound Webhook Delivery"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    endpoint_id = fields.Many2one(
        "bwt.webhook.outbound.endpoint", required=True, readonly=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    handler_id = fields.Many2one(
        "bwt.webhook.handler",
        readonly=True,
        ondelete="set null",
        help="The endpoint's handler when the delivery was queued.",
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="draft")
    delivery_uid = fields.Char(
        string="Webhook ID", required=True, readonly=True, copy=False, help="Sent with every attempt as webhook-id."
    )
    payload_json = fields.Text(string="Payload", required=True, readonly=True, default="{}")
    request_headers_json = fields.Text(string="Headers", required=True, readonly=True, default="{}")
    http_method = fields.Selection(HTTP_METHODS, string="HTTP Method", required=True, readonly=True, default="post")
    request_body_mode = fields.Selection(BODY_MODES, string="Body", required=True, readonly=True, default="json")
    priority = fields.Selection(PRIORITIES, required=True, readonly=True, default="2")
    lane = fields.Char(readonly=True, help="Deliveries of one lane are sent one after the other.")
    identity_key = fields.Char(readonly=True, copy=False, help="Queueing the same key again returns this delivery.")
    res_model = fields.Char(string="Record Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field="res_model", readonly=True)

    queued_at = fields.Datetime(readonly=True)
    processed_at = fields.Datetime(readonly=True)
    next_attempt_at = fields.Datetime(string="Next Attempt", readonly=True)
    expires_at = fields.Datetime(
        string="Expires", readonly=True, copy=False, help="Of no use afterwards: it becomes a dead letter."
    )
    attempt_count = fields.Integer(string="Attempts", required=True, readonly=True, default=0, copy=False)
    attempt_base = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        copy=False,
        help="Attempts made before the delivery was last reprocessed; they count no more.",
    )
    lease_token = fields.Char(readonly=True, copy=False)
    lease_count = fields.Integer(required=True, readonly=True, default=0, copy=False)
    lease_lost_count = fields.Integer(
        string="Leases Lost in a Row", required=True, readonly=True, default=0, copy=False
    )
    lease_expires_at = fields.Datetime(readonly=True, copy=False)
    worker_id = fields.Many2one("bwt.webhook.worker", readonly=True, copy=False, ondelete="set null")
    last_settlement_uid = fields.Char(readonly=True, copy=False)
    response_status_code = fields.Integer(string="HTTP Status", readonly=True, copy=False, aggregator=None)
    failure_reason = fields.Selection(FAILURE_REASONS, readonly=True, copy=False)
    failure_message = fields.Char(readonly=True, copy=False)
    failure_key = fields.Char(readonly=True, copy=False, help="Equal failures have equal keys.")
    processing_note = fields.Text(readonly=True, copy=False)
    held_reason = fields.Selection(
        [*HELD_REASONS, ("unconfirmed", "Database not confirmed")],
        compute="_compute_held_reason",
        search="_search_held_reason",
        string="Held",
    )
    record_name = fields.Char(compute="_compute_record_name", string="Record")

    replayed_from_delivery_id = fields.Many2one(
        "bwt.webhook.outbound.delivery", string="Replay of", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    replay_delivery_ids = fields.One2many("bwt.webhook.outbound.delivery", "replayed_from_delivery_id", readonly=True)
    replay_count = fields.Integer(compute="_compute_replay_count", string="Replays")
    attempt_ids = fields.One2many("bwt.webhook.outbound.delivery.attempt", "delivery_id", readonly=True)

    _uid_unique = index("(delivery_uid)", unique=True)
    # What `claim` reads: unordered rows that wait, leases by their end, the rows of one lease.
    _waiting = index(
        "(endpoint_id, priority, next_attempt_at, id) WHERE state IN ('queued', 'error') AND lane IS NULL"
    )
    _leased = index("(lease_expires_at) WHERE state = 'processing'")
    _lease_token = index("(lease_token) WHERE lease_token IS NOT NULL")
    # What people and retention read.
    _of_endpoint = index("(endpoint_id, id)")
    _dead_letters = index("(id) WHERE state = 'dead_letter'")
    _processed = index("(processed_at) WHERE state IN ('done', 'dead_letter', 'canceled')")
    _of_record = index("(res_model, res_id) WHERE res_model IS NOT NULL")

    def init(self):
        """The lanes' order: the inserting transaction's id, given by PostgreSQL itself, because ids of rows are drawn
        long before their transactions commit. It is no field: no ORM type holds 64 bits.
        """
        super().init()
        self.env.cr.execute(
            """
            ALTER TABLE bwt_webhook_outbound_delivery
              ADD COLUMN IF NOT EXISTS lane_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
            CREATE INDEX IF NOT EXISTS bwt_webhook_outbound_delivery_lane_open
                ON bwt_webhook_outbound_delivery (endpoint_id, lane, lane_xid, id)
             WHERE lane IS NOT NULL AND state IN ('queued', 'error', 'processing')
            """
        )

    @api.depends("state", "endpoint_id.held_reason")
    def _compute_held_reason(self):
        waiting = self.filtered(lambda delivery: delivery.state in ("queued", "error"))
        reasons = self._held_reasons(waiting.endpoint_id)
        for delivery in self:
            delivery.held_reason = delivery in waiting and reasons[delivery.endpoint_id.id]

    @api.model
    def _held_reasons(self, endpoints):
        """{endpoint id: why its waiting deliveries are not handed out, or False}."""
        state = self.env["bwt.webhook.ledger"]._database_state()
        if state["remembered"] and not state["fingerprint_confirmed"] and not state["neutralized"]:
            return dict.fromkeys(endpoints.ids, "unconfirmed")
        return {endpoint.id: endpoint.held_reason for endpoint in endpoints.sudo()}

    @api.model
    def _search_held_reason(self, operator, value):
        """By looking at every endpoint: there are few of them."""
        if operator not in ("=", "in", "!=", "not in"):
            raise UserError(_("Held reasons can be compared with = and != only."))
        values = [value] if isinstance(value, (str, bool)) or value is None else value
        wanted, matches = {item or False for item in values}, operator in ("=", "in")
        reasons = self._held_reasons(self.env["bwt.webhook.outbound.endpoint"].sudo().search([]))
        found = [endpoint_id for endpoint_id, reason in reasons.items() if (reason in wanted) == matches]
        waiting = ("queued", "error")
        domain = ["&", ("state", "in", waiting), ("endpoint_id", "in", found)]
        # What does not wait is not held.
        return ["|", ("state", "not in", waiting), *domain] if (False in wanted) == matches else domain

    @api.depends("res_model", "res_id")
    def _compute_record_name(self):
        for delivery in self:
            delivery.record_name = delivery.res_model and f"{delivery.res_model},{delivery.res_id}"

    @api.depends("replay_delivery_ids")
    def _compute_replay_count(self):
        replays = [("replayed_from_delivery_id", "in", self.ids)]
        counts = dict(self._read_group(replays, ["replayed_from_delivery_id"], ["__count"]))
        for delivery in self:
            delivery.replay_count = counts.get(delivery, 0)

    @api.model
    def _count_unfinished(self, endpoint_ids=None):
        """{endpoint id: {state: count}} of what is neither done nor canceled, in the user's current companies."""
        self.flush_model()
        self.env.cr.execute(
            f"SELECT endpoint_id, state, count(*) FROM ({UNFINISHED}) unfinished"
            " WHERE company_id = ANY(%s) AND (%s OR endpoint_id = ANY(%s)) GROUP BY endpoint_id, state",
            [self.env.companies.ids, endpoint_ids is None, endpoint_ids or []],
        )
        counts = {}
        for endpoint_id, state, count in self.env.cr.fetchall():
            counts.setdefault(endpoint_id, {})[state] = count
        return counts

    # ---- hooks for other addons; called once per batch, with superuser records because the worker's user has no rights

    def _after_settle(self):
        """The deliveries that a batch of settlements was applied to."""

    def _on_dead_letter(self):
        """The deliveries that just became dead letters, whoever made them so."""

    def action_view_record(self):
        """The business record that the delivery is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Record"),
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_view_replays(self):
        """What was queued again from these deliveries."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_outbound_delivery")
        return {**action, "domain": [("replayed_from_delivery_id", "in", self.ids)], "context": {}}
