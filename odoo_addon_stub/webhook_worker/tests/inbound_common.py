# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
import time

from .common import WORKER_UID, WebhookCase, new_uid


class InboundCase(WebhookCase):
    """An inbound endpoint whose handler creates partners as a user who may, and the worker's side of events."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.executor = cls._user("wh_executor", "base.group_user,base.group_partner_manager")
        cls.Event = cls.env["bwt.webhook.inbound.event"]
        cls.Partner = cls.env["res.partner"]
        cls.Execution = cls.env["bwt.webhook.inbound.rule.execution"]
        cls.handler = cls.new_handler("in", direction="inbound", execution_user_id=cls.executor.id)
        cls.rule = cls.new_rule(
            cls.handler,
            name="Make a partner",
            action_type="create_record",
            target="res.partner",
            assignment_ids=[{"target_expression": "name", "source_kind": "payload_path"}],
        )
        cls.upsert_rule = cls.new_rule(
            cls.handler,
            name="Find a partner",
            action_type="upsert_record",
            target="res.partner",
            lookup_ids=[{"target_field_name": "ref", "source_kind": "payload_path"}],
            assignment_ids=[{"target_expression": "name", "source_kind": "payload_path"}],
        )
        cls.inbound = cls.new_inbound_endpoint("first-in", handler_id=cls.handler.id)

    @classmethod
    def event_values(cls, endpoint=None, body=b'{"n": 1}', **values):
        return {
            "event_uid": new_uid(),
            "endpoint_id": (endpoint or cls.inbound).id,
            "received_at_ms": int(time.time() * 1000),
            "state": "received",
            "request_body_base64": base64.b64encode(body).decode(),
            "request_headers": {"Content-Type": "application/json"},
            **values,
        }

    def ingest(self, *events, **values):
        return self.call("ingest", worker_uid=WORKER_UID, events=list(events), **values)

    def ingested(self, count=1, **values):
        """Claimed events."""
        events = [self.event_values(**values) for _number in range(count)]
        claimed = self.ingest(*events, claim_token=new_uid(), lease_seconds=60)["events"]
        self.assertEqual(len(claimed), count)
        return claimed

    def claim_events(self, endpoints=None, free=100, token=None, limit=100, takeover=True):
        endpoints = self.inbound if endpoints is None else endpoints
        return self.call(
            "claim",
            worker_uid=WORKER_UID,
            claim_token=token or new_uid(),
            limit=limit,
            lease_seconds=60,
            takeover=takeover,
            work="events",
            quotas=[{"endpoint_id": endpoint.id, "free": free} for endpoint in endpoints],
        )

    def expire_events(self, ids):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bwt_webhook_inbound_event SET lease_expires_at = lease_expires_at - interval '1 hour'"
            " WHERE id = ANY(%s)",
            [list(ids)],
        )
        self.env.invalidate_all()

    def event_settlement(self, claimed, outcome="done", state="done", **values):
        return self.settlement(claimed, outcome, state, attempt=False, kind="event", **values)

    def operation(self, operation="create", model="res.partner", values=None, rule=None, **more):
        rule = self.rule if rule is None else rule
        return {
            "operation": operation,
            "model": model,
            "values": {"name": "Made by a webhook"} if values is None else values,
            **({"rule_id": rule.id} if rule else {}),
            **more,
        }

    def upsert(self, ref, values, **more):
        return self.operation(
            "upsert", values=values, rule=self.upsert_rule, lookup=[{"field": "ref", "value": ref}], **more
        )

    def operate(self, *operations, claimed=None, **values):
        """Settles one event with the operations; its result, and the event."""
        claimed = claimed or self.ingested()[0]
        values.setdefault("otherwise", {
            "state": "error",
            "failure_reason": "record_operation",
            "next_attempt_at_ms": int(time.time() * 1000) + 1000,
        })  # fmt: skip
        settlement = self.event_settlement(claimed, operations=list(operations), **values)
        (result,) = self.call("settle", worker_uid=WORKER_UID, settlements=[settlement])["results"]
        return result, self.Event.browse(claimed["id"])

    def assert_refused(self, category, pattern, *operations, state="dead_letter", **values):
        """The operations are refused for that reason, and nothing of them took effect."""
        before = self.Partner.with_context(active_test=False).search_count([])
        result, event = self.operate(*operations, **values)
        self.assertEqual((result["status"], result.get("category")), ("applied", category), result.get("message"))
        self.assertRegex(result["message"], pattern)
        self.assertEqual(event.state, state)
        self.assertIn(result["message"], event.failure_message)
        self.assertEqual(self.Partner.with_context(active_test=False).search_count([]), before)
        return event

    @staticmethod
    def read_json(text):
        return json.loads(text)
