# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.webhook_worker.models import payload as payloads

from .common import WebhookCase


class TestQueueDelivery(WebhookCase):
    def test_values_are_serialised_once_compact_and_ascii(self):
        delivery = self.queue({"b": [1, 2.5, None, True], "a": "ä\u2028"})
        self.assertEqual(delivery.payload_json, '{"b":[1,2.5,null,true],"a":"\\u00e4\\u2028"}')
        self.assertEqual(delivery.state, "queued")
        self.assertEqual(delivery.next_attempt_at, delivery.queued_at)

    def test_any_json_value_is_a_payload(self):
        for payload, text in (([], "[]"), ({}, "{}"), (0, "0"), (None, "null"), ([[]], "[[]]")):
            self.assertEqual(self.endpoint.queue_delivery(payload).payload_json, text)

    def test_text_and_bytes_are_kept_exactly(self):
        text = '{ "z": 1.10,\n "a":"\u00e4\U0001f600" , "e": "\\ud83d\\ude00\\\\u0000" }'
        self.assertEqual(self.queue(text).payload_json, text)
        self.assertEqual(self.queue(text.encode()).payload_json, text)

    def test_times_have_odoos_spelling(self):
        delivery = self.queue({"at": datetime(2026, 1, 2, 3, 4, 5, 6)})
        self.assertEqual(delivery.payload_json, '{"at":"2026-01-02 03:04:05"}')

    def test_what_is_no_json_is_an_error(self):
        for payload in ('{"a":', "", b"nonsense", {"a": float("nan")}, '{"a": NaN}', {"a": object()}, "[" * 100000):
            with self.subTest(payload=str(payload)[:20]), self.refused(ValidationError, "no JSON"):
                self.queue(payload)

    def test_what_cannot_be_stored_is_a_visible_dead_letter(self):
        for payload, shown in (
            ({"a": "x\x00y"}, '{"a":"x\\u0000y"}'),
            ({"a": "\ud800"}, '{"a":"\\ud800"}'),
            ({"\udfff": 1}, '{"\\udfff":1}'),
            ('{"a":"x\x00y"}', '{"a":"x\\u0000y"}'),
            ('{"a":"\ud800"}', '{"a":"\\ud800"}'),
            ('{"a":"\\u0000"}', '{"a":"\\u0000"}'),
            ('{"a":"\\uDC00 \\uD83D\\uDE00"}', '{"a":"\\uDC00 \\uD83D\\uDE00"}'),
            (b'{"a":"\xff\x00"}', '{"a":"\\xff\\u0000"}'),
        ):
            with self.subTest(payload=repr(payload)):
                delivery = self.queue(payload)
                self.env.flush_all()
                self.assertEqual(delivery.state, "dead_letter")
                self.assertEqual(delivery.failure_reason, "payload_invalid")
                self.assertEqual(delivery.payload_json, shown)
        healthy = self.queue()
        self.assertEqual(self.claimed_ids(), [healthy.id])

    def test_headers_that_cannot_be_stored_are_a_visible_dead_letter(self):
        delivery = self.queue(headers={"X-A": "\x00"}, name="a\x00b", lane="l\x00", identity_key="k\ud800")
        self.env.flush_all()
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "payload_invalid"))
        self.assertEqual(json.loads(delivery.request_headers_json), {"X-A": "\\u0000"})
        self.assertEqual((delivery.name, delivery.lane, delivery.identity_key), ("a\\u0000b", "l\\u0000", "k\\ud800"))

    def test_escaped_backslashes_are_no_escapes(self):
        self.assertEqual(self.queue('{"a":"\\\\u0000"}').state, "queued")

    def test_options(self):
        record = self.plain.partner_id
        delivery = self.queue(headers={"X-N": 5}, lane="l", record=record, priority="1", name="Mine", identity_key="k")
        self.assertEqual(json.loads(delivery.request_headers_json), {"X-N": "5"})
        self.assertEqual((delivery.res_model, delivery.res_id), ("res.partner", record.id))
        self.assertEqual((delivery.priority, delivery.name, delivery.lane), ("1", "Mine", "l"))
        with self.assertRaises(ValidationError):
            self.queue(priority="9")
        with self.assertRaises(ValidationError):
            self.queue(identity_key="x" * 513)
        with self.assertRaises(ValidationError):
            self.queue(lane="x" * 256)
        with self.assertRaises(ValidationError):
            self.queue(lane="\x00" * 43)
        self.assertEqual(len(self.queue(lane="\U0001f600" * 255).lane), 255)
        with self.assertRaises(ValidationError):
            self.queue(headers={5: "x"})

    def test_options_of_other_types(self):
        delivery = self.queue(identity_key=42, name=5, lane=0, headers={"X-A": None, "X-B": 0})
        self.assertEqual((delivery.identity_key, delivery.name, delivery.lane), ("42", "5", "0"))
        self.assertEqual(json.loads(delivery.request_headers_json), {"X-B": "0"})
        self.assertEqual(self.queue(identity_key="42"), delivery)

    def test_a_payload_has_a_size(self):
        self.patch(payloads, "PAYLOAD_BYTES_MAX", 1002)
        self.assertEqual(self.queue(json.dumps("x" * 998)).state, "queued")
        count = self.Delivery.search_count([])
        for options in ({"payload": '"' + "\u00e4" * 500 + '"'}, {"payload": "{}", "headers": {"X": "x" * 1000}}):
            with self.refused(UserError, "at most 1002 are allowed"):
                self.endpoint.queue_deliveries([{"payload": "{}"}, options])
        self.assertEqual(self.Delivery.search_count([]), count)

    def test_method_and_body_mode_are_frozen(self):
        delivery = self.queue()
        self.endpoint.http_method = "put"
        self.assertEqual(delivery.http_method, "post")
        self.assertEqual(self.queue().http_method, "put")

    def test_uids_grow_with_time(self):
        uids = [self.queue().delivery_uid for _number in range(3)]
        self.assertEqual(len(set(uids)), 3)
        self.assertTrue(all(uid[14] == "7" and uid[19] in "89ab" for uid in uids))

    def test_a_rolled_back_transaction_queues_nothing(self):
        count = self.Delivery.search_count([])
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            self.queue(identity_key="k")
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertEqual(self.Delivery.search_count([]), count)
        self.assertTrue(self.queue(identity_key="k"))


