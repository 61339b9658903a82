# SPDX-License-Identifier: LGPL-3.0-or-later
"""Settlements of events, and of deliveries whose response rules write records."""

import time
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.webhook_worker.models import contract_settle_operations

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestSettleEvents(InboundCase):
    def test_outcomes(self):
        due = int(time.time() * 1000) + 5000
        for outcome, state, expected in (
            ("done", "done", "done"),
            ("dead_letter", "dead_letter", "dead_letter"),
            ("retry", "error", "error"),
            ("retry", "dead_letter", "dead_letter"),
            ("interrupted", "error", "error"),
            ("deferred", "queued", "received"),
            ("deferred", "received", "received"),
        ):
            claimed = self.ingested()[0]
            values = {"next_attempt_at_ms": due} if expected in ("error", "received") else {}
            settlement = self.event_settlement(claimed, outcome, state, note="noted", **values)
            self.assertEqual(self.settle(settlement), ["applied"], outcome)
            event = self.Event.browse(claimed["id"])
            self.assertEqual((event.state, event.processing_note, event.lease_token), (expected, "noted", False))
            self.assertEqual(bool(event.processed_at), expected in ("done", "dead_letter"))
            self.assertEqual(event.attempt_count, int(outcome in ("retry", "interrupted")), outcome)
            self.assertEqual(event.lease_count, int(outcome != "deferred"))

    def test_outcomes_that_do_not_lead_there(self):
        claimed = self.ingested()[0]
        for settlement in (
            self.event_settlement(claimed, "delivered", "done"),
            self.event_settlement(claimed, "done", "canceled"),
            {**self.event_settlement(claimed), "frozen": {"http_method": "post", "request_headers": {}, "payload": ""}},
        ):
            self.assertEqual(self.settle(settlement), ["failed"])

    def test_a_rules_execution_is_kept(self):
        claimed = self.ingested()[0]
        execution = {"rule_id": self.rule.id, "action": "done", "trace": "[]"}
        self.settle(self.event_settlement(claimed, note="why", execution=execution))
        event = self.Event.browse(claimed["id"])
        kept = event.rule_execution_ids
        self.assertEqual((kept.name, kept.rule_id, kept.action), ("Make a partner", self.rule, "done"))
        self.assertEqual((kept.state, kept.trace, kept.note), ("done", "[]", "why"))
        self.assertEqual((kept.company_id, kept.handler_id), (self.company, self.handler))
        self.assertEqual(event.matched_inbound_rule_id, self.rule)

    def test_states_of_executions(self):
        matched = {"rule_id": self.rule.id, "action": "dead_letter"}
        for execution, reason, state, name in (
            ({"trace": "[]"}, None, "skipped", "No rule matched"),
            (matched, "rule", "done", "Make a partner"),
            (matched, "rule_invalid", "error", "Make a partner"),
        ):
            (claimed,) = self.ingested()
            failure = {"failure_reason": reason, "failure_message": "why"} if reason else {}
            self.settle(self.event_settlement(claimed, "dead_letter", "dead_letter", execution=execution, **failure))
            kept = self.Event.browse(claimed["id"]).rule_execution_ids
            self.assertEqual((kept.state, kept.name, bool(kept.error)), (state, name, state == "error"))

    def test_a_rule_that_was_deleted_meanwhile(self):
        claimed = self.ingested()[0]
        self.settle(self.event_settlement(claimed, execution={"rule_id": 2147483647, "action": "done"}))
        kept = self.Event.browse(claimed["id"]).rule_execution_ids
        self.assertFalse(kept.rule_id)

    def test_a_repeated_settlement_is_applied_once(self):
        claimed = self.ingested()[0]
        execution = {"rule_id": self.rule.id, "action": "create_record"}
        settlement = self.event_settlement(
            claimed, operations=[self.operation(values={"name": "Once only"})], execution=execution
        )
        self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual(self.settle(settlement), ["already_applied"])
        event = self.Event.browse(claimed["id"])
        event.action_reprocess()
        self.claim_events()
        self.assertEqual(self.settle(settlement), ["already_applied"])
        self.assertEqual(self.Partner.search_count([("name", "=", "Once only")]), 1)
        self.assertEqual(len(event.rule_execution_ids), 1)

    def test_a_superseded_settlement_writes_nothing(self):
        claimed = self.ingested()[0]
        self.expire_events([claimed["id"]])
        (again,) = self.claim_events()["events"]
        settlement = self.event_settlement(claimed, operations=[self.operation(values={"name": "Too late"})])
        self.assertEqual(self.settle(settlement), ["superseded"])
        self.assertEqual(self.Partner.search_count([("name", "=", "Too late")]), 0)
        self.assertEqual(self.settle(self.event_settlement(again)), ["applied"])

    def test_an_expired_lease_that_nobody_took_is_good(self):
        claimed = self.ingested()[0]
        self.expire_events([claimed["id"]])
        self.assertEqual(self.settle(self.event_settlement(claimed, operations=[self.operation()])), ["applied"])

    def test_gone(self):
        claimed = {**self.ingested()[0], "id": 2147483647}
        results = self.call(
            "settle",
            worker_uid=WORKER_UID,
            settlements=[self.event_settlement(claimed), self.event_settlement(claimed, operations=[self.operation()])],
        )["results"]
        self.assertEqual([r["category"] for r in results], ["gone", "gone"])

    def test_all_kinds_in_one_call_and_hooks(self):
        _delivery, claimed = self.queue_and_claim()
        plain, operating, refused = self.ingested(3)
        settled, dead = [], []
        event_class, delivery_class = type(self.Event), type(self.Delivery)
        with (
            patch.object(event_class, "_after_settle", lambda records: settled.extend(records.ids)),
            patch.object(event_class, "_on_dead_letter", lambda records: dead.extend(records.ids)),
            patch.object(delivery_class, "_after_settle", lambda records: settled.extend(records.ids)),
        ):
            statuses = self.settle(
                self.event_settlement(operating, operations=[self.operation()]),
                self.settlement(claimed),
                self.event_settlement(plain),
                self.event_settlement(refused, operations=[self.operation(values={"nonsense": "x"})]),
            )
        self.assertEqual(statuses, ["applied"] * 4)
        self.assertEqual(sorted(settled), sorted(item["id"] for item in (claimed, plain, operating, refused)))
        self.assertEqual(dead, [refused["id"]])

    def test_many_operations_are_several_transactions(self):
        claimed = self.ingested(130)
        begun = []
        with patch.object(contract_settle_operations, "begin_repeatable_read", lambda env: begun.append(env)):
            statuses = self.settle(*(self.event_settlement(c, operations=[self.operation()]) for c in claimed))
        self.assertEqual(statuses, ["applied"] * 130)
        self.assertGreaterEqual(len(begun), 2)

    # ---- deliveries

    def outbound_rule(self, **values):
        handler = self.new_handler("out", execution_user_id=self.executor.id)
        self.endpoint.handler_id = handler
        return self.new_rule(
            handler, "outbound", phase="response", result_status="create_record", target="res.partner", **values
        )

    def test_a_response_rule_writes_a_record(self):
        rule = self.outbound_rule()
        delivery, claimed = self.queue_and_claim()
        self.assertEqual(claimed["handler_id"], rule.handler_id.id)
        execution = {"rule_id": rule.id, "action": "create_record", "trace": '{"a":1}'}
        settlement = self.settlement(claimed, operations=[self.operation(rule=rule)], execution=execution)
        self.assertEqual(self.settle(settlement, settlement), ["applied", "already_applied"])
        self.assertEqual((delivery.state, delivery.matched_outbound_rule_id), ("done", rule))
        self.assertEqual(delivery.rule_trace, '{"a":1}')
        attempt = delivery.attempt_ids
        self.assertEqual(attempt.rule_trace, '{"a":1}')
        self.assertRegex(attempt.record_reference, "^res.partner:[0-9]+$")

    def test_a_delivered_delivery_is_never_sent_again(self):
        rule = self.outbound_rule()
        delivery, claimed = self.queue_and_claim()
        otherwise = {"state": "error", "failure_reason": "record_operation", "next_attempt_at_ms": 1}
        operation = self.operation("update", rule=rule, lookup=[{"field": "ref", "value": "nobody"}])
        settlement = self.settlement(claimed, operations=[operation], otherwise=otherwise)
        (result,) = self.call("settle", worker_uid=WORKER_UID, settlements=[settlement])["results"]
        self.assertEqual((result["status"], result["category"]), ("applied", "no_match"))
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "record_operation"))
        self.assertRegex(delivery.failure_message, "It was delivered, but")
        self.assertEqual((delivery.attempt_ids.outcome, delivery.attempt_ids.response_status_code), ("delivered", 200))

    def test_otherwise_of_a_delivery_that_failed(self):
        rule = self.outbound_rule()
        delivery, claimed = self.queue_and_claim()
        otherwise = {"state": "error", "failure_reason": "http_status", "next_attempt_at_ms": int(time.time() * 1000)}
        operation = self.operation("update", rule=rule, lookup=[{"field": "ref", "value": "nobody"}])
        self.settle(self.settlement(claimed, "dead_letter", "dead_letter", operations=[operation], otherwise=otherwise))
        self.assertEqual((delivery.state, delivery.failure_reason), ("error", "http_status"))

    def test_content_is_frozen_by_the_first_attempt(self):
        delivery, claimed = self.queue_and_claim(payload={"a": 1}, headers={"A": "1"})
        self.assertNotIn("content_frozen", claimed)
        frozen = {"http_method": "put", "target_path": "/x", "request_headers": {"B": "2"}, "payload": '{"b":2}'}
        self.settle(self.settlement(claimed, "retry", "error", frozen=frozen, next_attempt_at_ms=1))
        (claimed,) = self.claim()["deliveries"]
        self.assertTrue(claimed["content_frozen"])
        self.assertEqual(
            [claimed[key] for key in ("http_method", "target_path", "request_headers", "payload")],
            ["put", "/x", {"B": "2"}, '{"b":2}'],
        )
        other = {**frozen, "payload": "{}"}
        self.settle(self.settlement(claimed, "retry", "error", frozen=other, next_attempt_at_ms=1))
        (claimed,) = self.claim()["deliveries"]
        self.assertEqual(claimed["payload"], '{"b":2}')
        self.assertEqual(delivery.payload_json, '{"a":1}')

    def test_a_decision_before_sending_freezes_nothing(self):
        _delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "retry", "error", attempt=False, next_attempt_at_ms=1))
        (claimed,) = self.claim()["deliveries"]
        self.assertNotIn("content_frozen", claimed)

    def test_context_values(self):
        context = {"order": {"id": 5}, "text": "é"}
        _delivery, claimed = self.queue_and_claim(context=context)
        self.assertEqual(self.read_json(claimed["context_values"]), context)
        big = {"a": "x" * 70000}
        for bad, pattern in ((big, "larger than"), ([1], "a dict is expected"), ({"a": object()}, "JSON")):
            with self.refused(Exception, pattern):
                self.queue(context=bad)

    def test_lease_calls_of_events(self):
        first, second = self.ingested(2)
        leases = [{"kind": "event", "id": c["id"], "lease_token": c["lease_token"]} for c in (first, second)]
        leases.append({"kind": "event", "id": first["id"], "lease_token": new_uid()})
        lost = self.call("renew", worker_uid=WORKER_UID, lease_seconds=600, leases=leases)["lost"]
        self.assertEqual(lost, leases[2:])
        self.assertEqual(self.call("release", worker_uid=WORKER_UID, leases=leases[1:])["released"], 1)
        event = self.Event.browse(second["id"])
        self.assertEqual((event.state, event.lease_token, event.lease_count), ("received", False, 0))
