# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.webhook_worker.models import contract_claim_events

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestClaimEvents(InboundCase):
    def ids(self, *args, **kwargs):
        return [event["id"] for event in self.claim_events(*args, **kwargs)["events"]]

    def make(self, count=1, **values):
        events = [self.event_values(**values) for _number in range(count)]
        return [result["id"] for result in self.ingest(*events)["results"]]

    def test_a_repeated_call_answers_the_same(self):
        made, token = self.make(3), new_uid()
        first = self.claim_events(token=token)
        again = self.claim_events(token=token)
        self.assertEqual([e["id"] for e in first["events"]], made)
        self.assertEqual(again["events"], first["events"])
        self.assertEqual(self.ids(), [])
        self.assertEqual(self.ids(token=token, limit=0), made)

    def test_quotas_and_limit(self):
        other = self.new_inbound_endpoint("other-in", handler_id=self.handler.id)
        first, second = self.make(5), self.make(5, endpoint=other)
        self.assertEqual(self.ids(self.inbound + other, free=2), sorted(first[:2] + second[:2]))
        self.assertEqual(len(self.ids(self.inbound + other, limit=3)), 3)

    def test_the_longest_due_first(self):
        late, early = self.make(), self.make(received_at_ms=1000)
        self.assertEqual(self.ids(limit=1), early)
        self.assertEqual(self.ids(), late)

    def test_not_before_they_are_due(self):
        claimed = self.ingested()[0]
        due = contract_claim_events.to_ms(self.env.cr.now() + timedelta(hours=1))
        self.settle(self.event_settlement(claimed, "retry", "error", next_attempt_at_ms=due))
        answer = self.claim_events()
        self.assertEqual((answer["events"], answer["next_due_at_ms"]), ([], due))

    def test_held(self):
        self.make()
        for record, field, held in (
            (self.inbound, "paused", True),
            (self.handler, "active", False),
            (self.company, "webhooks_paused", True),
        ):
            record[field] = held
            self.assertEqual(self.ids(), [])
            record[field] = not held
        self.assertEqual(len(self.ids()), 1)

    def test_an_event_waits_for_its_own_archived_handler(self):
        named = self.new_handler("own", direction="inbound")
        made = self.make(handler_selector="own")
        named.active = False
        self.assertEqual(self.ids(), [])
        named.active = True
        self.assertEqual(self.ids(), made)

    def test_expired_leases_and_poison(self):
        self.make()
        dead = []
        with patch.object(type(self.Event), "_on_dead_letter", lambda events: dead.extend(events.ids)):
            for lost in range(3):
                (claimed,) = self.claim_events()["events"]
                self.assertEqual(claimed["attempt_count"], lost)
                self.expire_events([claimed["id"]])
                self.assertEqual(self.ids(takeover=False), [])
            answer = self.claim_events()
        self.assertEqual((answer["events"], answer["interrupted"], answer["poisoned"]), ([], 1, 1))
        event = self.Event.browse(claimed["id"])
        self.assertEqual((event.state, event.failure_reason, event.lease_token), ("dead_letter", "poison", False))
        self.assertEqual(dead, event.ids)

    def test_a_release_breaks_the_row_of_losses(self):
        self.make()
        for _number in range(4):
            (claimed,) = self.claim_events()["events"]
            self.expire_events([claimed["id"]])
            (claimed,) = self.claim_events()["events"]
            lease = {"kind": "event", "id": claimed["id"], "lease_token": claimed["lease_token"]}
            self.call("release", worker_uid=WORKER_UID, leases=[lease])

    def test_expired_leases_of_held_endpoints_end(self):
        self.make()
        (claimed,) = self.claim_events()["events"]
        self.expire_events([claimed["id"]])
        self.inbound.action_pause()
        answer = self.claim_events([])
        self.assertEqual((answer["events"], answer["interrupted"]), ([], 1))
        event = self.Event.browse(claimed["id"])
        self.assertEqual((event.state, event.failure_reason), ("error", "interrupted"))

    def test_events_of_an_archived_handler_are_not_due(self):
        """A worker that is told of them would ask for them without a pause."""
        other = self.new_handler("selected", direction="inbound")
        self.make(handler_selector="selected")
        self.assertIn("next_due_at_ms", self.claim_events(limit=0))
        other.active = False
        answer = self.claim_events()
        self.assertEqual(answer["events"], [])
        self.assertNotIn("next_due_at_ms", answer)

    def test_answers_have_a_size(self):
        self.make(3, body=b"x" * 1000)
        with patch.object(contract_claim_events, "ANSWER_BYTES_MAX", 1500):
            self.assertEqual(len(self.ids()), 2)
            self.assertEqual(len(self.ids()), 1)

    def test_held_databases_answer_nothing(self):
        self.make()
        token = new_uid()
        self.assertEqual(len(self.ids(token=token)), 1)
        self.env["bwt.webhook.ledger"]._the_row().confirmed_fingerprint = "0" * 64
        self.assertEqual(self.ids(token=token), [])

    def test_probes_go_to_one_worker(self):
        asked = {"handler": self.handler._contract_values(), "samples": [{"name": "pasted", "phase": "event"}]}
        probe = self.env["bwt.webhook.probe"].create(
            {"probe_uid": new_uid(), "handler_id": self.handler.id, "request_json": json.dumps(asked)}
        )
        self.assertEqual(self.claim_events(limit=0)["probes"], [])
        (claimed,) = self.claim_events()["probes"]
        self.assertEqual((claimed["probe_uid"], claimed["kind"]), (probe.probe_uid, "rules"))
        self.assertEqual(claimed["samples"], asked["samples"])
        self.assertEqual(self.claim_events()["probes"], [])
        answer = {"summary": "1 of 1", "results": []}
        request = {"worker_uid": WORKER_UID, "probe_uid": probe.probe_uid, "answer": answer}
        self.assertTrue(self.call("answer_probe", **request)["accepted"])
        self.assertFalse(self.call("answer_probe", **request)["accepted"])
        self.assertEqual((probe.state, json.loads(probe.answer_json)), ("answered", answer))
