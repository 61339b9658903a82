# SPDX-License-Identifier: LGPL-3.0-or-later
"""Real transactions: what a test's single one cannot show. Everything made here is deleted again."""

import json
import threading
import time
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.tests import common, tagged
from odoo.tools import mute_logger

from odoo.addons.webhook_worker import compat

from .common import WORKER_UID, WebhookCase, new_uid

CLAIMERS = 4
DELIVERIES = 400


class ConcurrencyCase(common.BaseCase):
    """An endpoint that is really there, and the worker's calls in transactions of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = common.Registry(common.get_db_name())
        cls.startClassPatcher(patch.object(compat, "in_test_mode", lambda env: False))
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cls.worker_uid = env.ref("webhook_worker.user_webhook_worker").id
            cr.execute("SELECT confirmed_fingerprint FROM bwt_webhook_ledger")
            (fingerprint,) = cr.fetchone()
            endpoint = env["bwt.webhook.outbound.endpoint"].create(
                {"name": "Concurrency", "code": f"concurrency-{new_uid()}", "target_hostname": "https://example.com"}
            )
            cls.endpoint_id = endpoint.id
        cls.addClassCleanup(cls.clean, fingerprint)
        cls.call("hello", WebhookCase.hello_request())

    @classmethod
    def clean(cls, fingerprint):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM bwt_webhook_outbound_delivery WHERE endpoint_id = %s", [cls.endpoint_id])
            cr.execute("DELETE FROM bwt_webhook_outbound_endpoint WHERE id = %s", [cls.endpoint_id])
            cr.execute("DELETE FROM bwt_webhook_worker WHERE worker_uid = %s", [WORKER_UID])
            cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", [fingerprint])

    @classmethod
    def call(cls, method, request, cr=None):
        """One RPC: a transaction whose snapshot is older than the call, committed at the end."""
        if cr is None:
            with cls.registry.cursor() as own:
                return cls.call(method, request, own)
        cr.execute("SELECT count(*) FROM res_users")
        env = api.Environment(cr, cls.worker_uid, {})
        answer = getattr(env["bwt.webhook.worker"], method)(json.dumps(request))
        cr.commit()
        return json.loads(answer)

    def queue(self, count, **options):
        with self.registry.cursor() as cr:
            endpoint = api.Environment(cr, SUPERUSER_ID, {})["bwt.webhook.outbound.endpoint"].browse(self.endpoint_id)
            return endpoint.queue_deliveries([{"payload": number, **options} for number in range(count)]).ids

    def claim_request(self, limit, token=None, **values):
        return {
            "worker_uid": WORKER_UID,
            "claim_token": token or new_uid(),
            "limit": limit,
            "lease_seconds": 60,
            "takeover": True,
            "quotas": [{"endpoint_id": self.endpoint_id, "free": 1000}],
            **values,
        }

    def settlement(self, claimed):
        return {
            "settlement_uid": new_uid(),
            "kind": "delivery",
            "id": claimed["id"],
            "lease_token": claimed["lease_token"],
            "outcome": "delivered",
            "state": "done",
        }

    def drain(self, found, errors, limit, cr=None):
        """Claims and settles until nothing is due."""
        try:
            while claimed := self.call("claim", self.claim_request(limit), cr)["deliveries"]:
                found.extend(item["id"] for item in claimed)
                settlements = [self.settlement(item) for item in claimed]
                answer = self.call("settle", {"worker_uid": WORKER_UID, "settlements": settlements}, cr)
                errors.extend(r for r in answer["results"] if r["status"] != "applied")
        except psycopg2.Error as error:
            errors.append(error)

    def in_threads(self, target):
        """Runs `target(cursor)` in several threads. The environments are made here: while tests run, this thread holds
        the lock of the registries.
        """
        cursors = [self.registry.cursor() for _number in range(CLAIMERS)]
        try:
            for cursor in cursors:
                api.Environment(cursor, self.worker_uid, {})
            threads = [threading.Thread(target=target, args=(cursor,), daemon=True) for cursor in cursors]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        finally:
            for cursor in cursors:
                cursor.close()


@tagged("post_install", "-at_install")
class TestConcurrency(ConcurrencyCase):
    def test_four_claimers_never_get_the_same_and_never_an_error(self):
        """Any psycopg2 error would make Odoo sleep and repeat: there must be none."""
        ids = self.queue(DELIVERIES)
        found, errors = [], []
        self.in_threads(lambda cr: self.drain(found, errors, 7, cr))
        self.assertEqual(errors, [])
        self.assertEqual(sorted(found), sorted(ids))

    def test_four_claimers_in_lanes_keep_the_order(self):
        lanes = {lane: self.queue(10, lane=lane) for lane in ("a", "b", "c")}
        found, errors = [], []

        def work(cr):
            deadline = time.monotonic() + 60
            while len(found) < 30 and time.monotonic() < deadline:
                self.drain(found, errors, 2, cr)

        self.in_threads(work)
        self.assertEqual(errors, [])
        for lane, ids in lanes.items():
            self.assertEqual([i for i in found if i in ids], ids, lane)

    def test_a_repeated_call_waits_for_the_first(self):
        ids = self.queue(5)
        request = self.claim_request(5)
        answers = []
        self.in_threads(lambda cr: answers.append(self.call("claim", request, cr)["deliveries"]))
        self.assertEqual(len(answers), CLAIMERS)
        for deliveries in answers:
            self.assertEqual([item["id"] for item in deliveries], ids)
        self.call("settle", {"worker_uid": WORKER_UID, "settlements": [self.settlement(d) for d in answers[0]]})

    def test_lanes_are_in_the_order_of_commits(self):
        """A draws the lower id, B commits first: B waits for A, and A is sent first."""
        with self.registry.cursor() as slow:
            endpoint = api.Environment(slow, SUPERUSER_ID, {})["bwt.webhook.outbound.endpoint"].browse(self.endpoint_id)
            first = endpoint.queue_delivery({}, lane="ordered").id
            slow.flush()
            (second,) = self.queue(1, lane="ordered")
            self.assertGreater(second, first)
            self.assertEqual(self.call("claim", self.claim_request(5))["deliveries"], [])
        for expected in (first, second):
            (claimed,) = self.call("claim", self.claim_request(1))["deliveries"]
            self.assertEqual(claimed["id"], expected)
            self.call("settle", {"worker_uid": WORKER_UID, "settlements": [self.settlement(claimed)]})

    def test_a_locked_row_is_a_conflict_and_spends_nothing(self):
        ids = self.queue(3)
        claimed = self.call("claim", self.claim_request(3))["deliveries"]
        settlements = [self.settlement(item) for item in claimed]
        with self.registry.cursor() as other:
            other.execute("SELECT 1 FROM bwt_webhook_outbound_delivery WHERE id = %s FOR UPDATE", [ids[1]])
            results = self.call("settle", {"worker_uid": WORKER_UID, "settlements": settlements})["results"]
            self.assertEqual([r["status"] for r in results], ["applied", "conflict", "applied"])
        results = self.call("settle", {"worker_uid": WORKER_UID, "settlements": settlements})["results"]
        self.assertEqual([r["status"] for r in results], ["already_applied", "applied", "already_applied"])

    def test_four_takers_of_expired_leases(self):
        ids = self.queue(40)
        self.call("claim", self.claim_request(40))
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE bwt_webhook_outbound_delivery SET lease_expires_at = '2020-01-01' WHERE id = ANY(%s)", [ids]
            )
        taken, interrupted = [], []

        def take(cr):
            answer = self.call("claim", self.claim_request(40), cr)
            taken.extend(answer["deliveries"])
            interrupted.append(answer["interrupted"])

        self.in_threads(take)
        self.assertEqual(sorted(item["id"] for item in taken), ids)
        self.assertEqual(sum(interrupted), 40)
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM bwt_webhook_outbound_delivery_attempt WHERE delivery_id = ANY(%s)", [ids])
            self.assertEqual(cr.fetchone()[0], 40)
        self.call("settle", {"worker_uid": WORKER_UID, "settlements": [self.settlement(item) for item in taken]})

    def test_one_identity_key_in_two_transactions(self):
        """The twin of a transaction that has not ended waits for it, and then has to be repeated by Odoo."""
        key = new_uid()
        errors = []

        def twin(endpoint):
            try:
                endpoint.queue_delivery({}, identity_key=key)
            except psycopg2.errors.SerializationFailure as error:
                errors.append(error)

        with self.registry.cursor() as cr, self.registry.cursor() as other:
            endpoint, same = (
                api.Environment(c, SUPERUSER_ID, {})["bwt.webhook.outbound.endpoint"].browse(self.endpoint_id)
                for c in (cr, other)
            )
            first = endpoint.queue_delivery({}, identity_key=key).id
            cr.flush()
            thread = threading.Thread(target=twin, args=(same,))
            with mute_logger("odoo.sql_db"):
                thread.start()
                self.wait_for_waiting_lock(cr)
                cr.commit()
                thread.join(30)
            other.rollback()
        self.assertEqual(len(errors), 1)
        self.assertEqual(self.queue(1, identity_key=key), [first])
        self.drain([], [], 10)

    def wait_for_waiting_lock(self, cr):
        for _attempt in range(200):
            cr.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            if cr.fetchone()[0]:
                return
            time.sleep(0.05)
        self.fail("the twin does not wait")

    def test_an_operator_and_a_settlement_of_lanes_do_not_block_each_other(self):
        """Both lock deliveries first, in the order of ids, and lanes then: one waits, nobody dies of a deadlock."""
        ids = self.queue(1, lane="x") + self.queue(1, lane="y")
        claimed = self.call("claim", self.claim_request(5))["deliveries"]
        self.assertEqual(sorted(item["id"] for item in claimed), ids)
        with self.registry.cursor() as settling, self.registry.cursor() as operating:
            # What settle does, by hand: the delivery is locked ...
            settling.execute("SELECT 1 FROM bwt_webhook_outbound_delivery WHERE id = %s FOR NO KEY UPDATE", [ids[0]])
            deliveries = api.Environment(operating, SUPERUSER_ID, {})["bwt.webhook.outbound.delivery"].browse(ids[::-1])
            thread = threading.Thread(target=self.dead_letter, args=(deliveries,))
            thread.start()
            self.wait_for_waiting_lock(settling)
            # ... then its lane is freed, which the waiting operator must not hold.
            settling.execute("SET LOCAL lock_timeout TO '2s'")
            settling.execute("DELETE FROM bwt_webhook_lane_lease WHERE endpoint_id = %s", [self.endpoint_id])
            settling.rollback()
            thread.join(30)
        self.assertFalse(thread.is_alive())
        with self.registry.cursor() as cr:
            cr.execute("SELECT state FROM bwt_webhook_outbound_delivery WHERE id = ANY(%s)", [ids])
            self.assertEqual(cr.fetchall(), [("dead_letter",)] * 2)
            cr.execute("SELECT count(*) FROM bwt_webhook_lane_lease WHERE endpoint_id = %s", [self.endpoint_id])
            self.assertEqual(cr.fetchone(), (0,))

    @staticmethod
    def dead_letter(deliveries):
        deliveries.action_dead_letter()
        deliveries.env.cr.commit()
