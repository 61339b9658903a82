# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.exceptions import AccessError, UserError

from .common import WebhookCase


class TestOperators(WebhookCase):
    def test_they_write_no_field(self):
        delivery = self.queue()
        for user in (self.operator, self.admin, self.system):
            mine = delivery.with_user(user)
            for values in ({"state": "done"}, {"payload_json": "{}"}, {"processing_note": "x"}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    mine.write(values)
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.copy()
            with self.assertRaises(AccessError):
                self.Delivery.with_user(user).create({"name": "x", "endpoint_id": self.endpoint.id})

    def test_they_configure_nothing(self):
        for record in (self.endpoint, self.new_handler("h"), self.endpoint.retry_policy_id):
            record.with_user(self.operator).read(["name"])
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.operator).name = "x"
        for step in ("action_pause", "action_archive", "action_set_draft"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(self.endpoint.with_user(self.operator), step)()
        self.endpoint.with_user(self.admin).action_pause()

    def test_attempts_are_immutable_for_everyone(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed))
        attempt = delivery.attempt_ids
        for env in (self.env, self.env(user=self.system), self.env(user=self.admin), self.env(user=self.operator)):
            for step in (lambda a: a.write({"outcome": "retry"}), lambda a: a.unlink()):
                with self.assertRaises(AccessError):
                    step(attempt.with_env(env))
        with self.assertRaises(AccessError):
            self.Attempt.with_user(self.system).create({"delivery_id": delivery.id})

    def test_only_operators_take_the_steps(self):
        delivery = self.queue()
        for user in (self.plain, self.portal, self.worker_user):
            for step in ("action_reprocess", "action_replay", "action_dead_letter", "action_cancel"):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(delivery.with_user(user), step)()


