# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import logging
from collections import defaultdict
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from odoo.addons.webhook_worker.models import sealing

from .common import WORKER_UID
from .secret_common import SecretCase, WorkerPrivateKey

REFUSALS = defaultdict(lambda: AccessError, export=UserError)
PLANTED = "planted-4f1d8c-secret"
# Of tests/unit/signing/sealed_secret_vectors.json.
VECTORS = [
    (
        "t0B9wsZF5t/CBUXM6t6le1YVJhs//O8EeMPMySDuOQo=",
        "bwt.webhook.secret,1,signing",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "sealed:1:6JnwzEMAsA/fHLbqR6TkKNAvysFtmujjLiGeJDwRe8WAhuOyfZEVfqjHQnkKK3PrcelWgpultDdYMGrjcrjFfv8Clx4dxACqfPFX"
        "qEKATBj7plWGj/rh8kUvKyoiTlTDiMxj7RljTsEFdw==",
    ),
    (
        "cbqd0Rar9x0n+bT1QG7HP4nwDwCNO5uI19h8wDy9Z/Q=",
        "bwt.webhook.secret,2,api_key",
        "",
        "sealed:1:YiZopzMP2GdjP1xTwNfL75XC0Xj2VeTYzFF4oIPyHHkUP26YoyrSLwwXzpsUHB9od1MUJhiGiVeKgXFUIVQqqO3juTo=",
    ),
]


class TestSealing(SecretCase):
    def test_the_vectors_open(self):
        """What this test opens is what Odoo seals: the worker's tests open the same ones."""
        for private, associated, secret, value in VECTORS:
            key = WorkerPrivateKey(base64.b64decode(private))
            self.assertEqual(key.open(value, associated), secret)
            self.assertEqual(sealing.key_id_of(value), sealing.key_id(key.public))

    def test_every_sealing_is_fresh_and_bound(self):
        first, second = (sealing.seal(self.key.public, "Grüße 🔑", "a,1,signing") for _time in range(2))
        self.assertNotEqual(first, second)
        self.assertEqual(self.key.open(first, "a,1,signing"), "Grüße 🔑")
        for open_it in (
            lambda: self.key.open(first, "a,2,signing"),
            lambda: self.key.open(first[:-8] + "AAAAAAA=", "a,1,signing"),
        ):
            with self.assertRaises(Exception):  # noqa: B017  InvalidTag
                open_it()

    def test_a_sealed_value_is_told_from_anything_else(self):
        for value in ("", "env:X", "sealed:1:", "sealed:1:AAAA", "sealed:1:?", "sealed:2:" + "A" * 100):
            self.assertIsNone(sealing.key_id_of(value), value)

    def test_keys_that_are_none(self):
        for text in ("", "AAAA", "?", base64.b64encode(b"x" * 33).decode()):
            with self.assertRaises(ValueError):
                sealing.decode_public_key(text)


