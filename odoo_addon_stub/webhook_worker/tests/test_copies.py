# SPDX-License-Identifier: LGPL-3.0-or-later
import hashlib
from pathlib import Path

from odoo.exceptions import ValidationError

from .common import WORKER_UID, WebhookCase, new_uid


class TestCopies(WebhookCase):
    def setUp(self):
        super().setUp()
        self.delivery, self.claimed = self.queue_and_claim()
        self.waiting = self.queue()

    def make_copy(self):
        """What a copied database looks like to itself: it remembers another fingerprint than it has."""
        self.env.cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", ["0" * 64])

    def neutralize(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.env.flush_all()

    def assert_held(self):
        self.assertEqual(self.claim()["deliveries"], [])
        self.assertEqual(self.claim(token=self.claimed["lease_token"])["deliveries"], [])
        self.assertNotIn("next_due_at_ms", self.claim())
        with self.refused(ValidationError, "takes no settlements"):
            self.settle(self.settlement(self.claimed))
        lease = {"kind": "delivery", "id": self.claimed["id"], "lease_token": self.claimed["lease_token"]}
        answer = self.call("renew", worker_uid=WORKER_UID, lease_seconds=60, leases=[lease])
        self.assertEqual(answer["lost"], [lease])
        self.assertEqual(self.call("release", worker_uid=WORKER_UID, leases=[lease])["released"], 0)
        self.assertEqual(self.delivery.state, "processing")
        self.assertFalse(self.delivery.attempt_ids)

    def test_the_fingerprint_is_made_of_uuid_name_cluster_and_oid(self):
        self.env.cr.execute(
            "SELECT current_database(), (SELECT system_identifier FROM pg_control_system()),"
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        name, system_identifier, oid = self.env.cr.fetchone()
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        expected = hashlib.sha256(f"{uuid}|{name}|{system_identifier}|{oid}".encode()).hexdigest()
        self.assertEqual(self.claim()["fingerprint"], expected)

    def test_the_first_hello_remembers_a_fresh_database(self):
        self.env.cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = NULL")
        self.assertFalse(self.claim()["fingerprint_confirmed"])
        self.assertTrue(self.call("hello", **self.hello_request())["fingerprint_confirmed"])
        self.assertEqual(len(self.claim()["deliveries"]), 1)

    def test_a_copy_is_held_until_an_operator_confirms_it(self):
        self.make_copy()
        self.assert_held()
        answer = self.call("hello", **self.hello_request())
        self.assertFalse(answer["fingerprint_confirmed"])
        self.assert_held()
        other = self.call("hello", **self.hello_request(confirm_fingerprint="1" * 64))
        self.assertFalse(other["fingerprint_confirmed"])
        answer = self.call("hello", **self.hello_request(confirm_fingerprint=answer["fingerprint"]))
        self.assertTrue(answer["fingerprint_confirmed"])
        self.assertEqual(self.claimed_ids(), [self.waiting.id])

    def test_a_new_uuid_makes_a_copy(self):
        self.env["ir.config_parameter"].set_param("database.uuid", new_uid())
        self.env.flush_all()
        self.assert_held()

    def test_a_neutralized_database_is_held_even_when_confirmed(self):
        self.neutralize()
        self.assert_held()
        answer = self.call("hello", **self.hello_request())
        self.assertTrue(answer["neutralized"])
        self.assertEqual(self.waiting.held_reason, "neutralized")

    def test_the_overview_says_so(self):
        ledger = self.env["bwt.webhook.ledger"].search([])
        self.assertFalse(ledger.hold_message)
        self.make_copy()
        self.env.invalidate_all()
        self.assertIn("confirm-database", ledger.hold_message)
        self.assertEqual((self.waiting.held_reason, self.delivery.held_reason), ("unconfirmed", False))
        self.assertIn(self.waiting, self.Delivery.search([("held_reason", "=", "unconfirmed")]))

    def test_confirming_keeps_lanes_claimable_and_in_order(self):
        first, second = self.queue(lane="a"), self.queue(lane="a")
        self.env.flush_all()
        for delivery, xid in ((first, "9000000000000001"), (second, "9000000000000000")):
            self.env.cr.execute(
                "UPDATE bwt_webhook_outbound_delivery SET lane_xid = %s WHERE id = %s", [xid, delivery.id]
            )
        self.make_copy()
        fingerprint = self.claim()["fingerprint"]
        self.call("hello", **self.hello_request(confirm_fingerprint=fingerprint))
        self.waiting.with_user(self.operator).action_cancel()
        self.assertEqual(self.claimed_ids(), [second.id, first.id])

    def confirm_with_lane_xids(self, *xids):
        deliveries = [self.queue(lane="a") for _xid in xids]
        self.env.flush_all()
        for delivery, xid in zip(deliveries, xids):
            self.env.cr.execute(
                "UPDATE bwt_webhook_outbound_delivery SET lane_xid = %s WHERE id = %s", [str(xid), delivery.id]
            )
        self.make_copy()
        self.call("hello", **self.hello_request(confirm_fingerprint=self.claim()["fingerprint"]))
        self.waiting.with_user(self.operator).action_cancel()
        self.env.cr.execute(
            "SELECT lane_xid::text::bigint FROM bwt_webhook_outbound_delivery WHERE lane = 'a' ORDER BY id"
        )
        return [xid for (xid,) in self.env.cr.fetchall()]

    def test_confirming_keeps_the_order_of_old_and_new_numbers(self):
        self.assertEqual(self.confirm_with_lane_xids(500, 9 * 10**15, 400), [2, 3, 1])

    def test_confirming_changes_no_order_that_fits(self):
        self.assertEqual(self.confirm_with_lane_xids(500, 400), [500, 400])

    def test_neutralize_sql(self):
        self.env["bwt.webhook.worker.key"].with_user(self.system).create({"url": "http://x"})._make_key()
        self.env.flush_all()
        self.env.cr.execute(Path(__file__).parents[1].joinpath("data", "neutralize.sql").read_text())
        self.env.invalidate_all()
        self.assertTrue(self.endpoint.paused)
        self.assertEqual((self.delivery.state, self.delivery.held_reason), ("queued", "endpoint_paused"))
        self.assertEqual(self.waiting.held_reason, "endpoint_paused")
        self.assertFalse(self.delivery.lease_token)
        self.assertFalse(self.env["bwt.webhook.worker"].search([("wake_address", "!=", False)]))
        self.assertFalse(self.env["res.users.apikeys"].search([("user_id", "=", self.worker_user.id)]))
