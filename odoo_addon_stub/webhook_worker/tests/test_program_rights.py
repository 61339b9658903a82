# SPDX-License-Identifier: LGPL-3.0-or-later
"""A Webhooks Administrator who is no system administrator tries every way to more rights, and fails."""

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import WebhookCase

RULE = "bwt.webhook.inbound.handler.rule"


class TestProgramRights(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_model = cls.env["ir.model"]._get("res.partner")
        cls.users_model = cls.env["ir.model"]._get("res.users")
        cls.theirs = cls.new_handler("theirs", direction="inbound", execution_user_id=cls.system.id)
        cls.rule = cls.new_rule(
            cls.theirs, action_type="update_record", target="res.partner", condition_ids=[{}],
            lookup_ids=[{"target_field_name": "ref"}], assignment_ids=[{"target_expression": "name"}],
        )  # fmt: skip
        cls.mine = cls.new_handler("mine", direction="inbound", execution_user_id=cls.admin.id)
        cls.my_rule = cls.new_rule(cls.mine, action_type="create_record", target="res.partner")
        cls.technical = cls.new_handler("technical", direction="inbound", execution_user_id=cls.admin.id)
        cls.technical_rule = cls.new_rule(cls.technical, action_type="create_record", target="res.users", active=False)

    def as_admin(self, records):
        return records.with_user(self.admin)

    def test_own_handlers_are_theirs_to_program(self):
        mine = self.as_admin(self.mine)
        mine.inbound_rule_ids = [
            Command.create({"name": "new"}), Command.update(self.my_rule.id, {"note": "n"}),
        ]  # fmt: skip
        rule = self.as_admin(self.my_rule)
        rule.condition_ids = [Command.create({"source_expression": "a"})]
        rule.condition_ids.operator = "is_set"
        rule.condition_ids.unlink()
        rule.copy().unlink()
        mine.copy().active = False

    def test_rules_of_a_handler_that_runs_as_somebody_else(self):
        rule = self.as_admin(self.rule)
        tries = {
            "create": lambda: rule.create({"name": "x", "handler_id": self.theirs.id}),
            "write": lambda: rule.write({"note": "x"}),
            "active": lambda: rule.write({"active": False}),
            "unlink": rule.unlink,
            "copy": rule.copy,
            "copy of an own one": lambda: self.as_admin(self.my_rule).copy({"handler_id": self.theirs.id}),
            "new condition": lambda: rule.condition_ids.create({"rule_id": rule.id, "source_expression": "a"}),
            "condition": lambda: rule.condition_ids.write({"operator": "is_set"}),
            "lookup": lambda: rule.lookup_ids.write({"source_expression": "b"}),
            "assignment": lambda: rule.assignment_ids.write({"source_expression": "b"}),
            "delete a condition": rule.condition_ids.unlink,
            "commands on the handler": lambda: self.as_admin(self.theirs).write(
                {"inbound_rule_ids": [Command.create({"name": "x"})]}
            ),
            "commands of an own handler": lambda: self.as_admin(self.mine).write(
                {"inbound_rule_ids": [Command.update(self.rule.id, {"note": "x"})]}
            ),
            "commands of an own rule": lambda: self.as_admin(self.my_rule).write(
                {"condition_ids": [Command.update(self.rule.condition_ids.id, {"operator": "is_set"})]}
            ),
            "allowed models": lambda: self.as_admin(self.theirs).write(
                {"allowed_model_ids": [Command.link(self.partner_model.id)]}
            ),
            "fields that are read": lambda: self.as_admin(self.theirs).write({"needed_fields_json": "[]"}),
            "execution mode": lambda: self.as_admin(self.theirs).write({"execution_mode": "native"}),
            "taking it over": lambda: self.as_admin(self.theirs).write({"execution_user_id": self.admin.id}),
            "copy of the handler": lambda: self.as_admin(self.theirs).copy(),
        }
        for name, attempt in tries.items():
            with self.subTest(name), self.refused(AccessError, "runs as|Only a system administrator"):
                attempt()

    def test_moving_parts_under_a_handler_that_runs_as_somebody_else(self):
        for attempt in (
            lambda: self.as_admin(self.my_rule).write({"handler_id": self.theirs.id}),
            lambda: self.as_admin(self.rule).write({"handler_id": self.mine.id}),
            lambda: self.as_admin(self.mine).write({"inbound_rule_ids": [Command.link(self.rule.id)]}),
        ):
            with self.refused(UserError, "runs as|cannot be changed"):
                attempt()

    def test_import(self):
        fields = ["name", "handler_id/.id", "action_type", "target_model_name"]
        rows = [
            ["x", str(self.theirs.id), "done", ""],
            ["x", str(self.mine.id), "create_record", "res.users"],
        ]
        for row in rows:
            result = self.as_admin(self.env[RULE]).load(fields, [row])
            self.assertFalse(result["ids"], row)
            self.assertTrue(result["messages"], row)
        self.assertTrue(self.as_admin(self.env[RULE]).load(fields, [["x", str(self.mine.id), "done", ""]])["ids"])

    def test_technical_models(self):
        rule = self.as_admin(self.my_rule)
        values = {"name": "x", "handler_id": self.mine.id, "action_type": "create_record"}
        tries = {
            "create": lambda: rule.create({**values, "target_model_id": self.users_model.id}),
            "create by name": lambda: rule.create({**values, "target_model_name": "res.users"}),
            "archived": lambda: rule.create({**values, "target_model_id": self.users_model.id, "active": False}),
            "write": lambda: rule.write({"target_model_id": self.users_model.id}),
            "write by name": lambda: rule.write({"target_model_name": "ir.cron"}),
            "callback": lambda: self.as_admin(self.mine).write(
                {"allowed_model_ids": [Command.link(self.users_model.id)]}
            ),
            "a list of users of a partner": lambda: rule.write(
                {"assignment_ids": [Command.create({"target_expression": "user_ids/login", "source_expression": "a"})]}
            ),
            "a list of users of a partner's contact": lambda: rule.write(
                {"assignment_ids": [
                    Command.create({"target_expression": "child_ids/user_ids/login", "source_expression": "a"})
                ]}
            ),
            "re-activation": lambda: self.as_admin(self.technical_rule).write({"active": True}),
            "re-targeting": lambda: self.as_admin(self.technical_rule).write(
                {"target_model_id": self.partner_model.id}
            ),
            "copy of the rule": self.as_admin(self.technical_rule).copy,
            "copy of the handler": self.as_admin(self.technical).copy,
        }
        for name, attempt in tries.items():
            with self.subTest(name), self.refused(AccessError, "Only a system administrator"):
                attempt()
        self.technical.active = False
        with self.refused(AccessError, "Only a system administrator"):
            self.as_admin(self.technical).active = True

    def test_a_handler_may_be_stopped_by_any_administrator(self):
        self.as_admin(self.theirs).active = False
        with self.refused(AccessError, "runs as"):
            self.as_admin(self.theirs).active = True

    def test_system_administrators_may(self):
        handler = self.theirs.with_user(self.system)
        handler.inbound_rule_ids = [
            Command.create({"name": "x", "action_type": "create_record", "target_model_id": self.users_model.id})
        ]
        handler.copy()

    def test_another_companys_handler(self):
        foreign = self.new_handler("foreign", direction="inbound", company_id=self.other_company.id)
        rule = self.new_rule(foreign, condition_ids=[{}])
        mine = self.as_admin(self.my_rule)
        self.assertNotIn(rule, mine.search([]))
        for attempt in (
            lambda: mine.create({"name": "x", "handler_id": foreign.id}),
            lambda: mine.create({"name": "x", "handler_id": foreign.id, "company_id": self.company.id}),
            lambda: mine.condition_ids.create({"rule_id": rule.id, "source_expression": "a"}),
            lambda: self.as_admin(rule.condition_ids).write({"operator": "is_set"}),
        ):
            with self.refused(AccessError, "."):
                attempt()

    def test_operators_and_others(self):
        for attempt in (
            lambda: self.my_rule.with_user(self.operator).write({"note": "x"}),
            lambda: self.my_rule.with_user(self.operator).copy(),
            lambda: self.my_rule.with_user(self.operator).unlink(),
            lambda: self.my_rule.with_user(self.plain).read(["name"]),
        ):
            with self.refused(AccessError, "."):
                attempt()
        self.assertEqual(self.my_rule.with_user(self.operator).target_model_id.display_name, "Contact")