class TestSecret(SecretCase):
    def test_it_is_sealed_and_never_shown_again(self):
        secret = self.new_secret(PLANTED)
        self.assertEqual(self.opened(secret), PLANTED)
        self.assertFalse(secret.value)
        self.assertFalse(secret.read(["value"])[0]["value"])
        self.assertIn(sealing.grouped(sealing.key_id(self.key.public).hex()), secret.kept_as)
        self.assertEqual(
            self.document()["secrets"],
            [{"id": secret.id, "purpose": "bearer_token", "value": secret.sudo().sealed_value}],
        )

    def test_it_is_replaced_and_kept(self):
        secret = self.new_secret()
        secret.write({"value": PLANTED})
        self.assertEqual(self.opened(secret), PLANTED)
        secret.value = "by assignment"
        self.assertEqual(self.opened(secret), "by assignment")
        for nothing in ("", False, "  "):
            secret.write({"value": nothing})
            self.assertEqual(self.opened(secret), "by assignment")

    def test_a_reference_instead(self):
        secret = self.new_secret(False, reference=" env:SHOP_TOKEN ", user=self.system)
        self.assertEqual(self.document()["secrets"][0]["value"], "env:SHOP_TOKEN")
        secret.write({"value": PLANTED})
        self.assertEqual((secret.reference, self.opened(secret)), (False, PLANTED))
        secret = secret.with_user(self.system)
        secret.write({"reference": "file:shop/token"})
        self.assertEqual((secret.sudo().sealed_value, secret.reference), (False, "file:shop/token"))
        for reference in ("SHOP_TOKEN", "env:", "env:A B", "vault:x", "env:A\nB"):
            with self.refused(ValidationError, "a reference is env:NAME or file:NAME"):
                secret.reference = reference
        with self.refused(ValidationError, "not both"):
            secret.write({"reference": "env:A", "value": "b"})
        with self.refused(ValidationError, "enter a secret, or a reference"):
            secret.reference = False

    def test_only_system_administrators_refer_to_what_is_beside_the_worker(self):
        """It serves all companies: one's administrator would send another's secrets to a receiver of his."""
        secret = self.new_secret()
        for attempt in (
            lambda: self.new_secret(False, "api_key", reference="env:OTHER"),
            lambda: secret.write({"reference": "env:OTHER"}),
        ):
            with self.refused(AccessError, "Only system administrators may refer"):
                attempt()
        secret.write({"reference": False})
        self.assertTrue(self.opened(secret))

    def test_an_end_long_ago(self):
        """The contract knows no time before 1970: the workers would refuse the whole configuration."""
        secret = self.new_secret(purpose="signing")
        secret.expires_at = "1900-01-01 00:00:00"
        self.assertEqual(self.document()["secrets"][0]["expires_at_ms"], 0)

    def test_it_needs_one_of_them(self):
        with self.refused(ValidationError, "enter a secret, or a reference"):
            self.new_secret(False)
        with self.refused(ValidationError, "20000 bytes"):
            self.new_secret("x" * 20001)

    def test_without_a_confirmed_key(self):
        self.record_of(self.key).sudo().state = "retired"
        with self.refused(UserError, "webhook-worker keygen.*Worker Public Keys.*env:NAME"):
            self.new_secret()
        self.assertTrue(self.new_secret(False, reference="env:A", user=self.system))
        form = self.Secret.with_user(self.admin).new({"endpoint_id": self.endpoint.id})
        self.assertIn("webhook-worker keygen", form.sealing_problem)

    def test_one_a_purpose_except_signing(self):
        self.new_secret()
        with self.refused(ValidationError, "there is one already"):
            self.new_secret()
        self.new_secret(purpose="signing")
        self.new_secret(purpose="signing")

    def test_purpose_and_endpoint_are_fixed(self):
        secret = self.new_secret()
        other = self.new_endpoint("second")
        for values in ({"purpose": "api_key"}, {"endpoint_id": other.id}):
            with self.refused(UserError, "cannot be changed"):
                secret.write(values)

    def test_blanks_belong_to_passwords_only(self):
        self.assertEqual(self.opened(self.new_secret(" a b \r\n", "basic_password")), " a b ")
        self.assertEqual(self.opened(self.new_secret(" token\n")), "token")

    def test_the_revision_grows(self):
        before = self.document() and self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]
        self.new_secret()
        after = self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]
        self.assertGreater(after, before)

    def test_a_copy_of_the_endpoint_has_none(self):
        self.new_secret()
        self.assertFalse(self.endpoint.copy().secret_ids)
        with self.refused(UserError, "enter a secret|there is one already"):
            self.endpoint.secret_ids.copy()

    def test_in_the_endpoints_form(self):
        with Form(self.Endpoint.with_user(self.admin)) as form:
            form.name, form.code, form.target_hostname = "N", "n", "https://example.com"
            with form.secret_ids.new() as line:
                line.purpose, line.value = "signing", PLANTED
        self.assertEqual(self.opened(form.record.secret_ids), PLANTED)


