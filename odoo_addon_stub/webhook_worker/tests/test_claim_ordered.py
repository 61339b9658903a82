# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.webhook_worker.models import contract_claim_events

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestClaimOrdered(InboundCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbound.ordered = True

    def make(self, count=1, **values):
        events = [self.event_values(**values) for _number in range(count)]
        return [result["id"] for result in self.ingest(*events)["results"]]

    def ids(self, *args, **kwargs):
        return [event["id"] for event in self.claim_events(*args, **kwargs)["events"]]

    def take(self):
        (claimed,) = self.claim_events()["events"]
        return claimed

    def test_one_after_the_other_as_they_were_ingested(self):
        made = self.make(2) + self.make(received_at_ms=1000)
        for event_id in made:
            claimed = self.take()
            self.assertEqual(claimed["id"], event_id)
            answer = self.claim_events()
            self.assertEqual(answer["events"], [])
            self.assertEqual(answer["next_due_at_ms"], claimed["lease_expires_at_ms"], "and no sooner")
            self.assertEqual(self.settle(self.event_settlement(claimed)), ["applied"])
        self.assertNotIn("next_due_at_ms", self.claim_events())

    def test_a_repeated_call_answers_the_same(self):
        made, token = self.make(2), new_uid()
        self.assertEqual([self.ids(token=token), self.ids(token=token)], [made[:1]] * 2)

    def test_a_head_that_waits_holds_the_rest(self):
        made = self.make(2)
        due = contract_claim_events.to_ms(self.env.cr.now() + timedelta(hours=1))
        self.settle(self.event_settlement(self.take(), "retry", "error", next_attempt_at_ms=due))
        answer = self.claim_events()
        self.assertEqual((answer["events"], answer["next_due_at_ms"]), ([], due))
        self.Event.browse(made[0]).with_user(self.operator).action_dead_letter()
        self.assertEqual(self.ids(), made[1:])

    def test_a_head_without_an_open_handler_holds_the_rest(self):
        named = self.new_handler("own", direction="inbound")
        made = self.make(handler_selector="own") + self.make()
        named.active = False
        answer = self.claim_events()
        self.assertEqual(answer["events"], [])
        self.assertNotIn("next_due_at_ms", answer)
        named.active = True
        self.assertEqual(self.ids(), made[:1])

    def test_rejected_and_dead_ones_are_passed(self):
        (rejected,) = self.make(state="rejected", rejection_category="signature")
        made = self.make(2)
        self.assertLess(rejected, made[0])
        self.settle(self.event_settlement(self.take(), "dead_letter", "dead_letter", failure_reason="rule"))
        self.assertEqual(self.ids(), made[1:])

    def test_released_and_expired_heads_come_again_first(self):
        made = self.make(2)
        claimed = self.take()
        lease = {"kind": "event", "id": claimed["id"], "lease_token": claimed["lease_token"]}
        self.call("release", worker_uid=WORKER_UID, leases=[lease])
        self.assertEqual(self.ids(), made[:1])
        self.expire_events(made[:1])
        self.assertEqual(self.ids(takeover=False), [])
        answer = self.claim_events()
        self.assertEqual(([e["id"] for e in answer["events"]], answer["interrupted"]), (made[:1], 1))
        self.assertEqual(self.ids(), [])

    def test_poison_frees_the_rest(self):
        made = self.make(2)
        for _lost in range(3):
            self.expire_events([self.take()["id"]])
        answer = self.claim_events()
        self.assertEqual((answer["poisoned"], [e["id"] for e in answer["events"]]), (1, made[1:]))

    def test_an_older_event_that_is_processed_again_waits_for_the_one_in_work(self):
        made = self.make(2)
        self.settle(self.event_settlement(self.take()))
        later = self.take()
        self.Event.browse(made[0]).with_user(self.operator).action_reprocess()
        answer = self.claim_events()
        self.assertEqual((answer["events"], answer["next_due_at_ms"]), ([], later["lease_expires_at_ms"]))
        self.settle(self.event_settlement(later))
        self.assertEqual(self.ids(), made[:1])

    def test_ingest_leases_none_of_them(self):
        answer = self.ingest(self.event_values(), self.event_values(), claim_token=new_uid(), lease_seconds=60)
        self.assertEqual(([r["status"] for r in answer["results"]], answer["events"]), (["ingested"] * 2, []))
        self.assertEqual(len(self.ids()), 1)

    def test_an_endpoint_that_got_the_flag_with_events_in_work(self):
        self.inbound.ordered = False
        made = self.make(4)
        first, second, third = self.claim_events(limit=3)["events"]
        self.inbound.ordered = True
        self.assertEqual(self.ids(), [])
        self.expire_events([first["id"], second["id"]])
        self.assertEqual(self.ids(), [], "the third is in work")
        self.settle(self.event_settlement(third))
        self.assertEqual(self.ids(), [first["id"]], "one is taken over")
        self.assertEqual(self.ids(), [])
        self.settle(self.event_settlement({"id": first["id"], "lease_token": self.lease_of(first)}))
        self.assertEqual(self.ids(), [second["id"]])
        self.settle(self.event_settlement({"id": second["id"], "lease_token": self.lease_of(second)}))
        self.assertEqual(self.ids(), made[3:])

    def lease_of(self, claimed):
        self.env.invalidate_all()
        return self.Event.browse(claimed["id"]).lease_token

    def test_others_are_not_held_up(self):
        other = self.new_inbound_endpoint("other-in", handler_id=self.handler.id)
        made, others = self.make(5), self.make(5, endpoint=other)
        self.assertEqual(self.ids(self.inbound + other, limit=4), made[:1] + others[:3])
        self.assertEqual(self.ids(self.inbound + other), others[3:])

    def test_answers_have_a_size(self):
        other = self.new_inbound_endpoint("other-in", handler_id=self.handler.id, ordered=True)
        made = self.make(body=b"x" * 2000) + self.make(body=b"x" * 2000, endpoint=other)
        with patch.object(contract_claim_events, "ANSWER_BYTES_MAX", 1500):
            self.assertEqual(len(self.ids(self.inbound + other)), 1)
            self.assertEqual(len(self.ids(self.inbound + other)), 1)
        self.assertEqual(self.Event.browse(made).mapped("state"), ["processing"] * 2)

    def test_held(self):
        self.make()
        self.inbound.action_pause()
        self.assertEqual(self.ids(), [])
        self.inbound.action_resume()
        self.assertEqual(len(self.ids()), 1)
