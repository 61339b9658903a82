# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.webhook_worker.models import contract_claim, contract_lanes

from .common import WebhookCase, new_uid


class TestClaim(WebhookCase):
    def test_hands_out_what_is_due(self):
        delivery = self.queue('{"a": 1}', headers={"X-A": "b"})
        answer = self.claim(lease_seconds=60)
        (claimed,) = answer["deliveries"]
        self.assertEqual(claimed["id"], delivery.id)
        self.assertEqual(claimed["delivery_uid"], delivery.delivery_uid)
        self.assertEqual(claimed["payload"], '{"a": 1}')
        self.assertEqual(claimed["request_headers"], {"X-A": "b"})
        self.assertEqual((claimed["lease_count"], claimed["attempt_count"]), (1, 0))
        self.assertAlmostEqual(claimed["lease_expires_at_ms"] - answer["server_time_ms"], 60000, delta=100)
        self.assertNotIn("lane", claimed)
        self.assertEqual(delivery.state, "processing")
        self.assertEqual(delivery.worker_id.name, "test worker")

    def test_a_repeated_call_returns_the_same_rows(self):
        for _number in range(3):
            self.queue()
        token = new_uid()
        first = self.claim(token=token, limit=2)
        self.queue()
        again = self.claim(token=token, limit=100)
        self.assertEqual(first["deliveries"], again["deliveries"])
        self.assertEqual(len(again["deliveries"]), 2)
        self.assertEqual(self.claim(token=token, limit=0)["deliveries"], first["deliveries"])

    def test_limit_zero_takes_nothing(self):
        self.queue()
        answer = self.claim(limit=0)
        self.assertEqual(answer["deliveries"], [])
        self.assertLessEqual(answer["next_due_at_ms"], answer["server_time_ms"])

    def test_only_what_was_asked_for(self):
        second = self.new_endpoint("second")
        mine, other = self.queue(), self.queue(endpoint=second)
        self.assertEqual(self.claimed_ids(second), [other.id])
        self.assertEqual(self.claimed_ids(self.endpoint + second), [mine.id])

    def test_quotas_and_limit(self):
        second = self.new_endpoint("second")
        for _number in range(5):
            self.queue()
            self.queue(endpoint=second)
        claimed = self.claim(self.endpoint + second, free=2)["deliveries"]
        self.assertEqual(sorted(d["endpoint_id"] for d in claimed), sorted([self.endpoint.id, second.id] * 2))
        claimed = self.claim(self.endpoint + second, free=3, limit=4)["deliveries"]
        self.assertEqual(len(claimed), 4)
        self.assertEqual([d["endpoint_id"] for d in claimed].count(self.endpoint.id), 3)

    def test_priority_then_time(self):
        low, normal, high = (self.queue(priority=level) for level in "321")
        early = self.queue(priority="2")
        self.set_columns(early, next_attempt_at=early.next_attempt_at - timedelta(hours=1))
        self.assertEqual(self.claimed_ids(free=3), [high.id, early.id, normal.id])
        self.assertEqual(self.claimed_ids(), [low.id])

    def test_not_before_it_is_due(self):
        delivery = self.queue()
        due = delivery.next_attempt_at + timedelta(minutes=5)
        self.set_columns(delivery, next_attempt_at=due)
        answer = self.claim()
        self.assertEqual(answer["deliveries"], [])
        self.assertAlmostEqual(answer["next_due_at_ms"], answer["server_time_ms"] + 300000, delta=5000)

    def test_next_due_is_absent_when_nothing_waits(self):
        self.assertNotIn("next_due_at_ms", self.claim())
        self.queue(endpoint=self.new_endpoint("second"))
        self.assertNotIn("next_due_at_ms", self.claim())

    def test_next_due_is_the_earliest_lease_too(self):
        self.queue()
        answer = self.claim(lease_seconds=30)
        self.assertAlmostEqual(answer["next_due_at_ms"], answer["server_time_ms"] + 30000, delta=100)

    def test_next_due_ignores_held_endpoints(self):
        self.queue()
        self.endpoint.action_pause()
        self.assertNotIn("next_due_at_ms", self.claim())

    def test_retries_are_claimed_like_new_ones(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "retry", "error", failure_reason="timeout"))
        self.set_columns(delivery, next_attempt_at=delivery.queued_at)
        (again,) = self.claim()["deliveries"]
        self.assertEqual((again["attempt_count"], again["lease_count"]), (1, 2))
        self.assertEqual(again["delivery_uid"], claimed["delivery_uid"])

    def test_the_answer_has_a_size(self):
        for _number in range(4):
            self.queue(json.dumps("x" * 998))
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 2000)
        self.assertEqual(len(self.claimed_ids()), 2)
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 1)
        self.assertEqual(len(self.claimed_ids()), 1)

    def test_the_size_counts_lanes_and_headers(self):
        for number in range(4):
            self.queue({}, headers={"X": "x" * 990}, lane=str(number))
        self.queue({}, headers={"X": "x" * 990})
        self.commit_lanes()
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 2000)
        self.assertEqual([len(self.claimed_ids()) for _number in range(3)], [2, 2, 1])

    def test_the_size_counts_what_is_taken_over(self):
        deliveries = self.Delivery.concat(*[self.queue(json.dumps("x" * 998)) for _number in range(3)])
        self.claim()
        self.expire_leases(deliveries)
        self.queue(json.dumps("x" * 998))
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 2000)
        self.assertEqual(len(self.claimed_ids()), 2)
        self.assertEqual(len(self.claimed_ids()), 2)

    def test_an_unknown_worker_may_claim(self):
        self.queue()
        answer = self.call(
            "claim",
            worker_uid=new_uid(),
            claim_token=new_uid(),
            limit=1,
            lease_seconds=1,
            takeover=False,
            quotas=[{"endpoint_id": self.endpoint.id, "free": 1}, {"endpoint_id": 2147483647, "free": 1}],
        )
        self.assertEqual(len(answer["deliveries"]), 1)


