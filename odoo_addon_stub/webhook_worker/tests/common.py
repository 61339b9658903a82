# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
import time
import uuid
from contextlib import contextmanager

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.webhook_worker.models import contract_shape

WORKER_UID = "018f0000-0000-7000-8000-000000000001"


def new_uid():
    return str(uuid.uuid4())


class WebhookCase(TransactionCase):
    """Users of every kind, an endpoint, and the worker's side of the contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schemas = contract_shape.definitions()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other Webhooks Company"})
        cls.operator = cls._user("wh_operator", "webhook_worker.group_webhooks_operator")
        cls.admin = cls._user("wh_admin", "webhook_worker.group_webhooks_admin")
        cls.system = cls._user("wh_system", "base.group_system")
        cls.plain = cls._user("wh_plain", "base.group_user")
        cls.portal = cls._user("wh_portal", "base.group_portal")
        cls.worker_user = cls.env.ref("webhook_worker.user_webhook_worker")
        cls.Endpoint = cls.env["bwt.webhook.outbound.endpoint"]
        cls.Delivery = cls.env["bwt.webhook.outbound.delivery"]
        cls.Attempt = cls.env["bwt.webhook.outbound.delivery.attempt"]
        cls.Handler = cls.env["bwt.webhook.handler"]
        cls.endpoint = cls.new_endpoint("first")
        cls.call("hello", **cls.hello_request())

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(cls.env, login, groups=groups)

    @classmethod
    def new_endpoint(cls, code, **values):
        return cls.Endpoint.create(
            {"name": code.title(), "code": code, "target_hostname": "https://example.com", "state": "active", **values}
        )

    @classmethod
    def new_handler(cls, code, **values):
        return cls.Handler.create({"name": code.title(), "code": code, "direction": "outbound", **values})

    @classmethod
    def new_rule(cls, handler, direction="inbound", **values):
        """A rule; `target` is the name of its model, rows are lists of dicts."""
        for field in ("condition_ids", "lookup_ids", "assignment_ids"):
            if field in values:
                values[field] = [Command.create({"source_expression": "a", **row}) for row in values[field]]
        if "target" in values:
            values["target_model_id"] = cls.env["ir.model"]._get(values.pop("target")).id
        return cls.env[f"bwt.webhook.{direction}.handler.rule"].create(
            {"name": "Rule", "handler_id": handler.id, **values}
        )

    @classmethod
    def new_inbound_endpoint(cls, path, **values):
        """Active; without a verification, which it is allowed to be."""
        return cls.env["bwt.webhook.inbound.endpoint"].create(
            {
                "name": path.title(),
                "path": path,
                "state": "active",
                "unverified_allowed": True,
                "delivery_identity_policy": "body_sha256",
                **values,
            }
        )

    @classmethod
    def new_event(cls, endpoint, body=b"{}", **values):
        return cls.env["bwt.webhook.inbound.event"].create(
            {
                "name": "Event",
                "endpoint_id": endpoint.id,
                "handler_id": endpoint.handler_id.id,
                "company_id": endpoint.company_id.id,
                "event_uid": new_uid(),
                "received_at": "2026-11-24 10:00:00",
                "request_body_raw": base64.b64encode(body),
                **values,
            }
        )

    # ---- the worker's side

    @classmethod
    def call(cls, method, user=None, **request):
        """A contract call, with request and answer held against the schemas."""
        cls.env.cr.flush()  # what the end of the transaction before this call would have done
        worker = cls.env["bwt.webhook.worker"].with_user(user or cls.worker_user)
        answer = json.loads(getattr(worker, method)(json.dumps(request)))
        cls.check_schema(f"{method}_request", request)
        cls.check_schema(f"{method}_answer", answer)
        return answer

    @classmethod
    def check_schema(cls, name, value):
        import jsonschema  # noqa: PLC0415  a test dependency only

        schema = {"$ref": f"#/definitions/{name}", "definitions": cls.schemas}
        jsonschema.Draft7Validator(schema).validate(value)

    @staticmethod
    def hello_request(**values):
        return {
            "contract_version": 1,
            "worker_uid": WORKER_UID,
            "name": "test worker",
            "version": "1.0.0",
            "host": "testhost",
            "callbacks": ["demo.callback"],
            "journal_healthy": True,
            **values,
        }

    def claim(self, endpoints=None, free=100, token=None, limit=100, takeover=True, lease_seconds=60):
        endpoints = self.endpoint if endpoints is None else endpoints
        return self.call(
            "claim",
            worker_uid=WORKER_UID,
            claim_token=token or new_uid(),
            limit=limit,
            lease_seconds=lease_seconds,
            takeover=takeover,
            quotas=[{"endpoint_id": endpoint.id, "free": free} for endpoint in endpoints],
        )

    def claimed_ids(self, *args, **kwargs):
        return [delivery["id"] for delivery in self.claim(*args, **kwargs)["deliveries"]]

    def settlement(self, claimed, outcome="delivered", state="done", attempt=None, **values):
        """A settlement of what `claim` handed out; `attempt` False for none, a dict for other values."""
        settlement = {
            "settlement_uid": new_uid(),
            "kind": "delivery",
            "id": claimed["id"],
            "lease_token": claimed["lease_token"],
            "outcome": outcome,
            "state": state,
            **values,
        }
        if state in ("error", "queued"):
            settlement.setdefault("next_attempt_at_ms", int(time.time() * 1000) + 60000)
        if attempt is not False:
            settlement["attempt"] = {
                "attempt_uid": new_uid(),
                "started_at_ms": int(time.time() * 1000),
                "duration_ms": 12,
                "http_method": "post",
                "target_url": "https://example.com/",
                "maybe_delivered": False,
                **({"response_status_code": 200} if outcome == "delivered" else {}),
                **(attempt or {}),
            }
        return settlement

    def settle(self, *settlements):
        answer = self.call("settle", worker_uid=WORKER_UID, settlements=list(settlements))
        return [result["status"] for result in answer["results"]]

    def queue(self, payload=None, endpoint=None, **options):
        return (endpoint or self.endpoint).queue_delivery({"n": 1} if payload is None else payload, **options)

    def queue_and_claim(self, **options):
        """One delivery, and what `claim` says of it."""
        delivery = self.queue(**options)
        claimed = [item for item in self.claim()["deliveries"] if item["id"] == delivery.id]
        self.assertEqual(len(claimed), 1)
        return delivery, claimed[0]

    @contextmanager
    def refused(self, exception, pattern):
        """The block raises `exception` with a message like `pattern`, and what it did is undone."""
        with self.assertRaises(exception) as caught, self.cr.savepoint():
            yield
        self.assertRegex(str(caught.exception), pattern)

    # ---- time and transactions inside one test transaction

    def expire_leases(self, deliveries):
        deliveries.flush_recordset()
        self.env.cr.execute(
            "UPDATE bwt_webhook_outbound_delivery SET lease_expires_at = lease_expires_at - interval '1 hour'"
            " WHERE id = ANY(%s)",
            [deliveries.ids],
        )
        self.env.cr.execute(
            "UPDATE bwt_webhook_lane_lease SET lease_expires_at = lease_expires_at - interval '1 hour'"
        )
        self.env.invalidate_all()

    def set_columns(self, deliveries, **values):
        """Writes columns as SQL would; the ORM would round times and run hooks."""
        deliveries.flush_recordset()
        for column, value in values.items():
            self.env.cr.execute(
                f"UPDATE bwt_webhook_outbound_delivery SET {column} = %s WHERE id = ANY(%s)", [value, deliveries.ids]
            )
        self.env.invalidate_all()

    def commit_lanes(self):
        """A test's transaction never ends: its lane rows get the id of one that did."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE bwt_webhook_outbound_delivery SET lane_xid = '3' WHERE lane IS NOT NULL")

    @staticmethod
    def companies(*companies):
        return [Command.set([company.id for company in companies])]
