# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.webhook_worker.wizards import reprocess

from .common import WebhookCase


class RecordsCase(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls.new_handler("in", direction="inbound", execution_user_id=cls.admin.id)
        cls.receiver = cls.new_inbound_endpoint("orders", handler_id=cls.handler.id)
        cls.foreign = cls.new_inbound_endpoint("foreign", company_id=cls.other_company.id)
        cls.Event = cls.env["bwt.webhook.inbound.event"]
        cls.Payload = cls.env["bwt.webhook.test.payload"]

    def event(self, endpoint=None, **values):
        return self.new_event(endpoint or self.receiver, **values)


class TestReprocess(RecordsCase):
    def wizard(self, user=None, **values):
        return self.env["bwt.webhook.reprocess"].with_user(user or self.operator).create(values)

    def test_those_that_were_selected(self):
        dead, retrying = self.event(state="dead_letter"), self.event(state="error")
        context = {"active_model": self.Event._name, "active_ids": (dead + retrying).ids}
        wizard = self.env["bwt.webhook.reprocess"].with_user(self.operator).with_context(**context).create({})
        self.assertEqual((wizard.selection, wizard.count), ("selected", 2))
        action = wizard.action_reprocess()
        self.assertEqual((dead + retrying).mapped("state"), ["received"] * 2)
        self.assertEqual(action["domain"], [("id", "in", (dead + retrying).ids)])
        with self.refused(UserError, "cannot be reprocessed"):
            self.wizard(event_ids=[(6, 0, self.event(state="rejected").ids)]).action_reprocess()

    def test_from_a_list_where_nothing_was_selected(self):
        context = {"active_model": self.Event._name, "active_ids": [], "default_selection": "filter"}
        wizard = self.env["bwt.webhook.reprocess"].with_user(self.operator).with_context(**context).create({})
        self.assertEqual(wizard.selection, "filter")

    def test_all_that_match_in_batches(self):
        other = self.new_inbound_endpoint("other-in", handler_id=self.handler.id)
        dead = self.Event.concat(*[self.event(state="dead_letter", failure_reason="rule") for _number in range(5)])
        others = (
            self.event(state="dead_letter", failure_reason="poison") + self.event(state="error", failure_reason="rule")
            + self.event(other, state="dead_letter", failure_reason="rule") + self.event(state="done")
            + self.event(self.foreign, state="dead_letter", failure_reason="rule")
        )  # fmt: skip
        before = others.mapped("state")
        wizard = self.wizard(selection="filter", endpoint_ids=[(6, 0, self.receiver.ids)], failure_reason="rule")
        self.assertEqual(wizard.count, 5)
        with patch.object(reprocess, "BATCH", 2):
            wizard.action_reprocess()
        self.assertEqual(dead.mapped("state"), ["received"] * 5)
        self.assertEqual(dead.handler_id, self.handler)
        self.assertEqual(others.mapped("state"), before)
        self.assertEqual(self.wizard(selection="filter", failure_reason="rule").count, 1, "not of other companies")

    def test_limits(self):
        with self.refused(UserError, "nothing to reprocess"):
            self.wizard(selection="filter").action_reprocess()
        self.event(state="dead_letter"), self.event(state="dead_letter")
        with patch.object(reprocess, "EVENTS_MAX", 1), self.refused(UserError, "too many"):
            self.wizard(selection="filter").action_reprocess()
        with self.refused(AccessError, "."):
            self.wizard(self.plain, selection="filter")

    def test_by_the_handler_that_came_later(self):
        event = self.event(state="dead_letter", handler_id=False) + self.event(state="dead_letter")
        event.with_user(self.operator).action_reprocess()
        self.assertEqual(event.mapped("handler_id"), self.handler)


class TestTestPayload(RecordsCase):
    def save(self, event):
        action = event.with_user(self.admin).action_save_as_test_payload()
        return self.Payload.browse(action["res_id"])

    def test_an_event_is_kept_for_tests(self):
        body = b'{"status": "paid", "x": "\xff"}'
        event = self.event(
            body=body, topic="orders", event_type="order.paid", signature_timestamp_raw="17", query_json='{"q": "1"}',
            request_headers_json='{"Authorization": "***", "X-A": "1"}', resolved_values_json='{"n": 1.10}',
        )  # fmt: skip
        payload = self.save(event)
        self.assertEqual((payload.handler_id, payload.endpoint_id), (self.handler, self.receiver))
        self.assertEqual(payload._raw_body(), body)
        sample, roots = payload._sample()
        self.assertEqual(base64.b64decode(sample["body_base64"]), body)
        self.assertEqual(sample["headers"], {"Authorization": "***", "X-A": "1"})
        self.assertEqual((sample["query"], sample["resolved_values"]), ({"q": "1"}, '{"n": 1.10}'))
        self.assertEqual(
            sample["semantics"], {"topic": "orders", "event_type": "order.paid", "signature_timestamp": "17"}
        )
        self.assertEqual((roots["event"].topic, roots["endpoint"]), ("orders", self.receiver))
        event.sudo().unlink()
        self.assertTrue(payload.exists())

    def test_several_at_once(self):
        action = (self.event() + self.event()).with_user(self.admin).action_save_as_test_payload()
        self.assertEqual(self.Payload.search_count(action["domain"]), 2)
        with self.refused(UserError, "has no handler"):
            self.event(self.new_inbound_endpoint("none")).with_user(self.admin).action_save_as_test_payload()

    def test_it_stays_in_its_company(self):
        payload = self.save(self.event())
        payload.endpoint_id = False
        other = self.new_handler("other-in", direction="inbound", company_id=self.other_company.id)
        with self.refused(AccessError, "."):
            payload.with_user(self.admin).handler_id = other

    def test_the_body_may_be_edited(self):
        payload = self.save(self.event(body=b"\xff\x00"))
        self.assertEqual(payload.body, "�\\u0000")
        payload.with_user(self.admin).body = '{"é": 1}'
        self.assertEqual(payload._raw_body(), '{"é": 1}'.encode())
        for field in ("headers_json", "query_json", "resolved_values_json", "semantics_json"):
            for text in ("[]", "x", "[" * 100000):
                with self.refused(ValidationError, "JSON object"):
                    payload[field] = text

    def test_it_is_a_sample_of_the_test_wizard(self):
        condition = {"source_kind": "event_field", "source_expression": "topic"}
        self.new_rule(self.handler, name="r", condition_ids=[condition])
        first, second = self.save(self.event(body=b"1", topic="a")), self.save(self.event(body=b"2"))
        for chosen, bodies in (([], [b"1", b"2"]), (second.ids, [b"2"])):
            wizard = self.env["bwt.webhook.rule.test"].with_user(self.admin).create(
                {"handler_id": self.handler.id, "source": "saved", "test_payload_ids": [(6, 0, chosen)]}
            )
            wizard.action_test()
            probe = self.env["bwt.webhook.probe"].search([("probe_uid", "=", wizard.probe_uid)])
            asked = {"probe_uid": probe.probe_uid, "kind": probe.kind, **json.loads(probe.request_json)}
            self.check_schema("claimed_probe", asked)
            self.assertEqual([base64.b64decode(s["body_base64"]) for s in asked["samples"]], bodies)
        (first | second).unlink()
        with self.refused(UserError, "no test payloads"):
            wizard.action_test()

    def test_fields_of_the_event_are_those_that_were_saved(self):
        self.handler.needed_fields_json = '["event_field:topic", "company_field:name"]'
        self.save(self.event(topic="a"))
        wizard = self.env["bwt.webhook.rule.test"].with_user(self.admin).create(
            {"handler_id": self.handler.id, "source": "saved"}
        )
        (sample,) = wizard._request()["samples"]
        values = json.loads(sample["field_values"])
        self.assertEqual(values, {"event_field:topic": "a", "company_field:name": self.company.name})

    def test_rights(self):
        payload = self.save(self.event())
        self.assertTrue(payload.with_user(self.operator).body)
        for user, attempt in (
            (self.plain, lambda p: p.read(["name"])), (self.operator, lambda p: p.unlink()),
            (self.operator, lambda p: p.write({"name": "x"})),
        ):  # fmt: skip
            with self.refused(AccessError, "."):
                attempt(payload.with_user(user))
        with self.refused(AccessError, "."):
            self.event().with_user(self.operator).action_save_as_test_payload()
        handler = self.new_handler("foreign-in", direction="inbound", company_id=self.other_company.id)
        foreign = self.Payload.create({"name": "f", "handler_id": handler.id})
        self.assertNotIn(foreign, self.Payload.with_user(self.admin).search([]))
        with self.refused(UserError, "."):
            foreign.endpoint_id = self.receiver


class TestViews(RecordsCase):
    def test_rejected_requests(self):
        rejected = self.event(state="rejected", rejection_category="signature", rejection_reason="bad")
        self.event()
        action = self.receiver.with_user(self.operator).action_view_rejected_requests()
        self.assertEqual(self.Event.with_user(self.operator).search(action["domain"]), rejected)
        self.assertEqual(self.receiver.action_view_rejections()["res_model"], "bwt.webhook.inbound.rejection")

    def test_the_record_of_an_execution(self):
        partner = self.env["res.partner"].create({"name": "p"})
        executions = self.env["bwt.webhook.inbound.rule.execution"].create(
            [
                {"event_id": self.event().id, "company_id": self.company.id, "record_reference": reference}
                for reference in (f"res.partner:{partner.id}", "res.partner:2147483647", "gone.model:1", "x", False)
            ]
        )
        action = executions[0].with_user(self.operator).action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", partner.id))
        with self.refused(UserError, "deleted"):
            executions[1].action_open_record()
        for execution in executions[2:]:
            with self.refused(UserError, "Nothing was written"):
                execution.action_open_record()
