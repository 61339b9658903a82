# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.exceptions import AccessError

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

    def test_the_overview_counts_own_companies(self):
        ledger = self.env["bwt.webhook.ledger"].with_user(self.operator).search([])
        self.queue()
        self.assertEqual(ledger.with_company(self.company).waiting_count, 1)