class TestIdentityKey(WebhookCase):
    def test_the_same_key_returns_the_same_delivery(self):
        first = self.queue({"n": 1}, identity_key="order-1")
        again = self.queue({"n": 2}, identity_key="order-1")
        self.assertEqual(first, again)
        self.assertEqual(again.payload_json, '{"n":1}')

    def test_keys_are_per_endpoint(self):
        first = self.queue(identity_key="k")
        self.assertNotEqual(first, self.queue(identity_key="k", endpoint=self.new_endpoint("second")))

    def test_a_batch_keeps_its_order_and_knows_its_own_keys(self):
        known = self.queue(identity_key="b")
        requests = [{"payload": number, "identity_key": key} for number, key in enumerate(["a", None, "b", "a", None])]
        deliveries = self.endpoint.queue_deliveries(requests)
        ids = [delivery.id for delivery in deliveries]
        self.assertEqual(ids[2], known.id)
        self.assertEqual(ids[0], ids[3])
        self.assertEqual(len(set(ids)), 4)
        self.assertEqual([self.Delivery.browse(i).payload_json for i in (ids[0], ids[1], ids[4])], ["0", "1", "4"])

    def test_the_key_goes_with_its_delivery(self):
        delivery = self.queue(identity_key="k")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM bwt_webhook_outbound_delivery WHERE id = %s", [delivery.id])
        self.env.invalidate_all()
        self.assertNotEqual(self.queue(identity_key="k").id, delivery.id)


class TestWhoMayQueue(WebhookCase):
    def test_business_code_of_any_internal_user(self):
        endpoint = self.endpoint.with_user(self.plain)
        delivery = endpoint.queue_delivery({"n": 1})
        self.assertFalse(delivery.env.su)
        self.assertEqual(delivery.env.user, self.plain)
        self.assertEqual(delivery.sudo().state, "queued")
        with self.assertRaises(AccessError):
            delivery.read(["payload_json"])

    def test_portal_users_may_not(self):
        with self.assertRaises(AccessError):
            self.endpoint.with_user(self.portal).queue_delivery({})
        self.assertTrue(self.endpoint.with_user(self.portal).sudo().queue_delivery({}))

    def test_not_on_endpoints_of_other_companies(self):
        endpoint = self.new_endpoint("other", company_id=self.other_company.id)
        with self.refused(AccessError, "another company"):
            endpoint.with_user(self.plain).queue_delivery({})

    def test_draft_and_archived_endpoints_refuse(self):
        for step in ("action_set_draft", "action_archive"):
            getattr(self.endpoint, step)()
            with self.refused(UserError, "not active"):
                self.queue()

    def test_a_paused_endpoint_accepts_and_holds(self):
        self.endpoint.action_pause()
        self.assertEqual(self.queue().held_reason, "endpoint_paused")

    def test_not_over_rpc(self):
        from odoo.service.model import get_public_method  # noqa: PLC0415

        for name in ("queue_delivery", "queue_deliveries"):
            with self.assertRaises(AccessError):
                get_public_method(self.endpoint, name)

    def test_the_test_action_is_for_administrators(self):
        ids = self.endpoint.with_user(self.admin).action_queue_test('{"a":1}', copies=3)
        self.assertEqual(len(ids), 3)
        with self.refused(UserError, "whole number"):
            self.endpoint.with_user(self.admin).action_queue_test("{}", copies="abc")
        for user in (self.operator, self.plain):
            with self.assertRaises(AccessError):
                self.endpoint.with_user(user).action_queue_test("{}")

    def test_the_wizard(self):
        wizard = self.env["bwt.webhook.queue.test"].with_user(self.admin).create({"endpoint_id": self.endpoint.id})
        action = wizard.action_queue()
        self.assertEqual(self.Delivery.browse(action["res_id"]).state, "queued")
        wizard.request_headers_json = "[1]"
        with self.assertRaises(UserError):
            wizard.action_queue()
