# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..compat import index
from . import (
    contract_claim,
    contract_findings,
    contract_hello,
    contract_ingest,
    contract_lease,
    contract_python,
    contract_read_as,
    contract_reseal,
    contract_settle,
    contract_shape,
    wake,
)
from .payload import Spelled, with_visible_texts

CONTRACT = {
    "hello": contract_hello.hello,
    "configuration": contract_hello.configuration,
    "claim": contract_claim.claim,
    "renew": contract_lease.renew,
    "release": contract_lease.release,
    "settle": contract_settle.settle,
    "ingest": contract_ingest.ingest,
    "run_python_handler": contract_python.run_python_handler,
    "read_as": contract_read_as.read_as,
    "reseal": contract_reseal.reseal,
    "report_findings": contract_findings.report_findings,
    "answer_probe": contract_findings.answer_probe,
}
LIVE = timedelta(seconds=wake.LIVE_SECONDS)
LATE = timedelta(minutes=10)


def _may_be_unstorable(request):
    """Whether a JSON text may hold U+0000 or a surrogate; by substrings: these texts are megabytes."""
    return not request.isascii() or any(suspect in request for suspect in ("\x00", "\\u0000", "\\ud", "\\uD"))


class WebhookWorker(models.Model):
    """The workers that said hello, and the contract that they speak: one JSON text in, one out.

    What each method does is in the `contract_*` files; the contract itself is described in `schema/contract/README.md`.
    """

    _name = "bwt.webhook.worker"
    _inherit = "bwt.webhook.alarm.mixin"
    _description = "Webhook Worker"
    _order = "last_seen_at desc, id desc"
    _log_access = False

    worker_uid = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    version = fields.Char(readonly=True)
    host = fields.Char(readonly=True)
    contract_version = fields.Integer(readonly=True, aggregator=None)
    callbacks = fields.Text(readonly=True, help="The native callbacks that this worker has.")
    journal_healthy = fields.Boolean(readonly=True)
    wake_address = fields.Char(readonly=True)
    wake_allowed = fields.Boolean(compute="_compute_wake_allowed", string="Woken")
    public_key = fields.Text(readonly=True)
    gateway_url = fields.Char(string="Gateway", readonly=True, help="What comes before /webhooks/in/.")
    inbox_event_count = fields.Integer(
        string="Events in the Inbox", readonly=True, aggregator=None, help="Accepted and answered, and not in Odoo yet."
    )
    inbox_bytes = fields.Float(string="Inbox Size", digits=(20, 0), readonly=True, aggregator=None, help="In bytes.")
    inbox_bytes_max = fields.Float(string="Inbox Limit", digits=(20, 0), readonly=True, aggregator=None)
    inbox_usage = fields.Char(compute="_compute_inbox_usage", string="Inbox")
    inbox_set_aside_count = fields.Integer(
        string="Set Aside",
        readonly=True,
        aggregator=None,
        help="Accepted events that Odoo refused for good; they are kept beside the worker.",
    )
    inbox_oldest_at = fields.Datetime(string="Oldest in the Inbox", readonly=True)
    inbox_healthy = fields.Boolean(readonly=True)
    has_inbox = fields.Boolean(compute="_compute_inbox_usage")
    first_seen_at = fields.Datetime(readonly=True)
    last_seen_at = fields.Datetime(string="Last Seen", readonly=True)
    status = fields.Selection(
        [("live", "Live"), ("late", "Late"), ("gone", "Gone")],
        compute="_compute_status",
        help="Live: seen within a minute. Gone: not seen for ten.",
    )
    processing_count = fields.Integer(compute="_compute_processing_count", string="In Progress")

    _uid_unique = index("(worker_uid)", unique=True)

    @api.depends("last_seen_at")
    def _compute_status(self):
        now = fields.Datetime.now()
        for worker in self:
            silence = now - (worker.last_seen_at or worker.first_seen_at or now - LATE)
            worker.status = "live" if silence < LIVE else "late" if silence < LATE else "gone"

    @api.depends("wake_address")
    def _compute_wake_allowed(self):
        try:
            networks = wake.parse_networks(self.env["ir.config_parameter"].sudo().get_param(wake.TARGETS_PARAMETER))
        except ValueError:
            networks = []
        for worker in self:
            address = worker.wake_address and wake.parse_address(worker.wake_address)[0]
            worker.wake_allowed = bool(address) and wake.is_allowed(address, networks)

    @api.depends("inbox_bytes", "inbox_bytes_max")
    def _compute_inbox_usage(self):
        for worker in self:
            worker.has_inbox = bool(worker.inbox_bytes_max)
            worker.inbox_usage = worker.has_inbox and _(
                "%(used)s of %(limit)s MiB", used=round(worker.inbox_bytes / 2**20),
                limit=round(worker.inbox_bytes_max / 2**20),
            )  # fmt: skip

    def _compute_processing_count(self):
        counts = dict(
            self.env["bwt.webhook.outbound.delivery"]._read_group(
                [("worker_id", "in", self.ids), ("state", "=", "processing")], ["worker_id"], ["__count"]
            )
        )
        for worker in self:
            worker.processing_count = counts.get(worker, 0)

    @api.model
    def _live(self):
        """Those that are live, as superuser."""
        return self.sudo().search([]).filtered(lambda worker: worker.status == "live")

    # ---- the contract

    @api.model
    def hello(self, request):
        """Registers or refreshes a worker."""
        return self._answer("hello", request)

    @api.model
    def configuration(self, request):
        """Handlers, endpoints and retry policies as one document, or "unchanged"."""
        return self._answer("configuration", request)

    @api.model
    def claim(self, request):
        """Takes due deliveries under a token that the worker chose."""
        return self._answer("claim", request)

    @api.model
    def renew(self, request):
        """Extends leases."""
        return self._answer("renew", request)

    @api.model
    def release(self, request):
        """Gives leases back unspent."""
        return self._answer("release", request)

    @api.model
    def settle(self, request):
        """Applies outcomes, attempts and next states."""
        return self._answer("settle", request)

    @api.model
    def ingest(self, request):
        """Stores events that a gateway accepted."""
        return self._answer("ingest", request)

    @api.model
    def run_python_handler(self, request):
        """Calls a handler's Python method as its execution user."""
        return self._answer("run_python_handler", request)

    @api.model
    def read_as(self, request):
        """Reads as the execution user of a leased delivery or event."""
        return self._answer("read_as", request)

    @api.model
    def reseal(self, request):
        """Takes secrets that a worker sealed to the newly confirmed key."""
        return self._answer("reseal", request)

    @api.model
    def report_findings(self, request):
        """Takes what a worker found in the configuration."""
        return self._answer("report_findings", request)

    @api.model
    def answer_probe(self, request):
        """Takes a worker's answer to a question of the UI."""
        return self._answer("answer_probe", request)

    def _answer(self, method, request):
        self._check_worker()
        return json.dumps(CONTRACT[method](self.env, self._decode(method, request)), separators=(",", ":"))

    def _check_worker(self):
        """The contract's SQL knows no access rights: this guard is all that protects it."""
        user = self.env.user
        if not (user.active and user.has_group("webhook_worker.group_webhooks_worker")):
            raise AccessError(_("Only users in the group Webhook Worker may call the worker's contract."))

    def _decode(self, method, request):
        """The request as an object that fits its shape and holds nothing that PostgreSQL can't store."""
        try:
            value = json.loads(request, parse_float=Spelled)
            if _may_be_unstorable(request):
                value = with_visible_texts(value)
            contract_shape.REQUESTS[method](value)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValidationError(
                _("%(method)s: the request is no JSON text: %(error)s", method=method, error=error)
            ) from error
        except contract_shape.Misfit as misfit:
            raise ValidationError(_("%(method)s: %(misfit)s", method=method, misfit=misfit)) from misfit
        return value
