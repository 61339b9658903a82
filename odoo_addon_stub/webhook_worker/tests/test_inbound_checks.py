# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import WORKER_UID
from .secret_common import SecretCase


class TestInboundChecks(SecretCase):
    """What an active endpoint needs, whichever way it loses it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.new_inbound_endpoint("orders", state="draft", unverified_allowed=False)

    def add(self, semantic, key=None, receiver=None, **source):
        """A value and its meaning."""
        key = key or semantic
        (receiver or self.receiver).write(
            {
                "source_ids": [Command.create({"field_name": key, "header_name": f"X-{key}", **source})],
                "semantic_binding_ids": [Command.create({"semantic_name": semantic, "value_key": key})],
            }
        )

    def new_inbound_secret(self, purpose="signing", **values):
        return self.new_secret(endpoint_id=False, inbound_endpoint_id=self.receiver.id, purpose=purpose, **values)

    def refuses(self, pattern):
        with self.refused(ValidationError, f"Orders cannot be active:(.|\n)*{pattern}"):
            self.receiver.with_user(self.admin).action_activate()

    def activates(self):
        self.receiver.with_user(self.admin).action_activate()
        self.receiver.action_set_draft()

    def test_a_draft_may_be_incomplete(self):
        self.receiver.write(
            {
                "signature_verification_mode": "hmac",
                "authentication_mode": "basic",
                "replay_identity_policy": "event_id",
            }
        )
        self.refuses("Replay When: Same event ID needs a value that means Event ID")

    def test_secure_by_default(self):
        self.refuses("tick Accept Unverified Requests")
        self.receiver.unverified_allowed = True
        self.receiver.action_activate()
        with self.refused(ValidationError, "Whoever knows its address"):
            self.receiver.unverified_allowed = False
        with self.refused(ValidationError, "Whoever knows its address"):
            self.new_inbound_endpoint("other", unverified_allowed=False)

    def test_identity_needs_a_value(self):
        self.receiver.unverified_allowed = True
        for field, policy, label in (
            ("delivery_identity_policy", "delivery_id", "Duplicate When: Same delivery ID"),
            ("replay_identity_policy", "event_id", "Replay When: Same event ID"),
        ):
            self.receiver[field] = policy
            self.refuses(f"{label} needs a value that means .*on the page Values")
            self.receiver.semantic_binding_ids = [Command.create({"semantic_name": policy, "value_key": "k"})]
            self.refuses(f"{label} needs the value k, .*add an active line")
            self.receiver.source_ids = [Command.create({"field_name": "k", "header_name": "X", "active": False})]
            self.refuses(f"{label} needs the value k")
            self.receiver.source_ids.active = True
            self.activates()
            self.receiver.source_ids.unlink()
            self.receiver.semantic_binding_ids.unlink()
            self.receiver.write({"delivery_identity_policy": "body_sha256", "replay_identity_policy": "none"})

    def test_hmac_needs_a_secret_and_the_signature(self):
        self.receiver.signature_verification_mode = "hmac"
        self.refuses("Signature: HMAC needs a secret: on the page Verification, add one for Signing")
        secret = self.new_inbound_secret(value="s")
        self.refuses("Signature: HMAC needs a value that means Signature")
        self.add("signature")
        self.refuses("Maximal Age needs a value that means Timestamp of the signature")
        self.receiver.write({"signature_max_age_seconds": 0, "signature_max_future_skew_seconds": 0})
        self.activates()
        self.receiver.signature_max_future_skew_seconds = 1
        self.refuses("needs a value that means Timestamp")
        self.add("signature_timestamp", source_kind="payload_path", payload_path="t")
        self.activates()
        secret.expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.refuses("needs a secret")

    def test_standard_webhooks_needs_a_secret_only(self):
        self.receiver.signature_verification_mode = "standard_webhooks"
        self.refuses("Standard Webhooks needs a secret")
        self.new_inbound_secret()
        self.activates()

    def test_authentication_needs_its_secret(self):
        for mode, purpose, given in (
            ("basic", "basic_password", {"authentication_username": "anna"}),
            ("bearer", "bearer_token", {}),
            ("api_key", "api_key", {}),
        ):
            self.receiver.authentication_mode = mode
            self.refuses("Authentication: .* needs a secret")
            self.new_inbound_secret(purpose)
            if given:
                self.refuses("User Name must not be empty")
                self.receiver.write(given)
            self.activates()
        self.receiver.authentication_header_name = " "
        self.refuses("Key's Header must not be empty")

    def test_metas_challenge_needs_its_token(self):
        self.receiver.write({"unverified_allowed": True, "challenge": "meta_hub"})
        self.refuses("Challenge: Meta: hub.challenge needs a secret")
        self.new_inbound_secret("challenge_token")
        self.activates()

    def active(self):
        """All it can have."""
        self.receiver.write(
            {"signature_verification_mode": "hmac", "authentication_mode": "bearer",
             "delivery_identity_policy": "delivery_id"}
        )  # fmt: skip
        for semantic in ("signature", "signature_timestamp", "delivery_id"):
            self.add(semantic)
        secrets = self.new_inbound_secret() + self.new_inbound_secret("bearer_token")
        self.receiver.action_activate()
        return secrets

    def test_an_active_one_keeps_what_it_needs(self):
        secrets = self.active()
        receiver = self.receiver.with_user(self.admin)
        source, binding = receiver.source_ids[0], receiver.semantic_binding_ids[0]
        for name, attempt in {
            "source deleted": source.unlink,
            "source inactive": lambda: source.write({"active": False}),
            "key changed": lambda: source.write({"field_name": "other"}),
            "binding deleted": binding.unlink,
            "binding changed": lambda: binding.write({"value_key": "other"}),
            "meaning changed": lambda: binding.write({"semantic_name": "topic"}),
            "through the endpoint": lambda: receiver.write({"source_ids": [Command.delete(source.id)]}),
            "policy": lambda: receiver.write({"delivery_identity_policy": "idempotency_key"}),
            "signing secret": secrets[0].unlink,
            "token": secrets[1].unlink,
            "secret through the endpoint": lambda: receiver.write({"secret_ids": [Command.delete(secrets[0].id)]}),
            "secret expired": lambda: secrets[0].write({"expires_at": "2020-01-01 00:00:00"}),
        }.items():
            with self.subTest(name), self.refused(ValidationError, "Orders cannot be active"):
                attempt()
        # What leaves it whole is no business of the check: several changes at once count together.
        receiver.write(
            {
                "source_ids": [
                    Command.delete(source.id),
                    Command.create({"field_name": source.field_name, "header_name": "X-New"}),
                ],
                "note": "changed",
            }
        )
        source.exists().unlink()
        secrets[0].write({"value": "another"})
        receiver.action_set_draft()
        secrets.unlink()

    def test_a_whole_endpoint_is_made_at_once(self):
        made = self.new_inbound_endpoint(
            "whole",
            unverified_allowed=False,
            signature_verification_mode="hmac",
            signature_max_age_seconds=0,
            signature_max_future_skew_seconds=0,
            source_ids=[Command.create({"field_name": "s", "header_name": "X-S"})],
            semantic_binding_ids=[Command.create({"semantic_name": "signature", "value_key": "s"})],
            secret_ids=[Command.create({"purpose": "signing", "value": "x"})],
        )
        self.assertEqual(made.state, "active")
        self.assertNotIn("webhook_configuration_checked", made.env.context)
        with self.refused(ValidationError, "cannot be active"):
            made.source_ids.unlink()

    def test_the_check_cannot_be_put_off_from_outside(self):
        self.active()
        for value in (True, "object", 1):
            sources = self.receiver.with_context(webhook_configuration_checked=value).source_ids
            with self.refused(ValidationError, "cannot be active"):
                sources.unlink()

    def test_a_deleted_endpoint_takes_all_along(self):
        secrets, lines = self.active(), self.receiver.source_ids
        self.receiver.with_user(self.admin).unlink()
        self.assertFalse(secrets.exists() or lines.exists())

    def test_values_out_of_range(self):
        for field in ("signature_max_age_seconds", "signature_max_future_skew_seconds"):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                self.receiver[field] = -1
                self.receiver.flush_recordset()
        for networks in ("x" * 65, "\n".join(f"10.0.{n}.0/24" for n in range(201))):
            with self.refused(ValidationError, "at most 200 addresses"):
                self.receiver.allowed_networks = networks

    def test_contract(self):
        values = self.receiver._contract_values()
        expected = {
            "id", "path", "name", "company_id", "state", "retry_policy_id", "held_reason", "delivery_identity_policy"
        }  # fmt: skip
        self.assertEqual(set(values), expected)
        self.receiver.write(
            {
                "payload_contract": "form", "delivery_identity_policy": "delivery_id", "replay_blocks": True,
                "replay_identity_policy": "idempotency_key", "ordered": True, "challenge": "meta_hub",
                "allowed_networks": " 192.0.2.0/24 \n\n2001:db8::/32", "authentication_mode": "api_key",
                "authentication_header_name": " X-Token ",
            }
        )  # fmt: skip
        values = self.receiver._contract_values()
        self.check_schema("inbound_endpoint", values)
        self.assertEqual(
            {name: values[name] for name in set(values) - expected},
            {
                "payload_contract": "form", "replay_blocks": True, "replay_identity_policy": "idempotency_key",
                "ordered": True, "challenge": "meta_hub", "allowed_networks": ["192.0.2.0/24", "2001:db8::/32"],
                "auth": {"mode": "api_key", "header_name": "X-Token"},
            },
        )  # fmt: skip
        self.receiver.write({"authentication_mode": "basic", "authentication_username": "anna"})
        self.assertEqual(self.receiver._contract_values()["auth"], {"mode": "basic", "username": "anna"})
        self.receiver.authentication_mode = "bearer"
        self.assertEqual(self.receiver._contract_values()["auth"], {"mode": "bearer"})

    def test_the_public_address(self):
        self.assertFalse(self.receiver.public_url)
        self.call("hello", **self.hello_request(gateway_url="https://hooks.example.com/"))
        self.env.invalidate_all()
        seen = self.receiver.with_user(self.operator)
        self.assertEqual(seen.public_url, "https://hooks.example.com/webhooks/in/orders")
        self.assertTrue(self.receiver.intake_url.endswith("/webhooks/in/orders"))

    def test_findings_of_its_parts(self):
        secrets = self.active()
        self.receiver.action_set_draft()
        self.receiver.signature_part_ids = [Command.create({})]
        receiver = self.receiver
        records = (
            receiver.source_ids[0], receiver.semantic_binding_ids[0], receiver.signature_part_ids, secrets[0], receiver
        )  # fmt: skip
        self.call(
            "report_findings",
            worker_uid=WORKER_UID,
            configuration_revision=self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"],
            needs=[],
            findings=[
                {"record": {"model": one._name, "id": one.id}, "severity": "error", "message": one._name}
                for one in records
            ],
        )
        self.assertEqual(set(receiver.finding_ids.mapped("message")), {one._name for one in records})
        self.assertEqual(len(receiver.finding_ids.with_user(self.operator).mapped("record_name")), 5)
        with self.refused(UserError, "cannot be activated"):
            receiver.action_activate()
