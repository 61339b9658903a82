# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from odoo.addons.webhook_worker.models import housekeeping

from .common import WORKER_UID, WebhookCase


class TestAlarm(WebhookCase):
    def setUp(self):
        super().setUp()
        self.ledger = self.env["bwt.webhook.ledger"].search([])
        self.housekeeping = self.env["bwt.webhook.housekeeping"]

    def check(self):
        self.env.invalidate_all()
        with mute_logger("odoo.addons.webhook_worker.models.housekeeping"):
            self.housekeeping._check_alarm()
        return self.ledger.alarm_message

    def worker_stops(self):
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = '2020-01-01'")

    def make_overdue(self):
        delivery = self.queue()
        self.set_columns(delivery, next_attempt_at=fields.Datetime.now() - timedelta(minutes=30))
        return delivery

    def activities_of(self, user):
        return self.ledger.activity_ids.filtered(lambda activity: activity.user_id == user)

    def test_work_due_and_no_worker(self):
        self.make_overdue()
        self.assertFalse(self.check(), "the worker lives")
        self.worker_stops()
        self.assertIn("no worker is running", self.check())
        self.assertEqual(len(self.activities_of(self.admin)), 1)
        self.assertEqual(len(self.activities_of(self.system)), 1)
        self.assertFalse(self.activities_of(self.operator) | self.activities_of(self.plain))
        self.check()
        self.assertEqual(len(self.activities_of(self.admin)), 1, "raised once")
        self.assertIn("no worker is running", self.endpoint.with_user(self.operator).alarm_message)
        self.call("hello", **self.hello_request())
        self.assertFalse(self.check())
        self.assertFalse(self.ledger.activity_ids)
        self.assertFalse(self.ledger.alarm_since)

    def test_a_worker_that_died_with_everything_in_its_hands(self):
        delivery, _claimed = self.queue_and_claim()
        self.worker_stops()
        self.assertFalse(self.check(), "its lease has not expired")
        self.expire_leases(delivery)
        self.assertIn("1 deliveries or events have been due", self.check())
        self.endpoint.action_pause()
        self.assertFalse(self.check())

    def test_a_database_that_nobody_confirmed(self):
        self.env.cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", ["0" * 64])
        self.assertIn("confirm-database", self.check())
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.env.flush_all()
        self.assertFalse(self.check(), "nothing is expected of a neutralized one")

    def test_not_for_what_is_held_or_not_due(self):
        self.worker_stops()
        self.assertFalse(self.check())
        self.queue()
        self.assertFalse(self.check())
        self.make_overdue()
        self.endpoint.action_pause()
        self.assertFalse(self.check())

    def test_an_unhealthy_journal(self):
        self.call("hello", **self.hello_request(journal_healthy=False))
        self.assertIn("unhealthy", self.check())
        self.call("hello", **self.hello_request())
        self.assertFalse(self.check())

    def test_the_time_is_a_setting(self):
        self.make_overdue()
        self.worker_stops()
        self.env["res.config.settings"].create({"webhooks_alarm_minutes": 45}).execute()
        self.assertFalse(self.check())
        self.env["ir.config_parameter"].set_param("webhook_worker.alarm_minutes", "nonsense")
        self.assertTrue(self.check())


class TestRetention(WebhookCase):
    def settled(self, outcome, state, days_ago, **options):
        delivery, claimed = self.queue_and_claim(**options)
        self.settle(self.settlement(claimed, outcome, state))
        self.set_columns(delivery, processed_at=fields.Datetime.now() - timedelta(days=days_ago))
        return delivery

    def run_it(self):
        self.env["bwt.webhook.housekeeping"]._run()
        self.env.invalidate_all()

    def test_old_ones_go_with_their_attempts_and_keys(self):
        old = self.settled("delivered", "done", 91, identity_key="old")
        young = self.settled("delivered", "done", 89)
        dead = self.settled("dead_letter", "dead_letter", 100)
        long_dead = self.settled("dead_letter", "dead_letter", 366)
        waiting = self.queue()
        self.set_columns(waiting, queued_at=fields.Datetime.now() - timedelta(days=1000))
        attempt = old.attempt_ids
        self.run_it()
        self.assertEqual((old + young + dead + long_dead + waiting).exists(), young + dead + waiting)
        self.assertFalse(attempt.exists())
        self.assertFalse(self.env["bwt.webhook.identity.key"].search([("identity_key", "=", "old")]))

    def test_zero_keeps_them_for_ever(self):
        """Saved as people save it: Odoo's own way of keeping a setting would drop the 0."""
        self.env["res.config.settings"].create(
            {"webhooks_keep_done_days": 0, "webhooks_keep_dead_letter_days": 0}
        ).execute()
        shown = self.env["res.config.settings"].create({})
        self.assertEqual((shown.webhooks_keep_done_days, shown.webhooks_keep_dead_letter_days), (0, 0))
        old = self.settled("delivered", "done", 10000) + self.settled("dead_letter", "dead_letter", 10000)
        self.run_it()
        self.assertEqual(old.exists(), old)

    def test_settings_show_the_defaults_and_keep_what_is_saved(self):
        names = ("webhooks_alarm_minutes", "webhooks_keep_done_days", "webhooks_keep_dead_letter_days")
        settings = self.env["res.config.settings"].create({})
        self.assertEqual([settings[name] for name in names], [10, 90, 365])
        settings.execute()
        settings = self.env["res.config.settings"].create({"webhooks_keep_done_days": 30})
        settings.execute()
        again = self.env["res.config.settings"].create({})
        self.assertEqual([again[name] for name in names], [10, 30, 365])
        for name in names:
            with self.subTest(name=name), self.refused(ValidationError, "must not be negative"):
                self.env["res.config.settings"].create({name: -1})

    def test_small_batches(self):
        old = self.Delivery.concat(*[self.settled("delivered", "done", 91) for _number in range(3)])
        with patch.object(housekeeping, "BATCH", 2), patch.object(
            type(self.env["bwt.webhook.housekeeping"]), "_commit"
        ) as commit:
            self.run_it()
        self.assertFalse(old.exists())
        self.assertEqual(commit.call_count, 2, "after the alarm and between the batches")

    def test_the_cron_runs_it(self):
        cron = self.env.ref("webhook_worker.ir_cron_housekeeping")
        self.assertEqual((cron.interval_number, cron.interval_type), (5, "minutes"))
        with patch.object(type(self.env["bwt.webhook.housekeeping"]), "_run") as run:
            cron.ir_actions_server_id.run()
        run.assert_called_once()

    def test_heartbeats_clear_no_caches(self):
        self.env.registry.cache_invalidated.clear()
        self.call("hello", **self.hello_request())
        self.claim()
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = '2020-01-01'")
        self.call("renew", worker_uid=WORKER_UID, lease_seconds=60, leases=[])
        self.assertFalse(self.env.registry.cache_invalidated)
