# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestIngest(InboundCase):
    def statuses(self, *events, **values):
        return [result["status"] for result in self.ingest(*events, **values)["results"]]

    def test_an_event_is_kept_exactly(self):
        body = bytes(range(256))
        values = self.event_values(
            body=body,
            request_headers={"X-B": "2", "X-A": "é"},
            query={"q": "1"},
            semantics={"topic": "orders", "event_type": "order.paid", "signature_timestamp": "17", "unknown": "x"},
            resolved_values={"text": "é", "list": [True, {"a": "1.10"}]},
            identity_key="key",
            identity_source="delivery_id",
        )
        answer = self.ingest(values)
        event = self.Event.browse(answer["results"][0]["id"])
        self.assertEqual((event.name, event.topic, event.signature_timestamp_raw), ("order.paid", "orders", "17"))
        self.assertEqual(event._raw_body(), body)
        self.assertEqual((event.handler_id, event.company_id), (self.handler, self.company))
        self.assertEqual(event.delivery_identity_key, "key")
        (claimed,) = self.claim_events()["events"]
        self.assertEqual(base64.b64decode(claimed["request_body_base64"]), body)
        self.assertEqual((claimed["request_headers"], claimed["query"]), (values["request_headers"], {"q": "1"}))
        known = {"topic": "orders", "event_type": "order.paid", "signature_timestamp": "17"}
        self.assertEqual(claimed["semantics"], known)
        self.assertEqual(self.read_json(claimed["resolved_values"]), values["resolved_values"])
        self.assertEqual(claimed["received_at_ms"] // 1000, values["received_at_ms"] // 1000)

    def test_numbers_keep_their_spelling(self):
        values = json.dumps(self.event_values(resolved_values={"n": "N", "big": "B"}))
        values = values.replace('"N"', "1.10").replace('"B"', "1e400")
        request = f'{{"worker_uid": "{WORKER_UID}", "events": [{values}]}}'
        self.env["bwt.webhook.worker"].with_user(self.worker_user).ingest(request)
        (claimed,) = self.claim_events()["events"]
        self.assertEqual(claimed["resolved_values"], '{"n": 1.10, "big": 1e400}')

    def test_again_is_already_ingested_and_leased_under_its_token(self):
        event, token = self.event_values(), new_uid()
        first = self.ingest(event, claim_token=token, lease_seconds=60)
        again = self.ingest(event, claim_token=token, lease_seconds=60)
        statuses = [result["status"] for result in (*first["results"], *again["results"])]
        self.assertEqual(statuses, ["ingested", "already_ingested"])
        self.assertEqual(first["results"][0]["id"], again["results"][0]["id"])
        self.assertEqual(again["events"], first["events"])
        self.assertEqual(self.ingest(event, claim_token=new_uid(), lease_seconds=60)["events"], [])

    def test_duplicates_by_identity(self):
        first, twin, other = (self.event_values(identity_key=key) for key in ("a", "a", "b"))
        self.assertEqual(self.statuses(first, twin, other), ["ingested", "duplicate", "ingested"])
        answer = self.ingest(self.event_values(identity_key="a"))
        event = self.Event.search([("event_uid", "=", first["event_uid"])])
        self.assertEqual(answer["results"][0]["id"], event.id)
        self.assertEqual(event.duplicate_count, 2)
        endpoint = self.new_inbound_endpoint("second-in")
        self.assertEqual(self.statuses(self.event_values(endpoint, identity_key="a")), ["ingested"])

    def test_a_rejected_event_occupies_no_identity(self):
        rejected = self.event_values(
            state="rejected", identity_key="a", rejection_category="signature", rejection_reason="bad"
        )
        accepted = self.event_values(identity_key="a")
        self.assertEqual(self.statuses(rejected, accepted, claim_token=new_uid()), ["ingested"] * 2)
        event = self.Event.search([("event_uid", "=", rejected["event_uid"])])
        self.assertEqual((event.state, event.name), ("rejected", "Rejected Webhook Request"))
        self.assertFalse(event.delivery_identity_key)
        self.assertFalse(event.lease_token)
        self.assertTrue(event.processed_at)

    def test_replays_are_linked(self):
        events = [self.event_values(replay_identity_key="business") for _number in range(3)]
        self.ingest(events[0])
        self.ingest(*events[1:])
        first, second, third = self.Event.search([("event_uid", "in", [e["event_uid"] for e in events])], order="id")
        self.assertEqual((first.delivery_kind, first.replayed_from_event_id.ids), ("primary", []))
        self.assertEqual((second | third).replayed_from_event_id, first)
        self.assertEqual(third.delivery_kind, "replay")

    def test_the_handler_that_the_request_names(self):
        named = self.new_handler("named", direction="inbound")
        self.new_handler("out-named")
        self.new_handler("gone", direction="inbound", active=False)
        self.new_handler("elsewhere", direction="inbound", company_id=self.other_company.id)
        for selector, expected in (
            ("named", named), ("out-named", self.handler), ("gone", self.handler), ("elsewhere", self.handler),
            ("unknown", self.handler),
        ):  # fmt: skip
            answer = self.ingest(self.event_values(handler_selector=selector))
            event = self.Event.browse(answer["results"][0]["id"])
            self.assertEqual((event.handler_id, event.handler_selector), (expected, selector))

    def test_one_bad_event_fails_alone(self):
        events = [self.event_values() for _number in range(8)]
        events[3]["request_body_base64"] = "A==="[:3]
        events[5]["endpoint_id"] = 2147483647
        self.assertEqual(
            self.statuses(*events), ["failed" if number in (3, 5) else "ingested" for number in range(8)]
        )

    def test_an_override_of_create_is_honoured(self):
        create = type(self.Event).create

        def refusing(records, vals_list):
            if any(values["topic"] == "no" for values in vals_list if "topic" in values):
                raise ValidationError("no such topic")
            return create(records, vals_list)

        events = [self.event_values(semantics={"topic": topic}) for topic in ("a", "no", "b")]
        with patch.object(type(self.Event), "create", refusing), mute_logger(
            "odoo.addons.webhook_worker.models.contract_ingest"
        ):
            results = self.ingest(*events)["results"]
        self.assertEqual([r["status"] for r in results], ["ingested", "failed", "ingested"])
        self.assertRegex(results[1]["message"], "no such topic")

    def test_the_hook_sees_what_is_new(self):
        seen = []
        old = self.event_values()
        self.ingest(old)
        with patch.object(type(self.Event), "_after_ingest", lambda events: seen.append(len(events))):
            self.ingest(old, self.event_values(), self.event_values())
        self.assertEqual(seen, [2])

    def test_held_endpoints_store_and_do_not_lease(self):
        self.inbound.action_pause()
        answer = self.ingest(self.event_values(), claim_token=new_uid(), lease_seconds=60)
        self.assertEqual(([r["status"] for r in answer["results"]], answer["events"]), (["ingested"], []))
        self.assertEqual(self.Event.browse(answer["results"][0]["id"]).held_reason, "endpoint_paused")

    def test_a_copy_takes_no_events(self):
        self.env["bwt.webhook.ledger"]._the_row().confirmed_fingerprint = "0" * 64
        with self.refused(ValidationError, "no events"):
            self.ingest(self.event_values())
