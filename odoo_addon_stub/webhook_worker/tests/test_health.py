# SPDX-License-Identifier: LGPL-3.0-or-later
from unittest.mock import patch

from .common import WebhookCase

DISABLED = "webhook_worker.mail_activity_type_endpoint_disabled"


class TestHealth(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoint.user_id = cls.admin

    def attempts(self, count=1, outcome="retry", state="error", attempt=None, **values):
        """So many attempts of new deliveries, settled in one batch."""
        for _number in range(count):
            self.queue()
        claimed = self.claim(limit=count)["deliveries"]
        self.assertEqual(len(claimed), count)
        if outcome != "delivered":
            values.setdefault("failure_reason", "http_status")
        self.settle(*[self.settlement(item, outcome, state, attempt, **values) for item in claimed])
        self.env.cr.execute("DELETE FROM bwt_webhook_outbound_delivery_attempt")
        self.env.cr.execute("DELETE FROM bwt_webhook_outbound_delivery")
        self.env.invalidate_all()

    def age(self, days):
        self.env.cr.execute(
            "UPDATE bwt_webhook_endpoint_health SET failing_since = failing_since - %s * interval '1 day'", [days]
        )

    def test_failures_count_from_the_first_and_a_success_clears_them(self):
        self.assertEqual((self.endpoint.failing_since, self.endpoint.failure_count), (False, 0))
        self.attempts(3, failure_message="HTTP 503")
        self.env.invalidate_all()
        since = self.endpoint.failing_since
        self.assertTrue(since)
        self.age(1)
        self.attempts(2, "dead_letter", "dead_letter", failure_message="HTTP 400")
        self.assertEqual((self.endpoint.failure_count, self.endpoint.last_failure_message), (5, "HTTP 400"))
        self.assertLess(self.endpoint.failing_since, since)
        self.attempts(1, "delivered", "done")
        self.assertEqual((self.endpoint.failing_since, self.endpoint.failure_count), (False, 0))

    def test_what_is_not_the_receivers_fault_does_not_count(self):
        for reason in ("address_refused", "request_invalid", "auth", "rule", "interrupted", "payload_invalid"):
            self.attempts(1, failure_reason=reason)
        self.attempts(1, "deferred", "queued", attempt=False)
        self.attempts(1, "canceled", "canceled", attempt=False)
        self.attempts(1, "interrupted", "error")
        self.attempts(1, "retry", "dead_letter", attempt=False, failure_reason="expired")
        self.attempts(1, "retry", "dead_letter", {"response_status_code": 200}, failure_reason="expired")
        self.assertEqual(self.endpoint.failure_count, 0)
        for attempt in ({"response_status_code": 500}, {"error_kind": "connect"}):
            self.attempts(1, "retry", "dead_letter", attempt, failure_reason="attempts_exhausted")
        self.assertEqual(self.endpoint.failure_count, 2)

    def test_nothing_is_written_for_a_healthy_endpoint(self):
        self.env.cr.execute("SELECT n_tup_ins + n_tup_del FROM pg_stat_xact_user_tables"
                            " WHERE relname = 'bwt_webhook_endpoint_health'")  # fmt: skip
        (before,) = self.env.cr.fetchone()
        self.attempts(5, "delivered", "done")
        self.env.cr.execute("SELECT n_tup_ins + n_tup_del FROM pg_stat_xact_user_tables"
                            " WHERE relname = 'bwt_webhook_endpoint_health'")  # fmt: skip
        self.assertEqual(self.env.cr.fetchone(), (before,))

    def test_five_days_and_ten_failures_disable_it_once(self):
        seen = []
        self.patch(type(self.endpoint), "_on_endpoint_disabled", lambda records: seen.append(records.ids))
        activities, contexts = type(self.env["mail.activity"]), []
        notify = activities.action_notify
        self.patch(
            activities, "action_notify", lambda records: contexts.append(records.env.context) or notify(records)
        )
        self.attempts(9)
        self.age(6)
        self.assertFalse(self.endpoint.disabled_at, "nine are not enough")
        revision = self.claim()["configuration_revision"]
        self.attempts(1, failure_message="HTTP 503 <b>")
        self.assertTrue(self.endpoint.disabled_at)
        self.assertEqual((self.endpoint.disabled_reason, self.endpoint.held_reason), ("failing", "endpoint_disabled"))
        self.assertGreater(self.claim()["configuration_revision"], revision)
        self.assertIs(contexts[0].get("mail_notify_force_send"), False, "no SMTP while a worker waits")
        activity = self.endpoint.activity_ids
        self.assertEqual((activity.user_id, activity.activity_type_id), (self.admin, self.env.ref(DISABLED)))
        self.assertIn("10 times", activity.note)
        self.assertIn("Enable", activity.note)
        self.assertNotIn("<b>", activity.note)
        # What was in progress meanwhile says no more.
        self.endpoint.disabled_at = False
        self.queue()
        claimed = self.claim()["deliveries"]
        self.endpoint.disabled_at = "2026-01-01 00:00:00"
        self.settle(*[self.settlement(item, "retry", "error", failure_reason="timeout") for item in claimed])
        self.assertEqual((seen, len(self.endpoint.activity_ids)), ([self.endpoint.ids], 1))

    def test_many_failures_of_a_short_time_do_not(self):
        self.attempts(30)
        self.age(4)
        self.attempts(30)
        self.assertFalse(self.endpoint.disabled_at)
        self.env["ir.config_parameter"].set_param("webhook_worker.disable_after_days", "4")
        self.attempts(1)
        self.assertTrue(self.endpoint.disabled_at)

    def test_410_disables_it_at_once(self):
        self.attempts(1, "dead_letter", "dead_letter", {"response_status_code": 410}, failure_reason="endpoint_gone")
        self.assertEqual(self.endpoint.disabled_reason, "gone")
        self.assertIn("410", self.endpoint.activity_ids.note)

    def test_a_disabled_endpoint_holds_until_it_is_enabled(self):
        self.attempts(1, "dead_letter", "dead_letter", {"response_status_code": 410}, failure_reason="endpoint_gone")
        waiting = self.queue()
        self.assertEqual(waiting.held_reason, "endpoint_disabled")
        self.assertEqual(self.claimed_ids(), [])
        self.endpoint.with_user(self.admin).action_enable()
        self.assertEqual(self.claimed_ids(), waiting.ids)
        self.assertEqual((self.endpoint.failing_since, self.endpoint.failure_count), (False, 0))
        self.assertFalse(self.endpoint.activity_ids)

    def test_without_a_responsible_user_the_administrators_are_told(self):
        self.endpoint.user_id = False
        self.attempts(1, "dead_letter", "dead_letter", failure_reason="endpoint_gone")
        self.assertIn(self.admin, self.endpoint.activity_ids.user_id)
        self.assertNotIn(self.operator, self.endpoint.activity_ids.user_id)

    def test_settlements_are_applied_whatever_happens_to_it(self):
        health = type(self.env["bwt.webhook.endpoint.health"])
        delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(claimed, "retry", "error", failure_reason="timeout")
        with patch.object(health, "_count", side_effect=ZeroDivisionError), self.assertLogs(level="WARNING"):
            self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual(delivery.state, "error")

    def test_a_failing_hook_leaves_it_disabled(self):
        with (
            patch.object(type(self.endpoint), "_on_endpoint_disabled", side_effect=ZeroDivisionError),
            self.assertLogs("odoo.addons.webhook_worker", "ERROR"),
        ):
            self.attempts(1, "dead_letter", "dead_letter", failure_reason="endpoint_gone")
        self.assertTrue(self.endpoint.disabled_at)
