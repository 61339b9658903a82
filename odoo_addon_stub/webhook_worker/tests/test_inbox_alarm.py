# SPDX-License-Identifier: LGPL-3.0-or-later
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import WORKER_UID
from .inbound_common import InboundCase


class TestInboxAlarm(InboundCase):
    def setUp(self):
        super().setUp()
        self.housekeeping = self.env["bwt.webhook.housekeeping"]
        self.worker = self.env["bwt.webhook.worker"].search([("worker_uid", "=", WORKER_UID)])

    def inbox(self, age_minutes=None, **values):
        inbox = {"event_count": 0, "bytes_used": 3 * 2**30, "bytes_max": 2**34, "set_aside_count": 0, "healthy": True}
        if age_minutes is not None:
            inbox.update(event_count=7, oldest_accepted_at_ms=int((time.time() - age_minutes * 60) * 1000))
        return {**inbox, **values}

    def hello(self, inbox=None, **values):
        self.call("hello", **self.hello_request(**({"inbox": inbox} if inbox else {}), **values))
        self.env.invalidate_all()

    def alarm(self):
        self.env.invalidate_all()
        with mute_logger("odoo.addons.webhook_worker.models.housekeeping"):
            self.housekeeping._check_alarm()
        return self.env["bwt.webhook.ledger"]._the_row().alarm_message

    def test_what_a_gateway_says_of_itself(self):
        self.hello(self.inbox(1, set_aside_count=2), gateway_url="https://hooks.example.com/x")
        worker = self.worker
        self.assertEqual((worker.gateway_url, worker.inbox_event_count), ("https://hooks.example.com/x", 7))
        self.assertEqual((worker.inbox_bytes, worker.inbox_bytes_max), (3 * 2**30, 2**34))
        self.assertEqual((worker.inbox_usage, worker.has_inbox), ("3072 of 16384 MiB", True))
        self.assertEqual((worker.inbox_set_aside_count, worker.inbox_healthy), (2, True))
        age = (fields.Datetime.now() - worker.inbox_oldest_at).total_seconds()
        self.assertTrue(50 < age < 120, age)
        self.hello()
        self.assertEqual((worker.gateway_url, worker.has_inbox, worker.inbox_usage), (False, False, False))
        self.assertFalse(worker.inbox_event_count or worker.inbox_bytes_max or worker.inbox_oldest_at)
        self.hello(self.inbox(event_count=2**40))
        self.assertEqual(worker.inbox_event_count, 2**31 - 1)

    def test_a_gateway_url_is_an_address(self):
        for url in ("javascript:alert(1)", "https://", "https://a b", "https://a?b", "http://a\n"):
            with self.subTest(url), self.refused(ValidationError, "gateway_url"):
                self.hello(gateway_url=url)
        self.hello(gateway_url="")

    def test_old_events(self):
        self.hello(self.inbox(14))
        self.assertFalse(self.alarm())
        self.hello(self.inbox(16))
        self.assertRegex(self.alarm(), "has accepted 7 events that are not in Odoo yet")
        self.env["ir.config_parameter"].set_param("webhook_worker.inbound_alarm_minutes", "30")
        self.assertFalse(self.alarm())

    def test_a_gateway_that_stopped_with_events(self):
        self.hello(self.inbox(5))
        for hours, alarmed in ((1, True), (72, True), (200, False)):
            self.env.cr.execute(
                "UPDATE bwt_webhook_worker SET last_seen_at = now() AT TIME ZONE 'UTC' - %s * interval '1 hour',"
                " inbox_oldest_at = now() AT TIME ZONE 'UTC' - %s * interval '1 hour'",
                [hours, hours],
            )
            self.assertEqual(bool(self.alarm()), alarmed)

    def test_a_gateway_that_cannot_write(self):
        self.hello(self.inbox(healthy=False))
        self.assertRegex(self.alarm(), "accepts no webhooks")
        self.hello(self.inbox())
        self.assertFalse(self.alarm())

    def test_events_that_were_set_aside(self):
        self.hello(self.inbox(set_aside_count=3))
        self.assertRegex(self.alarm(), "^3 accepted events")

    def test_rows_of_the_intake(self):
        values = {"http_method": "POST", "request_url": "u", "remote_address": None, "source": "", "headers": {}}
        self.env["bwt.webhook.inbound.intake"]._take(self.inbound.id, {**values, "body": b""})
        self.assertFalse(self.alarm())
        self.env.cr.execute("UPDATE bwt_webhook_inbound_intake SET received_at = received_at - interval '16 minutes'")
        self.assertRegex(self.alarm(), "1 requests that Odoo accepted .* First-In")


class TestRejectedGrowOld(InboundCase):
    def test_rejected_requests_go_sooner(self):
        def aged(state, days):
            return self.new_event(
                self.inbound, state=state, processed_at=fields.Datetime.now() - timedelta(days=days)
            )  # fmt: skip

        old, young, done = aged("rejected", 15), aged("rejected", 13), aged("done", 15)
        counted = [{"endpoint_id": self.inbound.id, "category": "c", "count": 1}]
        self.ingest(rejected_counts=counted)
        self.env.cr.execute("UPDATE bwt_webhook_inbound_rejection SET last_at = last_at - interval '15 days'")
        self.ingest(rejected_counts=[{**counted[0], "category": "d"}])
        self.env["bwt.webhook.housekeeping"]._run()
        self.env.invalidate_all()
        self.assertEqual((old + young + done).exists(), young + done)
        self.assertEqual(self.inbound.rejection_ids.mapped("category"), ["d"])
        self.env["res.config.settings"].create({"webhooks_keep_rejected_days": 0}).execute()
        ancient = aged("rejected", 1000)
        self.env["bwt.webhook.housekeeping"]._run()
        self.assertTrue(ancient.exists(), "0 keeps them")
