# SPDX-License-Identifier: LGPL-3.0-or-later
import logging
import time
from datetime import timedelta

from odoo import _, api, fields, models

from .. import compat

_logger = logging.getLogger(__name__)

BATCH = 1000
SECONDS_MAX = 60
# What retention deletes, and the states in which it may.
PURGED = {
    "bwt.webhook.outbound.delivery": ("done", "dead_letter", "canceled"),
    "bwt.webhook.inbound.event": ("done", "dead_letter", "rejected"),
}


class Housekeeping(models.AbstractModel):
    """What the cron does every five minutes: the alarm, and retention. It delivers nothing."""

    _name = "bwt.webhook.housekeeping"
    _description = "Webhook Housekeeping"

    @api.model
    def _run(self):
        self._check_alarm()
        self._commit()  # the overview's row is not kept locked meanwhile
        self._purge(time.monotonic() + SECONDS_MAX)

    @api.model
    def _parameter(self, name, default):
        """A number of the system parameters; nonsense counts as the default."""
        value = self.env["ir.config_parameter"].sudo().get_param(f"webhook_worker.{name}")
        return int(value) if str(value).isdecimal() else default

    # ---- alarm

    @api.model
    def _check_alarm(self):
        """Raises the alarm once, keeps its text current, and clears it as soon as its reason is gone."""
        ledger = self.env["bwt.webhook.ledger"]._the_row()
        message = self._alarm_message()
        if message and not ledger.alarm_message:
            ledger.write({"alarm_message": message, "alarm_since": fields.Datetime.now()})
            _logger.warning("Webhooks: %s", message)
            self._schedule_activities(ledger, message)
        elif message and message != ledger.alarm_message:
            ledger.alarm_message = message
        elif not message and ledger.alarm_message:
            ledger.write({"alarm_message": False, "alarm_since": False})
            ledger.activity_unlink(["webhook_worker.mail_activity_type_alarm"])

    @api.model
    def _alarm_message(self):
        """Why somebody should look, or False."""
        state = self.env["bwt.webhook.ledger"]._database_state()
        if state["remembered"] and not state["fingerprint_confirmed"] and not state["neutralized"]:
            return _(
                "This database is a copy, or was moved: nothing is sent until an operator runs"
                " 'webhook-worker confirm-database'."
            )
        unhealthy = self.env["bwt.webhook.worker"].sudo().search([]).filtered(
            lambda worker: worker.status != "gone" and not worker.journal_healthy
        )  # fmt: skip
        if unhealthy:
            return _(
                "The worker %(worker)s on %(host)s says that its journal is unhealthy: it takes no new work. Look at"
                " its log and its disk.",
                worker=unhealthy[0].name,
                host=unhealthy[0].host,
            )
        minutes = self._parameter("alarm_minutes", 10)
        overdue = self._overdue_count(minutes)
        if overdue and not self.env["bwt.webhook.worker"]._live():
            return _(
                "%(count)s deliveries or events have been due for more than %(minutes)s minutes and no worker is"
                " running. Start webhook-worker, or see why it cannot reach Odoo.",
                count=overdue,
                minutes=minutes,
            )
        return False

    @api.model
    def _overdue_count(self, minutes):
        """Deliveries and events that could have been worked on so long ago, or whose lease expired then and that
        nobody took over.

        Those of held endpoints do not count.
        """
        before = fields.Datetime.now() - timedelta(minutes=minutes)
        count = 0
        for direction, work, waiting in (("outbound", "delivery", "queued"), ("inbound", "event", "received")):
            endpoints = self.env[f"bwt.webhook.{direction}.endpoint"].sudo().search([("state", "=", "active")])
            open_ids = endpoints.filtered(lambda endpoint: not endpoint.held_reason).ids
            for late in (
                [("state", "in", (waiting, "error")), ("next_attempt_at", "<", before)],
                [("state", "=", "processing"), ("lease_expires_at", "<", before)],
            ):
                late.append(("endpoint_id", "in", open_ids))
                count += self.env[f"bwt.webhook.{direction}.{work}"].sudo().search_count(late, limit=10000)
        return count

    @api.model
    def _schedule_activities(self, ledger, message):
        """One for each Webhooks Administrator."""
        for user in self._administrators():
            ledger.activity_schedule("webhook_worker.mail_activity_type_alarm", note=message, user_id=user.id)

    @api.model
    def _administrators(self):
        users = compat.users_of(self.env.ref("webhook_worker.group_webhooks_admin"))
        return users.filtered(lambda user: user.active and not user.share)

    # ---- retention

    @api.model
    def _purge(self, deadline):
        """Deletes what is old, in batches that are committed one by one, until the time is up."""
        for states, parameter, default in (
            (("done", "canceled"), "keep_done_days", 90),
            (("rejected",), "keep_rejected_days", 14),
            (("dead_letter",), "keep_dead_letter_days", 365),
        ):
            days = self._parameter(parameter, default)
            for model_name, ended in PURGED.items():
                wanted = [state for state in states if state in ended]
                if not wanted or days <= 0:
                    continue
                while time.monotonic() < deadline and self._purge_old(model_name, wanted, days) == BATCH:
                    self._commit()
        self.env.cr.execute(
            """
            DELETE FROM bwt_webhook_lane_lease WHERE lease_expires_at < now() AT TIME ZONE 'UTC' - interval '1 day';
            DELETE FROM bwt_webhook_probe WHERE create_date < now() AT TIME ZONE 'UTC' - interval '1 hour'
            """
        )
        self.env["bwt.webhook.upsert.key"]._purge()

    @api.model
    def _purge_old(self, model_name, states, days):
        """One batch; attempts, identity keys, rule executions and files go with it. The number of rows deleted."""
        model = self.env[model_name]
        model.flush_model()
        # The condition is that of the partial index on processed_at.
        self.env.cr.execute(
            f"""
            WITH old AS MATERIALIZED (
                SELECT id FROM {model._table}
                 WHERE state IN {PURGED[model_name]} AND state = ANY(%s)
                   AND processed_at < now() AT TIME ZONE 'UTC' - %s * interval '1 day'
                 ORDER BY processed_at LIMIT %s FOR UPDATE SKIP LOCKED
            )
            DELETE FROM {model._table} d USING old WHERE d.id = old.id RETURNING d.id
            """,
            [states, days, BATCH],
        )
        deleted = [row_id for (row_id,) in self.env.cr.fetchall()]
        model.invalidate_model()
        # What the ORM would have done, besides the database.
        self.env["ir.attachment"].sudo().search([("res_model", "=", model_name), ("res_id", "in", deleted)]).unlink()
        return len(deleted)

    @api.model
    def _commit(self):
        if not compat.in_test_mode(self.env):
            self.env.cr.commit()
