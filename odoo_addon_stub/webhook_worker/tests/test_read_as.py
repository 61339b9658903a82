# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import tagged

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestReadAs(InboundCase):
    def setUp(self):
        super().setUp()
        self.handler.write({"execution_mode": "native", "native_callback": "acme.reads"})
        (self.claimed,) = self.ingested()
        self.partners = self.Partner.create(
            [{"name": "Read me", "ref": "read-as", "comment": "x"}, {"name": "And me", "ref": "read-as"}]
        )

    def read(self, operation="search_read", model="res.partner", **values):
        values.setdefault(
            "lease", {"kind": "event", "id": self.claimed["id"], "lease_token": self.claimed["lease_token"]}
        )
        return self.call("read_as", worker_uid=WORKER_UID, operation=operation, model=model, **values)

    def records(self, *args, **values):
        answer = self.read(*args, **values)
        self.assertEqual(answer["status"], "read", answer)
        return self.read_json(answer["records"])

    def assert_failed(self, category, pattern, *args, **values):
        answer = self.read(*args, **values)
        self.assertEqual((answer["status"], answer.get("category")), ("failed", category), answer)
        self.assertRegex(answer["message"], pattern)

    def test_operations(self):
        domain = [["ref", "=", "read-as"]]
        found = self.records(domain=domain, fields=["name", "country_id", "create_date"], order="name")
        self.assertEqual([record["name"] for record in found], ["And me", "Read me"])
        self.assertEqual(found[0]["country_id"], False)
        self.assertRegex(found[0]["create_date"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(self.records("search", domain=domain, order="id"), self.partners.ids)
        self.assertEqual(self.records("search", domain=domain, limit=1, order="id"), self.partners[:1].ids)
        self.assertEqual(self.records("search_count", domain=domain), 2)
        self.assertEqual(
            self.records("read", record_ids=self.partners[0].ids, fields=["ref"]),
            [{"id": self.partners[0].id, "ref": "read-as"}],
        )

    def test_only_while_the_lease_is_live(self):
        other = {"kind": "event", "id": self.claimed["id"], "lease_token": new_uid()}
        self.assert_failed("gone", "no longer live", lease=other)
        self.expire_events([self.claimed["id"]])
        self.assert_failed("gone", "no longer live")
        (self.claimed,) = self.claim_events()["events"]
        self.records("search_count")
        self.settle(self.event_settlement(self.claimed))
        self.assert_failed("gone", "no longer live")

    def test_with_the_execution_users_rights(self):
        self.assert_failed("access", "wh_executor may not search_read ir.config_parameter", model="ir.config_parameter")
        self.assertEqual(self.records("search_count", model="res.users.apikeys"), 0)  # his own
        foreign = self.Partner.create({"name": "Foreign", "company_id": self.other_company.id})
        self.assertEqual(self.records("search", domain=[["id", "=", foreign.id]]), [])
        self.assert_failed("access", "may not read", "read", record_ids=foreign.ids, fields=["name"])
        self.handler.execution_user_id = self.system
        for model in ("bwt.webhook.handler", "bwt.webhook.inbound.event", "bwt.webhook.worker"):
            self.assert_failed("access", "Callbacks do not read", model=model)

    def test_for_native_callbacks_only(self):
        self.handler.execution_mode = "model_driven"
        self.assert_failed("access", "Only native callbacks", "search_count")

    def test_what_does_not_exist(self):
        self.assert_failed("configuration", "no model", model="no.such.model")
        self.assert_failed("data", "nonsense", fields=["nonsense"])
        self.assert_failed("data", ".", domain=[["nonsense", "=", 1]])
        self.assert_failed("validation", ".", order="name; drop table res_partner")

    def test_without_an_execution_user(self):
        self.env.cr.execute("UPDATE bwt_webhook_handler SET execution_user_id = NULL WHERE id = %s", [self.handler.id])
        self.env.invalidate_all()
        self.assert_failed("configuration", "no execution user")
