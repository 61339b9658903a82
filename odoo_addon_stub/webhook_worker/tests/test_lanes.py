# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs of lanes in one transaction; with real ones in `test_lanes_concurrency`."""

from datetime import timedelta

from odoo.addons.webhook_worker.models import contract_claim, contract_lanes

from .common import WORKER_UID, WebhookCase


class LaneCase(WebhookCase):
    def in_lane(self, count, lane="a", **options):
        """Deliveries of a lane, as if their transaction were over."""
        deliveries = self.Delivery.concat(*[self.queue(lane=lane, **options) for _number in range(count)])
        self.commit_lanes()
        return deliveries

    def leases(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT lane, lease_token FROM bwt_webhook_lane_lease ORDER BY lane")
        return self.env.cr.fetchall()

    def give_back(self, *claimed):
        leases = [{"kind": "delivery", "id": d["id"], "lease_token": d["lease_token"]} for d in claimed]
        return self.call("release", worker_uid=WORKER_UID, leases=leases)["released"]


class TestRuns(LaneCase):
    def test_a_run_comes_in_order_under_one_lease(self):
        deliveries = self.in_lane(5)
        claimed = self.claim()["deliveries"]
        self.assertEqual([d["id"] for d in claimed], deliveries.ids)
        (token,) = {d["lease_token"] for d in claimed}
        self.assertEqual(self.leases(), [("a", token)])
        self.assertEqual(self.claimed_ids(), [])

    def test_the_order_is_the_lanes_whatever_is_due_first(self):
        first, second, third = self.in_lane(3)
        self.set_columns(first, next_attempt_at=first.next_attempt_at - timedelta(seconds=1), priority="3")
        self.set_columns(third, next_attempt_at=first.next_attempt_at - timedelta(hours=1), priority="1")
        token = None
        for _again in range(2):
            answer = self.claim(token=token)["deliveries"]
            self.assertEqual([d["id"] for d in answer], [first.id, second.id, third.id])
            token = answer[0]["lease_token"]

    def test_a_run_ends_before_what_is_not_due(self):
        deliveries = self.in_lane(4)
        self.set_columns(deliveries[2], next_attempt_at=deliveries[2].next_attempt_at + timedelta(hours=1))
        self.assertEqual(self.claimed_ids(), deliveries[:2].ids)

    def test_a_run_ends_before_running_transactions(self):
        deliveries = self.in_lane(2)
        self.queue(lane="a")
        self.assertEqual(self.claimed_ids(), deliveries.ids)

    def test_a_run_ends_where_quotas_sizes_and_its_length_say(self):
        deliveries = self.in_lane(10, payload='"%s"' % ("x" * 98))
        self.assertEqual(self.claimed_ids(limit=3), deliveries[:3].ids)
        self.free(deliveries)
        self.assertEqual(self.claimed_ids(free=4), deliveries[:4].ids)
        self.free(deliveries)
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 201)
        self.assertEqual(self.claimed_ids(), deliveries[:2].ids)
        self.free(deliveries)
        self.patch(contract_claim, "ANSWER_BYTES_MAX", 1 << 20)
        self.patch(contract_lanes, "RUN_MAX", 6)
        self.assertEqual(self.claimed_ids(), deliveries[:6].ids)

    def free(self, deliveries):
        self.set_columns(deliveries, state="queued", lease_token=None)
        self.env.cr.execute("DELETE FROM bwt_webhook_lane_lease")

    def test_lanes_share_what_there_is(self):
        lanes = [self.in_lane(10, lane) for lane in "abc"]
        ids = self.claimed_ids(free=7)
        for deliveries in lanes:
            self.assertEqual([i for i in ids if i in deliveries.ids], deliveries[:2].ids)

    def test_what_was_lost_before_goes_alone(self):
        deliveries = self.in_lane(4)
        self.set_columns(deliveries[2], lease_lost_count=1)
        claimed = self.claim()["deliveries"]
        self.assertEqual([d["id"] for d in claimed], deliveries[:2].ids)
        self.settle(*map(self.settlement, claimed))
        claimed = self.claim()["deliveries"]
        self.assertEqual([d["id"] for d in claimed], deliveries[2].ids)
        self.settle(*map(self.settlement, claimed))
        self.assertEqual(self.claimed_ids(), deliveries[3].ids)


