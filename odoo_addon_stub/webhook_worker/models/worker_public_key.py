# SPDX-License-Identifier: LGPL-3.0-or-later
import base64

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import compat
from ..compat import index
from . import sealing

PENDING_MAX = 10


class WorkerPublicKey(models.Model):
    """A public key that workers showed. Secrets are sealed to the one that an administrator confirmed."""

    _name = "bwt.webhook.worker.public.key"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook Worker Public Key"
    _order = "state, first_seen_at desc, id desc"
    _rec_name = "fingerprint"

    public_key = fields.Char(required=True, readonly=True, copy=False)
    fingerprint = fields.Char(
        required=True, readonly=True, help="SHA-256. 'webhook-worker keygen' prints the same when it makes the key."
    )
    state = fields.Selection(
        [("pending", "Waiting for confirmation"), ("confirmed", "Confirmed"), ("retired", "Retired")],
        required=True,
        readonly=True,
        default="pending",
        tracking=True,
    )
    worker_name = fields.Char(string="First Shown by", readonly=True)
    first_seen_at = fields.Datetime(string="First Seen", readonly=True)
    confirmed_by_id = fields.Many2one("res.users", string="Confirmed by", readonly=True, ondelete="set null")
    confirmed_at = fields.Datetime(string="Confirmed", readonly=True)

    _key_unique = index("(public_key)", unique=True)
    _one_confirmed = index("(state) WHERE state = 'confirmed'", unique=True)

    @api.model
    def _confirmed(self):
        """The key that secrets are sealed to, as superuser; empty when there is none."""
        return self.sudo().search([("state", "=", "confirmed")], limit=1)

    def _bytes(self):
        return sealing.decode_public_key(self.public_key)

    @api.model
    def _note_shown(self, text, worker_name):
        """A worker shows its key. An unknown one waits for an administrator; so many wait at most. As superuser: the
        worker's user has rights on no model. ValueError for a text that is no key.
        """
        key = sealing.decode_public_key(text)
        spelled = base64.b64encode(key).decode()
        self = self.sudo()
        if self.search_count([("public_key", "=", spelled)], limit=1):
            return
        # Two workers with one new key say hello at the same time, and neither must fail.
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('webhook_worker.public_key'))")
        if self.search_count([("public_key", "=", spelled)]) or self._pending_count() >= PENDING_MAX:
            return
        record = self.with_context(mail_notify_force_send=False).create(
            {
                "public_key": spelled,
                "fingerprint": sealing.fingerprint(key),
                "worker_name": worker_name,
                "first_seen_at": fields.Datetime.now(),
            }
        )
        record._ask_for_confirmation()

    @api.model
    def _pending_count(self):
        return self.sudo().search_count([("state", "=", "pending")])

    def _ask_for_confirmation(self):
        for user in compat.users_of(self.env.ref("base.group_system")):
            if user.active and not user.share:
                self.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=_("A webhook worker's key waits for confirmation"),
                    note=_("Compare the fingerprint with what webhook-worker keygen printed, and confirm the key."),
                    user_id=user.id,
                )

    def action_confirm(self):
        """From now on secrets are sealed to this key. Workers that hold the one before seal theirs to it too."""
        self.ensure_one()
        if not self.env.is_system():
            raise AccessError(_("Only system administrators may confirm a worker's key."))
        if self.state == "confirmed":
            raise UserError(_("This key is confirmed already."))
        confirmed = self._confirmed()
        confirmed.state = "retired"
        confirmed.flush_recordset()
        self.sudo().write(
            {"state": "confirmed", "confirmed_by_id": self.env.uid, "confirmed_at": fields.Datetime.now()}
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_confirmed(self):
        if "confirmed" in self.mapped("state"):
            raise UserError(_("Secrets are sealed to this key. Confirm another one first."))


class Ledger(models.Model):
    """The overview says that a key waits."""

    _inherit = "bwt.webhook.ledger"

    pending_key_count = fields.Integer(compute="_compute_pending_key_count", string="Keys Waiting for Confirmation")

    def _compute_pending_key_count(self):
        self.pending_key_count = self.env["bwt.webhook.worker.public.key"]._pending_count()
