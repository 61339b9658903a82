# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta

from odoo import api, fields, models

from ..compat import index

KEEP = timedelta(days=1)


class UpsertKey(models.Model):
    """Which lookups upserts use: a row that two concurrent ones both need, so that the second notices the first."""

    _name = "bwt.webhook.upsert.key"
    _description = "Webhook Upsert Key"
    _log_access = False

    model_name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    key_hash = fields.Char(required=True)
    used_at = fields.Datetime(required=True)

    _key_unique = index("(model_name, company_id, key_hash)", unique=True)

    @api.model
    def _purge(self):
        """A row is needed only while transactions that used it run."""
        self.env.cr.execute(
            "DELETE FROM bwt_webhook_upsert_key WHERE used_at < %s", [fields.Datetime.now() - KEEP]
        )
