# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import WORKER_UID, WebhookCase


class TestCompanies(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_endpoint = cls.new_endpoint("other", company_id=cls.other_company.id)
        cls.other_delivery = cls.other_endpoint.queue_delivery({"n": 1})
        cls.other_handler = cls.new_handler("other", company_id=cls.other_company.id)

    def test_records_of_other_companies_are_invisible(self):
        delivery = self.queue()
        for user in (self.operator, self.admin):
            self.assertEqual(self.Delivery.with_user(user).search([]), delivery)
            self.assertNotIn(self.other_endpoint, self.Endpoint.with_user(user).search([]))
            self.assertNotIn(self.other_handler, self.Handler.with_user(user).search([]))
            for record in (self.other_delivery, self.other_endpoint, self.other_handler):
                with self.subTest(user=user.login, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).read(["name"])

    def test_steps_on_other_companies_are_refused(self):
        for step in ("action_dead_letter", "action_cancel"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(self.other_delivery.with_user(self.operator), step)()
        with self.assertRaises(AccessError):
            self.other_endpoint.with_user(self.admin).action_queue_test("{}")

    def test_attempts_too(self):
        (claimed,) = self.claim(self.other_endpoint)["deliveries"]
        self.settle(self.settlement(claimed))
        self.assertTrue(self.other_delivery.attempt_ids)
        self.assertFalse(self.Attempt.with_user(self.operator).search([("delivery_id", "=", self.other_delivery.id)]))

    def test_the_worker_serves_all_companies(self):
        document = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        companies = {endpoint["company_id"] for endpoint in document["endpoints"]}
        self.assertLessEqual({self.company.id, self.other_company.id}, companies)
        self.assertIn(self.other_handler.id, [handler["id"] for handler in document["handlers"]])

    def test_stopping_one_company_stops_only_that_one(self):
        delivery = self.queue()
        self.other_company.webhooks_paused = True
        self.assertEqual(self.claimed_ids(self.endpoint + self.other_endpoint), [delivery.id])

    def test_nothing_is_planted_in_another_company(self):
        """Record rules look at a record before it is written, so nothing else stops this."""
        policy = self.env["bwt.webhook.retry.policy"].create({"name": "own", "delay_ids": [(0, 0, {"value": 1})]})
        for record in (self.endpoint, self.new_handler("mine"), policy):
            for user in (self.admin, self.system):
                with self.subTest(user=user.login, model=record._name), self.refused(UserError, "cannot be changed"):
                    record.with_user(user).write({"company_id": self.other_company.id})
            record.with_user(self.admin).write({"company_id": self.company.id, "name": "unchanged company"})
        values = {"name": "x", "company_id": self.other_company.id}
        for model, more in (
            (self.Endpoint, {"code": "x", "target_hostname": "https://example.com"}),
            (self.Handler, {"code": "x"}),
            (policy, {"delay_ids": [(0, 0, {"value": 1})]}),
        ):
            with self.subTest(model=model._name), self.assertRaises(UserError), self.cr.savepoint():
                model.with_user(self.admin).create({**values, **more})

    def test_a_handler_in_use_stays_in_its_company_with_its_endpoints(self):
        handler = self.new_handler("used")
        self.endpoint.handler_id = handler
        for record in (handler, self.endpoint):
            with self.subTest(model=record._name), self.refused(UserError, "cannot be changed"):
                record.company_id = self.other_company
        self.assertEqual(handler.company_id, self.endpoint.company_id)

    def test_the_overview_counts_own_companies(self):
        ledger = self.env["bwt.webhook.ledger"].with_user(self.operator).search([])
        self.queue()
        self.assertEqual(ledger.with_company(self.company).waiting_count, 1)


class TestRetryPoliciesOfCompanies(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Policy = cls.env["bwt.webhook.retry.policy"]
        cls.shared = cls.env.ref("webhook_worker.retry_policy_standard")
        cls.own = cls.Policy.with_user(cls.admin).create({"name": "own", "delay_ids": [Command.create({"value": 1})]})
        cls.others = cls.Policy.create(
            {"name": "others", "company_id": cls.other_company.id, "delay_ids": [Command.create({"value": 1})]}
        )

    def test_a_policy_belongs_to_the_company_of_who_makes_it(self):
        self.assertFalse(self.shared.company_id)
        self.assertEqual(self.own.company_id, self.company)
        self.assertEqual(self.shared.with_user(self.admin).copy().company_id, self.company)

    def test_own_and_shared_policies_are_visible(self):
        for user in (self.operator, self.admin):
            found = self.Policy.with_user(user).search([("id", "in", (self.shared + self.own + self.others).ids)])
            self.assertEqual(found, self.shared + self.own.with_user(user))
            lines = self.env["bwt.webhook.retry.policy.delay"].with_user(user).search([])
            self.assertNotIn(self.others.delay_ids, lines)
            self.assertIn(self.shared.delay_ids[0], lines)

    def steps(self, policy):
        return {
            "rename": lambda: policy.write({"name": "x"}),
            "change a delay": lambda: policy.delay_ids[:1].write({"value": 7}),
            "change a delay through the policy": lambda: policy.write(
                {"delay_ids": [Command.update(policy.delay_ids[:1].id, {"value": 8})]}
            ),
            "add a delay": lambda: policy.env["bwt.webhook.retry.policy.delay"].create(
                {"policy_id": policy.id, "value": 1}
            ),
            "delete a delay": lambda: policy.delay_ids[:1].unlink(),
            "archive": policy.action_archive,
            "delete": lambda: policy.copy().unlink() if policy.env.user == self.system else policy.unlink(),
        }

    def test_administrators_change_own_ones_only(self):
        for policy in (self.shared, self.others):
            policy.sudo().delay_ids  # noqa: B018  cached, as after any read of it by somebody else
            for step, change in self.steps(policy.with_user(self.admin)).items():
                with self.subTest(policy=policy.name, step=step), self.assertRaises(AccessError), self.cr.savepoint():
                    change()
        for change in list(self.steps(self.own).values())[:4]:
            change()

    def test_system_administrators_change_shared_ones(self):
        for step, change in self.steps(self.shared.with_user(self.system)).items():
            with self.subTest(step=step):
                change()
        shared = self.Policy.with_user(self.system).create(
            {"name": "shared", "company_id": False, "delay_ids": [Command.create({"value": 1})]}
        )
        self.assertFalse(shared.company_id)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.Policy.with_user(self.admin).create(
                {"name": "shared", "company_id": False, "delay_ids": [Command.create({"value": 1})]}
            )

    def test_a_delay_stays_in_its_policy(self):
        """Else an administrator would give a shared policy a delay of his own, or take one away."""
        line = self.own.delay_ids
        with self.refused(UserError, "cannot be changed"):
            line.policy_id = self.shared
        with self.refused(UserError, "cannot be changed"):
            self.own.write({"delay_ids": [Command.link(self.shared.delay_ids[0].id)]})

    def test_an_endpoint_takes_shared_policies_and_its_companys(self):
        self.endpoint.retry_policy_id = self.own
        self.endpoint.retry_policy_id = self.shared
        with self.assertRaises(UserError), self.cr.savepoint():
            self.endpoint.retry_policy_id = self.others
