# SPDX-License-Identifier: LGPL-3.0-or-later
"""Record operations in real transactions: races, conflicts, and what a call commits. Everything is deleted again."""

import base64
import threading
import time
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import common, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.res_partner import ResPartner
from odoo.addons.webhook_worker import compat
from odoo.addons.webhook_worker.models.record_operations import RecordOperations

from .common import WORKER_UID, WebhookCase, new_uid
from .test_concurrency import TestConcurrency


@tagged("post_install", "-at_install")
class TestOperationsConcurrency(common.BaseCase):
    call = classmethod(TestConcurrency.call.__func__)

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
            handler = env["bwt.webhook.handler"].create(
                {
                    "name": "Race",
                    "code": new_uid(),
                    "direction": "inbound",
                    "execution_user_id": env.ref("base.user_admin").id,
                }
            )
            lookup = {"target_field_name": "ref", "source_kind": "payload_path", "source_expression": "a"}
            rule = env["bwt.webhook.inbound.handler.rule"].create(
                {
                    "name": "Race",
                    "handler_id": handler.id,
                    "action_type": "upsert_record",
                    "target_model_id": env["ir.model"]._get("res.partner").id,
                    "lookup_ids": [(0, 0, lookup)],
                }
            )
            endpoint = env["bwt.webhook.inbound.endpoint"].create(
                {
                    "name": "Race", "path": new_uid(), "state": "active", "handler_id": handler.id,
                    "unverified_allowed": True, "delivery_identity_policy": "body_sha256",
                }  # fmt: skip
            )
            cls.handler_id, cls.rule_id, cls.endpoint_id = handler.id, rule.id, endpoint.id
        cls.addClassCleanup(cls.clean, fingerprint)
        cls.call("hello", WebhookCase.hello_request())

    @classmethod
    def clean(cls, fingerprint):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].search([("ref", "=like", "race-%")]).unlink()
            cr.execute("DELETE FROM bwt_webhook_inbound_event WHERE endpoint_id = %s", [cls.endpoint_id])
            env["bwt.webhook.inbound.endpoint"].browse(cls.endpoint_id).unlink()
            env["bwt.webhook.handler"].browse(cls.handler_id).unlink()
            cr.execute("DELETE FROM bwt_webhook_worker WHERE worker_uid = %s", [WORKER_UID])
            cr.execute("DELETE FROM bwt_webhook_upsert_key")
            cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", [fingerprint])

    def ingested(self, count):
        events = [
            {
                "event_uid": new_uid(),
                "endpoint_id": self.endpoint_id,
                "received_at_ms": int(time.time() * 1000),
                "state": "received",
                "request_body_base64": base64.b64encode(b"{}").decode(),
                "request_headers": {},
            }
            for _number in range(count)
        ]
        request = {"worker_uid": WORKER_UID, "events": events, "claim_token": new_uid(), "lease_seconds": 600}
        return self.call("ingest", request)["events"]

    def settlement(self, claimed, ref, name="Race", operation="upsert"):
        lookup = [{"field": "ref", "value": ref}] if operation != "create" else []
        values = {"name": name, **({"ref": ref} if operation == "create" else {})}
        return {
            "settlement_uid": new_uid(),
            "kind": "event",
            "id": claimed["id"],
            "lease_token": claimed["lease_token"],
            "outcome": "done",
            "state": "done",
            "operations": [
                {
                    "operation": operation,
                    "model": "res.partner",
                    "rule_id": self.rule_id,
                    "values": values,
                    "lookup": lookup,
                }
            ],
        }

    def settle(self, settlements, cr=None):
        answer = self.call("settle", {"worker_uid": WORKER_UID, "settlements": settlements}, cr)
        return [result["status"] for result in answer["results"]]

    def partners(self, ref):
        with self.registry.cursor() as cr:
            cr.execute("SELECT name FROM res_partner WHERE ref = %s", [ref])
            return [name for (name,) in cr.fetchall()]

    def test_an_upsert_race_ends_in_one_record(self):
        """Both have their snapshots before either commits: one applies, the other is a conflict, and applies later."""
        first, second = self.ingested(2)
        ready = threading.Barrier(2, timeout=30)
        reserve = RecordOperations._reserve_upserts
        statuses = {}

        def together(operations, jobs):
            ready.wait()  # their row locks are taken: both snapshots exist
            reserve(operations, jobs)

        def work(claimed, cr):
            settlement = self.settlement(claimed, "race-upsert", str(claimed["id"]))
            statuses[claimed["id"]] = (settlement, self.settle([settlement], cr)[0])

        cursors = [self.registry.cursor() for _number in range(2)]
        try:
            for cursor in cursors:
                api.Environment(cursor, self.worker_uid, {})
            with patch.object(RecordOperations, "_reserve_upserts", together), mute_logger("odoo.sql_db"):
                threads = [
                    threading.Thread(target=work, args=pair, daemon=True) for pair in zip((first, second), cursors)
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(30)
        finally:
            for cursor in cursors:
                cursor.close()
        self.assertEqual(sorted(status for _settlement, status in statuses.values()), ["applied", "conflict"])
        (again,) = [settlement for settlement, status in statuses.values() if status == "conflict"]
        self.assertEqual(self.settle([again]), ["applied"])
        self.assertEqual(self.partners("race-upsert"), [str(again["id"])])

    def test_a_record_that_somebody_else_changes_is_a_conflict(self):
        self.assertEqual(self.settle([self.settlement(self.ingested(1)[0], "race-busy")]), ["applied"])
        settlements = [self.settlement(c, ref) for c, ref in zip(self.ingested(3), ("race-a", "race-busy", "race-b"))]
        with self.registry.cursor() as other:
            other.execute("UPDATE res_partner SET name = 'Theirs' WHERE ref = 'race-busy'")
            original = RecordOperations._reserve_upserts

            def theirs_first(operations, jobs):
                operations.env.cr.execute("SELECT 1")
                other.commit()  # after our snapshot
                original(operations, jobs)

            with patch.object(RecordOperations, "_reserve_upserts", theirs_first), mute_logger("odoo.sql_db"):
                self.assertEqual(self.settle(settlements), ["applied", "conflict", "applied"])
        self.assertEqual(self.partners("race-busy"), ["Theirs"])
        self.assertEqual(self.settle(settlements), ["already_applied", "applied", "already_applied"])
        self.assertEqual(self.partners("race-busy"), ["Race"])

    def test_a_locked_event_is_a_conflict(self):
        claimed = self.ingested(2)
        settlements = [self.settlement(item, "race-locked", operation="create") for item in claimed]
        with self.registry.cursor() as other:
            other.execute("SELECT 1 FROM bwt_webhook_inbound_event WHERE id = %s FOR UPDATE", [claimed[0]["id"]])
            self.assertEqual(self.settle(settlements), ["conflict", "applied"])
        self.assertEqual(self.settle(settlements), ["applied", "already_applied"])
        self.assertEqual(len(self.partners("race-locked")), 2)

    def test_two_copies_of_one_call_apply_once(self):
        """A client that timed out sends its settlements again while the first call still runs."""
        settlements = [
            self.settlement(item, f"race-twice-{number}", operation="create")
            for number, item in enumerate(self.ingested(8))
        ]
        statuses = []
        with mute_logger("odoo.sql_db"):
            TestConcurrency.in_threads(self, lambda cr: statuses.append(self.settle(settlements, cr)))
        self.assertEqual(len(statuses), 4)
        for answers in zip(*statuses):
            self.assertEqual(answers.count("applied"), 1, answers)
            self.assertLessEqual(set(answers), {"applied", "already_applied", "conflict"})
        for number in range(8):
            self.assertEqual(len(self.partners(f"race-twice-{number}")), 1)

    def test_four_claimers_of_events(self):
        ids = [item["id"] for item in self.ingested(60)]
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE bwt_webhook_inbound_event SET state = 'received', lease_token = NULL WHERE id = ANY(%s)", [ids]
            )
        found, errors = [], []

        def drain(cr):
            request = {
                "worker_uid": WORKER_UID, "limit": 7, "lease_seconds": 60, "takeover": True, "work": "events",
                "quotas": [{"endpoint_id": self.endpoint_id, "free": 1000}],
            }  # fmt: skip
            while claimed := self.call("claim", {**request, "claim_token": new_uid()}, cr)["events"]:
                found.extend(item["id"] for item in claimed)
                settlements = [{**self.settlement(item, "x"), "operations": []} for item in claimed]
                errors.extend(status for status in self.settle(settlements, cr) if status != "applied")

        TestConcurrency.in_threads(self, drain)
        self.assertEqual(errors, [])
        self.assertEqual(sorted(found), ids)

    def test_two_gateways_with_one_identity(self):
        """The second waits for the first and then is its duplicate."""
        base = {
            "endpoint_id": self.endpoint_id, "received_at_ms": 1700000000000, "state": "received",
            "request_body_base64": "", "request_headers": {}, "identity_key": new_uid(),
        }  # fmt: skip
        statuses = []

        def work(cr):
            request = {"worker_uid": WORKER_UID, "events": [{**base, "event_uid": new_uid()}]}
            statuses.extend(result["status"] for result in self.call("ingest", request, cr)["results"])

        with mute_logger("odoo.sql_db"):
            TestConcurrency.in_threads(self, work)
        self.assertEqual(sorted(statuses), ["duplicate"] * 3 + ["ingested"])

    def test_a_record_that_stays_locked_is_a_conflict(self):
        """It is not waited for until Odoo kills the call."""
        self.assertEqual(self.settle([self.settlement(self.ingested(1)[0], "race-held")]), ["applied"])
        settlements = [self.settlement(c, ref) for c, ref in zip(self.ingested(2), ("race-held", "race-free"))]
        with self.registry.cursor() as other, mute_logger("odoo.sql_db"):
            other.execute("SELECT 1 FROM res_partner WHERE ref = 'race-held' FOR UPDATE")
            self.assertEqual(self.settle(settlements), ["conflict", "applied"])
        self.assertEqual(self.settle(settlements), ["applied", "already_applied"])

    def test_a_locked_record_does_not_hold_up_a_large_batch(self):
        """At each halving everything that is written stays locked, and so do the users who want it."""
        self.assertEqual(self.settle([self.settlement(self.ingested(1)[0], "race-long")]), ["applied"])
        refs = ["race-long" if number == 7 else f"race-long-{number}" for number in range(32)]
        settlements = [self.settlement(c, ref) for c, ref in zip(self.ingested(32), refs)]
        with self.registry.cursor() as other, mute_logger("odoo.sql_db"):
            other.execute("SELECT 1 FROM res_partner WHERE ref = 'race-long' FOR UPDATE")
            started = time.monotonic()
            statuses = self.settle(settlements)
            seconds = time.monotonic() - started
        self.assertEqual([n for n, status in enumerate(statuses) if status != "applied"], [7])
        self.assertLess(seconds, 4.5)  # a second at each of six would be more

    def business_code(self, body):
        """Partners are created by `body(records, create, vals_list)`."""
        create = ResPartner.create
        return patch.object(ResPartner, "create", lambda records, vals_list: body(records, create, vals_list))

    def test_business_code_that_commits(self):
        """It would leave effects without the state that says that they are there."""
        def commits(records, create, vals_list):
            made = create(records, vals_list)
            records.env.cr.commit()
            return made

        claimed = self.ingested(1)[0]
        with self.business_code(commits):
            self.assertEqual(self.settle([self.settlement(claimed, "race-commit", operation="create")]), ["applied"])
        self.assertEqual(self.partners("race-commit"), [])
        with self.registry.cursor() as cr:
            cr.execute("SELECT state, failure_message FROM bwt_webhook_inbound_event WHERE id = %s", [claimed["id"]])
            state, message = cr.fetchone()
        self.assertEqual(state, "dead_letter")
        self.assertIn("must not commit", message)

    def test_what_is_undone_leaves_nothing_for_after_the_commit(self):
        """Halving repeats operations: what they do outside after the commit must happen once, or not at all."""
        ran = []

        def calls_out(records, create, vals_list):
            made = create(records, vals_list)
            for values in vals_list:
                records.env.cr.postcommit.add(lambda name=values["name"]: ran.append(name))
            if any(values["name"] == "bad" for values in vals_list):
                raise UserError("bad")
            return made

        settlements = [
            self.settlement(item, f"race-after-{name}", name, "create")
            for item, name in zip(self.ingested(4), ("a", "bad", "c", "d"))
        ]
        with self.business_code(calls_out):
            self.assertEqual(self.settle(settlements), ["applied"] * 4)
        self.assertEqual(ran, ["a", "c", "d"])
