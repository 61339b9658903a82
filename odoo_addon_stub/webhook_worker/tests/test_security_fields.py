# SPDX-License-Identifier: LGPL-3.0-or-later
import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import WORKER_UID
from .secret_common import SecretCase

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


class TestSignatureFields(SecretCase):
    def test_nothing_by_itself(self):
        values = self.document()
        for key in ("signature", "auth", "tls", "secrets", "rate_limit", "redirects_max", "content_type"):
            self.assertNotIn(key, values)
        self.assertEqual(values["breaker"], {"failures_max": 10, "open_seconds": 30})

    def test_standard_webhooks(self):
        self.endpoint.signature_mode = "standard_webhooks"
        self.assertEqual(self.document()["signature"], {"mode": "standard_webhooks", "sign_with": "all"})

    def test_hmac(self):
        self.endpoint.write({"signature_mode": "hmac", "signature_joiner": False})
        self.assertEqual(
            self.document()["signature"],
            {
                "mode": "hmac", "sign_with": "all", "digest": "sha256", "encoding": "hex", "joiner": "",
                "timestamp_format": "unix", "parts": [{"kind": "raw_body"}], "header_name": "X-Signature",
                "header_template": "{signatures}",
            },
        )  # fmt: skip

    def test_presets_fill_the_form(self):
        expected = {
            "github": ("X-Hub-Signature-256", "sha256=", "hex", "{signatures}", ["raw_body"], "newest"),
            "stripe": (
                "Stripe-Signature", "v1=", "hex", "t={timestamp},{signatures}", ["timestamp", "raw_body"], "all",
            ),
            "shopify": ("X-Shopify-Hmac-Sha256", None, "base64", "{signatures}", ["raw_body"], "newest"),
            "slack": (
                "X-Slack-Signature", "v0=", "hex", "{signatures}", ["literal", "timestamp", "raw_body"], "newest",
            ),
        }  # fmt: skip
        for preset in ("slack", "github", "stripe", "shopify"):
            with Form(self.endpoint.with_user(self.admin)) as form:
                form.signature_preset = preset
            signature = self.document()["signature"]
            parts = [part["kind"] for part in signature["parts"]]
            seen = [signature[key] for key in ("header_name", "encoding", "header_template", "sign_with")]
            header, prefix, encoding, template, kinds, sign_with = expected[preset]
            self.assertEqual(seen, [header, encoding, template, sign_with], preset)
            self.assertEqual((signature.get("prefix"), parts), (prefix, kinds), preset)
        self.assertFalse(self.Endpoint._fields["signature_preset"].store)

    def test_slack_in_full(self):
        with Form(self.endpoint.with_user(self.admin)) as form:
            form.signature_preset = "slack"
        signature = self.document()["signature"]
        self.assertEqual(signature["parts"][0], {"kind": "literal", "value": "v0"})
        self.assertEqual((signature["joiner"], signature["timestamp_header_name"]), (":", "X-Slack-Request-Timestamp"))

    def test_shape(self):
        for field in ("signature_header_name", "signature_header_template"):
            with self.refused(ValidationError, "must not be empty with HMAC"):
                self.endpoint.write({"signature_mode": "hmac", field: " "})
        for kind in ("header", "literal"):
            with self.refused(ValidationError, "needs its header's name"):
                self.endpoint.signature_part_ids = [Command.create({"kind": kind})]
        with self.refused(ValidationError, "at most 20 parts"):
            self.endpoint.signature_part_ids = [Command.create({"kind": "raw_body"}) for _number in range(21)]


