# SPDX-License-Identifier: LGPL-3.0-or-later
import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import WebhookCase


class TestInboundEndpoint(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls.new_handler("in", direction="inbound")
        cls.receiver = cls.new_inbound_endpoint("orders", handler_id=cls.handler.id)

    def test_the_path_is_one_segment(self):
        self.assertEqual(self.new_inbound_endpoint("  /shop-1/ ").path, "shop-1")
        self.assertEqual(self.receiver.route_path, "/webhooks/in/orders")
        for path in ("", " / ", "a/b", "a b", "a?b", "a#b", "..", "a%2fb", "a\tb"):
            with self.subTest(path), self.refused(ValidationError, "one segment"):
                self.new_inbound_endpoint(path)

    def test_the_path_is_unique_and_for_good(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_inbound_endpoint("orders", company_id=self.other_company.id)
        self.receiver.path = " orders/"
        for path in ("other", False):
            with self.refused(UserError, "cannot be changed"):
                self.receiver.path = path
        self.assertEqual(self.receiver.copy().path, "orders-2")
        self.assertEqual(self.receiver.copy().state, "draft")

    def test_the_company_never_changes(self):
        with self.refused(UserError, "cannot be changed"):
            self.receiver.company_id = self.other_company

    def test_the_handler_is_inbound_and_of_the_company(self):
        with self.refused(ValidationError, "Direction is set to Inbound"):
            self.receiver.handler_id = self.new_handler("out")
        with self.refused(UserError, "company"):
            self.receiver.handler_id = self.new_handler("x", direction="inbound", company_id=self.other_company.id)
        with self.refused(ValidationError, "must stay Inbound"):
            self.handler.direction = "outbound"

    def test_an_archived_handler_keeps_it_from_being_active(self):
        self.receiver.action_set_draft()
        self.handler.active = False
        with self.refused(ValidationError, "is archived"):
            self.receiver.action_activate()

    def test_states_and_why_events_wait(self):
        self.assertEqual(self.env["bwt.webhook.inbound.endpoint"].create({"name": "d", "path": "d"}).state, "draft")
        self.assertFalse(self.receiver.held_reason)
        self.receiver.action_pause()
        self.assertEqual(self.receiver.held_reason, "endpoint_paused")
        self.receiver.action_resume()
        self.handler.active = False
        self.assertEqual(self.receiver.held_reason, "handler_archived")
        self.receiver.action_archive()
        self.assertEqual(self.receiver.held_reason, "endpoint_archived")
        with self.refused(ValidationError, "not possible"):
            self.receiver.action_activate()
        self.receiver.action_set_draft()

    def test_counts(self):
        for state in ("received", "done", "error", "dead_letter", "rejected", "rejected"):
            self.new_event(self.receiver, state=state)
        receiver = self.receiver
        self.assertEqual((receiver.inbound_event_count, receiver.open_event_count), (4, 2))
        self.assertEqual((receiver.failed_event_count, receiver.rejected_event_count), (2, 2))
        for wanted, count in ((False, 4), ("attention", 4)):
            action = receiver.with_context(webhook_filter=wanted).action_view_inbound_events()
            self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), count)
            self.assertEqual(action["context"], {f"search_default_{wanted}": 1} if wanted else {})

    def test_contract(self):
        self.receiver.paused = True
        values = self.receiver._contract_values()
        self.assertEqual((values["path"], values["held_reason"]), ("orders", "endpoint_paused"))
        if self.schemas:
            self.check_schema("inbound_endpoint", values)

    def test_rights(self):
        self.receiver.with_user(self.admin).copy()
        self.receiver.with_user(self.operator).read(["name"])
        with self.refused(AccessError, "."):
            self.receiver.with_user(self.operator).paused = True
        foreign = self.new_inbound_endpoint("foreign", company_id=self.other_company.id)
        with self.refused(AccessError, "."):
            foreign.with_user(self.admin).read(["name"])


class TestFindings(WebhookCase):
    def report(self, *records, severity="error", revision=None):
        self.env.cr.flush()
        present = self.env["bwt.webhook.ledger"]._database_state()["configuration_revision"]
        self.env["bwt.webhook.finding"]._replace_all(
            present if revision is None else revision,
            [
                {"record": {"model": record._name, "id": record.id}, "severity": severity,
                 "message": f"bad {record.id}", "field": "note"}
                for record in records
            ],  # fmt: skip
        )

    def test_they_are_shown_on_the_owner(self):
        handler = self.new_handler("in", direction="inbound")
        rule = self.new_rule(handler, condition_ids=[{}])
        receiver = self.new_inbound_endpoint("a")
        self.report(rule.condition_ids, receiver, self.endpoint, self.company, severity="warning")
        self.assertEqual(handler.finding_severity, "warning")
        self.assertIn(f"bad {rule.condition_ids.id}", handler.finding_message)
        self.assertEqual(len(receiver.finding_ids), 1)
        self.assertEqual(len(self.endpoint.finding_ids), 1)
        self.assertEqual(len(self.env["bwt.webhook.finding"].search([])), 3)
        self.assertEqual(len(self.env["bwt.webhook.finding"].with_user(self.operator).search([])), 3)
        self.report()
        self.assertFalse(handler.finding_severity)

    def test_errors_of_the_present_revision_are_in_the_way_of_activation(self):
        handler = self.new_handler("h", active=False)
        receiver = self.new_inbound_endpoint("a", state="draft")
        self.endpoint.action_set_draft()
        self.report(handler, receiver, self.endpoint)
        for activate in (handler.action_unarchive, receiver.action_activate, self.endpoint.action_activate):
            with self.refused(UserError, "cannot be activated: bad"):
                activate()
        self.report(handler, receiver, self.endpoint, severity="warning")
        handler.action_unarchive()
        receiver.action_activate()
        self.report(self.endpoint, revision=1)
        self.endpoint.action_activate()
