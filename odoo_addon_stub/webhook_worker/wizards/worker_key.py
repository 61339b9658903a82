# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.base.models.res_users import check_identity

from .. import compat

USER = "webhook_worker.user_webhook_worker"


class WorkerKey(models.TransientModel):
    """Makes the API key that a worker logs in with."""

    _name = "bwt.webhook.worker.key"
    _description = "Webhook Worker Key"

    name = fields.Char(string="Description", required=True, default="webhook-worker")
    duration = fields.Selection(
        [("30", "1 month"), ("90", "3 months"), ("365", "1 year"), ("0", "Never expires")],
        string="Valid for",
        required=True,
        default="365",
    )
    url = fields.Char(
        string="Odoo's URL for the worker",
        required=True,
        default=lambda self: self.env["ir.config_parameter"].sudo().get_param("web.base.url"),
        help="As the worker reaches it. Beside Odoo that is usually http://127.0.0.1:8069.",
    )
    user_id = fields.Many2one("res.users", compute="_compute_user_id", string="Service User")
    key_ids = fields.Many2many("res.users.apikeys", compute="_compute_user_id", string="Existing Keys")

    @api.depends("name")
    def _compute_user_id(self):
        user = self.env.ref(USER)
        for wizard in self:
            wizard.user_id = user
            wizard.key_ids = self.env["res.users.apikeys"].search([("user_id", "=", user.id)])

    @check_identity
    def action_make_key(self):
        """Who has not typed his password within ten minutes is asked for it first, as for a key of his own."""
        return self._make_key()

    def _make_key(self):
        """The key is in the answer to this call and nowhere else: the database keeps its hash only."""
        self.ensure_one()
        if not self.env.is_system():
            raise AccessError(_("Only system administrators may make worker keys."))
        user = self.env.ref(USER)
        days = int(self.duration)
        key = compat.generate_rpc_key(user, self.name, fields.Datetime.now() + timedelta(days=days) if days else None)
        return {
            "type": "ir.actions.act_window",
            "name": _("Worker Key Ready"),
            "res_model": "bwt.webhook.worker.key.show",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": key, "default_configuration": self._configuration(user)},
        }

    def _configuration(self, user):
        """What goes into the worker's configuration file."""
        return (
            "[odoo]\n"
            f'url = "{self.url}"\n'
            f'database = "{self.env.cr.dbname}"\n'
            f'login = "{user.login}"\n'
            'api_key_file = "/etc/webhook-worker/api_key"\n'
        )


class WorkerKeyShow(models.AbstractModel):
    """Shows a new key once; it has no table."""

    _name = "bwt.webhook.worker.key.show"
    _description = "Webhook Worker Key Shown Once"

    # Without an id the form's onchange would not answer the defaults.
    id = fields.Id()
    key = fields.Char(string="API Key", readonly=True)
    configuration = fields.Text(readonly=True)

    @api.model_create_multi
    def create(self, _vals_list):
        """Nothing: the browser saves a form that somebody leaves, and a failing INSERT would put the key into a log."""
        return self.browse()
