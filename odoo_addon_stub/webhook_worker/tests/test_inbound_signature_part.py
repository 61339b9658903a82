# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import ValidationError

from .test_inbound_source import InboundLineCase


class TestInboundSignaturePart(InboundLineCase):
    model = "bwt.webhook.inbound.endpoint.signature.part"

    def test_every_kind_needs_its_field(self):
        for kind, given, missing in (
            ("header", {}, "Header"),
            ("header_param", {"header_param_name": "t"}, "Header"),
            ("header_param", {"header_name": "X"}, "Parameter"),
            ("payload_path", {"header_name": "X"}, "Payload Path"),
            ("literal", {}, "Literal"),
        ):
            with self.subTest(kind=kind), self.refused(ValidationError, f"Orders, .* needs the field {missing}"):
                self.new_line(source_kind=kind, **given)
        for kind in ("raw_body", "request_url", "sorted_form_fields", "http_method"):
            self.new_line(source_kind=kind)

    def test_a_needed_field_stays(self):
        part = self.new_line(source_kind="header", header_name="X-Id")
        with self.refused(ValidationError, "needs the field Header"):
            part.header_name = False
        part.required = True

    def test_contract(self):
        self.receiver.write(
            {
                "signature_verification_mode": "hmac",
                "signature_prefix": "v0=",
                "signature_message_joiner": ":",
                "signature_encoding": "base64",
                "signature_timestamp_format": "unix_ms",
                "signature_max_age_seconds": 0,
            }
        )
        told = {
            "mode": "hmac", "digest": "sha256", "encoding": "base64", "prefix": "v0=", "joiner": ":",
            "timestamp_format": "unix_ms", "age_seconds_max": 0, "future_skew_seconds_max": 300,
        }  # fmt: skip
        self.assertEqual(self.contract()["verification"], told)
        last = self.new_line(sequence=30)
        param = self.new_line(
            sequence=20, source_kind="header_param", header_name="X", header_param_name="t", required=True
        )
        first = self.new_line(sequence=10, source_kind="literal", expression="v0")
        self.new_line(sequence=15, source_kind="http_method", active=False)
        parts = [
            {"id": first.id, "kind": "literal", "expression": "v0"},
            {"id": param.id, "kind": "header_param", "expression": "X", "parameter": "t", "required": True},
            {"id": last.id, "kind": "raw_body"},
        ]
        self.assertEqual(self.contract()["verification"], {**told, "parts": parts})
        self.receiver.signature_verification_mode = "standard_webhooks"
        self.assertEqual(
            self.contract()["verification"],
            {"mode": "standard_webhooks", "age_seconds_max": 0, "future_skew_seconds_max": 300},
        )
        self.receiver.signature_verification_mode = "none"
        self.assertNotIn("verification", self.contract())

    def test_it_is_copied_and_limited(self):
        self.receiver.signature_part_ids = [Command.create({}) for _number in range(20)]
        self.assertEqual(len(self.receiver.copy().signature_part_ids), 20)
        with self.refused(ValidationError, "at most 20 lines are allowed in Signed Parts"):
            self.new_line()

    def test_rights(self):
        self.check_rights(self.new_line(), {"required": True})