class TestTakeover(WebhookCase):
    def test_an_expired_lease_is_taken_over_and_its_attempt_recorded(self):
        delivery, lost = self.queue_and_claim()
        self.expire_leases(delivery)
        answer = self.claim()
        (claimed,) = answer["deliveries"]
        self.assertEqual((answer["interrupted"], answer["poisoned"]), (1, 0))
        self.assertNotEqual(claimed["lease_token"], lost["lease_token"])
        self.assertEqual((claimed["lease_count"], claimed["attempt_count"]), (2, 1))
        attempt = delivery.attempt_ids
        self.assertEqual((attempt.outcome, attempt.state, attempt.maybe_delivered), ("interrupted", "error", True))
        self.assertEqual(attempt.lease_token, lost["lease_token"])
        self.assertEqual((attempt.attempt_number, attempt.worker_name), (1, "test worker"))
        self.assertEqual(delivery.lease_lost_count, 1)

    def test_not_without_permission_and_not_before_its_time(self):
        delivery, _lost = self.queue_and_claim()
        self.assertEqual(self.claimed_ids(), [])
        self.expire_leases(delivery)
        self.assertEqual(self.claimed_ids(takeover=False), [])
        self.assertEqual(len(self.claimed_ids()), 1)

    def test_not_of_held_endpoints_and_not_beyond_quotas(self):
        deliveries = self.queue() + self.queue() + self.queue()
        self.claim()
        self.expire_leases(deliveries)
        self.endpoint.action_pause()
        self.assertEqual(self.claimed_ids(), [])
        self.endpoint.action_resume()
        self.assertEqual(len(self.claimed_ids(free=2)), 2)
        self.assertEqual(len(self.claimed_ids(free=2)), 1)

    def test_held_endpoints_keep_no_lost_leases(self):
        """Whether they are asked for or not: nobody else would look at them again."""
        held = self.new_endpoint("held")
        delivery, third = self.queue(endpoint=held, lane="a"), self.queue(endpoint=held)
        alive = self.queue(endpoint=held)
        self.commit_lanes()
        self.claim(held)
        self.set_columns(third, lease_lost_count=2)
        self.expire_leases(delivery + third)
        held.action_pause()
        self.assertEqual(self.claim(takeover=False)["poisoned"], 0)
        self.assertEqual(delivery.state, "processing")
        answer = self.claim()
        self.assertEqual((answer["deliveries"], answer["interrupted"], answer["poisoned"]), ([], 1, 1))
        self.env.invalidate_all()
        self.assertEqual((delivery.state, delivery.failure_reason), ("error", "interrupted"))
        self.assertEqual((delivery.attempt_count, delivery.lease_lost_count), (1, 1))
        self.assertFalse(delivery.lease_token or delivery.lease_expires_at or delivery.processed_at)
        self.assertEqual((delivery.attempt_ids.outcome, delivery.attempt_ids.state), ("interrupted", "error"))
        self.assertEqual((third.state, third.failure_reason, alive.state), ("dead_letter", "poison", "processing"))
        self.env.cr.execute("SELECT count(*) FROM bwt_webhook_lane_lease")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        held.action_resume()
        self.assertEqual(self.claimed_ids(held), [delivery.id])

    def test_the_third_lost_lease_in_a_row_is_poison(self):
        delivery, _claimed = self.queue_and_claim()
        for _number in range(2):
            self.expire_leases(delivery)
            self.assertEqual(self.claimed_ids(), [delivery.id])
        self.expire_leases(delivery)
        answer = self.claim()
        self.assertEqual((answer["deliveries"], answer["interrupted"], answer["poisoned"]), ([], 1, 1))
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "poison"))
        self.assertIn("three times", delivery.failure_message)
        self.assertEqual(delivery.attempt_count, 3)
        self.assertEqual(delivery.attempt_ids.mapped("attempt_number"), [3, 2, 1])
        self.assertEqual(delivery.attempt_ids[0].state, "dead_letter")
        self.assertFalse(delivery.lease_token)

    def test_a_settled_lease_ends_the_row_of_lost_ones(self):
        delivery, _claimed = self.queue_and_claim()
        for _number in range(2):
            self.expire_leases(delivery)
            (claimed,) = self.claim()["deliveries"]
        self.settle(self.settlement(claimed, "retry", "error"))
        self.assertEqual(delivery.lease_lost_count, 0)

    def test_an_addon_may_watch_dead_letters(self):
        seen = []
        self.patch(type(self.Delivery), "_on_dead_letter", lambda records: seen.append((records.ids, records.env.su)))
        delivery, _claimed = self.queue_and_claim()
        self.set_columns(delivery, lease_lost_count=2)
        self.expire_leases(delivery)
        self.claim()
        self.assertEqual(seen, [(delivery.ids, True)])