class TestEndOfRuns(LaneCase):
    def test_the_lane_is_freed_with_the_last_one(self):
        self.in_lane(3)
        later = self.in_lane(1)
        claimed = self.claim(free=3)["deliveries"]
        for item in claimed:
            self.assertEqual(self.claimed_ids(), [])
            self.assertEqual(len(self.leases()), 1)
            self.settle(self.settlement(item))
        self.assertEqual(self.leases(), [])
        self.assertEqual(self.claimed_ids(), later.ids)

    def test_a_failure_in_a_run_keeps_the_lane_until_the_rest_is_given_back(self):
        deliveries = self.in_lane(4)
        claimed = self.claim()["deliveries"]
        self.settle(self.settlement(claimed[0]), self.settlement(claimed[1], "retry", "error"))
        self.set_columns(deliveries[1], next_attempt_at=deliveries[1].queued_at)
        self.assertEqual(self.claimed_ids(), [], "the rest is still leased")
        self.assertEqual(self.give_back(*claimed[2:]), 2)
        self.assertEqual(self.leases(), [])
        self.assertEqual(self.claimed_ids(), deliveries[1:].ids)

    def test_a_lane_whose_lease_expired_waits_for_what_is_in_progress(self):
        """Also when its head was reprocessed meanwhile, and is not part of the run."""
        first, *_others = deliveries = self.in_lane(3)
        first.with_user(self.operator).action_cancel()
        claimed = self.claim()["deliveries"]
        first.with_user(self.operator).action_reprocess()
        self.expire_leases(deliveries[1:])
        self.assertEqual(self.claimed_ids(takeover=False), [])
        self.settle(*map(self.settlement, claimed))
        self.assertEqual(self.claimed_ids(takeover=False), first.ids)

    def test_operators_free_the_lane_with_the_last_one(self):
        deliveries = self.in_lane(3)
        claimed = self.claim()["deliveries"]
        deliveries[0].with_user(self.operator).action_dead_letter()
        self.assertEqual(len(self.leases()), 1)
        deliveries[1:].with_user(self.operator).action_dead_letter()
        self.assertEqual(self.leases(), [])
        self.assertEqual(self.settle(*map(self.settlement, claimed)), ["superseded"] * 3)

    def test_renewing_a_part_keeps_the_lane(self):
        deliveries = self.in_lane(2)
        claimed = self.claim()["deliveries"]
        self.expire_leases(deliveries)
        lease = {"kind": "delivery", "id": claimed[1]["id"], "lease_token": claimed[1]["lease_token"]}
        self.assertEqual(
            self.call("renew", worker_uid=WORKER_UID, lease_seconds=60, leases=[lease])["lost"], []
        )
        self.assertEqual(self.claimed_ids(), [], "the second one is still somebody's")
        self.assertFalse(deliveries.attempt_ids)


class TestLostRuns(LaneCase):
    def test_the_head_is_leased_anew_and_the_others_wait_behind_it(self):
        deliveries = self.in_lane(3)
        lost = self.claim()["deliveries"]
        self.expire_leases(deliveries)
        answer = self.claim()
        (head,) = answer["deliveries"]
        self.assertEqual((head["id"], answer["interrupted"], answer["poisoned"]), (deliveries[0].id, 3, 0))
        self.assertEqual(self.leases(), [("a", head["lease_token"])])
        self.assertEqual(deliveries.mapped("state"), ["processing", "error", "error"])
        self.assertEqual([len(delivery.attempt_ids) for delivery in deliveries], [1, 1, 1])
        self.assertEqual(self.settle(*map(self.settlement, lost)), ["superseded"] * 3)
        self.assertEqual(self.claimed_ids(), [])
        for expected in deliveries:
            self.assertEqual(head["id"], expected.id)
            self.settle(self.settlement(head))
            (head,) = self.claim()["deliveries"] or [None]
        self.assertEqual((deliveries.mapped("state"), self.leases()), (["done"] * 3, []))

    def test_only_the_head_of_a_run_becomes_poison(self):
        deliveries = self.in_lane(3)
        self.claim()
        for _number in range(3):
            self.expire_leases(deliveries)
            answer = self.claim()
        self.assertEqual((answer["interrupted"], answer["poisoned"]), (1, 1))
        self.assertEqual(deliveries.mapped("state"), ["dead_letter", "processing", "error"])
        self.assertEqual(deliveries.mapped("lease_lost_count"), [3, 1, 1])
        self.assertEqual([d["id"] for d in answer["deliveries"]], deliveries[1].ids)

    def test_quotas_count_a_lost_run_once(self):
        lanes = [self.in_lane(3, lane) for lane in "ab"]
        self.claim()
        for deliveries in lanes:
            self.expire_leases(deliveries)
        self.assertEqual(self.claimed_ids(free=1), lanes[0][0].ids)
        self.assertEqual(lanes[1].mapped("state"), ["processing"] * 3)
        self.assertEqual(self.claimed_ids(free=1), lanes[1][0].ids)

    def test_held_runs_end_and_free_their_lane(self):
        deliveries = self.in_lane(3)
        self.claim()
        self.expire_leases(deliveries)
        self.endpoint.action_pause()
        self.assertEqual(self.claimed_ids(), [])
        self.assertEqual((deliveries.mapped("state"), self.leases()), (["error"] * 3, []))
