# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError

from odoo.addons.webhook_worker.wizards import replay as replaying

from .common import WebhookCase

FROZEN = {"http_method": "put", "target_path": "/x", "request_headers": {"B": "2"}, "payload": '{"b":2}'}


class TestReplay(WebhookCase):
    def ended(self, count=1, state="dead_letter", frozen=None, **options):
        """Deliveries that came to `state`; dead letters were sent, and answered with 400."""
        deliveries = self.Delivery.concat(*[self.queue(**options) for _number in range(count)])
        self.commit_lanes()
        outcome = "delivered" if state == "done" else "dead_letter"
        extra = {} if state == "done" else {"failure_reason": "http_status", "attempt": {"response_status_code": 400}}
        while claimed := self.claim([options.get("endpoint", self.endpoint)])["deliveries"]:
            extra.update({"frozen": frozen} if frozen else {})
            self.settle(*[self.settlement(item, outcome, state, **extra) for item in claimed])
        self.assertEqual(set(deliveries.mapped("state")), {state})
        return deliveries

    def wizard(self, user=None, **values):
        return self.env["bwt.webhook.replay"].with_user(user or self.operator).create(values)

    def replay(self, deliveries, **values):
        self.wizard(delivery_ids=[(6, 0, deliveries.ids)], **values).action_replay()
        return self.Delivery.search([("replayed_from_delivery_id", "in", deliveries.ids)], order="id")

    def filtered(self, user=None, **values):
        return self.wizard(user, selection="filter", **values)

    def test_frozen_sends_what_was_sent(self):
        delivery = self.ended(frozen=FROZEN, payload={"a": 1}, context={"k": 1}, identity_key="k", expires_in=60)
        self.endpoint.http_method = "patch"
        replay = self.replay(delivery)
        self.assertNotEqual(replay.delivery_uid, delivery.delivery_uid)
        self.assertFalse(replay.identity_key or replay.expires_at or replay.attempt_count or replay.failure_reason)
        (claimed,) = self.claim()["deliveries"]
        self.assertTrue(claimed["content_frozen"])
        self.assertEqual(
            {key: claimed[key] for key in ("http_method", "target_path", "request_headers", "payload")}, FROZEN
        )

    def test_rebuilt_starts_from_what_was_queued_and_the_endpoint_of_now(self):
        handler = self.new_handler("h")
        handler.needed_fields_json = '["company_field:name"]'
        self.endpoint.handler_id = handler
        delivery = self.ended(frozen=FROZEN, payload={"a": 1}, headers={"A": "1"}, context={"k": 1})
        self.endpoint.http_method, self.company.name = "patch", "Renamed"
        replay = self.replay(delivery, content="rebuilt")
        self.assertEqual((replay.http_method, replay.payload_json, replay.content_frozen), ("patch", '{"a":1}', False))
        self.assertEqual(json.loads(replay.request_headers_json), {"A": "1"})
        self.assertEqual(replay.context_values_json, '{"k":1}')
        self.assertEqual(json.loads(replay.field_values_json), {"company_field:name": "Renamed"})

    def test_what_was_never_sent_is_made_anew(self):
        delivery = self.queue()
        delivery.with_user(self.operator).action_cancel()
        self.endpoint.http_method = "put"
        replay = self.replay(delivery)
        self.assertEqual((replay.http_method, replay.content_frozen), ("put", False))

    def test_a_body_keeps_its_kind(self):
        self.endpoint.request_body_mode = "raw"
        delivery = self.ended(payload="<a/>")
        self.endpoint.request_body_mode = "form_urlencoded"
        other = self.ended(payload={"a": 1})
        self.endpoint.request_body_mode = "json"
        replays = self.replay(delivery | other, content="rebuilt")
        self.assertEqual(replays.mapped("request_body_mode"), ["raw", "json"])

    def test_files_are_copied(self):
        self.endpoint.request_body_mode = "multipart"
        delivery = self.ended(files=[{"content": b"x", "name": "n"}])
        replay = self.replay(delivery)
        action = delivery.with_user(self.operator).action_replay()
        for one in (replay, self.Delivery.browse(action["res_id"])):
            (file,) = one._stored_files()
            self.assertEqual((file.name, file.content, one.files_bytes), ("n", b"x", 1))
            self.assertNotEqual(one.files_json, delivery.files_json)

    def test_all_that_match(self):
        other = self.new_endpoint("other")
        dead, foreign = self.ended(3), self.ended(2, endpoint=other)
        done = self.ended(1, state="done")
        bad = self.queue({"a": "\x00"})
        self.assertEqual(bad.state, "dead_letter")
        self.assertEqual(self.filtered().count, 5)
        self.assertEqual(self.filtered(state=False).count, 6)
        self.assertEqual(self.filtered(failure_reason="timeout").count, 0)
        self.assertEqual(self.filtered(queued_until=dead[0].queued_at - timedelta(days=1)).count, 0)
        self.assertEqual(self.filtered(queued_from=dead[0].queued_at - timedelta(days=1)).count, 5)
        wizard = self.filtered(endpoint_ids=[(6, 0, self.endpoint.ids)], failure_reason="http_status")
        self.assertEqual(wizard.count, 3)
        wizard.action_replay()
        self.assertEqual(dead.mapped("replay_count"), [1, 1, 1])
        self.assertEqual((foreign | done | bad).mapped("replay_count"), [0] * 4)
        with self.refused(UserError, "nothing to replay"):
            self.filtered(failure_reason="timeout").action_replay()

    def test_at_a_rate_and_in_order(self):
        deliveries = self.ended(4, lane="a")
        self.patch(replaying, "BATCH", 3)
        replays = self.replay(deliveries[::-1], rate_per_minute=60)
        self.assertEqual(replays.replayed_from_delivery_id.ids, deliveries.ids)
        self.assertEqual(replays.mapped("lane"), ["a"] * 4)
        seconds = [(replay.next_attempt_at - replays[0].next_attempt_at).total_seconds() for replay in replays]
        self.assertEqual(seconds, [0, 1, 2, 3])
        self.assertEqual(replays.mapped("queued_at"), replays.mapped("next_attempt_at"), "none expires unsent")

    def test_a_run_has_a_limit(self):
        self.ended(3)
        self.patch(replaying, "REPLAYS_MAX", 2)
        with self.refused(UserError, "More than 2 .* in parts"):
            self.filtered().action_replay()

    def test_who_may(self):
        delivery = self.ended()
        for user in (self.plain, self.worker_user):
            with self.refused(AccessError, "."):
                self.wizard(user, delivery_ids=[(6, 0, delivery.ids)])
        foreign = self.new_endpoint("foreign", company_id=self.other_company.id)
        hidden = self.queue(endpoint=foreign)
        self.set_columns(hidden, state="dead_letter")
        self.assertEqual(self.filtered().count, 1)
        with self.refused(AccessError, "."):
            self.wizard(delivery_ids=[(6, 0, hidden.ids)]).action_replay()

    def test_what_cannot_be_replayed(self):
        waiting = self.queue()
        with self.refused(UserError, "cannot be replayed"):
            self.replay(waiting)
        delivery = self.ended()
        self.endpoint.action_set_draft()
        with self.refused(UserError, "not active"):
            self.replay(delivery)
        self.assertEqual(self.filtered().count, 0)

    def test_from_the_list(self):
        deliveries = self.ended(2)
        context = {"active_model": deliveries._name, "active_ids": deliveries.ids}
        wizard = self.env["bwt.webhook.replay"].with_user(self.operator).with_context(**context).create({})
        self.assertEqual((wizard.selection, wizard.delivery_ids.ids, wizard.count), ("selected", deliveries.ids, 2))
        menu = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_replay")
        self.assertIn("'filter'", menu["context"])


class TestArchive(WebhookCase):
    def test_without_open_deliveries_nothing_is_asked(self):
        self.endpoint.with_user(self.admin).action_ask_archive()
        self.assertEqual(self.endpoint.state, "archived")

    def test_open_deliveries_wait_or_are_canceled(self):
        for choice, state in (("hold", "queued"), ("cancel", "canceled")):
            endpoint = self.new_endpoint(choice)
            delivery = self.queue(endpoint=endpoint)
            action = endpoint.with_user(self.admin).action_ask_archive()
            self.assertEqual(endpoint.state, "active")
            wizard = self.env[action["res_model"]].with_user(self.admin).with_context(**action["context"])
            wizard = wizard.create({"open_deliveries": choice})
            self.assertEqual(wizard.open_delivery_count, 1)
            wizard.action_archive()
            self.assertEqual((endpoint.state, delivery.state), ("archived", state))
