# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import WORKER_UID, WebhookCase, new_uid

REQUESTS = {
    "hello": WebhookCase.hello_request(),
    "configuration": {"worker_uid": WORKER_UID},
    "claim": {
        "worker_uid": WORKER_UID,
        "claim_token": new_uid(),
        "limit": 1,
        "lease_seconds": 1,
        "takeover": False,
        "quotas": [],
    },
    "renew": {"worker_uid": WORKER_UID, "lease_seconds": 1, "leases": []},
    "release": {"worker_uid": WORKER_UID, "leases": []},
    "settle": {"worker_uid": WORKER_UID, "settlements": []},
    "ingest": {"worker_uid": WORKER_UID, "events": []},
    "run_python_handler": {
        "worker_uid": WORKER_UID,
        "lease": {"kind": "event", "id": 2147483647, "lease_token": new_uid()},
        "settlement_uid": new_uid(),
        "otherwise": {"state": "dead_letter", "failure_reason": "callback"},
    },
    "read_as": {
        "worker_uid": WORKER_UID,
        "lease": {"kind": "event", "id": 2147483647, "lease_token": new_uid()},
        "model": "res.partner",
        "operation": "search",
    },
    "report_findings": {"worker_uid": WORKER_UID, "configuration_revision": 0, "findings": [], "needs": []},
    "answer_probe": {
        "worker_uid": WORKER_UID,
        "probe_uid": new_uid(),
        "answer": {"summary": "", "results": []},
    },
}


class TestGuard(WebhookCase):
    def test_each_method_refuses_everybody_else(self):
        nobody = self.env["res.users"].create({"name": "n", "login": "wh_nobody", "group_ids": [(5,)]})
        users = [self.plain, self.portal, self.operator, self.admin, self.system, nobody]
        users.append(self.env.ref("base.user_root"))
        for method, request in REQUESTS.items():
            self.call(method, **request)
            for user in users:
                with self.subTest(method=method, user=user.login), self.refused(AccessError, "group Webhook Worker"):
                    self.call(method, user=user, **request)

    def test_an_archived_worker_user_is_refused(self):
        self.worker_user.active = False
        with self.refused(AccessError, "group Webhook Worker"):
            self.call("configuration", worker_uid=WORKER_UID)

    def test_no_group_implies_the_worker_group(self):
        group = self.env.ref("webhook_worker.group_webhooks_worker")
        self.assertFalse(self.env["res.groups"].search([("implied_ids", "in", group.ids)]))
        self.assertFalse(group.implied_ids)

    def test_the_worker_user_has_no_rights(self):
        group = self.env.ref("webhook_worker.group_webhooks_worker")
        self.assertFalse(self.env["ir.model.access"].search([("group_id", "=", group.id)]))
        for model in ("res.partner", "bwt.webhook.outbound.delivery", "bwt.webhook.worker"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.worker_user).search([])

    def test_system_administrators_are_webhooks_administrators(self):
        self.assertTrue(self.system.has_group("webhook_worker.group_webhooks_admin"))
        self.assertTrue(self.admin.has_group("webhook_worker.group_webhooks_operator"))

    def test_requests_that_do_not_fit_say_where(self):
        worker = self.env["bwt.webhook.worker"].with_user(self.worker_user)
        claim = REQUESTS["claim"]
        for method, request, pattern in (
            ("claim", "{", "no JSON"),
            ("claim", "[]", "an object is expected"),
            ("claim", "[" * 100000, "no JSON"),
            ("claim", json.dumps({**claim, "limit": 1001}), "/limit"),
            ("claim", json.dumps({**claim, "limit": True}), "/limit"),
            ("claim", json.dumps({**claim, "limit": 1.5}), "/limit"),
            ("claim", json.dumps({**claim, "claim_token": new_uid().upper()}), "/claim_token"),
            ("claim", json.dumps({**claim, "quotas": [{"endpoint_id": 0, "free": 1}]}), "/quotas/0/endpoint_id"),
            ("claim", json.dumps({**claim, "more": 1}), "there is no 'more'"),
            ("claim", json.dumps({k: v for k, v in claim.items() if k != "takeover"}), "takeover is missing"),
            ("hello", json.dumps({**REQUESTS["hello"], "name": ""}), "/name"),
            ("hello", json.dumps({**REQUESTS["hello"], "wake_address": "example.com:80"}), "/wake_address"),
            ("settle", json.dumps({"worker_uid": WORKER_UID, "settlements": [{}]}), "/settlements/0"),
        ):
            with self.subTest(request=request[:60]), self.refused(ValidationError, pattern):
                getattr(worker, method)(request)

    def test_options_are_room_for_later(self):
        self.call("claim", **REQUESTS["claim"], options={"later": {"x": [1]}})

    def test_answers_are_ascii_without_null(self):
        self.queue("\"ä\"", headers={"X": "ü"})
        worker = self.env["bwt.webhook.worker"].with_user(self.worker_user)
        request = {**REQUESTS["claim"], "limit": 1, "quotas": [{"endpoint_id": self.endpoint.id, "free": 1}]}
        answer = worker.claim(json.dumps(request))
        self.assertTrue(answer.isascii())
        self.assertNotIn("null", answer)
        self.assertEqual(json.loads(answer)["deliveries"][0]["payload"], '"ä"')