class TestSteps(WebhookCase):
    def as_operator(self, delivery):
        return delivery.with_user(self.operator)

    def dead_letter(self, **options):
        delivery, claimed = self.queue_and_claim(**options)
        self.settle(
            self.settlement(claimed, "retry", "dead_letter", failure_reason="attempts_exhausted", failure_message="503")
        )
        return delivery

    def test_reprocess_starts_afresh_with_the_same_id(self):
        delivery = self.dead_letter()
        uid = delivery.delivery_uid
        self.as_operator(delivery).action_reprocess()
        self.assertEqual((delivery.state, delivery.delivery_uid, delivery.attempt_count), ("queued", uid, 1))
        self.assertFalse(delivery.failure_reason or delivery.failure_message or delivery.processed_at)
        self.set_columns(delivery, next_attempt_at=delivery.create_date)
        (claimed,) = self.claim()["deliveries"]
        self.assertEqual(claimed["attempt_count"], 0)
        self.settle(self.settlement(claimed))
        self.assertEqual(delivery.attempt_ids.mapped("attempt_number"), [2, 1])

    def test_reprocess_several(self):
        deliveries = self.dead_letter() + self.dead_letter()
        self.as_operator(deliveries).action_reprocess()
        self.assertEqual(deliveries.mapped("state"), ["queued", "queued"])

    def test_replay_makes_a_new_delivery(self):
        delivery = self.dead_letter(payload='{"a": 1}', headers={"X": "y"}, identity_key="k", lane=None)
        action = self.as_operator(delivery).action_replay()
        replay = self.Delivery.browse(action["res_id"])
        self.assertEqual((replay.state, replay.payload_json), ("queued", '{"a": 1}'))
        self.assertEqual(replay.request_headers_json, delivery.request_headers_json)
        self.assertNotEqual(replay.delivery_uid, delivery.delivery_uid)
        self.assertFalse(replay.identity_key or replay.failure_reason or replay.attempt_count)
        self.assertEqual((replay.replayed_from_delivery_id, replay.name), (delivery, f"{delivery.name} / Replay 1"))
        self.as_operator(delivery).action_replay()
        self.assertEqual(delivery.replay_count, 2)
        self.assertEqual(delivery.state, "dead_letter")

    def test_replay_of_a_replay_keeps_a_readable_name(self):
        first = self.dead_letter()
        second = self.Delivery.browse(self.as_operator(first).action_replay()["res_id"])
        self.settle(self.settlement(self.claim()["deliveries"][0]))
        third = self.Delivery.browse(self.as_operator(second).action_replay()["res_id"])
        self.assertEqual(third.name, f"{first.name} / Replay 1")

    def test_replay_needs_an_active_endpoint(self):
        delivery = self.dead_letter()
        self.endpoint.action_archive()
        with self.assertRaises(UserError):
            self.as_operator(delivery).action_replay()

    def test_dead_letter_and_cancel(self):
        one, two = self.queue(), self.queue()
        self.as_operator(one).action_dead_letter()
        self.assertEqual((one.state, one.failure_reason), ("dead_letter", "operator"))
        self.assertIn("wh_operator", one.failure_message)
        self.as_operator(two).action_cancel()
        self.assertEqual(two.state, "canceled")
        self.assertIn("wh_operator", two.processing_note)
        self.assertEqual(self.claimed_ids(), [])
        self.as_operator(one + two).action_reprocess()
        self.assertEqual(sorted(self.claimed_ids()), sorted((one + two).ids))

    def test_steps_that_are_not_possible(self):
        delivery, claimed = self.queue_and_claim()
        for step in ("action_reprocess", "action_replay", "action_cancel"):
            with self.subTest(step=step), self.refused(UserError, "cannot be"):
                getattr(self.as_operator(delivery), step)()
        self.settle(self.settlement(claimed))
        for step in ("action_reprocess", "action_dead_letter", "action_cancel"):
            with self.subTest(step=step), self.refused(UserError, "cannot be"):
                getattr(self.as_operator(delivery), step)()

    def test_cancel_takes_what_a_lost_worker_left(self):
        delivery, claimed = self.queue_and_claim(lane=None)
        self.expire_leases(delivery)
        self.as_operator(delivery).action_cancel()
        self.assertEqual(delivery.state, "canceled")
        self.assertFalse(delivery.lease_token or delivery.lease_expires_at)
        self.assertEqual(self.settle(self.settlement(claimed)), ["superseded"])
        self.assertEqual(delivery.state, "canceled")

    def test_lanes_are_freed_together(self):
        deliveries = self.queue(lane="a") + self.queue(lane="b")
        self.commit_lanes()
        self.claim()
        others = self.queue(lane="c")
        self.commit_lanes()
        self.claim()
        self.as_operator(deliveries).action_dead_letter()
        self.env.cr.execute("SELECT lane, lease_token FROM bwt_webhook_lane_lease")
        self.assertEqual(self.env.cr.fetchall(), [("c", others.lease_token)])

    def test_what_is_held_can_be_searched(self):
        held = self.new_endpoint("held")
        mine, waiting = self.queue(), self.queue(endpoint=held)
        done = self.queue(endpoint=held)
        self.as_operator(done).action_cancel()
        held.action_pause()
        all_of_them = mine + waiting + done

        def found(*leaf):
            return self.Delivery.with_user(self.operator).search([leaf, ("id", "in", all_of_them.ids)], order="id")

        for leaf, expected in (
            (("held_reason", "!=", False), waiting),
            (("held_reason", "=", False), mine + done),
            (("held_reason", "=", "endpoint_paused"), waiting),
            (("held_reason", "!=", "endpoint_paused"), mine + done),
            (("held_reason", "in", ["endpoint_paused", False]), all_of_them),
            (("held_reason", "in", ["neutralized"]), self.Delivery),
        ):
            with self.subTest(leaf=leaf):
                self.assertEqual(found(*leaf), expected)
        with self.refused(UserError, "compared"):
            found("held_reason", "like", "x")

    def test_the_overview_without_context(self):
        ledger = self.env["bwt.webhook.ledger"].with_user(self.operator)._the_row().with_user(self.operator)
        self.assertEqual(ledger.action_view_deliveries()["context"], {})

    def test_an_invalid_payload_is_not_sent_again(self):
        delivery = self.queue({"a": "\x00"})
        for step in ("action_reprocess", "action_replay"):
            with self.subTest(step=step), self.refused(UserError, "mend it where it comes from"):
                getattr(self.as_operator(delivery), step)()
