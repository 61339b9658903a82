# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models

from ..compat import index


class IdentityKey(models.Model):
    """Which delivery an identity key made.

    A table of its own, because a unique error on the delivery would reach the user's transaction.
    """

    _name = "bwt.webhook.identity.key"
    _description = "Webhook Identity Key"
    _log_access = False

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade")
    identity_key = fields.Char(required=True)
    delivery_id = fields.Many2one("bwt.webhook.outbound.delivery", ondelete="cascade", index=True)

    _key_unique = index("(endpoint_id, identity_key)", unique=True)

    @api.model
    def _reserve(self, endpoint, keys):
        """Reserves the keys in this transaction; returns the delivery ids of those that were taken before.

        Waits for another transaction that is reserving the same key. When that one commits, PostgreSQL reports a
        serialization failure, and Odoo repeats the caller's request, which then finds the key taken.
        """
        if not keys:
            return {}
        cr = self.env.cr
        cr.execute(
            """
            INSERT INTO bwt_webhook_identity_key (endpoint_id, identity_key)
            SELECT %s, key FROM unnest(%s) AS key GROUP BY key ORDER BY key
            ON CONFLICT (endpoint_id, identity_key) DO NOTHING RETURNING identity_key
            """,
            [endpoint.id, list(keys)],
        )
        reserved = {key for (key,) in cr.fetchall()}
        taken = [key for key in keys if key not in reserved]
        if not taken:
            return {}
        cr.execute(
            """
            SELECT identity_key, delivery_id FROM bwt_webhook_identity_key
             WHERE endpoint_id = %s AND identity_key = ANY(%s) AND delivery_id IS NOT NULL
            """,
            [endpoint.id, taken],
        )
        return dict(cr.fetchall())

    @api.model
    def _assign(self, endpoint, delivery_ids):
        """Says which delivery each of the keys, reserved just before, made."""
        if not delivery_ids:
            return
        self.env["bwt.webhook.outbound.delivery"].flush_model()
        self.env.cr.execute(
            """
            UPDATE bwt_webhook_identity_key k SET delivery_id = made.id
              FROM unnest(%s, %s) AS made(key, id)
             WHERE k.endpoint_id = %s AND k.identity_key = made.key
            """,
            [list(delivery_ids), list(delivery_ids.values()), endpoint.id],
        )
