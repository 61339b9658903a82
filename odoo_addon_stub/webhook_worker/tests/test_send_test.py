# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo.exceptions import AccessError, UserError, ValidationError

from .common import WORKER_UID, WebhookCase, new_uid


class TestSendTest(WebhookCase):
    def wizard(self, user=None, endpoint=None, **values):
        return self.env["bwt.webhook.send.test"].with_user(user or self.admin).create(
            {"endpoint_id": (endpoint or self.endpoint).id, **values}
        )

    def claimed_probe(self):
        (probe,) = self.call(
            "claim", worker_uid=WORKER_UID, claim_token=new_uid(), limit=1, lease_seconds=10, takeover=False,
            quotas=[], work="events",
        )["probes"]  # fmt: skip
        return probe

    def test_the_button_opens_it(self):
        action = self.endpoint.with_user(self.admin).action_send_test()
        wizard = self.env[action["res_model"]].with_user(self.admin).with_context(**action["context"]).create({})
        self.assertEqual((wizard.endpoint_id, wizard.state), (self.endpoint, "draft"))
        json.loads(wizard.payload)
        with self.refused(AccessError, "Administrator"):
            self.endpoint.with_user(self.operator).action_send_test()

    def test_a_worker_gets_the_request_once(self):
        draft = self.new_endpoint("draft", state="draft", http_method="put")
        wizard = self.wizard(
            endpoint=draft, payload='{"n": 1.10}', request_headers_json='{"X-A": 5}', context_values_json='{"k": "v"}'
        )
        wizard.action_send()
        self.assertEqual(wizard.state, "waiting")
        probe = self.claimed_probe()
        self.assertEqual((probe["kind"], probe["endpoint_id"]), ("send", draft.id))
        delivery = probe["delivery"]
        self.assertEqual((delivery["http_method"], delivery["request_body_mode"]), ("put", "json"))
        self.assertEqual((delivery["payload"], delivery["request_headers"]), ('{"n": 1.10}', {"X-A": "5"}))
        self.assertEqual(json.loads(delivery["context_values"]), {"k": "v"})
        self.assertEqual(self.Delivery.search_count([("endpoint_id", "=", draft.id)]), 0)

    def test_the_answer_is_shown(self):
        wizard = self.wizard()
        wizard.action_send()
        probe = self.claimed_probe()
        attempt = {
            "attempt_uid": new_uid(), "started_at_ms": 1, "duration_ms": 12, "http_method": "post",
            "target_url": "https://example.com/", "maybe_delivered": True, "request_headers": {"webhook-test": "1"},
            "request_body": "{}", "response_status_code": 201, "response_headers": {"x": "y"}, "response_body": "ok",
        }  # fmt: skip
        answer = {
            "summary": "201 Created",
            "results": [{"name": "Send test", "action": "delivered", "changed": False, "attempt": attempt}],
        }
        request = {"worker_uid": WORKER_UID, "probe_uid": probe["probe_uid"], "answer": answer}
        self.assertTrue(self.call("answer_probe", **request)["accepted"])
        self.assertFalse(self.call("answer_probe", **request)["accepted"])
        wizard.action_refresh()
        self.assertEqual((wizard.state, wizard.outcome, wizard.summary), ("answered", "delivered", "201 Created"))
        self.assertEqual((wizard.response_status_code, wizard.response_body, wizard.duration_ms), (201, "ok", 12))
        self.assertIn("webhook-test", wizard.request_headers)
        self.assertFalse(self.Attempt.search([]))
        self.assertFalse(self.endpoint.failing_since)
        wizard.action_send()
        self.assertFalse(wizard.outcome or wizard.response_body or wizard.response_status_code)

    def test_a_refusal_is_shown(self):
        wizard = self.wizard()
        wizard.action_send()
        result = {"name": "t", "action": "dead_letter", "changed": False, "message": "169.254.169.254 is refused"}
        answer = {"summary": "dead letter", "results": [result]}
        probe_uid = self.claimed_probe()["probe_uid"]
        self.call("answer_probe", worker_uid=WORKER_UID, probe_uid=probe_uid, answer=answer)
        wizard.action_refresh()
        self.assertEqual((wizard.outcome, wizard.message), ("dead_letter", "169.254.169.254 is refused"))

    def test_fields_that_the_endpoint_reads_come_along(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bwt_webhook_outbound_endpoint SET needed_fields_json = %s WHERE id = %s",
            ['["company_field:name", "record_field:name"]', self.endpoint.id],
        )
        self.env.invalidate_all()
        self.wizard().action_send()
        values = json.loads(self.claimed_probe()["delivery"]["field_values"])
        self.assertEqual(values["company_field:name"], self.company.name)
        self.assertIn("record_field:name!", values)

    def test_what_was_typed_must_fit(self):
        for exception, values in (
            (ValidationError, {"payload": "{"}),
            (UserError, {"payload": '"\\u0000"'}),
            (UserError, {"request_headers_json": "[]"}),
            (UserError, {"context_values_json": "x"}),
        ):
            with self.refused(exception, "."):
                self.wizard(**values).action_send()

    def test_who_may(self):
        for user in (self.operator, self.plain):
            with self.refused(AccessError, "."):
                self.wizard(user)
        foreign = self.new_endpoint("foreign", company_id=self.other_company.id)
        with self.refused(AccessError, "."):
            self.wizard(endpoint=foreign).action_send()

    def test_without_a_live_worker_it_says_so(self):
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = last_seen_at - interval '1 hour'")
        self.env.invalidate_all()
        wizard = self.wizard()
        self.assertFalse(wizard.has_live_worker)
        with self.refused(UserError, "No worker is running"):
            wizard.action_send()
