# SPDX-License-Identifier: LGPL-3.0-or-later
"""Gateways that ingest at the same time, and workers that claim what must not be claimed twice."""

import base64
import itertools
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .common import WORKER_UID, new_uid
from .test_concurrency import ConcurrencyCase

EVENTS = 60


@tagged("post_install", "-at_install")
class TestIngestConcurrency(ConcurrencyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            endpoints = env["bwt.webhook.inbound.endpoint"].create(
                [
                    {"name": "Concurrency", "path": f"concurrency-{new_uid()}", "state": "active",
                     "unverified_allowed": True, "delivery_identity_policy": "body_sha256", **values}
                    for values in ({}, {"ordered": True}, {"odoo_intake": True})
                ]
            )  # fmt: skip
            cls.inbound_ids = endpoints.ids
        cls.addClassCleanup(cls.clean_inbound)

    @classmethod
    def clean_inbound(cls):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM bwt_webhook_inbound_event WHERE endpoint_id = ANY(%s)", [cls.inbound_ids])
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["bwt.webhook.inbound.endpoint"].browse(cls.inbound_ids).unlink()

    def tearDown(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM bwt_webhook_inbound_event WHERE endpoint_id = ANY(%s)", [self.inbound_ids])
            cr.execute("DELETE FROM bwt_webhook_inbound_intake WHERE endpoint_id = ANY(%s)", [self.inbound_ids])
            cr.execute("DELETE FROM bwt_webhook_inbound_rejection WHERE endpoint_id = ANY(%s)", [self.inbound_ids])
        super().tearDown()

    def event(self, endpoint_id, **values):
        return {
            "event_uid": new_uid(),
            "endpoint_id": endpoint_id,
            "received_at_ms": int(time.time() * 1000),
            "state": "received",
            "request_body_base64": base64.b64encode(b"{}").decode(),
            "request_headers": {},
            **values,
        }

    def ingest(self, events, cr=None, **values):
        return self.call("ingest", {"worker_uid": WORKER_UID, "events": events, **values}, cr)["results"]

    def claim_events(self, cr=None, limit=100, work="events", **values):
        request = self.claim_request(
            limit, work=work, quotas=[{"endpoint_id": item, "free": 100} for item in self.inbound_ids], **values
        )
        return self.call("claim", request, cr)

    def sql(self, query, *values):
        with self.registry.cursor() as cr:
            cr.execute(query, values)
            return cr.fetchall()

    def wait_for_waiting_lock(self, cr):
        for _attempt in range(200):
            cr.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cr.fetchone()[0]:
                return
            time.sleep(0.05)
        self.fail("nobody waits")

    def test_the_same_identities_in_opposite_orders(self):
        """Each thread brings its own events of the same identities; without an order both would die of a deadlock."""
        keys = [(self.inbound_ids[number % 2], f"key {number}") for number in range(EVENTS)]
        statuses, errors, numbers = [], [], itertools.count()

        def bring(cr):
            order = keys if next(numbers) % 2 else keys[::-1]
            try:
                for start in range(0, EVENTS, 20):
                    part = order[start:][:20]
                    counted = [{"endpoint_id": item, "category": "c", "count": 1} for item, _key in part]
                    statuses.append(
                        [
                            (result["status"], result["id"])
                            for result in self.ingest(
                                [self.event(item, identity_key=key, replay_identity_key=key) for item, key in part],
                                cr, rejected_counts=counted,
                            )
                        ]
                    )  # fmt: skip
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                errors.append(error)

        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.in_threads(bring)
        self.assertEqual(errors, [])
        flat = [item for part in statuses for item in part]
        self.assertEqual(len(flat), 4 * EVENTS)
        self.assertEqual(sum(status == "ingested" for status, _id in flat), EVENTS)
        self.assertEqual(sum(status == "duplicate" for status, _id in flat), 3 * EVENTS)
        rows = self.sql(
            "SELECT count(*), sum(duplicate_count) FROM bwt_webhook_inbound_event WHERE endpoint_id = ANY(%s)",
            self.inbound_ids,
        )
        self.assertEqual(rows, [(EVENTS, 3 * EVENTS)])
        counted = self.sql(
            "SELECT count FROM bwt_webhook_inbound_rejection WHERE endpoint_id = ANY(%s)", self.inbound_ids
        )
        self.assertEqual(counted, [(2 * EVENTS,)] * 2)

    def test_one_waits_for_the_other(self):
        """Two cursors, step by step: the second call sees what the first has not committed yet when it begins."""
        first = self.event(self.inbound_ids[0], identity_key="k")
        results = []
        with self.registry.cursor() as cr, self.registry.cursor() as other:
            environment = api.Environment(other, self.worker_uid, {})
            self.assertTrue(environment)
            cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x62777431, self.inbound_ids[0]])
            thread = threading.Thread(
                target=lambda: results.extend(self.ingest([self.event(self.inbound_ids[0], identity_key="k")], other))
            )
            thread.start()
            self.wait_for_waiting_lock(cr)
            # What a first call does: its event is written, and only then its lock ends.
            env = api.Environment(cr, SUPERUSER_ID, {})
            endpoint = env["bwt.webhook.inbound.endpoint"].browse(self.inbound_ids[0])
            event = env["bwt.webhook.inbound.event"].create(
                {"name": "E", "endpoint_id": endpoint.id, "company_id": endpoint.company_id.id,
                 "event_uid": first["event_uid"], "received_at": "2026-11-24 10:00:00", "delivery_identity_key": "k"}
            )  # fmt: skip
            event_id = event.id
            cr.commit()
            thread.join(30)
        self.assertEqual([(r["status"], r["id"]) for r in results], [("duplicate", event_id)])
        self.assertEqual(
            self.sql("SELECT duplicate_count FROM bwt_webhook_inbound_event WHERE id = %s", event_id), [(1,)]
        )

    def test_an_ordered_endpoint_has_one_event_in_work_whoever_claims(self):
        made = [r["id"] for r in self.ingest([self.event(self.inbound_ids[1]) for _number in range(12)])]
        done, errors, in_work = [], [], []

        def work(cr):
            deadline = time.monotonic() + 25
            try:
                while len(done) < len(made) and time.monotonic() < deadline:
                    for claimed in self.claim_events(cr)["events"]:
                        in_work.append(claimed["id"])
                        if len(in_work) > 1:
                            errors.append(list(in_work))
                        time.sleep(0.01)
                        done.append(claimed["id"])
                        in_work.remove(claimed["id"])
                        settlement = {**self.settlement(claimed), "kind": "event", "outcome": "done"}
                        self.call("settle", {"worker_uid": WORKER_UID, "settlements": [settlement]}, cr)
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                errors.append(error)

        self.in_threads(work)
        self.assertEqual((errors, done), ([], made))

    def test_a_claim_that_is_not_committed_hides_the_ordered_endpoint(self):
        self.ingest([self.event(self.inbound_ids[1]) for _number in range(2)])
        with self.registry.cursor() as cr:
            cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x62777432, self.inbound_ids[1]])
            self.assertEqual(self.claim_events()["events"], [])
        self.assertEqual(len(self.claim_events()["events"]), 1)

    def test_four_claimers_of_the_intake(self):
        with self.registry.cursor() as cr:
            intake = api.Environment(cr, SUPERUSER_ID, {})["bwt.webhook.inbound.intake"]
            values = {"http_method": "POST", "request_url": "u", "remote_address": None, "source": "", "headers": {}}
            made = {intake._take(self.inbound_ids[2], {**values, "body": b""}) for _number in range(80)}
        taken, errors = [], []

        def take(cr):
            try:
                while rows := self.claim_events(cr, limit=7, work="intake")["intake"]:
                    taken.extend(row["event_uid"] for row in rows)
                    events = [
                        self.event(row["endpoint_id"], event_uid=row["event_uid"], intake_id=row["id"]) for row in rows
                    ]
                    errors.extend(r for r in self.ingest(events, cr) if r["status"] != "ingested")
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                errors.append(error)

        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.in_threads(take)
        self.assertEqual((errors, len(taken), set(taken)), ([], 80, made))
        self.assertEqual(
            self.sql("SELECT count(*) FROM bwt_webhook_inbound_intake WHERE endpoint_id = %s", self.inbound_ids[2]),
            [(0,)],
        )
