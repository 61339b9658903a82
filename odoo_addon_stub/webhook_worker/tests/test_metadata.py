# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the configuration says of fields, and the values of fields that rules read."""

import json
from unittest.mock import patch

from odoo.tests import tagged

from .common import WORKER_UID
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestMetadata(InboundCase):
    def handler_document(self, handler=None):
        answer = self.call("configuration", worker_uid=WORKER_UID)
        (found,) = [h for h in answer["configuration"]["handlers"] if h["id"] == (handler or self.handler).id]
        return found

    def test_fields_that_rules_name(self):
        self.new_rule(
            self.handler,
            action_type="upsert_record",
            target="res.partner",
            lookup_ids=[{"target_field_name": "parent_id.ref", "source_kind": "payload_path"}],
            assignment_ids=[
                {"target_expression": path, "source_kind": "payload_path"}
                for path in ("country_id/code", "category_id", "type", "child_ids/name", "state_id/.id", "create_date")
            ],
        )
        document = self.handler_document()
        self.assertEqual(len(document["rules"]), 3)
        fields = document["field_metadata"]
        self.assertEqual(
            set(fields["res.partner"]),
            {"name", "ref", "parent_id", "country_id", "category_id", "type", "child_ids", "state_id", "create_date"},
        )
        self.assertEqual(set(fields["res.country"]), {"code"})
        partner = fields["res.partner"]
        self.assertEqual(partner["country_id"], {"type": "many2one", "label": "Country", "relation": "res.country"})
        self.assertIn(["invoice", "Invoice"], partner["type"]["selection"])
        self.assertTrue(partner["create_date"]["readonly"])
        self.assertEqual(fields["res.country"]["code"]["size"], 2)

    def test_as_the_execution_user(self):
        with patch.object(self.Partner._fields["ref"], "groups", "base.group_system"):
            self.assertNotIn("ref", self.handler_document()["field_metadata"]["res.partner"])

    def test_without_an_execution_user(self):
        handler = self.new_handler("nobody", direction="inbound")
        self.assertNotIn("field_metadata", self.handler_document(handler))

    def test_what_callbacks_may_write(self):
        handler = self.new_handler(
            "native", direction="inbound", execution_mode="native", native_callback="demo.callback",
            execution_user_id=self.executor.id, allowed_model_ids=self.env["ir.model"]._get("res.partner").ids,
        )  # fmt: skip
        fields = self.handler_document(handler)["field_metadata"]
        self.assertIn("bank_ids", fields["res.partner"])
        self.assertIn("acc_number", fields["res.partner.bank"])
        self.assertNotIn("create_uid", fields["res.partner"])
        self.assertNotIn("commercial_company_name", {n for n, f in fields["res.partner"].items() if f.get("readonly")})

    def test_inbound_endpoints(self):
        answer = self.call("configuration", worker_uid=WORKER_UID)
        endpoints = {e["id"]: e for e in answer["configuration"]["inbound_endpoints"]}
        self.assertEqual(endpoints[self.inbound.id]["handler_id"], self.handler.id)

    # ---- values

    def need(self, handler, *expressions):
        handler.needed_fields_json = json.dumps(expressions)

    def event_field_values(self, *expressions, **values):
        self.need(self.handler, *expressions)
        return self.read_json(self.ingested(**values)[0]["field_values"])

    def test_of_events(self):
        values = self.event_field_values(
            "event_field:topic", "event_field:id", "event_field:company_id.name", "endpoint_field:path",
            "company_field:name", "company_field:partner_id.country_id", "event_field:attempt_count",
            "event_field:duplicate_count", "event_field:received_at", "event_field:processed_at",
            "event_field:rule_execution_ids", "endpoint_field:paused",
            semantics={"topic": "orders"}, received_at_ms=1700000000000,
        )  # fmt: skip
        self.assertEqual(values.pop("event_field:id"), self.Event.search([], limit=1).id)
        self.assertEqual(
            values,
            {
                "event_field:topic": "orders",
                "event_field:company_id.name": self.company.name,
                "endpoint_field:path": "first-in",
                "company_field:name": self.company.name,
                "company_field:partner_id.country_id": self.company.partner_id.country_id.id or None,
                "event_field:attempt_count": 0,
                "event_field:duplicate_count": 0,
                "event_field:received_at": "2023-11-14T22:13:20Z",
                "event_field:processed_at": None,
                "event_field:rule_execution_ids": [],
                "endpoint_field:paused": False,
            },
        )

    def test_what_cannot_be_read(self):
        for expression, pattern in (
            ("event_field:nonsense", "no field nonsense"),
            ("event_field:write", "no field write"),
            ("event_field:__class__", "no field __class__"),
            ("event_field:env.cr", "no field env"),
            ("event_field:_fields", "no field _fields"),
            ("event_field:topic.upper", "leads nowhere"),
            ("event_field:request_body_raw", "binary"),
            ("record_field:name", "no such record"),
            ("partner_field:name", "no such record"),
            ("event_field:handler_id.execution_user_id.password", "."),
            ("event_field:worker_id.public_key", "."),
        ):
            values = self.event_field_values(expression)
            if expression.startswith("event_field:worker_id"):
                self.assertEqual(list(values), [f"{expression}!"])
            self.assertRegex(values[f"{expression}!"], pattern, expression)
            self.assertNotIn(expression, values)

    def test_own_fields_for_other_groups(self):
        with patch.object(self.Event._fields["topic"], "groups", "base.group_system"):
            self.assertIn("event_field:topic!", self.event_field_values("event_field:topic"))

    def test_without_an_execution_user_only_own_fields(self):
        self.env.cr.execute("UPDATE bwt_webhook_handler SET execution_user_id = NULL WHERE id = %s", [self.handler.id])
        self.env.invalidate_all()
        values = self.event_field_values("event_field:name", "company_field:name")
        self.assertEqual(values["event_field:name"], "First-In")
        self.assertRegex(values["company_field:name!"], "no execution user")

    def outbound(self, *expressions, user=None):
        handler = self.new_handler("values", execution_user_id=user and user.id)
        self.endpoint.handler_id = handler
        self.need(handler, *expressions)
        return handler

    def test_of_deliveries_frozen_when_queued(self):
        partner = self.Partner.create(
            {"name": "Frozen", "partner_latitude": 1.5, "category_id": [(0, 0, {"name": "T"})]}
        )
        handler = self.outbound(
            "record_field:name", "record_field:partner_latitude", "record_field:category_id.name", "partner_field:name",
            "delivery_field:res_model", "record_field:parent_id.name", user=self.executor,
        )  # fmt: skip
        delivery = self.endpoint.with_user(self.plain).queue_delivery({}, record=partner)
        partner.name = "Thawed"
        self.need(handler, *json.loads(handler.needed_fields_json), "record_field:ref", "delivery_field:attempt_count")
        (claimed,) = [d for d in self.claim()["deliveries"] if d["id"] == delivery.id]
        self.assertEqual(
            self.read_json(claimed["field_values"]),
            {
                "record_field:name": "Frozen",
                "record_field:partner_latitude": 1.5,
                "record_field:category_id.name": ["T"],
                "partner_field:name": "Frozen",
                "delivery_field:res_model": "res.partner",
                "record_field:parent_id.name": None,
                "record_field:ref": None,
                "delivery_field:attempt_count": 0,
            },
        )

    def test_of_deliveries_as_who_queues(self):
        partner = self.Partner.create({"name": "Mine"})
        self.outbound("record_field:name")
        delivery = self.endpoint.with_user(self.plain).queue_delivery({}, record=partner)
        self.assertEqual(json.loads(delivery.sudo().field_values_json), {"record_field:name": "Mine"})
        secret = self.env["ir.config_parameter"].create({"key": "a.secret", "value": "x"})
        self.need(self.endpoint.handler_id, "record_field:value")
        for user in (self.plain, self.env.ref("base.user_root")):
            delivery = self.endpoint.with_user(user).queue_delivery({}, record=secret)
            self.assertEqual(list(json.loads(delivery.sudo().field_values_json)), ["record_field:value!"])

    def test_a_record_that_is_gone(self):
        partner = self.Partner.create({"name": "Gone"})
        self.outbound("record_field:name", user=self.executor)
        delivery = self.queue(record=partner)
        delivery.field_values_json = False
        partner.unlink()
        (claimed,) = [d for d in self.claim()["deliveries"] if d["id"] == delivery.id]
        self.assertRegex(self.read_json(claimed["field_values"])["record_field:name!"], "does not exist")
