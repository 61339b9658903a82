# SPDX-License-Identifier: LGPL-3.0-or-later
"""What is checked when a rule is saved, and how it reads in the contract."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError

from .common import WebhookCase

PARTNER = {"target": "res.partner", "assignment_ids": [{"target_expression": "name"}]}


class RuleCase(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbound = cls.new_handler("in", direction="inbound", execution_user_id=cls.system.id)
        cls.outbound = cls.new_handler("out", execution_user_id=cls.system.id)

    def outbound_rule(self, **values):
        return self.new_rule(self.outbound, "outbound", **values)


class TestShape(RuleCase):
    def test_actions_belong_to_a_phase(self):
        before, response = ("send", "cancel", "dead_letter", "retry"), ("done", "dead_letter", "retry")
        for action in before:
            self.outbound_rule(phase="before_send", result_status=action)
        for action in response:
            self.outbound_rule(phase="response", result_status=action)
        for phase, action in (("response", "send"), ("response", "cancel"), ("before_send", "done")):
            with self.subTest(action), self.refused(ValidationError, "not possible in this phase"):
                self.outbound_rule(phase=phase, result_status=action)
        with self.refused(ValidationError, "not possible in this phase"):
            self.outbound_rule(phase="before_send", result_status="create_record", target="res.partner")
        rule = self.outbound_rule(phase="response", result_status="create_record", target="res.partner")
        with self.refused(ValidationError, "not possible"):
            rule.phase = "before_send"

    def test_assignments_belong_to_a_phase(self):
        for scope, target in (("request", "http_method"), ("header", "X-A"), ("payload", "a.b")):
            row = {"target_scope": scope, "target_expression": target}
            self.outbound_rule(assignment_ids=[row])
            with self.subTest(scope), self.refused(ValidationError, "not possible"):
                self.outbound_rule(
                    phase="response", result_status="create_record", target="res.partner", assignment_ids=[row]
                )
        with self.refused(ValidationError, "not possible"):
            self.outbound_rule(assignment_ids=[{"target_scope": "field", "target_expression": "name"}])
        with self.refused(ValidationError, "can be assigned, not target_url"):
            self.outbound_rule(assignment_ids=[{"target_scope": "request", "target_expression": "target_url"}])

    def test_before_sending_there_is_no_reply(self):
        row = {"source_kind": "response_status", "source_expression": False, "expected_value": "200"}
        rule = self.outbound_rule(phase="response", result_status="done", condition_ids=[row])
        with self.refused(ValidationError, "no reply"):
            self.outbound_rule(condition_ids=[row])
        with self.refused(ValidationError, "no reply"):
            rule.write({"phase": "before_send", "result_status": "send"})

    def test_record_actions_need_a_model_that_can_be_written(self):
        with self.refused(ValidationError, "choose the target model"):
            self.new_rule(self.inbound, action_type="create_record")
        for model in ("mail.thread", "bwt.webhook.queue.test"):
            with self.subTest(model), self.refused(ValidationError, "cannot be written"):
                self.new_rule(self.inbound, action_type="create_record", target=model)
        with self.refused(ValidationError, "no model no.such"):
            self.new_rule(self.inbound, action_type="create_record", target_model_name="no.such")
        rule = self.new_rule(self.inbound, action_type="create_record", target_model_name="res.partner")
        self.assertEqual(rule.target_model_id.model, "res.partner")

    def test_the_first_field_of_a_path_exists(self):
        for path in ("name", "parent_id/ref", "category_id/.id", "child_ids/name"):
            rule = self.new_rule(
                self.inbound, action_type="create_record", target="res.partner",
                assignment_ids=[{"target_expression": path}],
            )  # fmt: skip
        self.assertEqual(rule.assignment_ids.target_field_id.name, "child_ids")
        with self.refused(ValidationError, "no field nmae"):
            rule.assignment_ids.target_expression = "nmae/x"
        with self.refused(ValidationError, "no field reff"):
            self.new_rule(
                self.inbound, action_type="update_record", target="res.partner",
                lookup_ids=[{"target_field_name": "reff"}],
            )  # fmt: skip
        with self.refused(ValidationError, "has no field"):
            rule.target_model_id = self.env["ir.model"]._get("res.country")

    def test_update_needs_a_lookup_key_while_the_handler_is_active(self):
        for action in ("update_record", "upsert_record"):
            with self.subTest(action), self.refused(ValidationError, "without a lookup key"):
                self.new_rule(self.inbound, action_type=action, **PARTNER)
        rule = self.new_rule(
            self.inbound, action_type="update_record", lookup_ids=[{"target_field_name": "ref"}], **PARTNER
        )
        with self.refused(ValidationError, "without a lookup key"):
            rule.lookup_ids.unlink()
        with self.refused(ValidationError, "without a lookup key"):
            rule.lookup_ids = [Command.clear()]
        with self.refused(ValidationError, "without a lookup key"):
            self.inbound.inbound_rule_ids = [Command.update(rule.id, {"lookup_ids": [Command.clear()]})]
        self.inbound.active = False
        rule.lookup_ids.unlink()
        with self.refused(ValidationError, "without a lookup key"):
            self.inbound.active = True

    def test_a_source_needs_an_expression(self):
        for kind in ("payload_path", "header", "template", "event_field"):
            with self.subTest(kind), self.refused(ValidationError, "needs an expression"):
                self.new_rule(self.inbound, condition_ids=[{"source_kind": kind, "source_expression": " "}])
        self.new_rule(self.inbound, condition_ids=[{"source_kind": "literal", "source_expression": False}])

    def test_limits(self):
        for seconds in (-1, 31536001):
            with self.refused(ValidationError, "between 0 and"):
                self.new_rule(self.inbound, action_type="retry", retry_seconds=seconds)
        with self.refused(ValidationError, "more than 50"):
            self.new_rule(self.inbound, condition_ids=[{}] * 51)
        with self.refused(ValidationError, "longer than 4000"):
            self.new_rule(self.inbound, condition_ids=[{"source_expression": "a" * 4001}])
        with self.refused(ValidationError, "longer than 10000"):
            self.new_rule(self.inbound, condition_ids=[{"expected_value": "a" * 10001}])
        with self.refused(ValidationError, "longer than 2000"):
            self.new_rule(self.inbound, note="a" * 2001)

    def test_rules_are_of_their_handlers_direction(self):
        with self.refused(ValidationError, "other direction"):
            self.inbound.outbound_rule_ids = [Command.create({"name": "x"})]
        self.new_rule(self.inbound)
        with self.refused(ValidationError, "other direction"):
            self.inbound.direction = "outbound"

    def test_a_rule_never_moves(self):
        rule = self.new_rule(self.inbound, condition_ids=[{}])
        with self.refused(UserError, "cannot be changed"):
            rule.handler_id = self.new_handler("other", direction="inbound")
        with self.refused(UserError, "cannot be changed"):
            rule.condition_ids.rule_id = self.new_rule(self.inbound)

    def test_writing_records_needs_an_execution_user(self):
        handler = self.new_handler("nobody", direction="inbound")
        self.new_rule(handler)
        with self.refused(ValidationError, "Execution User"):
            self.new_rule(handler, action_type="create_record", **PARTNER)
        self.new_rule(handler, action_type="create_record", active=False, **PARTNER)
        handler.active = False
        rule = self.new_rule(handler, action_type="create_record", **PARTNER)
        with self.refused(ValidationError, "Execution User"):
            handler.active = True
        handler.write({"active": True, "execution_user_id": self.system.id})
        with self.refused(ValidationError, "Execution User"):
            handler.execution_user_id = False
        rule.active = False
        handler.execution_user_id = False

    def test_a_native_callback_that_writes_needs_an_execution_user(self):
        handler = self.new_handler("native", execution_mode="native", native_callback="a")
        with self.refused(ValidationError, "Execution User"):
            handler.allowed_model_ids = self.env["ir.model"]._get("res.partner")


class TestCopies(RuleCase):
    def test_a_handlers_copy_has_copies_of_its_rules(self):
        rule = self.new_rule(
            self.inbound, action_type="upsert_record", target="res.partner", condition_ids=[{}],
            lookup_ids=[{"target_field_name": "ref"}], assignment_ids=[{"target_expression": "name"}],
        )  # fmt: skip
        copy = self.inbound.copy().inbound_rule_ids
        self.assertEqual(len(copy), 1)
        self.assertNotEqual(copy, rule)
        for field in ("condition_ids", "lookup_ids", "assignment_ids"):
            self.assertEqual(len(copy[field]), 1)
            self.assertFalse(copy[field] & rule[field])

    def test_every_change_makes_the_revision_grow(self):
        rule = self.new_rule(self.inbound, condition_ids=[{}])
        for change in (
            lambda: rule.write({"note": "x"}),
            lambda: rule.condition_ids.write({"ignore_case": True}),
            lambda: rule.condition_ids.unlink(),
            lambda: rule.unlink(),
        ):
            self.env.cr.flush()
            before = self.env["bwt.webhook.ledger"]._database_state()["configuration_revision"]
            change()
            self.env.cr.flush()
            after = self.env["bwt.webhook.ledger"]._database_state()["configuration_revision"]
            self.assertEqual(after, before + 1)


class TestContract(RuleCase):
    def check(self, handler):
        values = handler._contract_values()
        if self.schemas:
            self.check_schema("handler", values)
        return values

    def test_an_inbound_rule(self):
        self.new_rule(
            self.inbound,
            name="Paid",
            action_type="upsert_record",
            target="res.partner",
            note="n",
            on_many="first",
            condition_ids=[
                {"operator": "in", "expected_value": "a\nb", "ignore_case": True},
                {"operator": "is_set", "expected_value": "ignored", "source_kind": "header"},
            ],
            lookup_ids=[{"target_field_name": "ref", "source_expression": "order.ref"}],
            assignment_ids=[
                {"target_expression": "name", "source_kind": "literal", "source_expression": False,
                 "literal_value": "1.10", "literal_is_json": True},
                {"target_expression": "child_ids", "list_mode": "add"},
            ],
        )  # fmt: skip
        values = self.check(self.inbound)
        self.assertEqual(values["execution_user_id"], self.system.id)
        (rule,) = values["rules"]
        self.assertEqual((rule["phase"], rule["action"]), ("event", "upsert_record"))
        self.assertEqual(rule["target_model"], "res.partner")
        self.assertEqual((rule["on_key_missing"], rule["on_many"], rule["note"]), ("error", "first", "n"))
        self.assertEqual([c.get("expected") for c in rule["conditions"]], ["a\nb", None])
        self.assertEqual(rule["lookups"][0]["source"], {"kind": "payload_path", "expression": "order.ref"})
        self.assertEqual(
            rule["assignments"][0]["source"], {"kind": "literal", "literal": "1.10", "literal_is_json": True}
        )
        self.assertEqual(rule["assignments"][1]["list_mode"], "add")

    def test_outbound_rules_of_both_phases(self):
        self.outbound_rule(sequence=20, assignment_ids=[{"target_scope": "header", "target_expression": "X-A"}])
        self.outbound_rule(phase="response", result_status="retry", retry_seconds=60)
        rules = sorted(self.check(self.outbound)["rules"], key=lambda rule: rule["phase"])
        self.assertEqual([rule["phase"] for rule in rules], ["before_send", "response"])
        self.assertEqual(rules[0]["assignments"][0]["scope"], "header")
        self.assertEqual(rules[1]["retry_seconds"], 60)

    def test_only_active_rules_in_their_order(self):
        last = self.new_rule(self.inbound, sequence=30)
        first = self.new_rule(self.inbound, sequence=5)
        self.new_rule(self.inbound, active=False)
        self.assertEqual([rule["id"] for rule in self.check(self.inbound)["rules"]], [first.id, last.id])

    def test_a_native_handler(self):
        handler = self.new_handler(
            "n", execution_mode="native", native_callback="demo.callback", execution_user_id=self.system.id,
            allowed_model_ids=[Command.set(self.env["ir.model"]._get("res.partner").ids)],
        )  # fmt: skip
        values = self.check(handler)
        self.assertEqual(values["allowed_models"], ["res.partner"])
        self.assertEqual(values["callback_timeout_seconds"], 30)
        self.assertFalse(handler.native_callback_warning)
        handler.native_callback = "other"
        self.assertIn("demo.callback", handler.native_callback_warning)
        self.assertEqual(handler._selection_available_callback(), [("demo.callback", "demo.callback")])