class TestRotation(SecretCase):
    def expiry(self, secret):
        return secret.expires_at and round((secret.expires_at - fields.Datetime.now()).total_seconds() / 3600)

    def test_a_new_signing_secret_replaces_the_others_after_a_while(self):
        first = self.new_secret("whsec_a", "signing")
        both = self.new_secret("whsec_b", "signing")
        self.assertFalse(first.expires_at or both.expires_at)
        third = self.new_secret("whsec_c", "signing", replaces_others=True, overlap_hours=48)
        self.assertEqual((self.expiry(first), self.expiry(both), self.expiry(third)), (48, 48, False))
        fourth = self.new_secret("whsec_d", "signing", replaces_others=True, overlap_hours=0)
        self.assertEqual([self.expiry(secret) for secret in (first, third)], [0, 0])
        self.env.invalidate_all()
        self.assertEqual([item["id"] for item in self.document()["secrets"]][0], fourth.id)
        self.assertIn("expires_at_ms", self.document()["secrets"][1])

    def test_an_earlier_end_stays_and_what_ended_goes(self):
        first = self.new_secret("whsec_a", "signing")
        second = self.new_secret("whsec_b", "signing", replaces_others=True, overlap_hours=1)
        self.new_secret("whsec_c", "signing", replaces_others=True, overlap_hours=24)
        self.assertEqual((self.expiry(first), self.expiry(second)), (1, 24))
        first.expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.new_secret("whsec_d", "signing", replaces_others=True)
        self.assertFalse(first.exists())

    def test_only_signing_secrets_expire(self):
        with self.refused(ValidationError, "Only signing secrets expire"):
            self.new_secret(expires_at=fields.Datetime.now())
        with self.refused(ValidationError, "0 to 2160 hours"):
            self.new_secret(purpose="signing", replaces_others=True, overlap_hours=-1)

    def test_a_generated_one_is_shown_once(self):
        for mode, pattern in (("standard_webhooks", r"^whsec_[A-Za-z0-9+/]{43}=$"), ("hmac", r"^[0-9a-f]{64}$")):
            self.endpoint.signature_mode = mode
            wizard = self.env["bwt.webhook.secret.rotation"].with_user(self.admin)
            action = wizard.create({"endpoint_id": self.endpoint.id}).action_generate()
            value = action["context"]["default_secret"]
            self.assertRegex(value, pattern)
            self.env.invalidate_all()
            self.assertEqual(self.opened(self.endpoint.secret_ids[0]), value)
            show = self.env["bwt.webhook.secret.show"].with_user(self.admin).with_context(**action["context"])
            self.assertEqual(show.onchange({}, [], {"secret": {}})["value"], {"secret": value})
            self.assertEqual(show.web_save({"secret": value}, {}), [])
        self.assertEqual([self.expiry(secret) for secret in self.endpoint.secret_ids], [False, 24])

    def test_so_many_at_most(self):
        for number in range(10):
            self.new_secret(f"whsec_{number}", "signing")
        with self.refused(ValidationError, "more than 10"):
            self.new_secret("whsec_x", "signing")


