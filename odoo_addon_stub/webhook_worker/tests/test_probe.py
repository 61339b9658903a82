# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import WebhookCase


class TestProbe(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls.new_handler("in", direction="inbound", execution_user_id=cls.admin.id)
        cls.rule = cls.new_rule(cls.handler, name="saved", condition_ids=[{"source_expression": "status"}])
        cls.receiver = cls.new_inbound_endpoint("orders", handler_id=cls.handler.id)

    def new_test(self, user=None, **values):
        return self.env["bwt.webhook.rule.test"].with_user(user or self.admin).create(
            {"handler_id": self.handler.id, **values}
        )

    def ask(self, user=None, **values):
        wizard = self.new_test(user, **values)
        wizard.action_test()
        probe = self.env["bwt.webhook.probe"].search([("probe_uid", "=", wizard.probe_uid)])
        request = {"probe_uid": probe.probe_uid, "kind": probe.kind, **json.loads(probe.request_json)}
        if self.schemas:
            self.check_schema("claimed_probe", request)
        return wizard, probe, request

    def test_a_pasted_payload(self):
        _wizard, probe, request = self.ask(payload='{"status": "paid"}', headers_json='{"X-A": "1"}')
        self.assertEqual(probe.state, "waiting")
        (sample,) = request["samples"]
        self.assertEqual(base64.b64decode(sample["body_base64"]), b'{"status": "paid"}')
        self.assertEqual((sample["phase"], sample["headers"]), ("event", {"X-A": "1"}))
        self.assertEqual([rule["name"] for rule in request["handler"]["rules"]], ["saved"])

    def test_unsaved_changes_are_tried_and_undone(self):
        changes = {
            "name": "edited",
            "inbound_rule_ids": [
                Command.update(self.rule.id, {"name": "edited"}),
                Command.create({"name": "new", "action_type": "dead_letter"}),
            ],
        }
        wizard, _probe, request = self.ask(draft_changes_json=json.dumps(changes))
        self.assertTrue(wizard.is_edited)
        self.assertEqual(
            [(rule["id"], rule["name"]) for rule in request["handler"]["rules"]],
            [(self.rule.id, "edited"), (-1, "new")],
        )
        self.assertEqual(self.handler.inbound_rule_ids.mapped("name"), ["saved"])
        self.assertEqual(self.handler.name, "In")

    def test_unsaved_changes_are_checked_like_saved_ones(self):
        bad = {"inbound_rule_ids": [Command.create({"name": "x", "action_type": "create_record"})]}
        with self.refused(ValidationError, "target model"):
            self.ask(draft_changes_json=json.dumps(bad))
        self.handler.execution_user_id = self.system
        changes = {"inbound_rule_ids": [Command.update(self.rule.id, {"name": "edited"})]}
        with self.refused(AccessError, "runs as"):
            self.ask(draft_changes_json=json.dumps(changes))
        self.ask(user=self.system, draft_changes_json=json.dumps(changes))

    def test_recorded_events(self):
        with self.refused(UserError, "Nothing was recorded"):
            self.ask(source="recorded")
        for state, values in (
            ("done", {"matched_inbound_rule_id": self.rule.id}), ("done", {}), ("received", {}), ("rejected", {}),
        ):  # fmt: skip
            self.new_event(self.receiver, body=b'{"status": "paid"}', state=state, topic="t", **values)
        _wizard, _probe, request = self.ask(source="recorded", recorded_count=10)
        samples = request["samples"]
        self.assertEqual([sample.get("recorded_action") for sample in samples], [None, "none", "done"])
        self.assertEqual(samples[2]["recorded_rule_id"], self.rule.id)
        self.assertEqual(samples[0]["semantics"], {"topic": "t"})
        self.assertEqual(len(self.ask(source="recorded", recorded_count=1)[2]["samples"]), 1)

    def test_recorded_deliveries(self):
        self.handler = self.new_handler("out")
        self.endpoint.handler_id = self.handler
        rule = self.new_rule(self.handler, "outbound", phase="response", result_status="done")
        _delivery, claimed = self.queue_and_claim(payload={"n": 5})
        self.settle(self.settlement(claimed, attempt={"response_body": "ok"}, execution={"rule_id": rule.id}))
        (sample,) = self.ask(source="recorded", phase="response")[2]["samples"]
        self.assertEqual((sample["response_status_code"], sample["response_body"]), (200, "ok"))
        self.assertEqual((sample["recorded_action"], sample["recorded_rule_id"]), ("done", rule.id))
        (sample,) = self.ask(source="recorded")[2]["samples"]
        self.assertEqual(base64.b64decode(sample["body_base64"]), b'{"n":5}')
        self.assertEqual((sample["phase"], sample["recorded_action"]), ("before_send", "none"))
        changes = {"outbound_rule_ids": [Command.update(rule.id, {"result_status": "dead_letter"})]}
        (sample,) = self.ask(source="recorded", phase="response", draft_changes_json=json.dumps(changes))[2]["samples"]
        self.assertEqual(sample["recorded_action"], "done", "what the saved rule did")

    def test_fields_that_the_rules_read_come_along(self):
        self.rule.condition_ids.write({"source_kind": "company_field", "source_expression": "name"})
        (sample,) = self.ask()[2]["samples"]
        self.assertEqual(json.loads(sample["field_values"]), {"company_field:name": self.company.name})

    def test_the_answer_is_shown(self):
        wizard, probe, _request = self.ask()
        self.assertEqual(wizard.state, "waiting")
        probe.answer_json = json.dumps(
            {
                "summary": "1 of 1 change",
                "results": [{"name": "a", "action": "done", "changed": True, "rule_name": "saved", "trace": "t"}],
            }
        )
        wizard.action_refresh()
        self.assertEqual((wizard.state, wizard.summary), ("answered", "1 of 1 change"))
        self.assertEqual((wizard.result_ids.rule_name, wizard.result_ids.trace_text), ("saved", "t"))
        wizard.action_test()
        self.assertFalse(wizard.result_ids)

    def test_without_a_live_worker_it_says_so(self):
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = last_seen_at - interval '1 hour'")
        self.env.invalidate_all()
        self.assertFalse(self.new_test().has_live_worker)
        with self.refused(UserError, "No worker is running"):
            self.ask()

    def test_what_was_typed_must_be_json_where_it_has_to(self):
        for headers in ("x", "[]"):
            with self.refused(UserError, "Headers"):
                self.ask(headers_json=headers)

    def test_who_may(self):
        for user in (self.operator, self.plain):
            with self.refused(AccessError, "."):
                self.new_test(user)
        foreign = self.new_handler("foreign", direction="inbound", company_id=self.other_company.id)
        with self.refused(AccessError, "."):
            self.ask(handler_id=foreign.id)
        with self.refused(AccessError, "."):
            self.env["bwt.webhook.probe"].with_user(self.system).search([])
