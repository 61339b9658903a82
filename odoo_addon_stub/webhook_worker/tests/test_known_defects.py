# SPDX-License-Identifier: LGPL-3.0-or-later
"""Defects of the framework before this product, each absent. The numbers are those of the table of known defects."""

import json

from lxml import etree

from odoo.exceptions import UserError
from odoo.modules.module import get_manifest
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import new_uid
from .python_common import PythonCase

HIGH_VOLUME = (
    "bwt.webhook.outbound.delivery",
    "bwt.webhook.outbound.delivery.attempt",
    "bwt.webhook.inbound.event",
    "bwt.webhook.inbound.rule.execution",
)


@tagged("post_install", "-at_install")
class TestKnownDefects(PythonCase):
    def own(self, model):
        """The records of a model that the addon's data files made."""
        data = self.env["ir.model.data"].search([("module", "=", "webhook_worker"), ("model", "=", model)])
        return self.env[model].browse(data.mapped("res_id")).exists()

    def own_views(self):
        for view in self.own("ir.ui.view"):
            if view.model in self.env:
                yield view, etree.fromstring(view.arch), self.env[view.model]

    def test_16_no_record_rule_takes_other_records_away_from_anybody(self):
        rules = self.own("ir.rule")
        self.assertGreater(len(rules), 10)
        self.assertEqual([r.name for r in rules if not r.model_id.model.startswith("bwt.webhook.")], [])

    def test_20_nothing_is_shipped_that_grants_rights_or_knows_a_secret(self):
        self.assertFalse(get_manifest("webhook_worker").get("demo"))
        shipped = self.own("res.users")
        self.assertEqual(shipped, self.env.ref("webhook_worker.user_webhook_worker"))
        for model in ("bwt.webhook.outbound.endpoint", "bwt.webhook.inbound.endpoint", "ir.config_parameter"):
            self.assertFalse(self.own(model), model)

    def test_29_done_never_sends_and_cancel_is_never_done(self):
        """What is no result of its direction is a dead letter, whatever it looks like."""
        for result in ({"outcome": "done"}, {"status": "done"}, {"outcome": "Send"}, True, "send", [], {}):
            decision = self.decide(lambda _records, _delivery, result=result: result)["decision"]
            self.assertEqual(decision["outcome"], "dead_letter", result)
        decision = self.decide(lambda _records, delivery: delivery.webhook_done())["decision"]
        self.assertRegex(decision["note"], "done before anything was sent; send or cancel is expected")
        for result in ({"status": "cancel"}, {"outcome": "done"}, False):
            _answer, event = self.run_event(lambda _records, _event, result=result: result)
            self.assertEqual((event.state, event.failure_reason), ("dead_letter", "callback"), result)

    def test_30_a_copy_is_complete_and_can_be_saved(self):
        """The paths, codes and rules that a copy needs are there."""
        handler = self.handler.copy()
        self.assertNotEqual(handler.code, self.handler.code)
        self.assertEqual(
            handler.inbound_rule_ids.mapped(lambda r: (r.name, len(r.assignment_ids), len(r.lookup_ids))),
            self.handler.inbound_rule_ids.mapped(lambda r: (r.name, len(r.assignment_ids), len(r.lookup_ids))),
        )
        self.assertEqual(self.inbound.copy().path, "first-in-2")
        self.assertEqual(self.endpoint.copy().code, "first-2")

    def test_33_lists_are_grouped_by_stored_fields_only(self):
        grouped = 0
        for view, arch, model in self.own_views():
            for item in arch.iterfind(".//filter[@context]"):
                name = safe_eval(item.get("context")).get("group_by", "").partition(":")[0]
                if name:
                    grouped += 1
                    self.assertTrue(model._fields[name].store, f"{view.name}: {name}")
        self.assertGreater(grouped, 10)

    def test_33_opening_an_endpoint_loads_no_deliveries_or_events(self):
        endpoints = {"bwt.webhook.outbound.endpoint", "bwt.webhook.inbound.endpoint"}
        forms = [(arch, model) for view, arch, model in self.own_views() if model._name in endpoints]
        self.assertGreater(len(forms), 3)
        for arch, model in forms:
            for node in arch.iterfind(".//field"):
                field = model._fields.get(node.get("name"))
                self.assertNotIn(field and field.comodel_name, HIGH_VOLUME, node.get("name"))

    def test_34_a_replay_starts_from_what_was_queued(self):
        """Neither what rules made of it, nor the rule that matched, nor what was answered."""
        delivery, claimed = self.queue_and_claim(payload={"a": 1}, headers={"A": "1"})
        frozen = {"http_method": "put", "target_path": "/x", "request_headers": {"B": "2"}, "payload": '{"b":2}'}
        self.settle(self.settlement(claimed, "dead_letter", "dead_letter", frozen=frozen, failure_reason="http_status"))
        self.assertEqual((delivery.payload_json, delivery.frozen_payload_json), ('{"a":1}', '{"b":2}'))
        self.assertEqual(json.loads(delivery.request_headers_json), {"A": "1"})
        replay = self.Delivery.browse(delivery.with_user(self.operator).action_replay()["res_id"])
        self.assertEqual((replay.payload_json, replay.http_method), ('{"a":1}', "post"))
        self.assertEqual(json.loads(replay.request_headers_json), {"A": "1"})
        self.assertFalse(replay.content_frozen or replay.frozen_payload_json or replay.matched_outbound_rule_id)
        self.assertFalse(replay.response_status_code or replay.failure_reason or replay.attempt_ids)

    def test_37_a_plain_operator_reaches_the_app_without_the_developer_mode(self):
        menu = self.env["ir.ui.menu"].with_user(self.operator)
        root = self.env.ref("webhook_worker.menu_webhooks")
        self.assertFalse(root.parent_id)
        visible = menu._visible_menu_ids(debug=False)
        for name in ("", "_deliveries", "_attempts", "_events", "_executions", "_endpoints", "_inbound_endpoints"):
            self.assertIn(self.env.ref(f"webhook_worker.menu_webhooks{name}").id, visible)
        self.assertNotIn(root.id, self.env["ir.ui.menu"].with_user(self.plain)._visible_menu_ids(debug=False))

    def test_37_every_button_of_a_delivery_or_event_is_for_whoever_sees_it(self):
        """Either an operator may press it, or an operator does not see it."""
        delivery, event = self.queue(), self.new_event(self.inbound, state="dead_letter", failure_reason="rule")
        delivery.with_user(self.operator).action_dead_letter()
        pressed = 0
        for record in (delivery, event):
            arch = etree.fromstring(record.with_user(self.operator).get_view(view_type="form")["arch"])
            for button in arch.iterfind(".//button[@type='object']"):
                with self.subTest(button.get("name")), self.cr.savepoint() as savepoint:
                    try:
                        getattr(record.with_user(self.operator), button.get("name"))()
                    except UserError as error:  # AccessError is one too
                        self.assertRegex(str(error), "cannot be")
                    pressed += 1
                    savepoint.rollback()
                    self.env.invalidate_all()
        self.assertGreater(pressed, 3)

    def test_39_a_repeated_dead_letter_is_counted_and_can_be_processed_again(self):
        (claimed,) = self.ingested(identity_key="k")
        self.settle(self.event_settlement(claimed, "dead_letter", "dead_letter", failure_reason="rule"))
        event = self.Event.browse(claimed["id"])
        (result,) = self.ingest(self.event_values(identity_key="k"))["results"]
        self.assertEqual((result["status"], result["id"], event.duplicate_count), ("duplicate", event.id, 1))
        event.with_user(self.operator).action_reprocess()
        self.assertEqual([row["id"] for row in self.claim_events()["events"]], [event.id])

    def test_40_whatever_is_reset_is_due_without_a_further_step(self):
        (claimed,) = self.ingested()
        self.settle(self.event_settlement(claimed, "dead_letter", "dead_letter", failure_reason="rule"))
        self.Event.browse(claimed["id"]).with_user(self.operator).action_reprocess()
        self.assertEqual([row["id"] for row in self.claim_events()["events"]], [claimed["id"]])
        delivery = self.queue()
        delivery.with_user(self.operator).action_cancel()
        delivery.with_user(self.operator).action_reprocess()
        self.assertEqual(self.claimed_ids(), [delivery.id])

    def test_41_tables_with_millions_of_rows_have_no_chatter(self):
        for name in HIGH_VOLUME:
            self.assertNotIn("message_ids", self.env[name]._fields, name)
            self.assertFalse([f for f in self.env[name]._fields.values() if getattr(f, "tracking", None)], name)
        before = self.env["mail.message"].search_count([])
        self.ingested(3)
        self.queue_and_claim()
        self.assertEqual(self.env["mail.message"].search_count([]), before)

    def test_42_a_body_is_stored_once(self):
        stored = [name for name, field in self.Event._fields.items() if field.store and "body" in name]
        self.assertEqual(sorted(stored), ["body_sha256", "request_body_raw"])
        self.assertFalse(self.Event._fields["payload_json"].store)

    def test_g6_a_path_has_one_segment_and_the_form_shows_all_of_it(self):
        self.assertEqual(self.inbound.route_path, "/webhooks/in/first-in")
        with self.refused(UserError, "one segment"):
            self.new_inbound_endpoint("my/service")

    def test_g2_callbacks_may_take_the_request_or_leave_it(self):
        for method in (lambda r, d: {"outcome": "send"}, lambda r, d, request: {"outcome": "send"}):
            self.assertEqual(self.decide(method)["decision"], {"outcome": "send"})

    def test_8_two_of_one_identity_in_one_call_both_get_the_events_id(self):
        first, second = self.event_values(identity_key="a"), self.event_values(identity_key="a", event_uid=new_uid())
        results = self.ingest(first, second)["results"]
        self.assertEqual([result["status"] for result in results], ["ingested", "duplicate"])
        self.assertEqual(len({result["id"] for result in results}), 1)
