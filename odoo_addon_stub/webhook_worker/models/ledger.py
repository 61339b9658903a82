# SPDX-License-Identifier: LGPL-3.0-or-later
import hashlib

from odoo import _, api, fields, models

from . import wake
from .delivery import UNFINISHED

SETTLEMENT_SEQUENCE = "bwt_webhook_settlement_number"
_BUMP = "webhook_worker.bump_revision"


class Ledger(models.Model):
    """One row: what this database knows about itself. Its form is the overview that people open first."""

    _name = "bwt.webhook.ledger"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhooks Overview"

    name = fields.Char(default="Webhooks", required=True, readonly=True)
    configuration_revision = fields.Integer(default=1, required=True, readonly=True)
    confirmed_fingerprint = fields.Char(readonly=True, copy=False)
    alarm_message = fields.Text(readonly=True)
    alarm_since = fields.Datetime(readonly=True)

    fingerprint = fields.Char(compute="_compute_database", string="Database Fingerprint")
    is_held = fields.Boolean(compute="_compute_database")
    hold_message = fields.Char(compute="_compute_database", string="Database Hold")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    due_count = fields.Integer(compute="_compute_counts", string="Due")
    retrying_count = fields.Integer(compute="_compute_counts", string="Retrying")
    processing_count = fields.Integer(compute="_compute_counts", string="In Progress")
    dead_letter_count = fields.Integer(compute="_compute_counts", string="Dead Letters")
    oldest_due_at = fields.Datetime(compute="_compute_counts", string="Oldest Due Since")
    live_worker_count = fields.Integer(compute="_compute_counts", string="Live Workers")

    def init(self):
        """The row and the sequence exist from the installation on, and survive every update."""
        self.env.cr.execute(f"CREATE SEQUENCE IF NOT EXISTS {SETTLEMENT_SEQUENCE}")
        self.env.cr.execute(
            """
            INSERT INTO bwt_webhook_ledger (name, configuration_revision)
            SELECT 'Webhooks', 1 WHERE NOT EXISTS (SELECT 1 FROM bwt_webhook_ledger)
            """
        )

    @api.model
    def _the_row(self):
        return self.sudo().search([], limit=1)

    # ---- configuration revision

    @api.model
    def _bump_configuration_revision(self):
        """Makes the revision grow when this transaction commits, once, however many records it changes."""
        precommit = self.env.cr.precommit
        if precommit.data.setdefault(_BUMP, False):
            return
        precommit.data[_BUMP] = True
        cr = self.env.cr

        @precommit.add
        def bump():
            precommit.data.pop(_BUMP, None)
            cr.execute("UPDATE bwt_webhook_ledger SET configuration_revision = configuration_revision + 1")

        wake.after_commit(self.env)

    # ---- identity of the database

    @api.model
    def _database_state(self):
        """What every answer of the contract says about the database, read from the database and never from a cache:

        it can be replaced under a running Odoo.
        """
        cr = self.env.cr
        cr.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        system = "(SELECT system_identifier FROM pg_control_system())" if cr.fetchone()[0] else "NULL::bigint"
        cr.execute(
            f"""
            SELECT l.configuration_revision, l.confirmed_fingerprint, current_database(), {system},
                   (SELECT oid FROM pg_database WHERE datname = current_database()),
                   (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'),
                   EXISTS (SELECT 1 FROM ir_config_parameter
                            WHERE key = 'database.is_neutralized' AND lower(value) IN ('true', 't', '1')),
                   (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {SETTLEMENT_SEQUENCE}),
                   clock_timestamp() AT TIME ZONE 'UTC',
                   (extract(epoch FROM clock_timestamp()) * 1000)::bigint
              FROM bwt_webhook_ledger l LIMIT 1
            """
        )
        revision, confirmed, name, system_id, oid, uuid, neutralized, number, now, now_ms = cr.fetchone()
        identity = f"{uuid or ''}|{name}|{'' if system_id is None else system_id}|{oid}"
        fingerprint = hashlib.sha256(identity.encode()).hexdigest()
        return {
            "fingerprint": fingerprint,
            "fingerprint_confirmed": confirmed == fingerprint,
            "remembered": bool(confirmed),
            "neutralized": neutralized,
            "configuration_revision": revision,
            "settlement_number": number,
            "server_time_ms": now_ms,
            "now": now,
        }

    @api.model
    def _remember_fingerprint(self, fingerprint):
        """Accepts this database as itself.

        A restored copy may live in a cluster whose transaction ids start again: then the waiting deliveries of all
        lanes are renumbered in their old order, below the ids of all transactions that are to come. Otherwise they
        would wait for ids that come years later, or those that kept their number would be overtaken.
        """
        cr = self.env.cr
        cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", [fingerprint])
        cr.execute(
            """
            UPDATE bwt_webhook_outbound_delivery d SET lane_xid = n.place::text::xid8
              FROM (SELECT id, least(dense_rank() OVER (PARTITION BY endpoint_id, lane ORDER BY lane_xid),
                                     pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) AS place
                      FROM bwt_webhook_outbound_delivery
                     WHERE lane IS NOT NULL AND state IN ('queued', 'error', 'processing')) n
             WHERE d.id = n.id
               AND EXISTS (SELECT 1 FROM bwt_webhook_outbound_delivery
                            WHERE lane IS NOT NULL AND state IN ('queued', 'error', 'processing')
                              AND lane_xid >= pg_snapshot_xmin(pg_current_snapshot()))
            """
        )
        self.invalidate_model(["confirmed_fingerprint"])

    def _compute_database(self):
        state = self._database_state()
        if state["neutralized"]:
            message = _("This database is neutralized: nothing is sent.")
        elif state["remembered"] and not state["fingerprint_confirmed"]:
            message = _(
                "This database is a copy, or was moved: nothing is sent until an operator runs"
                " 'webhook-worker confirm-database'."
            )
        else:
            message = False
        self.fingerprint = state["fingerprint"]
        self.is_held = bool(message)
        self.hold_message = message

    # ---- overview

    def _compute_counts(self):
        """One query; it stays quick with millions of done deliveries."""
        self.env["bwt.webhook.outbound.delivery"].flush_model()
        self.env.cr.execute(
            f"""
            SELECT count(*) FILTER (WHERE state = 'queued'),
                   count(*) FILTER (WHERE state IN ('queued', 'error') AND next_attempt_at <= now() AT TIME ZONE 'UTC'),
                   count(*) FILTER (WHERE state = 'error'),
                   count(*) FILTER (WHERE state = 'processing'),
                   count(*) FILTER (WHERE state = 'dead_letter'),
                   min(next_attempt_at) FILTER (WHERE state IN ('queued', 'error')
                                                AND next_attempt_at <= now() AT TIME ZONE 'UTC'),
                   (SELECT count(*) FROM bwt_webhook_worker
                     WHERE last_seen_at > now() AT TIME ZONE 'UTC' - %s * interval '1 second')
              FROM ({UNFINISHED}) unfinished WHERE company_id = ANY(%s)
            """,
            [wake.LIVE_SECONDS, self.env.companies.ids],
        )
        (
            self.waiting_count, self.due_count, self.retrying_count, self.processing_count, self.dead_letter_count,
            self.oldest_due_at, self.live_worker_count,
        ) = self.env.cr.fetchone()  # fmt: skip

    def action_refresh(self):
        """Reading again is all it does."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def action_open(self):
        """The overview of the one row."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_overview")
        return {**action, "res_id": self._the_row().id}

    def action_view_deliveries(self):
        """The deliveries that a button of the overview stands for (its context names the filter)."""
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_outbound_delivery")
        wanted = self.env.context.get("webhook_filter")
        action["context"] = {f"search_default_{wanted}": 1} if wanted else {}
        return action
