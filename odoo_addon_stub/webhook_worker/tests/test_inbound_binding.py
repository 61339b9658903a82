# SPDX-License-Identifier: LGPL-3.0-or-later
import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .test_inbound_source import InboundLineCase

SEMANTICS = (
    "topic", "event_type", "event_id", "delivery_id", "notification_id", "idempotency_key", "signature",
    "signature_timestamp", "occurred_at", "tenant_key", "version", "resource_reference", "handler_selector",
)  # fmt: skip


class TestInboundBinding(InboundLineCase):
    model = "bwt.webhook.inbound.endpoint.semantic.binding"

    def new_line(self, semantic_name="topic", value_key="key", **values):
        return super().new_line(semantic_name=semantic_name, value_key=value_key, **values)

    def test_the_key_is_trimmed(self):
        binding = self.new_line(value_key="  key ")
        self.assertEqual(binding.value_key, "key")
        binding.value_key = " other "
        self.assertEqual(binding.value_key, "other")
        binding.note = "unrelated"
        self.assertEqual(binding.value_key, "other")

    def test_the_key_is_not_blank(self):
        binding = self.new_line()
        for blank in ("", "  ", False):
            with self.refused(ValidationError, "Key must not be blank"):
                binding.value_key = blank
        with self.refused(ValidationError, "Key must not be blank"):
            self.new_line("version", " ")

    def test_a_meaning_has_one_value(self):
        self.new_line()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_line(value_key="other")
        other = self.receiver.copy()
        self.assertEqual(other.semantic_binding_ids.value_key, "key")

    def test_contract_knows_every_meaning(self):
        self.receiver.semantic_binding_ids = [
            Command.create({"semantic_name": name, "value_key": f"{name}_key"}) for name in SEMANTICS
        ]
        told = self.contract()["semantic_bindings"]
        self.assertEqual({one["semantic"]: one["key"] for one in told}, {name: f"{name}_key" for name in SEMANTICS})
        self.assertEqual({one["id"] for one in told}, set(self.receiver.semantic_binding_ids.ids))

    def test_it_stays(self):
        with self.refused(UserError, "cannot be changed"):
            self.new_line().endpoint_id = self.receiver.copy()

    def test_rights(self):
        self.check_rights(self.new_line(), {"note": "x"})
