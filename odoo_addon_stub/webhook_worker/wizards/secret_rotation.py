# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from ..models.secret import OVERLAP_HOURS, new_signing_secret


class SecretRotation(models.TransientModel):
    """Makes a new signing secret, which replaces the others after a while."""

    _name = "bwt.webhook.secret.rotation"
    _description = "Replace a Webhook's Signing Secret"

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", ondelete="cascade")
    inbound_endpoint_id = fields.Many2one("bwt.webhook.inbound.endpoint", ondelete="cascade")
    overlap_hours = fields.Integer(
        string="Others Stay Valid for",
        default=OVERLAP_HOURS,
        required=True,
        help="So many hours both are used, so that the other side can change over.",
    )

    def action_generate(self):
        """The secret is in the answer to this call, and sealed in the new record; nowhere else."""
        self.ensure_one()
        mode = self.endpoint_id.signature_mode or self.inbound_endpoint_id.signature_verification_mode
        value = new_signing_secret(mode)
        self.env["bwt.webhook.secret"].create(
            {
                "endpoint_id": self.endpoint_id.id,
                "inbound_endpoint_id": self.inbound_endpoint_id.id,
                "purpose": "signing",
                "value": value,
                "replaces_others": True,
                "overlap_hours": self.overlap_hours,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": _("New Signing Secret"),
            "res_model": "bwt.webhook.secret.show",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_secret": value},
        }


class SecretShow(models.AbstractModel):
    """Shows a new secret once; it has no table."""

    _name = "bwt.webhook.secret.show"
    _description = "Webhook Signing Secret Shown Once"

    # Without an id the form's onchange would not answer the defaults.
    id = fields.Id()
    secret = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, _vals_list):
        """Nothing: the browser saves a form that somebody leaves, and a failing INSERT would put it into a log."""
        return self.browse()
