# SPDX-License-Identifier: LGPL-3.0-or-later
"""Each test is a sentence of the guide: Creating a Handler, Python Callback Setup, Archiving, Troubleshooting."""

from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.webhook_worker.models.handler import SENSITIVE_PREFIXES

from .common import WORKER_UID, WebhookCase


class TestCreatingAHandler(WebhookCase):
    def test_a_handler_needs_name_and_code_only(self):
        handler = self.Handler.create({"name": "Orders", "code": "orders"})
        self.assertEqual(handler.direction, "inbound")
        self.assertEqual(handler.execution_mode, "model_driven")
        self.assertTrue(handler.active)

    def test_code_is_a_lowercase_slug_without_spaces(self):
        for code in ("Orders", "my orders", "", " orders", "orders-", "bestellung-ä", "a/b"):
            with self.subTest(code=code), self.refused(ValidationError, "slug"):
                self.new_handler(code or " ", name="x")
        for code in ("orders", "a-b_c.d9", "0"):
            self.new_handler(code)

    def test_code_is_unique_within_the_company(self):
        self.new_handler("orders")
        self.new_handler("orders", company_id=self.other_company.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_handler("orders")
            self.env.flush_all()

    def test_a_copy_gets_a_code_of_its_own(self):
        handler = self.new_handler("orders")
        self.assertEqual(handler.copy().code, "orders-2")
        self.assertEqual(handler.copy().code, "orders-3")

    def test_company_defaults_to_the_current_company(self):
        self.assertEqual(self.new_handler("a").company_id, self.company)
        self.assertEqual(self.Handler.with_company(self.other_company).create({"name": "b", "code": "b"}).company_id,
                         self.other_company)  # fmt: skip

    def test_a_saved_handler_is_available_to_endpoints(self):
        handler = self.new_handler("orders")
        self.endpoint.handler_id = handler
        self.assertEqual(handler.outbound_endpoint_count, 1)

    def test_a_native_handler_needs_a_callback_name(self):
        with self.refused(ValidationError, "Native Callback"):
            self.new_handler("n", execution_mode="native")
        self.new_handler("n", execution_mode="native", native_callback="demo.callback")


class TestPythonCallback(WebhookCase):
    """`create_company` of res.partner stands for a callback: a public method of one model."""

    def python(self, **values):
        return self.new_handler(
            "p",
            **{
                "execution_mode": "python",
                "python_model_name": "res.partner",
                "python_method_name": "create_company",
                "execution_user_id": self.admin.id,
                **values,
            },
        )

    def test_python_callback_requires_model_and_method(self):
        for missing in ("python_model_name", "python_method_name"):
            with self.subTest(missing=missing), self.refused(ValidationError, "needs a Python Model"):
                self.python(**{missing: False})
        self.python()

    def test_model_must_exist(self):
        with self.refused(ValidationError, "no model sale.ordr.*installed"):
            self.python(python_model_name="sale.ordr")

    def test_method_must_exist(self):
        with self.refused(ValidationError, "method not found.*spelled correctly"):
            self.python(python_method_name="handle_webhok_event")

    def test_method_must_not_be_one_of_every_model(self):
        for name in ("unlink", "write", "sudo", "_write", "__init__", "browse"):
            with self.subTest(name=name), self.refused(ValidationError, "belongs to every model"):
                self.python(python_method_name=name)
        # Addons extend every model too, as web does.
        name = "export_data_of_every_addon"
        with patch.object(type(self.env["base"]), name, lambda self: None, create=True):
            with self.refused(ValidationError, "belongs to every model"):
                self.python(python_method_name=name)
        self.assertTrue(hasattr(self.env["base"], "web_save"), "web is installed wherever people look at Odoo")
        with self.refused(ValidationError, "belongs to every model"):
            self.python(python_method_name="web_save")

    def test_method_must_be_public(self):
        for name in ("_mail_track", "_compute_avatar_1920", "_fields_sync"):
            with self.subTest(name=name), self.refused(ValidationError, "private|every model"):
                self.python(python_method_name=name)
        endpoint = {"python_model_name": self.Endpoint._name, "python_method_name": "queue_delivery"}
        with self.refused(ValidationError, "is private"):
            self.python(**endpoint)

    def test_an_active_python_handler_needs_an_execution_user(self):
        with self.refused(ValidationError, "Execution User"):
            self.python(execution_user_id=False)
        self.python(execution_user_id=False, active=False)

    def test_the_execution_user_must_be_fit(self):
        archived = self._user("wh_archived", "base.group_user")
        archived.active = False
        for user, reason in (
            (self.env.ref("base.user_root"), "superuser"),
            (archived, "archived"),
            (self.portal, "portal"),
        ):
            with self.subTest(reason=reason), self.refused(ValidationError, reason):
                self.python(execution_user_id=user.id)
        with self.refused(ValidationError, "no access to the company"):
            self.python(company_id=self.other_company.id)

    def test_only_system_administrators_choose_another_user(self):
        as_admin = self.Handler.with_user(self.admin)
        values = {
            "name": "p",
            "code": "p",
            "execution_mode": "python",
            "python_model_name": "res.partner",
            "python_method_name": "create_company",
        }
        with self.refused(AccessError, "Only a system administrator"):
            as_admin.create({**values, "execution_user_id": self.system.id})
        own = as_admin.create({**values, "execution_user_id": self.admin.id})
        with self.assertRaises(AccessError):
            own.execution_user_id = self.system
        own.with_user(self.system).execution_user_id = self.plain
        # Nor may he change the code that runs with the rights of the user whom somebody else chose.
        with self.assertRaises(AccessError):
            own.python_method_name = "address_get"

    def test_only_system_administrators_target_sensitive_models(self):
        for model, method in (
            ("res.users", "action_get"),
            ("base.module.update", "update_module"),
            ("change.password.wizard", "change_password_button"),
            ("res.company", "cache_invalidation_fields"),
            ("ir.cron", "method_direct_trigger"),
        ):
            values = {
                "name": "p",
                "code": "p",
                "execution_mode": "python",
                "python_model_name": model,
                "python_method_name": method,
                "execution_user_id": self.admin.id,
            }
            with self.subTest(model=model), self.refused(AccessError, f"call the model {model}"):
                self.Handler.with_user(self.admin).create(values)
            self.Handler.with_user(self.system).create({**values, "execution_user_id": self.system.id}).unlink()
        # Wherever they are installed: what logs people in, what they are pushed, and what reads their mail.
        for model in ("bus.bus", "auth_totp.wizard", "auth.passkey.key", "fetchmail.server", "payment.provider"):
            self.assertTrue(model.startswith(SENSITIVE_PREFIXES), model)


class TestArchivingHandlers(WebhookCase):
    def test_use_action_archive_from_the_handler_list_or_form(self):
        """The web client offers Archive where the view knows a field `active` that may be written."""
        handler = self.new_handler("orders").with_user(self.admin)
        for kind in ("list", "form"):
            fields_of_view = self.Handler.with_user(self.admin).get_views([(False, kind)])["models"][handler._name]
            self.assertFalse(fields_of_view["fields"]["active"].get("readonly"), kind)
        handler.action_archive()
        self.assertFalse(handler.active)
        handler.action_unarchive()
        self.assertTrue(handler.active)
        with self.assertRaises(AccessError):
            handler.with_user(self.operator).action_archive()

    def test_archived_handlers_remain_visible_in_historical_audit_records(self):
        handler = self.new_handler("orders")
        self.endpoint.handler_id = handler
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed))
        handler.with_user(self.admin).action_archive()
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (delivery.with_user(self.operator), self.endpoint.with_user(self.operator)):
            self.assertEqual(record.handler_id, handler)
            self.assertEqual(record.handler_id.display_name, "Orders")
            (values,) = record.web_read({"handler_id": {"fields": {"display_name": {}}}})
            self.assertEqual(values["handler_id"], {"id": handler.id, "display_name": "Orders"})
        found = self.Delivery.with_user(self.operator).search([("handler_id", "=", handler.id)])
        self.assertEqual(found, delivery)
        archived = self.Handler.with_user(self.operator).search([("active", "=", False)])
        self.assertEqual(archived, handler)

    def test_archived_handlers_are_not_selectable_for_new_work(self):
        handler = self.new_handler("orders", active=False)
        self.assertNotIn(handler, self.Handler.search([]))
        with self.refused(ValidationError, "archived"):
            self.endpoint.handler_id = handler

    def test_archiving_a_handler_holds_its_deliveries(self):
        handler = self.new_handler("orders")
        self.endpoint.handler_id = handler
        delivery = self.queue()
        handler.active = False
        self.assertEqual(delivery.held_reason, "handler_archived")
        self.assertEqual(self.claimed_ids(), [])
        handler.active = True
        self.assertEqual(self.claimed_ids(), [delivery.id])


