# SPDX-License-Identifier: LGPL-3.0-or-later
import psycopg2

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import WORKER_UID, WebhookCase


class TestEndpointShape(WebhookCase):
    def test_target_is_normalised(self):
        endpoint = self.new_endpoint("n", target_hostname=" https://example.com/ ", target_path="orders")
        self.assertEqual(endpoint.target_url, "https://example.com/orders")
        endpoint.target_path = "?a=1"
        self.assertEqual(endpoint.target_url, "https://example.com/?a=1")
        endpoint.target_path = False
        self.assertEqual(endpoint.target_path, "/")

    def test_sound_targets(self):
        for target in ("http://localhost", "https://example.com:8443", "https://[::1]:8443", "http://10.0.0.1"):
            with self.subTest(target=target):
                self.endpoint.target_hostname = target

    def test_unsound_targets(self):
        for target in (
            "example.com",
            "ftp://example.com",
            "https://user:secret@example.com",
            "https://example.com/path",
            "https://example.com?x=1",
            "https://example.com#x",
            "https://exa mple.com",
            "https://example.com:0",
            "https://example.com:99999",
            "https://example.com\\@evil.com",
            "https://example\u0007.com",
            "https://",
        ):
            with self.subTest(target=target), self.refused(ValidationError, "must be http"):
                self.endpoint.target_hostname = target

    def test_unsound_paths(self):
        for path in ("/a#b", "/a b", "/a\nb", "/a\u0000b".replace("\u0000", "\u0001")):
            with self.subTest(path=path), self.refused(ValidationError, "path must not contain"):
                self.endpoint.target_path = path

    def test_an_active_endpoint_needs_a_target(self):
        endpoint = self.new_endpoint("draft", state="draft", target_hostname=False)
        with self.refused(ValidationError, "needs a target"):
            endpoint.action_activate()

    def test_limits(self):
        for field, value in (("timeout_seconds", 0), ("concurrency_max", 0), ("capture_bytes_max", -1)):
            with (
                self.subTest(field=field),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.cr.savepoint(),
            ):
                self.endpoint[field] = value
                self.env.flush_all()

    def test_code_is_unique_within_the_company(self):
        self.new_endpoint("first", company_id=self.other_company.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_endpoint("first")
            self.env.flush_all()

    def test_found_by_code_without_rights(self):
        found = self.Endpoint.with_user(self.plain)._find_by_code("first")
        self.assertEqual(found, self.endpoint)
        self.assertFalse(found.env.su)

    def test_copy_is_active_with_a_code_of_its_own(self):
        self.assertEqual(self.endpoint.copy().code, "first-2")


class TestEndpointStates(WebhookCase):
    def test_steps(self):
        endpoint = self.endpoint
        endpoint.action_set_draft()
        self.assertEqual(endpoint.state, "draft")
        endpoint.action_activate()
        self.assertEqual(endpoint.state, "active")
        endpoint.action_archive()
        self.assertEqual(endpoint.state, "archived")
        endpoint.action_set_draft()
        endpoint.action_archive()

    def test_steps_that_are_not_possible(self):
        with self.assertRaises(ValidationError):
            self.endpoint.action_activate()
        self.endpoint.action_archive()
        for step in ("action_activate", "action_archive"):  # `action_unarchive` is: it makes a draft
            with self.subTest(step=step), self.assertRaises(ValidationError):
                getattr(self.endpoint, step)()

    def test_unarchive_makes_a_draft(self):
        """A method of every model, which fails on one without the field `active`."""
        with self.refused(ValidationError, "not possible"):
            self.endpoint.action_unarchive()
        self.endpoint.action_archive()
        self.endpoint.with_user(self.admin).action_unarchive()
        self.assertEqual(self.endpoint.state, "draft")

    def test_opening_the_form_counts_no_done_deliveries(self):
        form = self.Endpoint.with_user(self.operator).get_view(view_type="form")["arch"]
        self.assertIn('string="Deliveries"', form)
        self.assertNotIn("outbound_delivery_count", self.Endpoint._fields)
        action = self.endpoint.with_user(self.operator).action_view_deliveries()
        self.assertEqual(action["domain"], [("endpoint_id", "in", self.endpoint.ids)])

    def test_held_reasons(self):
        delivery = self.queue()
        self.assertFalse(delivery.held_reason)
        for step, reason in (
            ("action_pause", "endpoint_paused"),
            ("action_set_draft", "endpoint_draft"),
            ("action_archive", "endpoint_archived"),
        ):
            getattr(self.endpoint, step)()
            self.assertEqual(delivery.held_reason, reason)
            self.assertEqual(self.claimed_ids(), [])
            document = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
            (endpoint,) = (item for item in document["endpoints"] if item["id"] == self.endpoint.id)
            self.assertEqual(endpoint["held_reason"], reason)
        self.assertIn(delivery, self.Delivery.search([("endpoint_id.held_reason", "!=", False)]))
        self.endpoint.action_set_draft()
        self.endpoint.action_activate()
        self.endpoint.action_resume()
        self.assertFalse(delivery.held_reason)
        self.assertNotIn(delivery, self.Delivery.search([("endpoint_id.held_reason", "!=", False)]))
        self.assertEqual(self.claimed_ids(), [delivery.id])

    def test_stop_all_holds_the_company(self):
        delivery = self.queue()
        self.company.webhooks_paused = True
        self.assertEqual(delivery.held_reason, "company_paused")
        self.assertEqual(self.claimed_ids(), [])

    def test_cancel_open_cancels_what_waits(self):
        delivery = self.queue()
        self.endpoint.with_user(self.operator).action_cancel_open()
        self.assertEqual(delivery.state, "canceled")

    def test_counts_are_one_query(self):
        for code in "abc":
            self.queue(endpoint=self.new_endpoint(code))
        endpoints = self.Endpoint.search([("code", "in", list("abc"))])
        self.assertTrue(self.env.companies)
        self.env.flush_all()
        with self.assertQueryCount(1):
            endpoints.mapped("open_delivery_count")
        self.assertEqual(endpoints.mapped("open_delivery_count"), [1, 1, 1])

    def test_archived_endpoint_without_open_deliveries_leaves_the_configuration(self):
        self.endpoint.action_archive()
        document = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        self.assertNotIn(self.endpoint.id, [endpoint["id"] for endpoint in document["endpoints"]])


class TestRetryPolicy(WebhookCase):
    def test_the_default_is_the_standard_webhooks_list(self):
        self.assertEqual(
            self.endpoint.retry_policy_id._contract_values()["delays_seconds"],
            [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        )
        self.assertTrue(self.endpoint.retry_policy_id.delays_summary.startswith("5 s, 5 min, 30 min, 2 h"))

    def test_a_policy_needs_a_delay(self):
        with self.refused(ValidationError, "at least one delay"):
            self.endpoint.retry_policy_id.copy().delay_ids = [(5,)]
        for values in ({"name": "x", "delay_ids": []}, {"name": "x"}):
            with self.refused(ValidationError, "at least one delay"):
                self.env["bwt.webhook.retry.policy"].create(values)

    def test_the_last_delay_is_not_deleted_alone(self):
        policy = self.env["bwt.webhook.retry.policy"].create(
            {"name": "x", "delay_ids": [(0, 0, {"value": 1}), (0, 0, {"value": 2})]}
        )
        policy.delay_ids[0].unlink()
        for context in ({}, {"webhook_whole_schedule": True}):
            with self.refused(ValidationError, "at least one delay"):
                policy.delay_ids.with_context(**context).unlink()
        with self.refused(ValidationError, "at least one delay"):
            policy.delay_ids = [(5,)]
        policy.delay_ids = [(5,), (0, 0, {"value": 3, "unit": "second"})]
        self.assertEqual(policy._contract_values()["delays_seconds"], [3])
        lines = policy.delay_ids
        policy.unlink()
        self.assertFalse(lines.exists())

    def test_growing_waits(self):
        policy = self.env["bwt.webhook.retry.policy"].create(
            {"name": "x", "schedule_mode": "exponential", "base_seconds": 10, "factor": 3, "longest_seconds": 3600}
        )
        self.assertEqual(policy._contract_values()["delays_seconds"], [10, 30, 90, 270, 810, 2430, 3600])
        self.assertEqual(policy.delays_summary, "10 s, 30 s, 90 s, 270 s, 810 s, … up to 1 h")
        policy.attempts_max = 3
        self.assertEqual(policy._contract_values()["delays_seconds"], [10, 30])
        self.assertEqual(policy.delays_summary, "10 s, 30 s")
        policy.write({"attempts_max": 1000000, "factor": 1})
        self.assertEqual(policy._contract_values()["delays_seconds"], [10] * 100)
        for values in ({"base_seconds": 0}, {"longest_seconds": 9}, {"factor": 0.5}):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                policy.write(values)
                self.env.flush_all()
        with self.refused(ValidationError, "at least one delay"):
            policy.schedule_mode = "explicit"

    def test_statuses(self):
        policy = self.endpoint.retry_policy_id
        self.assertNotIn("retry_statuses", policy._contract_values())
        policy.write({"retry_statuses": " 409, 500-599 ", "final_statuses": "404"})
        document = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        values = document["retry_policies"][0]
        self.assertEqual((values["retry_statuses"], values["final_statuses"]), ("409, 500-599", "404"))

    def test_unchanged_when_the_revision_is_known(self):
        first = self.call("configuration", worker_uid=WORKER_UID)
        again = self.call("configuration", worker_uid=WORKER_UID, known_revision=first["configuration_revision"])
        self.assertTrue(again["unchanged"])
        self.assertNotIn("configuration", again)
        self.endpoint.retry_policy_id.delay_ids[0].value = 7
        changed = self.call("configuration", worker_uid=WORKER_UID, known_revision=first["configuration_revision"])
        self.assertFalse(changed["unchanged"])
        self.assertEqual(changed["configuration"]["retry_policies"][0]["delays_seconds"][0], 7)
