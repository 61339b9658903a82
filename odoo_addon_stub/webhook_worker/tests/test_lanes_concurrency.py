# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lanes under transactions that overlap: order by commit, one worker a lane, no lane that stays behind."""

import itertools
import random
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .common import WORKER_UID
from .test_concurrency import ConcurrencyCase

LANES = ("a", "b", "c")


@tagged("post_install", "-at_install")
class TestLanesConcurrency(ConcurrencyCase):
    def settle(self, *claimed, cr=None, **values):
        settlements = [{**self.settlement(item), **values} for item in claimed]
        return self.call("settle", {"worker_uid": WORKER_UID, "settlements": settlements}, cr)["results"]

    def give_back(self, claimed, cr=None):
        leases = [{"kind": "delivery", "id": d["id"], "lease_token": d["lease_token"]} for d in claimed]
        return self.call("release", {"worker_uid": WORKER_UID, "leases": leases}, cr)["released"]

    def sql(self, query, *values):
        with self.registry.cursor() as cr:
            cr.execute(query, values)
            return cr.fetchall() if cr.description else []

    def lane_leases(self):
        return self.sql("SELECT lane FROM bwt_webhook_lane_lease WHERE endpoint_id = %s", self.endpoint_id)

    def endpoint_in(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})["bwt.webhook.outbound.endpoint"].browse(self.endpoint_id)

    def test_a_run_is_in_the_order_of_commits(self):
        """Transactions that overlap: ids are drawn in another order than the transactions began."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            for cr in (first, second):
                cr.execute("SELECT pg_current_xact_id()")
            later_id = self.endpoint_in(second).queue_delivery({}, lane="o").id
            second.flush()
            earlier_id = self.endpoint_in(first).queue_delivery({}, lane="o").id
            self.assertGreater(earlier_id, later_id)
            second.commit()
            self.assertEqual(self.call("claim", self.claim_request(5))["deliveries"], [], "the first may commit yet")
            first.commit()
        claimed = self.call("claim", self.claim_request(5))["deliveries"]
        self.assertEqual([item["id"] for item in claimed], [earlier_id, later_id])
        self.settle(*claimed)

    def test_a_run_stops_at_a_row_that_is_locked(self):
        ids = self.queue(5, lane="l")
        with self.registry.cursor() as other:
            other.execute("SELECT 1 FROM bwt_webhook_outbound_delivery WHERE id = %s FOR UPDATE", [ids[2]])
            claimed = self.call("claim", self.claim_request(5))["deliveries"]
        self.assertEqual([item["id"] for item in claimed], ids[:2])
        self.assertEqual(self.call("claim", self.claim_request(5))["deliveries"], [])
        self.settle(*claimed)
        claimed = self.call("claim", self.claim_request(5))["deliveries"]
        self.assertEqual([item["id"] for item in claimed], ids[2:])
        self.settle(*claimed)

    def test_two_settlements_of_one_run_leave_no_lease_behind(self):
        """Each waits for the other at the lane's row, and the second one sees that it is the last."""
        for _again in range(5):
            self.queue(2, lane="two")
            claimed = self.call("claim", self.claim_request(2))["deliveries"]
            self.assertEqual(len(claimed), 2)
            left = iter(claimed)
            lock = threading.Lock()

            def work(cr, left=left, lock=lock):
                with lock:
                    item = next(left, None)
                if item:
                    self.settle(item, cr=cr)

            self.in_threads(work)
            self.assertEqual(self.lane_leases(), [])

    def test_an_operator_in_repeatable_read_is_told_to_repeat(self):
        """His snapshot is older than the settlement of the other half of the run."""
        self.queue(2, lane="rr")
        claimed = self.call("claim", self.claim_request(2))["deliveries"]
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cr.execute("SELECT count(*) FROM bwt_webhook_lane_lease")
            self.settle(claimed[0])
            with self.assertRaises(Exception) as caught:
                env["bwt.webhook.outbound.delivery"].browse(claimed[1]["id"]).action_dead_letter()
            self.assertEqual(getattr(caught.exception, "pgcode", None), "40001")
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["bwt.webhook.outbound.delivery"].browse(claimed[1]["id"]).action_dead_letter()
        self.assertEqual(self.lane_leases(), [])

    def test_workers_that_fail_give_back_and_lose_leases_keep_the_order(self):
        """Four workers take runs, settle them, give the rest back or lose it. What is sent is sent in the lane's order,
        and no lane is ever held by two.
        """
        seed = random.randrange(1 << 30)
        expected = {lane: self.queue(40, lane=lane) for lane in LANES}
        sent, problems = {lane: [] for lane in LANES}, []
        deadline, numbers = time.monotonic() + 60, itertools.count()

        def work(cr):
            rng = random.Random(seed + next(numbers))
            while sum(map(len, sent.values())) < 120 and time.monotonic() < deadline and not problems:
                try:
                    self.one_round(cr, rng, sent, problems)
                except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                    problems.append(repr(error))

        self.in_threads(work)
        self.assertEqual(problems, [], f"seed {seed}")
        self.assertEqual(sent, expected, f"seed {seed}")
        self.assertEqual(self.lane_leases(), [])

    def one_round(self, cr, rng, sent, problems):
        claimed = self.call("claim", self.claim_request(rng.randrange(1, 30)), cr)["deliveries"]
        cr.execute(
            "SELECT lane FROM bwt_webhook_outbound_delivery WHERE state = 'processing' AND endpoint_id = %s"
            " GROUP BY lane HAVING count(DISTINCT lease_token) > 1", [self.endpoint_id],
        )  # fmt: skip
        problems.extend(f"{lane} is held twice" for (lane,) in cr.fetchall())
        cr.commit()
        runs = {}
        for item in claimed:
            runs.setdefault(item["lane"], []).append(item)
        for lane, run in runs.items():
            for place, item in enumerate(run):
                chance = rng.random()
                if chance < 0.1:  # the rest is not sent
                    self.give_back(run[place:], cr)
                    break
                if chance < 0.15:  # the worker is gone
                    self.lose(lane, run[place:], cr)
                    break
                sent[lane].append(item["id"])
                (result,) = self.settle(item, cr=cr)
                if result["status"] != "applied":
                    problems.append(result)

    def lose(self, lane, rest, cr):
        """Never for the third time: that would be the end of one."""
        cr.execute(
            "UPDATE bwt_webhook_outbound_delivery SET lease_expires_at = '2020-01-01',"
            " lease_lost_count = least(lease_lost_count, 1) WHERE id = ANY(%s)",
            [[item["id"] for item in rest]],
        )
        cr.execute(
            "UPDATE bwt_webhook_lane_lease SET lease_expires_at = '2020-01-01' WHERE endpoint_id = %s AND lane = %s",
            [self.endpoint_id, lane],
        )
        cr.commit()

    def test_four_takers_of_lost_runs(self):
        lanes = {lane: self.queue(5, lane=lane) for lane in LANES}
        self.call("claim", self.claim_request(15))
        with self.registry.cursor() as cr:
            for table in ("outbound_delivery", "lane_lease"):
                cr.execute(f"UPDATE bwt_webhook_{table} SET lease_expires_at = '2020-01-01' WHERE endpoint_id = %s",
                           [self.endpoint_id])  # fmt: skip
        taken = []
        self.in_threads(lambda cr: taken.extend(self.call("claim", self.claim_request(40), cr)["deliveries"]))
        self.assertEqual(sorted(item["id"] for item in taken), sorted(ids[0] for ids in lanes.values()))
        found, errors = [item["id"] for item in taken], []
        self.settle(*taken)
        deadline = time.monotonic() + 30
        while len(found) < 15 and time.monotonic() < deadline:
            self.drain(found, errors, 40)
        self.assertEqual(errors, [])
        for lane, ids in lanes.items():
            self.assertEqual([i for i in found if i in ids], ids, lane)

    def test_a_blocked_lane_blocks_only_itself(self):
        blocked, others = self.queue(3, lane="blocked"), self.queue(3, lane="free")
        claimed = self.call("claim", self.claim_request(6))["deliveries"]
        self.assertEqual(sorted(item["id"] for item in claimed), sorted(blocked + others))
        head = next(item for item in claimed if item["id"] == blocked[0])
        self.settle(head, outcome="retry", state="error", next_attempt_at_ms=int(time.time() * 1000) + 3600000)
        self.give_back([item for item in claimed if item["id"] in blocked[1:]])
        self.settle(*[item for item in claimed if item["id"] in others])
        (more,) = self.queue(1, lane="free")
        claimed = self.call("claim", self.claim_request(6))["deliveries"]
        self.assertEqual([item["id"] for item in claimed], [more])
        self.settle(*claimed)
        self.sql("UPDATE bwt_webhook_outbound_delivery SET state = 'canceled' WHERE id = ANY(%s)", blocked)
