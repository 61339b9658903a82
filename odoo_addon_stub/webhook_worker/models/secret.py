# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import re
import secrets
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import compat
from ..compat import constraint, index
from . import sealing
from .contract_rows import to_ms

REFERENCE = re.compile(r"(env|file):[^\s\x00-\x1f\x7f]+")
REFERENCE_CHARS_MAX = 1000
VALUE_BYTES_MAX = 20000
SIGNING_MAX = 10
OWNER_FIELDS = ("endpoint_id", "inbound_endpoint_id")
FOREIGN_PURPOSES = {
    "bwt.webhook.outbound.endpoint": ("challenge_token",),
    "bwt.webhook.inbound.endpoint": ("oauth2_client_secret", "client_key"),
}
OVERLAP_HOURS = 24
OVERLAP_HOURS_MAX = 24 * 90


def new_signing_secret(mode):
    """Of 32 random bytes: as Standard Webhooks spells it, or as any receiver of an HMAC takes it."""
    value = secrets.token_bytes(32)
    return value.hex() if mode == "hmac" else "whsec_" + base64.b64encode(value).decode()


class WebhookSecret(models.Model):
    """A secret of an endpoint of either direction, sealed to the workers' key on save: Odoo cannot read it again, and
    nobody in Odoo can.

    Or a reference to a variable or a file beside the worker.
    """

    _name = "bwt.webhook.secret"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Webhook Secret"
    # The newest signing secret first.
    _order = "endpoint_id, inbound_endpoint_id, purpose, id desc"
    _rec_name = "purpose"
    _fixed_fields = (*OWNER_FIELDS, "purpose")

    endpoint_id = fields.Many2one(
        "bwt.webhook.outbound.endpoint", string="Outbound Endpoint", ondelete="cascade", index=True
    )
    inbound_endpoint_id = fields.Many2one("bwt.webhook.inbound.endpoint", ondelete="cascade", index=True)
    purpose = fields.Selection(
        [
            ("signing", "Signing"),
            ("basic_password", "Password"),
            ("bearer_token", "Bearer token"),
            ("api_key", "API key"),
            ("oauth2_client_secret", "OAuth 2 client secret"),
            ("client_key", "Client certificate's key"),
            ("challenge_token", "Token of the challenge"),
        ],
        required=True,
        default="signing",
    )
    # Taken out of what is written before the ORM sees it: it is in no cache, no column and no log.
    value = fields.Text(
        string="Secret",
        compute="_compute_nothing",
        inverse="_inverse_nothing",
        copy=False,
        help="Sealed on save, and never shown again. To keep the present one, leave it empty.",
    )
    replaces_others = fields.Boolean(
        string="Replaces the Others",
        compute="_compute_nothing",
        inverse="_inverse_nothing",
        copy=False,
        help="Of a new signing secret. Otherwise the others go on being used too.",
    )
    overlap_hours = fields.Integer(
        string="Others Stay Valid for",
        compute="_compute_nothing",
        inverse="_inverse_nothing",
        copy=False,
        help="So many hours both are used, so that the other side can change over.",
    )
    reference = fields.Char(
        size=REFERENCE_CHARS_MAX,
        copy=False,
        groups="webhook_worker.group_webhooks_admin",
        help="Instead of a secret: env:NAME or file:NAME, which the worker looks up where its configuration allows."
        " Entered by system administrators only.",
    )
    sealed_value = fields.Text(readonly=True, copy=False, groups=fields.NO_ACCESS)
    expires_at = fields.Datetime(string="Used Until", help="Of a signing secret that was replaced.", copy=False)
    kept_as = fields.Char(compute="_compute_kept_as", compute_sudo=True, string="Kept")
    sealed_to_present_key = fields.Boolean(compute="_compute_kept_as", compute_sudo=True)
    sealing_problem = fields.Char(compute="_compute_sealing_problem", compute_sudo=True)

    # Of those of the other direction the endpoint is NULL, which equals nothing.
    _one_a_purpose = index("(endpoint_id, purpose) WHERE purpose <> 'signing'", unique=True)
    _one_a_purpose_inbound = index("(inbound_endpoint_id, purpose) WHERE purpose <> 'signing'", unique=True)
    _one_owner = constraint(
        "CHECK (num_nonnulls(endpoint_id, inbound_endpoint_id) = 1)",
        "A secret belongs to one endpoint, outbound or inbound.",
    )

    def _compute_nothing(self):
        for secret in self:
            secret.value = False
            secret.replaces_others = not secret.ids
            secret.overlap_hours = OVERLAP_HOURS

    def _inverse_nothing(self):
        """`create` and `write` took it."""

    @api.depends("reference", "sealed_value")
    def _compute_kept_as(self):
        confirmed = self.env["bwt.webhook.worker.public.key"]._confirmed()
        present = confirmed and sealing.key_id(confirmed._bytes())
        for secret in self:
            key_id = secret.sealed_value and sealing.key_id_of(secret.sealed_value)
            secret.sealed_to_present_key = bool(key_id) and key_id == present
            if key_id:
                digits = sealing.grouped(key_id.hex())
                secret.kept_as = (
                    _("Sealed to the key %s …", digits)
                    if secret.sealed_to_present_key
                    else _("Sealed to the key %s …, which is not the confirmed one", digits)
                )
            else:
                missing = secret.ids and _("Not kept: enter it again")
                secret.kept_as = _("As a reference") if secret.reference else missing

    @api.depends("purpose")
    def _compute_sealing_problem(self):
        """Said before somebody has typed a secret that then cannot be saved."""
        has_key = bool(self.env["bwt.webhook.worker.public.key"]._confirmed())
        self.sealing_problem = not has_key and self._no_key_message()

    @api.depends("purpose", "endpoint_id.name", "inbound_endpoint_id.name")
    def _compute_display_name(self):
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        for secret in self:
            secret.display_name = f"{secret._owner().name or ''}: {purposes.get(secret.purpose, '')}"

    def _owner(self):
        """The endpoint that it belongs to."""
        return self.endpoint_id or self.inbound_endpoint_id

    # ---- writing

    @api.model_create_multi
    def create(self, vals_list):
        taken = [self._take(vals, vals.get("purpose")) for vals in vals_list]
        for vals, _value, _hours in taken:
            self._check_is_first(vals)
        records = super().create([vals for vals, _value, _hours in taken])
        for record, (_vals, value, overlap_hours) in zip(records, taken):
            if value:
                record._seal(value)
            if overlap_hours is not None and record.purpose == "signing":
                record._expire_others(overlap_hours)
        records._check_kept()
        records._note(_("Secret added: %s."))
        records.inbound_endpoint_id._check_configuration_now()
        return records

    def write(self, vals):
        vals, value, _hours = self._take(vals, self[:1].purpose)
        compat.check_access(self, "write")
        result = super().write(vals)
        if vals.get("reference"):
            super(WebhookSecret, self.sudo()).write({"sealed_value": False})
        if value:
            for record in self:
                record._seal(value)
        self._check_kept()
        if value or "reference" in vals:
            self._note(_("Secret replaced: %s."))
        self.inbound_endpoint_id._check_configuration_now()
        return result

    def unlink(self):
        self._note(_("Secret deleted: %s."))
        endpoints = self.inbound_endpoint_id
        result = super().unlink()
        endpoints._check_configuration_now()
        return result

    @api.model
    def _check_is_first(self, vals):
        """Says what the unique index would only refuse."""
        purpose = vals.get("purpose", "signing")
        owners = (self.env[self._fields[name].comodel_name].browse(vals.get(name)) for name in OWNER_FIELDS)
        present = self.concat(*(owner.secret_ids for owner in owners if owner))
        if purpose != "signing" and purpose in present.mapped("purpose"):
            label = dict(self._fields["purpose"]._description_selection(self.env))[purpose]
            raise ValidationError(_("%s: there is one already. Open it and replace its value.", label))

    @api.model
    def _take(self, vals, purpose):
        """What is written, without what is in no column; the secret; the hours, or None when it replaces no others."""
        vals = dict(vals)
        value, hours = vals.pop("value", None) or "", vals.pop("overlap_hours", OVERLAP_HOURS)
        hours = (hours or 0) if vals.pop("replaces_others", False) else None
        # Blanks may belong to a password; a line's end never does.
        value = value.strip("\r\n") if purpose == "basic_password" else value.strip()
        if "reference" in vals:
            vals["reference"] = (vals["reference"] or "").strip() or False
            if vals["reference"] and not self.env.is_system():
                # The worker serves all companies, and so does what it finds under a name.
                raise AccessError(_("Only system administrators may refer to secrets beside the worker."))
        if value and vals.get("reference"):
            raise ValidationError(_("Enter a secret or a reference, not both."))
        if len(value.encode()) > VALUE_BYTES_MAX:
            raise ValidationError(_("A secret may have %s bytes at most.", VALUE_BYTES_MAX))
        return vals, value, hours

    def _seal(self, value):
        """As superuser, because nobody else may write the field; after the checks of the user's rights."""
        self.ensure_one()
        key = self.env["bwt.webhook.worker.public.key"]._confirmed()
        if not key:
            raise UserError(self._no_key_message())
        sealed = sealing.seal(key._bytes(), value, f"{self._name},{self.id},{self.purpose}")
        super(WebhookSecret, self.sudo()).write({"sealed_value": sealed, "reference": False})

    @api.model
    def _no_key_message(self):
        return _(
            "Secrets cannot be sealed yet: no worker's key is confirmed. Run 'webhook-worker keygen' beside the worker,"
            " start it, and confirm its key under Webhooks / Configuration / Worker Public Keys. Or a system"
            " administrator enters a reference: env:NAME or file:NAME."
        )

    def _expire_others(self, hours):
        """The signing secrets before this one are used so long, and deleted when that was over before."""
        if not 0 <= hours <= OVERLAP_HOURS_MAX:
            raise ValidationError(_("The others can stay valid for 0 to %s hours.", OVERLAP_HOURS_MAX))
        now = fields.Datetime.now()
        until = now + timedelta(hours=hours)
        others = self._owner().secret_ids.filtered(lambda s: s.purpose == "signing" and s.id < self.id)
        others.filtered(lambda s: s.expires_at and s.expires_at < now).unlink()
        others.exists().filtered(lambda s: not s.expires_at or s.expires_at > until).expires_at = until

    def _note(self, text):
        """Who changed a secret, and when, is told on the endpoint. What it is, is not."""
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        for record in self:
            record._owner()._message_log(body=text % purposes[record.purpose])

    # ---- shape

    def _check_kept(self):
        for record in self.sudo():
            if not record.sealed_value and not record.reference:
                raise ValidationError(_("%s: enter a secret, or a reference.", record.display_name))

    @api.constrains("reference")
    def _check_reference(self):
        for record in self.sudo():
            if record.reference and not REFERENCE.fullmatch(record.reference):
                raise ValidationError(
                    _("%s: a reference is env:NAME or file:NAME, without blanks.", record.display_name)
                )

    @api.constrains("purpose", *OWNER_FIELDS)
    def _check_purpose(self):
        for record in self:
            owner = record._owner()
            if owner and record.purpose in FOREIGN_PURPOSES[owner._name]:
                raise ValidationError(
                    _(
                        "%(endpoint)s has no use for a secret of this purpose: %(purpose)s.",
                        endpoint=owner.name,
                        purpose=dict(self._fields["purpose"]._description_selection(self.env))[record.purpose],
                    )
                )

    @api.constrains("expires_at", "purpose", *OWNER_FIELDS)
    def _check_rotation(self):
        for record in self:
            if record.expires_at and record.purpose != "signing":
                raise ValidationError(_("Only signing secrets expire; replace the others."))
            signing = record._owner().secret_ids.filtered(lambda secret: secret.purpose == "signing")
            if len(signing) > SIGNING_MAX:
                raise ValidationError(_("%(secret)s: more than %(max)s.", secret=record.display_name, max=SIGNING_MAX))

    def _contract_values(self):
        self.ensure_one()
        values = {"id": self.id, "purpose": self.purpose, "value": self.sealed_value or self.reference}
        if self.expires_at:
            values["expires_at_ms"] = max(0, to_ms(self.expires_at))
        return values

    def _contract_list(self):
        """Of an endpoint: what is kept, as a member of its values, or nothing."""
        kept = self.filtered(lambda secret: secret.sealed_value or secret.reference)
        return {"secrets": [secret._contract_values() for secret in kept]} if kept else {}


class OutboundEndpoint(models.Model):
    """The secrets of an endpoint. A copy has none."""

    _name = "bwt.webhook.outbound.endpoint"
    _inherit = "bwt.webhook.outbound.endpoint"

    secret_ids = fields.One2many("bwt.webhook.secret", "endpoint_id", string="Secrets", copy=False)

    def _contract_values(self):
        return {**super()._contract_values(), **self.secret_ids._contract_list()}