class TestSecretRights(SecretCase):
    def setUp(self):
        super().setUp()
        self.secret = self.new_secret(PLANTED)
        self.other_admin = self._user("wh_other_admin", "webhook_worker.group_webhooks_admin")
        self.other_admin.write({"company_ids": self.companies(self.other_company), "company_id": self.other_company.id})

    def test_nobody_reads_or_searches_what_is_sealed(self):
        for user in (self.operator, self.admin, self.system):
            secret = self.secret.with_user(user)
            tries = {
                "read": lambda secret=secret: secret.read(["sealed_value"]),
                "attribute": lambda secret=secret: secret.sealed_value,
                "search": lambda secret=secret: secret.search([("sealed_value", "like", "sealed")]),
                "order": lambda secret=secret: secret.search([], order="sealed_value"),
                "group": lambda secret=secret: secret._read_group([], ["sealed_value"], ["__count"]),
                "export": lambda secret=secret: secret.export_data(["sealed_value"]),
                "through the endpoint": lambda secret=secret: secret.endpoint_id.search(
                    [("secret_ids.sealed_value", "like", "sealed")]
                ),
                "write": lambda secret=secret: secret.write({"sealed_value": "sealed:1:x"}),
            }
            for name, attempt in tries.items():
                with self.subTest(user=user.login, way=name), self.assertRaises(REFUSALS[name]), self.cr.savepoint():
                    attempt()
            self.assertNotIn("sealed_value", secret.fields_get())
            self.assertNotIn("sealed_value", secret.read()[0])

    def test_an_operator_sees_that_it_exists(self):
        secret = self.secret.with_user(self.operator)
        self.assertEqual(secret.read(["purpose", "kept_as"])[0]["purpose"], "bearer_token")
        self.assertEqual(len(Form(self.endpoint.with_user(self.operator)).secret_ids), 1)
        self.assertTrue(Form(secret).kept_as)
        for attempt in (
            lambda: secret.read(["reference"]),
            lambda: secret.write({"value": "x"}),
            lambda: secret.write({}),
            lambda: secret.unlink(),
            lambda: self.new_secret(purpose="api_key", user=self.operator),
            lambda: self.env["bwt.webhook.secret.rotation"].with_user(self.operator).create({}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assertEqual(self.opened(self.secret), PLANTED)

    def test_nor_does_another_companys_administrator(self):
        secret = self.secret.with_user(self.other_admin)
        self.assertFalse(secret.search([]))
        for attempt in (
            lambda: secret.read(["purpose"]),
            lambda: secret.write({"value": "x"}),
            lambda: secret.write({"reference": "env:X"}),
            lambda: secret.unlink(),
            lambda: self.new_secret(purpose="api_key", user=self.other_admin),
            lambda: self.env["bwt.webhook.secret.rotation"]
            .with_user(self.other_admin)
            .create({"endpoint_id": self.endpoint.id})
            .action_generate(),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assertEqual(self.opened(self.secret), PLANTED)

    def test_plain_users_and_the_worker_have_no_access(self):
        for user in (self.plain, self.portal, self.worker_user):
            with self.assertRaises(AccessError):
                self.secret.with_user(user).read(["purpose"])

    def test_it_is_found_nowhere(self):
        """Every text column of the database, the log, exports, names and messages."""
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("odoo").debug("something")
            self.secret.write({"value": PLANTED})
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.secret.with_user(self.system).write({"value": PLANTED, "reference": "env:A"})
            self.endpoint.with_user(self.admin).write({"secret_ids": [(1, self.secret.id, {"value": PLANTED})]})
            self.env.flush_all()
        self.assertNotIn(PLANTED, "\n".join(logs.output))
        self.admin.group_ids += self.env.ref("base.group_allow_export")
        secret = self.secret.with_user(self.admin)
        shown = [
            secret.read(),
            secret.export_data(["endpoint_id", "purpose", "value", "reference", "kept_as"]),
            secret.name_search("planted"),
            secret.web_read({"value": {}, "display_name": {}}),
            secret.endpoint_id.message_ids.mapped("body"),
            secret.endpoint_id.sudo().message_ids.tracking_value_ids.mapped("new_value_char"),
            secret.search([("value", "=", PLANTED)]) if secret._fields["value"].search else [],
        ]
        self.assertNotIn(PLANTED, str(shown))
        self.assertIn("Secret replaced", str(shown))
        self.env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
              JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
               AND (table_name LIKE 'bwt%%' OR table_name IN ('mail_message', 'mail_tracking_value', 'ir_logging',
                                                              'mail_activity', 'bus_bus', 'ir_attachment'))
            """
        )
        columns = self.env.cr.fetchall()
        self.assertEqual(self.columns_with(columns, PLANTED), [])
        self.assertIn(("bwt_webhook_secret", "sealed_value"), self.columns_with(columns, "sealed:1:"))

    def columns_with(self, columns, text):
        found = []
        for table, column in columns:
            self.env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s', [f"%{text}%"])
            if self.env.cr.fetchone()[0]:
                found.append((table, column))
        return found

    def test_an_import_seals_too(self):
        rows = [[self.endpoint.id, "api_key", PLANTED]]
        loaded = self.Secret.with_user(self.admin).load(["endpoint_id/.id", "purpose", "value"], rows)
        self.assertFalse([m for m in loaded["messages"] if m["type"] == "error"])
        self.assertEqual(self.opened(self.Secret.browse(loaded["ids"])), PLANTED)
