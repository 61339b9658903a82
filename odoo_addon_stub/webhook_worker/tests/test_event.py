# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import WebhookCase


class EventCase(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls.new_handler("in", direction="inbound")
        cls.receiver = cls.new_inbound_endpoint("orders", handler_id=cls.handler.id)

    def event(self, **values):
        return self.new_event(self.receiver, **values)


class TestEvent(EventCase):
    def test_the_body_is_kept_and_shown(self):
        event = self.event(body=b'{"price": "1.10", "name": "\xc3\xa9"}')
        self.assertEqual(json.loads(event.payload_json), {"price": "1.10", "name": "é"})
        self.assertIn("é", event.request_body)
        binary = self.event(body=b"\xff\x00")
        self.assertEqual(binary._raw_body(), b"\xff\x00")
        self.assertEqual(binary.request_body, "�\\u0000")
        self.assertFalse(binary.payload_json)
        self.assertEqual(binary.with_context(bin_size=True)._raw_body(), b"\xff\x00")
        self.assertFalse(self.event(body=b"").payload_json)

    def test_an_identity_key_is_taken_once_but_not_by_rejected_ones(self):
        self.event(delivery_identity_key="k", state="rejected")
        self.event(delivery_identity_key="k", state="rejected")
        self.event(delivery_identity_key="k")
        self.event(delivery_identity_key=False)
        self.event(delivery_identity_key=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.event(delivery_identity_key="k")

    def test_nobody_writes_fields(self):
        event = self.event()
        for user in (self.operator, self.admin, self.system):
            event.with_user(user).read(["name", "request_body", "held_reason"])
            for attempt in (
                lambda e: e.write({"state": "done"}), lambda e: e.unlink(), lambda e: e.copy(),
            ):  # fmt: skip
                with self.refused(AccessError, "."):
                    attempt(event.with_user(user))

    def test_other_companies_do_not_see_it(self):
        foreign = self.new_event(self.new_inbound_endpoint("foreign", company_id=self.other_company.id))
        self.assertNotIn(foreign, foreign.with_user(self.operator).search([]))

    def test_an_endpoint_with_events_stays(self):
        self.event()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.receiver.unlink()
            self.env.flush_all()

    def test_why_it_waits(self):
        event = self.event()
        self.assertFalse(event.held_reason)
        self.receiver.action_pause()
        self.assertEqual(event.held_reason, "endpoint_paused")
        self.assertFalse(self.event(state="done").held_reason)


class TestActions(EventCase):
    def test_reprocess(self):
        for state in ("error", "dead_letter", "done"):
            event = self.event(state=state, attempt_count=4, failure_reason="rule", failure_message="m")
            event.with_user(self.operator).action_reprocess()
            self.assertEqual((event.state, event.attempt_count), ("received", 0))
            self.assertLessEqual(event.next_attempt_at, self.env.cr.now())
            self.assertFalse(event.failure_reason or event.failure_message or event.processed_at)
        for state in ("received", "processing", "rejected"):
            with self.subTest(state), self.refused(UserError, "cannot be reprocessed"):
                self.event(state=state).with_user(self.operator).action_reprocess()

    def test_reprocess_by_the_handler_that_came_later(self):
        event = self.event(state="done", handler_id=False)
        event.with_user(self.operator).action_reprocess()
        self.assertEqual(event.handler_id, self.handler)

    def test_dead_letter(self):
        Event = type(self.env["bwt.webhook.inbound.event"])
        called = []
        with patch.object(Event, "_on_dead_letter", lambda events: called.append(events.ids)):
            event = self.event(state="processing", lease_token="t")
            event.with_user(self.operator).action_dead_letter()
        self.assertEqual((event.state, event.failure_reason, event.lease_token), ("dead_letter", "operator", False))
        self.assertTrue(event.processed_at)
        self.assertEqual(called, [[event.id]])
        with self.refused(UserError, "cannot be dead-lettered"):
            self.event(state="done").with_user(self.operator).action_dead_letter()

    def test_only_operators(self):
        for method in ("action_reprocess", "action_dead_letter"):
            with self.refused(AccessError, "Operators"):
                getattr(self.event(state="error").with_user(self.plain), method)()


class TestCallbackHelpers(EventCase):
    def test_event(self):
        event = self.event(body=b'{"a": 1}', resolved_values_json='{"ref": "A", "zero": 0}')
        self.assertEqual(event.get_payload(), {"a": 1})
        self.assertEqual(self.event(body=b"").get_payload(), {})
        with self.assertRaises(ValueError):
            self.event(body=b"<xml/>").get_payload()
        self.assertEqual(event.get_resolved_value("ref"), "A")
        self.assertEqual(event.get_resolved_value("zero"), 0)
        self.assertEqual(event.get_resolved_value("no"), False)
        self.assertEqual(event.get_resolved_value("no", "x"), "x")
        self.assertEqual(event.webhook_done(), {"status": "done"})
        self.assertEqual(event.webhook_dead_letter("n"), {"status": "dead_letter", "note": "n"})
        self.assertEqual(event.webhook_retry(seconds=5), {"status": "retry", "seconds": 5})

    def test_delivery(self):
        delivery = self.queue({"a": 1})
        self.assertEqual(delivery.get_payload(), {"a": 1})
        self.assertEqual(delivery._build_outbound_delivery_result(), {"outcome": "send"})
        self.assertEqual(
            delivery._build_outbound_delivery_result(outcome="send", payload={"b": 2}),
            {"outcome": "send", "payload": {"b": 2}},
        )
        self.assertEqual(delivery.webhook_done("n"), {"outcome": "done", "note": "n"})
        self.assertEqual(delivery.webhook_cancel(), {"outcome": "cancel"})
        self.assertEqual(delivery.webhook_dead_letter("n"), {"outcome": "dead_letter", "note": "n"})
        self.assertEqual(delivery.webhook_retry(seconds=5), {"outcome": "retry", "seconds": 5})


class TestExecutions(EventCase):
    def test_they_are_read_and_never_changed(self):
        trace = {
            "phase": "event", "outcome": 'rule "Paid" matched', "rule_id": 5,
            "rules": [
                {"id": 5, "name": "Paid", "matched": True, "conditions": [
                    {"source": "payload_path", "expression": "status", "operator": "equals", "expected": "paid",
                     "ignore_case": True, "found": '"paid"', "holds": True}]},
            ],
        }  # fmt: skip
        execution = self.env["bwt.webhook.inbound.rule.execution"].create(
            {"event_id": self.event().id, "company_id": self.company.id, "trace": json.dumps(trace)}
        )
        self.assertEqual(
            execution.with_user(self.operator).trace_text,
            '✓ Paid\n    ✓ payload_path status = "paid" equals paid\n→ rule "Paid" matched',
        )
        with self.refused(AccessError, "record of what happened"):
            execution.note = "x"
        for trace in ("no json", '["list"]', '{"rules": [5]}'):
            self.assertEqual(execution.create({**execution.copy_data()[0], "trace": trace}).trace_text, trace)


class TestEventsGrowOld(EventCase):
    def aged(self, state, days):
        return self.event(state=state, processed_at=fields.Datetime.now() - timedelta(days=days))

    def test_retention(self):
        old = self.aged("done", 91) + self.aged("rejected", 91) + self.aged("dead_letter", 366)
        young = self.aged("done", 89) + self.aged("dead_letter", 100) + self.event()
        execution = self.env["bwt.webhook.inbound.rule.execution"].create(
            {"event_id": old[0].id, "company_id": self.company.id}
        )
        probe = self.env["bwt.webhook.probe"].create({"probe_uid": "p", "request_json": "{}"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE bwt_webhook_probe SET create_date = create_date - interval '2 hours'")
        self.env["bwt.webhook.housekeeping"]._run()
        self.env.invalidate_all()
        self.assertEqual((old + young).exists(), young)
        self.assertFalse(execution.exists() or probe.exists())

    def test_an_overdue_event_raises_the_alarm(self):
        self.event(next_attempt_at=fields.Datetime.now() - timedelta(minutes=30))
        self.assertEqual(self.env["bwt.webhook.housekeeping"]._overdue_count(10), 1)
        self.receiver.action_pause()
        self.assertEqual(self.env["bwt.webhook.housekeeping"]._overdue_count(10), 0)

    def test_a_neutralized_copy_holds_them(self):
        taken = self.event(state="processing", lease_token="t", attempt_count=1)
        self.env.flush_all()
        self.env.cr.execute(Path(__file__).parents[1].joinpath("data", "neutralize.sql").read_text())
        self.env.invalidate_all()
        self.assertEqual((taken.state, taken.lease_token, taken.held_reason), ("error", False, "endpoint_paused"))