class TestHello(WebhookCase):
    def test_registers_and_refreshes(self):
        uid = new_uid()
        first = self.call("hello", **self.hello_request(worker_uid=uid))
        worker = self.env["bwt.webhook.worker"].browse(first["worker_id"])
        self.assertEqual((worker.name, worker.status, worker.journal_healthy), ("test worker", "live", True))
        self.assertTrue(first["compatible"])
        again = self.call("hello", **self.hello_request(worker_uid=uid, name="renamed", journal_healthy=False))
        self.assertEqual(again["worker_id"], first["worker_id"])
        self.assertEqual((worker.name, worker.journal_healthy), ("renamed", False))

    def test_another_contract_version_registers_nothing(self):
        uid = new_uid()
        for version in (2, 99):
            answer = self.call("hello", **self.hello_request(worker_uid=uid, contract_version=version))
            self.assertFalse(answer["compatible"])
            self.assertIn("upgrade the addon", answer["incompatible_message"])
            self.assertNotIn("worker_id", answer)
        self.assertFalse(self.env["bwt.webhook.worker"].search([("worker_uid", "=", uid)]))

    def test_tells_when_the_key_expires(self):
        self.assertNotIn("key_expires_at_ms", self.call("hello", **self.hello_request()))
        wizard = self.env["bwt.webhook.worker.key"].with_user(self.system).create({"duration": "30", "url": "http://x"})
        wizard._make_key()
        expires_ms = self.call("hello", **self.hello_request())["key_expires_at_ms"]
        self.assertAlmostEqual(expires_ms / 1000 - time.time(), 30 * 86400, delta=60)

    def test_other_calls_say_that_the_worker_lives(self):
        worker = self.env["bwt.webhook.worker"].search([("worker_uid", "=", WORKER_UID)])
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = '2020-01-01'")
        self.env.invalidate_all()
        self.assertEqual(worker.status, "gone")
        self.call("claim", **REQUESTS["claim"])
        self.env.invalidate_all()
        self.assertEqual(worker.status, "live")


@tagged("post_install", "-at_install")
class TestOverHttp(HttpCase):
    """The same over the three protocols: who may call, and that operators write no field."""

    def setUp(self):
        super().setUp()
        users = self.env["res.users"]
        self.operator = users.create(
            {
                "name": "o",
                "login": "wh_http_operator",
                "group_ids": [(6, 0, [self.env.ref("webhook_worker.group_webhooks_operator").id])],
            }
        )
        endpoint = self.env["bwt.webhook.outbound.endpoint"].create(
            {"name": "E", "code": "http-e", "target_hostname": "https://example.com"}
        )
        self.delivery = endpoint.queue_delivery({"n": 1})
        self.keys = {
            user: self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
            for user in (self.operator, self.env.ref("webhook_worker.user_webhook_worker"))
        }
        self.env.flush_all()

    def json2(self, user, model, method, **arguments):
        headers = {"Authorization": f"bearer {self.keys[user]}", "X-Odoo-Database": self.env.cr.dbname}
        return self.url_open(f"/json/2/{model}/{method}", json=arguments, headers=headers)

    def test_json2(self):
        worker_user = self.env.ref("webhook_worker.user_webhook_worker")
        request = json.dumps(REQUESTS["configuration"])
        answer = self.json2(worker_user, "bwt.webhook.worker", "configuration", request=request)
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(json.loads(answer.json())["unchanged"])
        for method, value in REQUESTS.items():
            answer = self.json2(self.operator, "bwt.webhook.worker", method, request=json.dumps(value))
            self.assertEqual((method, answer.status_code), (method, 403))

    def test_operators_write_no_field_over_any_protocol(self):
        model, ids = "bwt.webhook.outbound.delivery", self.delivery.ids
        answer = self.json2(self.operator, model, "write", ids=ids, vals={"state": "done"})
        self.assertEqual(answer.status_code, 403)
        arguments = [self.env.cr.dbname, self.operator.id, self.keys[self.operator], model, "write"]
        arguments.append([ids, {"state": "done"}])
        answer = self.url_open(
            "/jsonrpc", json={"params": {"service": "object", "method": "execute_kw", "args": arguments}}
        ).json()
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
        with self.assertRaisesRegex(Exception, "allowed to modify"):
            self.xmlrpc_object.execute_kw(*arguments)
        self.env.invalidate_all()
        self.assertEqual(self.delivery.state, "queued")
        answer = self.json2(self.operator, model, "action_cancel", ids=ids)
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.delivery.state, "canceled")
