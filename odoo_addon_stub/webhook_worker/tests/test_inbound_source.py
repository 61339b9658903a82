# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import WORKER_UID, WebhookCase


class InboundLineCase(WebhookCase):
    """An inbound endpoint and lines of it."""

    model = "bwt.webhook.inbound.endpoint.source"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.new_inbound_endpoint("orders", state="draft", unverified_allowed=False)
        cls.Line = cls.env[cls.model]

    def new_line(self, user=None, **values):
        return self.Line.with_user(user or self.admin).create({"endpoint_id": self.receiver.id, **values})

    def contract(self, endpoint=None):
        values = (endpoint or self.receiver)._contract_values()
        self.check_schema("inbound_endpoint", values)
        return values

    def revision(self):
        return self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]

    def check_rights(self, line, change):
        """Operators read, administrators of the company write; every change is told to the workers."""
        line.with_user(self.operator).read(list(change))
        foreign = self._user("wh_foreign", "webhook_worker.group_webhooks_admin")
        foreign.write({"company_ids": [Command.set(self.other_company.ids)], "company_id": self.other_company.id})
        self.assertFalse(self.Line.with_user(foreign).search([]))
        for user in (self.operator, foreign, self.plain):
            for attempt in (lambda one: one.write(change), lambda one: one.unlink(), lambda one: one.copy()):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    attempt(line.with_user(user))
        revision = self.revision()
        for attempt in (lambda one: one.write(change), lambda one: one.unlink()):
            attempt(line.with_user(self.admin))
            self.assertGreater(self.revision(), revision)
            revision = self.revision()


class TestInboundSource(InboundLineCase):
    def new_line(self, field_name="key", **values):
        return super().new_line(field_name=field_name, **values)

    def test_the_key_is_trimmed(self):
        source = self.new_line("  event_id ", header_name="X-Id")
        self.assertEqual(source.field_name, "event_id")
        source.field_name = " other\t"
        self.assertEqual(source.field_name, "other")
        source.note = "changed"
        self.assertEqual(source.field_name, "other")

    def test_the_key_is_not_blank(self):
        source = self.new_line(header_name="X-Id")
        for blank in ("", "   ", False):
            with self.refused(ValidationError, "Key must not be blank"):
                source.field_name = blank
            with self.refused(ValidationError, "Key must not be blank"):
                self.new_line(blank, header_name="X-Id")

    def test_every_kind_needs_its_field(self):
        for kind, given, missing in (
            ("header", {}, "Header"),
            ("header_param", {"header_param_name": "t"}, "Header"),
            ("header_param", {"header_name": "X"}, "Parameter"),
            ("payload_path", {"header_name": "X"}, "Payload Path"),
            ("query_parameter", {"payload_path": "a"}, "Query Parameter"),
            ("literal", {"header_name": "X"}, "Literal"),
            ("header", {"header_name": "  "}, "Header"),
        ):
            with self.subTest(kind=kind), self.refused(ValidationError, f"Orders, key: .* needs the field {missing}"):
                self.new_line(source_kind=kind, **given)
        self.new_line(source_kind="body_sha256")

    def test_a_needed_field_stays(self):
        source = self.new_line(header_name="X-Id")
        with self.refused(ValidationError, "needs the field Header"):
            source.header_name = False
        with self.refused(ValidationError, "needs the field Header"):
            self.new_line("hash", source_kind="body_sha256").source_kind = "header"
        source.note = "unrelated"

    def test_one_column_for_every_kind(self):
        source = self.new_line(expression=" X-Id ")
        self.assertEqual((source.header_name, source.expression), ("X-Id", "X-Id"))
        source.write({"source_kind": "payload_path", "expression": "data.id"})
        self.assertEqual((source.payload_path, source.expression), ("data.id", "data.id"))
        source.write({"source_kind": "literal", "expression": " v0 "})
        self.assertEqual((source.literal_value, self.contract()["sources"][0]["expression"]), (" v0 ", " v0 "))
        other = self.new_line("other", source_kind="query_parameter", expression="id")
        (source + other).write({"expression": "both"})
        self.assertEqual((source.literal_value, other.query_parameter_name), ("both", "both"))
        other.write({"source_kind": "body_sha256", "expression": "dropped"})
        self.assertFalse(other.expression)

    def test_in_the_form(self):
        with Form(self.receiver.with_user(self.admin)) as form, form.source_ids.new() as line:
            line.field_name, line.expression = "event_id", "data.id"
            line.source_kind = "payload_path"
            self.assertEqual(line.expression, "data.id")
        source = self.receiver.source_ids
        self.assertEqual((source.payload_path, source.header_name), ("data.id", False))
        with Form(self.receiver.with_user(self.admin)) as form, form.source_ids.edit(0) as line:
            line.source_kind = "query_parameter"
            self.assertEqual(line.expression, "data.id")
        self.assertEqual(source.query_parameter_name, "data.id", "as it was shown")

    def test_contract(self):
        last = self.new_line("b", source_kind="body_sha256", sequence=1)
        second_tier = self.new_line("a", candidate_sequence=20, source_kind="query_parameter", expression="id")
        later = self.new_line("a", sequence=20, source_kind="literal", literal_value="x", joiner=" ")
        first = self.new_line(
            "a", source_kind="header_param", header_name="X-Signature", header_param_name="t", required=True,
            normalize_mode="lower", hash_algorithm="sha256",
        )  # fmt: skip
        self.new_line("a", header_name="X-Off", active=False)
        zero = self.new_line("a", candidate_sequence=0, source_kind="payload_path", payload_path="id")
        self.assertEqual(
            self.contract()["sources"],
            [
                {"id": zero.id, "key": "a", "tier": 0, "kind": "payload_path", "expression": "id"},
                {
                    "id": first.id, "key": "a", "tier": 10, "kind": "header_param", "expression": "X-Signature",
                    "parameter": "t", "required": True, "normalize": "lower", "hash": "sha256",
                },
                {"id": later.id, "key": "a", "tier": 10, "kind": "literal", "expression": "x", "joiner": " "},
                {"id": second_tier.id, "key": "a", "tier": 20, "kind": "query_parameter", "expression": "id"},
                {"id": last.id, "key": "b", "tier": 10, "kind": "body_sha256"},
            ],
        )  # fmt: skip

    def test_it_is_copied_and_stays(self):
        self.new_line(header_name="X-Id")
        self.new_line("off", header_name="X-Off", active=False)
        copy = self.receiver.copy()
        self.assertEqual(copy.source_ids.mapped("field_name"), ["key", "off"])
        self.assertEqual(len(self.receiver.source_ids), 2)
        with self.refused(UserError, "cannot be changed"):
            copy.source_ids[0].endpoint_id = self.receiver
        self.assertEqual(copy.source_ids.company_id, self.company)

    def test_so_many_at_most(self):
        self.receiver.source_ids = [Command.create({"field_name": str(n), "header_name": "X"}) for n in range(200)]
        with self.refused(ValidationError, "at most 200 lines are allowed in Values"):
            self.new_line(header_name="X-Id")

    def test_rights(self):
        self.check_rights(self.new_line(header_name="X-Id"), {"note": "x"})