class TestTroubleshooting(WebhookCase):
    def test_handler_not_selectable_on_an_outbound_endpoint_verify_direction(self):
        handler = self.new_handler("orders", direction="inbound")
        domain = self.Endpoint._fields["handler_id"].domain
        self.assertIn("('direction', '=', 'outbound')", domain)
        with self.refused(ValidationError, "Direction is set to Outbound"):
            self.endpoint.handler_id = handler

    def test_direction_of_a_used_handler_stays_outbound(self):
        handler = self.new_handler("orders")
        self.endpoint.handler_id = handler
        with self.refused(ValidationError, "must stay Outbound"):
            handler.direction = "inbound"

    def test_the_handler_endpoint_and_all_target_records_must_share_the_same_company(self):
        handler = self.new_handler("orders", company_id=self.other_company.id)
        with self.refused(UserError, "[Cc]ompan"):
            self.endpoint.handler_id = handler
        with self.refused(UserError, "[Cc]ompan"):
            self.new_endpoint("second", handler_id=handler.id)
        endpoint = self.new_endpoint("second", handler_id=handler.id, company_id=self.other_company.id)
        delivery = self.queue(endpoint=endpoint)
        self.assertEqual(delivery.company_id, self.other_company)
        self.assertEqual(delivery.handler_id.company_id, self.other_company)
        # A user of another company queues nothing on it, whatever the record.
        with self.refused(AccessError, "another company"):
            endpoint.with_user(self.plain).queue_delivery({}, record=self.plain.partner_id)

    def revision(self):
        """As the next transaction sees it: the call before the answer does what a commit does."""
        self.env.flush_all()
        return self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]

    def test_every_change_makes_the_revision_grow_once_per_transaction(self):
        handler, policy = self.new_handler("a"), self.endpoint.retry_policy_id.copy()
        changes = {
            "handler made": lambda: self.new_handler("b"),
            "handler changed": lambda: handler.write({"name": "c"}),
            "handler archived": handler.action_archive,
            "handler deleted": handler.unlink,
            "endpoint made": lambda: self.new_endpoint("c"),
            "endpoint paused": self.endpoint.action_pause,
            "endpoint changed": lambda: self.endpoint.write({"target_path": "/x"}),
            "delay changed": lambda: policy.delay_ids[0].write({"value": 3}),
            "delay deleted": lambda: policy.delay_ids[0].unlink(),
            "policy deleted": policy.unlink,
            "company stopped": lambda: self.company.write({"webhooks_paused": True}),
            "two at once": lambda: (self.new_handler("d").write({"name": "e"}), self.endpoint.action_resume()),
        }
        for what, change in changes.items():
            before = self.revision()
            change()
            with self.subTest(what=what):
                self.assertEqual(self.revision(), before + 1)
        self.assertEqual(self.revision(), self.revision())
