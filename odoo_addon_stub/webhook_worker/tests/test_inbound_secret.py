# SPDX-License-Identifier: LGPL-3.0-or-later
import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from odoo.addons.webhook_worker.models import sealing

from .common import WORKER_UID
from .secret_common import SecretCase, WorkerPrivateKey


class TestInboundSecret(SecretCase):
    """Secrets of inbound endpoints: the same ones, with another owner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.new_inbound_endpoint("orders")

    def new_inbound(self, value="planted-secret", purpose="bearer_token", **values):
        return self.new_secret(value, purpose, endpoint_id=False, inbound_endpoint_id=self.receiver.id, **values)

    def told(self):
        answer = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        (values,) = (item for item in answer["inbound_endpoints"] if item["id"] == self.receiver.id)
        return values.get("secrets", [])

    def test_it_is_sealed_and_told(self):
        self.assertEqual(self.told(), [])
        secret = self.new_inbound()
        self.assertEqual(self.opened(secret), "planted-secret")
        self.assertEqual(secret.display_name, "Orders: Bearer token")
        self.assertEqual(
            self.told(), [{"id": secret.id, "purpose": "bearer_token", "value": secret.sudo().sealed_value}]
        )
        self.assertNotIn("secrets", self.document())
        self.assertIn("Secret added", str(self.receiver.message_ids.mapped("body")))

    def test_it_has_one_owner(self):
        for owners in ({"inbound_endpoint_id": self.receiver.id}, {"endpoint_id": False}):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                self.new_secret(**owners)
        secret = self.new_inbound()
        for change in ({"endpoint_id": self.endpoint.id, "inbound_endpoint_id": False}, {"inbound_endpoint_id": False}):
            with self.refused(UserError, "cannot be changed"):
                secret.write(change)

    def test_one_a_purpose_except_signing(self):
        self.new_inbound()
        with self.refused(ValidationError, "there is one already"):
            self.new_inbound()
        self.new_secret()
        self.new_inbound(purpose="signing")
        self.new_inbound(purpose="signing")
        with self.refused(ValidationError, "there is one already"):
            self.new_secret()

    def test_purposes_of_the_other_direction(self):
        for purpose in ("oauth2_client_secret", "client_key"):
            with self.refused(ValidationError, "no use for a secret of this purpose"):
                self.new_inbound(purpose=purpose)
        with self.refused(ValidationError, "no use for a secret of this purpose"):
            self.new_secret(purpose="challenge_token")
        self.assertEqual(self.opened(self.new_inbound(purpose="challenge_token")), "planted-secret")

    def test_rotation(self):
        first = self.new_inbound("a", "signing")
        outbound = self.new_secret("o", "signing")
        second = self.new_inbound("b", "signing", replaces_others=True, overlap_hours=2)
        self.assertEqual(round((first.expires_at - fields.Datetime.now()).total_seconds() / 3600), 2)
        self.assertFalse(outbound.expires_at or second.expires_at)
        self.env.invalidate_all()
        self.assertEqual([item["id"] for item in self.told()], [second.id, first.id])
        for mode, pattern in (("standard_webhooks", r"^whsec_[A-Za-z0-9+/]{43}=$"), ("hmac", r"^[0-9a-f]{64}$")):
            self.receiver.write({"state": "draft", "signature_verification_mode": mode})
            wizard = self.env["bwt.webhook.secret.rotation"].with_user(self.admin)
            action = wizard.create({"inbound_endpoint_id": self.receiver.id}).action_generate()
            value = action["context"]["default_secret"]
            self.assertRegex(value, pattern)
            self.env.invalidate_all()
            self.assertEqual(self.opened(self.receiver.secret_ids[0]), value)
        self.assertTrue(second.expires_at)
        self.assertFalse(outbound.expires_at)

    def test_reseal(self):
        secret = self.new_inbound()
        present, new = secret.sudo().sealed_value, WorkerPrivateKey()
        self.say_hello_with(new)
        self.confirm(new)
        value = sealing.seal(new.public, "planted-secret", f"bwt.webhook.secret,{secret.id},bearer_token")
        answer = self.call(
            "reseal",
            worker_uid=WORKER_UID,
            secrets=[{"id": secret.id, "previous_value": present, "value": value}],
        )
        self.assertEqual(answer["resealed_ids"], secret.ids)
        self.assertEqual(self.opened(secret, new), "planted-secret")

    def test_references_are_for_system_administrators(self):
        with self.refused(AccessError, "Only system administrators may refer"):
            self.new_inbound(False, reference="env:X")
        self.new_inbound(False, reference="env:X", user=self.system)
        self.assertEqual(self.told()[0]["value"], "env:X")

    def test_rights(self):
        secret = self.new_inbound()
        foreign = self._user("wh_foreign", "webhook_worker.group_webhooks_admin")
        foreign.write({"company_ids": [Command.set(self.other_company.ids)], "company_id": self.other_company.id})
        self.assertFalse(self.Secret.with_user(foreign).search([]))
        secret.with_user(self.operator).read(["purpose", "kept_as"])
        for user in (self.operator, foreign):
            for attempt in (
                lambda one: one.write({"value": "x"}),
                lambda one: one.unlink(),
                lambda one: one.create(
                    {"inbound_endpoint_id": self.receiver.id, "purpose": "api_key", "value": "x"}
                ),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    attempt(secret.with_user(user))
        self.assertEqual(self.opened(secret), "planted-secret")

    def test_a_copy_of_the_endpoint_has_none(self):
        self.new_inbound()
        self.assertFalse(self.receiver.copy().secret_ids)

    def test_in_the_endpoints_form(self):
        with Form(self.receiver.with_user(self.admin)) as form, form.secret_ids.new() as line:
            line.purpose, line.value = "signing", "typed"
        self.assertEqual(self.opened(self.receiver.secret_ids), "typed")
