# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.webhook_worker.models import handler_program

from .common import WORKER_UID
from .secret_common import SecretCase

FIELDS = {"header_rule_ids": "header_name", "payload_rule_ids": "target_path", "context_line_ids": "key_name"}
KEYS = {"header_rule_ids": "header_rules", "payload_rule_ids": "payload_rules", "context_line_ids": "context_lines"}


class TestShape(SecretCase):
    def add(self, field, endpoint=None, **values):
        values = {FIELDS[field]: "x", "literal_value": "v", **values}
        endpoint = endpoint or self.endpoint
        before = endpoint[field]
        endpoint[field] = [Command.create(values)]
        return endpoint[field] - before

    def test_rows_are_in_the_document_in_their_order(self):
        for field in FIELDS:
            second = self.add(field, **{FIELDS[field]: " b ", "sequence": 20})
            first = self.add(
                field, **{FIELDS[field]: "a", "sequence": 1, "source_kind": "template", "source_expression": "{{ x }}"}
            )
            self.add(field, active=False)
            self.assertEqual(
                self.document()[KEYS[field]],
                [
                    {"id": first.id, "target": "a", "source": {"kind": "template", "expression": "{{ x }}"}},
                    {
                        "id": second.id,
                        "target": "b",
                        "source": {"kind": "literal", "literal": "v", "literal_is_json": False},
                    },
                ],
            )

    def test_rows_are_copied_with_the_endpoint(self):
        for field in FIELDS:
            self.add(field)
        self.endpoint.signature_part_ids = [Command.create({"kind": "literal", "value": "v0"})]
        copy = self.endpoint.copy()
        for field in (*FIELDS, "signature_part_ids"):
            self.assertEqual(len(copy[field]), 1, field)
            self.assertNotEqual(copy[field], self.endpoint[field])

    def test_one_row_too_many_is_refused_however_it_is_made(self):
        """The workers would refuse the whole configuration, of all companies."""
        handler = self.new_handler("rules")
        rule = self.env["bwt.webhook.outbound.handler.rule"].create(
            {"name": "r", "handler_id": handler.id, "phase": "before_send", "result_status": "send"}
        )
        condition = {"source_kind": "literal", "operator": "is_set"}
        for model, owner, rows_max, values in (
            ("endpoint.header.rule", self.endpoint, 100, {"header_name": "x"}),
            ("endpoint.payload.rule", self.endpoint, 200, {"target_path": "x"}),
            ("endpoint.context.line", self.endpoint, 100, {"key_name": "x"}),
            ("endpoint.signature.part", self.endpoint, 20, {"kind": "raw_body"}),
            ("handler.rule.condition", rule, 50, condition),
        ):
            rows = self.env[f"bwt.webhook.outbound.{model}"].with_user(self.admin)
            values["endpoint_id" if owner == self.endpoint else "rule_id"] = owner.id
            rows.create([dict(values) for _number in range(rows_max)])
            with self.subTest(model), self.refused(ValidationError, str(rows_max)):
                rows.create(values)
        self.patch(handler_program, "RULES_MAX", 1)
        with self.refused(ValidationError, "more than 1 rules"):
            rule.create({"name": "r", "handler_id": handler.id, "phase": "before_send", "result_status": "send"})

    def test_body_modes_methods_and_content_type(self):
        self.endpoint.write({"http_method": "get", "request_body_mode": "raw", "content_type": " text/xml "})
        self.assertEqual(self.document()["content_type"], "text/xml")
        for mode in ("json", "form_urlencoded", "multipart", "raw"):
            self.endpoint.request_body_mode = mode

    def test_shape_is_checked(self):
        with self.refused(ValidationError, "First: the source Payload path needs an expression"):
            self.add("header_rule_ids", source_kind="payload_path")
        with self.refused(ValidationError, "longer than 255"):
            self.add("payload_rule_ids", target_path="x" * 256)
        with self.refused(ValidationError, "longer than 10000"):
            self.add("context_line_ids", literal_value="x" * 10001)
        with self.refused(ValidationError, "at most 100 rows"):
            self.endpoint.header_rule_ids = [Command.create({"header_name": f"x{n}"}) for n in range(101)]
        row = self.add("header_rule_ids")
        with self.refused(UserError, "cannot be changed"):
            row.endpoint_id = self.new_endpoint("second")

    def test_the_revision_grows(self):
        def revision():
            return self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]

        before = revision()
        row = self.add("header_rule_ids")
        self.assertGreater(revision(), before)
        before = revision()
        row.unlink()
        self.assertGreater(revision(), before)

    def test_rights(self):
        row = self.add("header_rule_ids")
        self.assertEqual(row.with_user(self.operator).header_name, "x")
        other = self._user("wh_other", "webhook_worker.group_webhooks_admin")
        other.write({"company_ids": self.companies(self.other_company), "company_id": self.other_company.id})
        for user in (self.operator, other):
            with self.assertRaises(AccessError), self.cr.savepoint():
                row.with_user(user).literal_value = "changed"
        row.with_user(self.admin).literal_value = "changed"


class TestReadingAsSomebodyElse(SecretCase):
    """Rules of an endpoint read records as the handler's execution user: who may not program it may not add any."""

    def setUp(self):
        super().setUp()
        self.theirs = self.new_handler("theirs", execution_user_id=self.system.id)
        self.reading = {"header_name": "X", "source_kind": "record_field", "source_expression": "amount_total"}
        self.endpoint.handler_id = self.theirs

    def test_rows(self):
        endpoint = self.endpoint.with_user(self.admin)
        with self.refused(AccessError, "runs as"):
            endpoint.header_rule_ids = [Command.create(self.reading)]
        endpoint.header_rule_ids = [Command.create({"header_name": "X", "literal_value": "harmless"})]
        with self.refused(AccessError, "runs as"):
            endpoint.header_rule_ids.write({"source_kind": "template", "source_expression": "{{ record.name }}"})
        self.endpoint.with_user(self.system).header_rule_ids = [Command.create(self.reading)]
        with self.refused(AccessError, "runs as"):
            endpoint.header_rule_ids[-1].source_expression = "partner_id.email"

    def test_the_handler_of_an_endpoint_that_reads(self):
        endpoint = self.new_endpoint("mine").with_user(self.admin)
        endpoint.header_rule_ids = [Command.create(self.reading)]
        with self.refused(AccessError, "runs as"):
            endpoint.handler_id = self.theirs
        with self.refused(AccessError, "runs as"):
            endpoint.copy({"handler_id": self.theirs.id})
        endpoint.handler_id = self.new_handler("own", execution_user_id=self.admin.id)

    def test_what_they_read_is_written_by_the_worker_alone(self):
        for user in (self.admin, self.system):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.endpoint.with_user(user).write({"needed_fields_json": "[]"})
