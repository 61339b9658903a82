# SPDX-License-Identifier: LGPL-3.0-or-later
import time
import tomllib
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models import res_users

from .common import WebhookCase


class TestServiceUser(WebhookCase):
    def test_it_has_one_group_and_no_password(self):
        user = self.worker_user
        self.assertEqual(user.login, "webhook_worker")
        self.assertEqual(user.group_ids, self.env.ref("webhook_worker.group_webhooks_worker"))
        self.assertFalse(user._is_internal())
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [user.id])
        self.assertFalse(self.env.cr.fetchone()[0])


class TestWorkerKey(WebhookCase):
    def make(self, **values):
        wizard = self.wizard(**values)
        with self.asked_for_the_password(minutes_ago=1):
            return wizard, wizard.action_make_key()["context"]

    def wizard(self, **values):
        return self.env["bwt.webhook.worker.key"].with_user(self.system).create({"url": "http://odoo:8069", **values})

    @staticmethod
    def asked_for_the_password(minutes_ago):
        session = {"identity-check-last": time.time() - 60 * minutes_ago}
        http = SimpleNamespace(environ={"REMOTE_ADDR": "127.0.0.1"})  # for the log of keys
        return patch.object(res_users, "request", SimpleNamespace(session=session, httprequest=http))

    def test_who_makes_a_key_has_typed_his_password_just_now(self):
        """An administrator's forgotten browser, or his stolen session, makes no key."""
        wizard = self.wizard()
        with self.asked_for_the_password(minutes_ago=11):
            self.assertEqual(wizard.action_make_key()["res_model"], "res.users.identitycheck")
        with self.assertRaises(UserError):
            wizard.action_make_key()  # not over HTTP: nobody could be asked
        self.assertFalse(wizard.key_ids.filtered(lambda key: key.name == wizard.name))

    def test_the_key_works_and_is_shown_with_the_configuration(self):
        _wizard, shown = self.make()
        key = shown["default_key"]
        self.env.flush_all()
        uid = self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=key)
        self.assertEqual(uid, self.worker_user.id)
        configuration = tomllib.loads(shown["default_configuration"])["odoo"]
        self.assertEqual(configuration["url"], "http://odoo:8069")
        self.assertEqual(configuration["database"], self.env.cr.dbname)
        self.assertEqual(configuration["login"], "webhook_worker")
        self.assertNotIn(key, shown["default_configuration"])

    def test_the_key_is_stored_nowhere(self):
        _wizard, shown = self.make()
        self.env.flush_all()
        self.assertTrue(self.env["bwt.webhook.worker.key.show"]._abstract)
        for table in ("bwt_webhook_worker_key", "res_users_apikeys"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{shown['default_key']}%"])
            self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_leaving_the_form_saves_nothing(self):
        shown = self.env["bwt.webhook.worker.key.show"].with_user(self.system)
        self.assertEqual(shown.browse().web_save({"key": "secret"}, {}), [])

    def test_the_existing_keys_and_their_expiry_are_listed(self):
        self.make(duration="30", name="first")
        wizard, _shown = self.make(duration="0", name="second")
        wizard.invalidate_recordset()
        expiry = {key.name: bool(key.expiration_date) for key in wizard.key_ids}
        self.assertEqual(expiry, {"first": True, "second": False})

    def test_system_administrators_only(self):
        for user in (self.admin, self.operator, self.plain):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["bwt.webhook.worker.key"].with_user(user).create({"url": "x"})
            with self.subTest(user=user.login, step="make"), self.assertRaises(AccessError):
                self.wizard().with_user(user)._make_key()

    def test_the_form_that_shows_it(self):
        values = self.env["bwt.webhook.worker.key.show"].with_context(default_key="k", default_configuration="c")
        spec = {"key": {}, "configuration": {}}
        shown = values.with_user(self.system).onchange({}, [], spec)["value"]
        self.assertEqual(shown, {"key": "k", "configuration": "c"})
