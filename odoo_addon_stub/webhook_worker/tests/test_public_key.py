# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import hashlib
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.webhook_worker.models import sealing

from .common import WORKER_UID
from .secret_common import SecretCase, WorkerPrivateKey


class TestPublicKey(SecretCase):
    def setUp(self):
        super().setUp()
        self.next_key = WorkerPrivateKey()

    def test_an_unknown_key_waits(self):
        answer = self.say_hello_with(self.next_key)
        self.assertEqual(answer["sealing_public_key"], self.key.text)
        record = self.record_of(self.next_key)
        self.assertEqual((record.state, record.worker_name), ("pending", "test worker"))
        digits = hashlib.sha256(self.next_key.public).hexdigest()
        self.assertEqual(record.fingerprint.replace(" ", ""), digits)
        self.assertEqual(record.fingerprint[:9], f"{digits[:4]} {digits[4:8]}")
        self.assertIn(self.system, record.activity_ids.user_id)
        self.assertEqual(self.env["bwt.webhook.ledger"]._the_row().pending_key_count, 1)
        self.assertEqual(self.endpoint.pending_key_count, 1)
        self.say_hello_with(self.next_key)
        self.assertEqual(len(self.record_of(self.next_key)), 1)

    def test_confirming_retires_the_one_before(self):
        self.say_hello_with(self.next_key)
        secret = self.new_secret()
        self.confirm(self.next_key)
        old, new = self.record_of(self.key), self.record_of(self.next_key)
        self.assertEqual((old.state, new.state, new.confirmed_by_id), ("retired", "confirmed", self.system))
        self.assertFalse(new.activity_ids)
        self.assertEqual(self.say_hello_with(self.key)["sealing_public_key"], self.next_key.text)
        self.assertEqual(old.state, "retired")
        self.assertIn("not the confirmed one", secret.kept_as)
        secret.value = "again"
        self.assertEqual(self.opened(secret, self.next_key), "again")
        with self.refused(UserError, "confirmed already"):
            self.confirm(self.next_key)

    def test_system_administrators_only(self):
        self.say_hello_with(self.next_key)
        record = self.record_of(self.next_key)
        for user in (self.admin, self.operator, self.plain, self.worker_user):
            with self.assertRaises(AccessError):
                record.with_user(user).action_confirm()
        for user in (self.admin, self.system):
            for values in ({"state": "confirmed"}, {"public_key": self.key.text}):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    record.with_user(user).write(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                record.with_user(user).create({"public_key": "x", "fingerprint": "y"})
        self.assertEqual(record.state, "pending")

    def test_a_confirmed_key_is_not_deleted(self):
        with self.refused(UserError, "Confirm another one first"):
            self.record_of(self.key).with_user(self.system).unlink()
        self.say_hello_with(self.next_key)
        self.record_of(self.next_key).with_user(self.system).unlink()

    def test_so_many_wait_at_most(self):
        for _number in range(12):
            self.say_hello_with(WorkerPrivateKey())
        self.assertEqual(self.PublicKey.search_count([("state", "=", "pending")]), 10)

    def test_what_is_no_key_is_refused(self):
        for text in ("AAAA", base64.b64encode(b"x" * 31).decode()):
            with self.refused(ValidationError, "public_key"):
                self.call("hello", **self.hello_request(public_key=text))

    def test_asking_only_registers_nothing(self):
        answer = self.call("hello", **self.hello_request(public_key=self.next_key.text, options={"check_only": True}))
        self.assertEqual(answer["sealing_public_key"], self.key.text)
        self.assertFalse(self.record_of(self.next_key))

    def test_neutralize_wipes_secrets_and_keys(self):
        sealed, reference = self.new_secret(), self.new_secret(False, "api_key", reference="env:A", user=self.system)
        self.env.flush_all()
        self.env.cr.execute(Path(__file__).parents[1].joinpath("data", "neutralize.sql").read_text())
        self.env.invalidate_all()
        self.assertFalse(sealed.sudo().sealed_value)
        self.assertIn("enter it again", sealed.kept_as)
        self.assertEqual(reference.reference, "env:A")
        self.assertFalse(self.PublicKey.search([]))


class TestReseal(SecretCase):
    def setUp(self):
        super().setUp()
        self.secret = self.new_secret("old one")
        self.previous = self.secret.sudo().sealed_value
        self.next_key = WorkerPrivateKey()
        self.say_hello_with(self.next_key)
        self.confirm(self.next_key)

    def sealed_to(self, key, secret=None):
        secret = secret or self.secret
        return sealing.seal(key.public, "old one", f"bwt.webhook.secret,{secret.id},{secret.purpose}")

    def reseal(self, value, previous=None, user=None):
        item = {"id": self.secret.id, "previous_value": previous or self.previous, "value": value}
        answer = self.call("reseal", user=user, worker_uid=WORKER_UID, secrets=[item])
        self.env.invalidate_all()
        return answer["resealed_ids"]

    def test_it_is_replaced_once(self):
        before = self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]
        value = self.sealed_to(self.next_key)
        self.assertEqual(self.reseal(value), [self.secret.id])
        self.assertEqual(self.opened(self.secret, self.next_key), "old one")
        self.assertTrue(self.secret.sealed_to_present_key)
        self.assertEqual(self.reseal(value), [])
        self.assertEqual(self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"], before + 1)

    def test_only_while_it_is_what_the_worker_saw(self):
        self.secret.value = "newer"
        self.assertEqual(self.reseal(self.sealed_to(self.next_key)), [])
        self.assertEqual(self.opened(self.secret, self.next_key), "newer")

    def test_only_to_the_confirmed_key(self):
        for value in (self.sealed_to(self.key), self.sealed_to(WorkerPrivateKey()), "env:HOME", "plain"):
            self.assertEqual(self.reseal(value), [])
        self.assertEqual(self.secret.sudo().sealed_value, self.previous)

    def test_references_are_left_alone(self):
        self.secret.with_user(self.system).reference = "env:A"
        self.assertEqual(self.reseal(self.sealed_to(self.next_key), "env:A"), [])
        self.assertEqual(self.secret.reference, "env:A")

    def test_only_by_the_worker_and_not_in_a_copy(self):
        for user in (self.admin, self.system, self.operator):
            with self.assertRaises(AccessError):
                self.reseal(self.sealed_to(self.next_key), user=user)
        self.env.cr.execute("UPDATE bwt_webhook_ledger SET confirmed_fingerprint = %s", ["0" * 64])
        with self.refused(ValidationError, "not confirmed"):
            self.reseal(self.sealed_to(self.next_key))