class TestLanes(WebhookCase):
    def test_one_head_per_lane_in_order(self):
        first, second = self.queue(lane="a"), self.queue(lane="a")
        other = self.queue(lane="b")
        plain = self.queue()
        self.commit_lanes()
        self.patch(contract_lanes, "RUN_MAX", 1)
        claimed = self.claim()["deliveries"]
        self.assertEqual(sorted(d["id"] for d in claimed), sorted([first.id, other.id, plain.id]))
        self.assertEqual({d["id"]: d.get("lane") for d in claimed}, {first.id: "a", other.id: "b", plain.id: None})
        self.assertEqual(self.claimed_ids(), [])
        self.settle(self.settlement(next(d for d in claimed if d["id"] == first.id)))
        self.assertEqual(self.claimed_ids(), [second.id])

    def test_a_head_in_retry_holds_its_lane(self):
        first, second = self.queue(lane="a"), self.queue(lane="a")
        self.commit_lanes()
        self.patch(contract_lanes, "RUN_MAX", 1)
        (claimed,) = self.claim()["deliveries"]
        self.settle(self.settlement(claimed, "retry", "error"))
        answer = self.claim()
        self.assertEqual(answer["deliveries"], [])
        self.assertGreater(answer["next_due_at_ms"], answer["server_time_ms"] + 30000)
        for step, expected in (("action_reprocess", first), ("action_dead_letter", second)):
            getattr(first.with_user(self.operator), step)()
            self.assertEqual(self.claimed_ids(), [expected.id])
            self.set_columns(first, state="queued", lease_token=None)
            self.env.cr.execute("DELETE FROM bwt_webhook_lane_lease")

    def test_a_cancelled_head_frees_its_lane(self):
        first, second = self.queue(lane="a"), self.queue(lane="a")
        self.commit_lanes()
        first.with_user(self.operator).action_cancel()
        self.assertEqual(self.claimed_ids(), [second.id])

    def test_order_is_that_of_the_transactions(self):
        first, second = self.queue(lane="a"), self.queue(lane="a")
        self.env.flush_all()
        self.env.cr.execute("UPDATE bwt_webhook_outbound_delivery SET lane_xid = '9' WHERE id = %s", [first.id])
        self.env.cr.execute("UPDATE bwt_webhook_outbound_delivery SET lane_xid = '8' WHERE id = %s", [second.id])
        self.assertEqual(self.claimed_ids(), [second.id, first.id])

    def test_not_before_older_transactions_have_ended(self):
        self.queue(lane="a")  # by this very transaction, which runs
        answer = self.claim()
        self.assertEqual(answer["deliveries"], [])
        self.assertIn("next_due_at_ms", answer)

    def test_a_lane_leased_elsewhere_is_not_taken(self):
        delivery = self.queue(lane="a")
        self.commit_lanes()
        self.env["bwt.webhook.lane.lease"].create(
            {
                "endpoint_id": self.endpoint.id,
                "lane": "a",
                "lease_token": new_uid(),
                "lease_expires_at": delivery.queued_at + timedelta(hours=1),
            }
        )
        self.env.flush_all()
        self.assertEqual(self.claimed_ids(), [])
        self.expire_leases(delivery)
        self.env.cr.execute("UPDATE bwt_webhook_lane_lease SET lease_expires_at = '2000-01-01'")
        self.assertEqual(self.claimed_ids(), [delivery.id])

    def test_release_and_takeover_keep_the_lane(self):
        delivery = self.queue(lane="a")
        self.queue(lane="a")
        self.commit_lanes()
        (claimed,) = self.claim(free=1)["deliveries"]
        lease = {"kind": "delivery", "id": claimed["id"], "lease_token": claimed["lease_token"]}
        self.assertEqual(self.call("release", worker_uid=new_uid(), leases=[lease])["released"], 1)
        self.assertEqual(self.claimed_ids(free=1), [delivery.id])
        self.expire_leases(delivery)
        self.assertEqual(self.claimed_ids(), [delivery.id])
        self.env.cr.execute("SELECT lease_token FROM bwt_webhook_lane_lease")
        self.assertEqual(self.env.cr.fetchall(), [(delivery.lease_token,)])

    def test_lanes_are_not_starved_by_unordered_work(self):
        lane = self.queue(lane="a")
        self.commit_lanes()
        for _number in range(3):
            self.queue()
        self.assertNotEqual(self.claimed_ids(free=1, token=new_uid()[:-1] + "1"), [lane.id])
        self.assertEqual(self.claimed_ids(free=1, token=new_uid()[:-1] + "4"), [lane.id])

    def test_many_lanes_are_walked_in_turns(self):
        ids = [self.queue(lane=f"lane-{number}").id for number in range(7)]
        self.commit_lanes()
        self.patch(contract_claim, "LANE_HEADS_MAX", 3)
        self.patch(contract_claim, "_lane_starts", {(self.env.cr.dbname, self.endpoint.id): "lane-5"})
        first = self.claim(limit=2)
        self.assertEqual([delivery["id"] for delivery in first["deliveries"]], [ids[0], ids[5]])
        self.assertLessEqual(first["next_due_at_ms"], first["server_time_ms"])
        again = self.claim()
        self.assertEqual([delivery["id"] for delivery in again["deliveries"]], [ids[1], ids[2], ids[3]])
        self.assertLessEqual(again["next_due_at_ms"], again["server_time_ms"], "there are more")
        last = self.claim()
        self.assertEqual([delivery["id"] for delivery in last["deliveries"]], [ids[4], ids[6]])
        self.assertGreater(last["next_due_at_ms"], last["server_time_ms"])

    def test_limit_zero_looks_at_no_lanes(self):
        self.queue(lane="a")
        self.commit_lanes()
        with patch.object(contract_claim.Claim, "_walk_lanes") as walk:
            self.claim(limit=0)
        walk.assert_not_called()
