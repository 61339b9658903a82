# SPDX-License-Identifier: LGPL-3.0-or-later
"""Each test is a sentence of the guide: Creating a Handler, Python Callback Setup, Archiving, Troubleshooting."""

from unittest.mock import patch

import psycopg2

from odoo.addons.webhook_worker.models.ledger import Ledger
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import WebhookCase


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
    """`_message_post_after_hook` and friends stand for a callback: a method of a model, but not of every model."""

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
        with self.refused(AccessError, "call the model res.users"):
            self.Handler.with_user(self.admin).create(
                {
                    "name": "p",
                    "code": "p",
                    "execution_mode": "python",
                    "python_model_name": "res.users",
                    "python_method_name": "action_get",
                    "execution_user_id": self.admin.id,
                }
            )


class TestArchivingHandlers(WebhookCase):
    def test_archived_handlers_stay_in_historical_records(self):
        handler = self.new_handler("orders")
        self.endpoint.handler_id = handler
        delivery = self.queue()
        handler.active = False
        self.env.invalidate_all()
        self.assertEqual(delivery.handler_id, handler)

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

    def test_company_mismatch_is_an_error(self):
        handler = self.new_handler("orders", company_id=self.other_company.id)
        with self.assertRaises(UserError):
            self.endpoint.handler_id = handler

    def test_every_change_makes_the_revision_grow_once_per_transaction(self):
        before = self.call("configuration", worker_uid="018f0000-0000-7000-8000-000000000001")["configuration_revision"]
        with patch.object(Ledger, "_bump_configuration_revision", autospec=True,
                          side_effect=Ledger._bump_configuration_revision) as bump:  # fmt: skip
            self.new_handler("a")
            self.new_handler("b").write({"name": "c"})
        self.assertGreater(bump.call_count, 1)
        after = self.call("configuration", worker_uid="018f0000-0000-7000-8000-000000000001")["configuration_revision"]
        self.assertEqual(after, before + 1)