class TestAuthentication(SecretCase):
    def test_each_mode(self):
        for values, expected in (
            ({"auth_mode": "basic", "auth_username": "shop"}, {"mode": "basic", "username": "shop"}),
            ({"auth_mode": "bearer"}, {"mode": "bearer"}),
            ({"auth_mode": "api_key"}, {"mode": "api_key", "header_name": "X-Api-Key"}),
            (
                {
                    "auth_mode": "oauth2_client_credentials",
                    "oauth2_token_url": " https://login.example.com/token ",
                    "oauth2_client_id": "me",
                    "oauth2_scope": "orders",
                },
                {
                    "mode": "oauth2_client_credentials",
                    "token_url": "https://login.example.com/token",
                    "client_id": "me",
                    "scope": "orders",
                    "client_authentication": "header",
                },
            ),
        ):
            self.endpoint.write(values)
            self.assertEqual(self.document()["auth"], expected)

    def test_what_a_mode_needs(self):
        for values, label in (
            ({"auth_mode": "basic"}, "User Name"),
            ({"auth_mode": "api_key", "auth_header_name": False}, "Key's Header"),
            ({"auth_mode": "oauth2_client_credentials", "oauth2_client_id": "me"}, "Token URL"),
            ({"auth_mode": "oauth2_client_credentials", "oauth2_token_url": "https://x"}, "Client ID"),
        ):
            with self.refused(ValidationError, f"{label} must not be empty"):
                self.endpoint.write(values)

    def test_certificates(self):
        self.endpoint.write({"client_certificate_pem": CERTIFICATE + "\n", "ca_certificate_pem": " "})
        self.assertEqual(self.document()["tls"], {"client_certificate_pem": CERTIFICATE})
        for field in ("client_certificate_pem", "ca_certificate_pem"):
            with self.refused(ValidationError, "private key is no certificate"):
                self.endpoint[field] = CERTIFICATE + "\n-----BEGIN RSA PRIVATE KEY-----\n"
        with self.refused(ValidationError, "longer than 65536"):
            self.endpoint.client_certificate_pem = "x" * 65537


class TestLimits(SecretCase):
    def test_in_the_document(self):
        self.endpoint.write(
            {"rate_limit_count": 5, "rate_limit_period_seconds": 60, "redirects_max": 2, "breaker_failures_max": 3}
        )
        values = self.document()
        self.assertEqual(values["rate_limit"], {"count": 5, "period_seconds": 60})
        self.assertEqual((values["redirects_max"], values["breaker"]["failures_max"]), (2, 3))

    def test_ranges(self):
        for field, value in (
            ("rate_limit_count", -1),
            ("rate_limit_period_seconds", 0),
            ("breaker_failures_max", 0),
            ("breaker_open_seconds", 86401),
            ("redirects_max", 6),
        ):
            with (
                self.subTest(field=field),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.cr.savepoint(),
            ):
                self.endpoint[field] = value
                self.env.flush_all()

    def test_a_disabled_endpoint_is_held_until_it_is_enabled(self):
        endpoint = self.endpoint.with_user(self.admin)
        with self.refused(UserError, "not disabled"):
            endpoint.action_enable()
        self.endpoint.write({"disabled_at": fields.Datetime.now(), "disabled_reason": "gone"})
        self.assertEqual((endpoint.held_reason, self.document()["held_reason"]), ("endpoint_disabled",) * 2)
        self.assertFalse(self.endpoint.copy().disabled_at)
        endpoint.action_enable()
        self.assertFalse(endpoint.held_reason or endpoint.disabled_reason or "held_reason" in self.document())

    def test_not_while_the_worker_finds_errors(self):
        self.endpoint.disabled_at = fields.Datetime.now()
        self.env.cr.flush()
        revision = self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]
        finding = {
            "record": {"model": self.endpoint._name, "id": self.endpoint.id}, "severity": "error", "message": "bad URL",
        }  # fmt: skip
        self.call(
            "report_findings", worker_uid=WORKER_UID, configuration_revision=revision, findings=[finding], needs=[]
        )
        with self.refused(UserError, "bad URL"):
            self.endpoint.with_user(self.admin).action_enable()


class TestHandlerPause(SecretCase):
    def test_the_work_of_its_endpoints_waits(self):
        outbound, inbound = self.new_handler("out"), self.new_handler("in", direction="inbound")
        self.endpoint.handler_id = outbound
        receiver = self.new_inbound_endpoint("receiver", handler_id=inbound.id)
        for handler, endpoint in ((outbound, self.endpoint), (inbound, receiver)):
            handler.with_user(self.admin).action_pause()
            self.assertEqual(endpoint.held_reason, "handler_paused")
            self.assertFalse(handler.copy().paused)
        document = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        held = {endpoint["held_reason"] for way in ("endpoints", "inbound_endpoints") for endpoint in document[way]}
        self.assertEqual(held, {"handler_paused"})
        for handler, endpoint in ((outbound, self.endpoint), (inbound, receiver)):
            handler.with_user(self.admin).action_resume()
            self.assertFalse(endpoint.held_reason)
