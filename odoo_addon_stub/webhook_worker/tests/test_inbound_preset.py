# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.webhook_worker.models.inbound_preset import PRESETS
from odoo.addons.webhook_worker.models.inbound_verification import PLAIN_DEFAULTS

from .secret_common import SecretCase


def without_ids(node):
    if isinstance(node, dict):
        return {name: without_ids(value) for name, value in node.items() if name != "id"}
    return [without_ids(item) for item in node] if isinstance(node, list) else node


def plain(endpoint):
    """As `_contract_values` spells it: without what is the default, and ordered."""
    endpoint = {name: value for name, value in endpoint.items() if PLAIN_DEFAULTS.get(name, ...) != value}
    if "verification" in endpoint:
        defaults = {"mode": "", "age_seconds_max": 300, "future_skew_seconds_max": 300}
        if endpoint["verification"]["mode"] == "hmac":
            defaults.update(digest="sha256", encoding="hex", timestamp_format="unix")
        endpoint["verification"] = {**defaults, **endpoint["verification"]}
    endpoint["sources"] = sorted(endpoint["sources"], key=lambda one: (one["key"], one["tier"]))
    endpoint["semantic_bindings"] = sorted(endpoint["semantic_bindings"], key=lambda one: one["semantic"])
    return endpoint


class TestInboundPreset(SecretCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls.new_handler("in", direction="inbound")
        cls.receiver = cls.new_inbound_endpoint(
            "orders", handler_id=cls.handler.id, state="draft", unverified_allowed=False, ordered=True,
            allowed_networks="192.0.2.1",
        )  # fmt: skip

    def applied(self, preset):
        self.receiver.preset = preset
        self.receiver.with_user(self.admin).action_apply_preset()
        values = self.receiver._contract_values()
        self.check_schema("inbound_endpoint", values)
        return {name: value for name, value in values.items() if name in self.schemas["inbound_endpoint"]["properties"]}

    def test_there_are_some(self):
        known = {"stripe", "github", "shopify", "slack", "gitlab", "twilio", "standard_webhooks"}
        self.assertLessEqual(known, set(PRESETS))
        labels = [label for _name, label in self.receiver._fields["preset"].selection]
        self.assertEqual(labels, sorted(labels))

    def test_each_fills_what_it_says_whatever_was_there(self):
        kept = {"id", "path", "name", "company_id", "state", "retry_policy_id", "held_reason", "handler_id", "secrets"}
        for _time in range(2):
            for name, preset in PRESETS.items():
                with self.subTest(name):
                    values = self.applied(name)
                    told = {key: value for key, value in values.items() if key not in kept}
                    self.assertEqual(told.pop("allowed_networks"), ["192.0.2.1"])
                    self.assertTrue(told.pop("ordered"))
                    self.assertEqual(without_ids(told), plain(preset["endpoint"]))

    def test_each_needs_its_secret_only(self):
        for name, preset in PRESETS.items():
            with self.subTest(name):
                self.applied(name)
                self.receiver.secret_ids.unlink()
                with self.refused(UserError, "needs a secret"):
                    self.receiver.action_activate()
                self.new_secret(
                    endpoint_id=False, inbound_endpoint_id=self.receiver.id, purpose=preset["secret"]["purpose"]
                )
                self.receiver.with_user(self.admin).action_activate()
                self.receiver.action_set_draft()

    def test_name_path_handler_and_secrets_stay(self):
        secret = self.new_secret(endpoint_id=False, inbound_endpoint_id=self.receiver.id)
        before = self.receiver.read(["name", "path", "handler_id", "company_id", "secret_ids"])
        self.applied("stripe")
        self.assertEqual(self.receiver.read(["name", "path", "handler_id", "company_id", "secret_ids"]), before)
        self.assertTrue(secret.exists())

    def test_in_the_form(self):
        self.receiver.source_ids = [Command.create({"field_name": "old", "header_name": "X-Old"})]
        with Form(self.receiver.with_user(self.admin)) as form:
            form.preset = "slack"
            self.assertEqual(form.signature_prefix, "v0=")
            self.assertIn("Signing Secret", form.preset_documentation)
            self.assertEqual([line["expression"] for line in form.signature_part_ids._records][0], "v0")
            form.preset = "github"
        self.assertEqual(self.receiver.signature_prefix, "sha256=")
        self.assertNotIn("old", self.receiver.source_ids.mapped("field_name"))
        self.assertFalse(self.receiver.challenge)
        told = without_ids(self.receiver._contract_values()["sources"])
        self.assertEqual(told, plain(PRESETS["github"]["endpoint"])["sources"])

    def test_a_new_one_in_the_form(self):
        with Form(self.env["bwt.webhook.inbound.endpoint"].with_user(self.admin)) as form:
            form.name, form.path, form.preset = "Payments", "payments", "stripe"
        made = form.record
        self.assertEqual((made.path, made.signature_verification_mode, made.state), ("payments", "hmac", "draft"))
        self.assertEqual(len(made.source_ids), len(PRESETS["stripe"]["endpoint"]["sources"]))

    def test_only_a_draft(self):
        self.receiver.preset = False
        with self.refused(UserError, "while it is a draft"):
            self.receiver.action_apply_preset()
        self.receiver.write({"preset": "github", "unverified_allowed": True, "state": "active"})
        with self.refused(UserError, "while it is a draft"):
            self.receiver.action_apply_preset()
        self.assertFalse(self.receiver.source_ids)
