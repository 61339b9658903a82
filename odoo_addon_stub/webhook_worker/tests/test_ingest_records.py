# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import new_uid
from .inbound_common import InboundCase


def encoded(content):
    return base64.b64encode(content).decode()


@tagged("post_install", "-at_install")
class TestIngestRecords(InboundCase):
    """What a gateway tells besides the request itself."""

    def statuses(self, *events, **values):
        return [result["status"] for result in self.ingest(*events, **values)["results"]]

    def made(self, **values):
        """The event of one ingested request."""
        self.env.invalidate_all()
        return self.Event.browse(self.ingest(self.event_values(**values))["results"][0]["id"])

    def file(self, **values):
        return {"name": "document", "filename": "a.pdf", "content_type": "application/pdf",
                "content_base64": encoded(b"%PDF"), **values}  # fmt: skip

    # ---- counters

    def test_duplicates_that_the_gateway_counted(self):
        first, second = self.made(), self.made()
        reported = [
            {"event_uid": second.event_uid, "count": 3},
            {"event_uid": first.event_uid, "count": 1},
            {"event_uid": second.event_uid, "count": 2},
            {"event_uid": new_uid(), "count": 9},
        ]
        self.ingest(duplicates=reported)
        self.assertEqual((first.duplicate_count, second.duplicate_count), (1, 5))
        self.ingest(duplicates=[{"event_uid": first.event_uid, "count": 1000000}] * 1000)
        self.ingest(duplicates=[{"event_uid": first.event_uid, "count": 1000000}] * 1000)
        self.assertEqual(first.duplicate_count, 2000000001)
        self.ingest(duplicates=[{"event_uid": first.event_uid, "count": 1000000}] * 1000)
        self.assertEqual(first.duplicate_count, 2147483647, "it stays at the end of its column")

    def test_duplicates_found_and_counted_in_one_call(self):
        event = self.event_values(identity_key="a")
        twins = [self.event_values(identity_key="a") for _number in range(3)]
        answer = self.ingest(event, *twins, duplicates=[{"event_uid": event["event_uid"], "count": 4}])
        self.assertEqual({result["id"] for result in answer["results"]}, {answer["results"][0]["id"]})
        self.assertEqual(self.Event.browse(answer["results"][0]["id"]).duplicate_count, 7)

    def test_rejected_requests_that_were_only_counted(self):
        other = self.new_inbound_endpoint("other-in")
        count = {"endpoint_id": self.inbound.id, "category": "signature", "count": 40}
        self.ingest(
            rejected_counts=[
                count, {**count, "count": 2}, {**count, "category": "address"}, {**count, "endpoint_id": other.id},
                {**count, "endpoint_id": 2147483647},
            ]
        )  # fmt: skip
        self.ingest(rejected_counts=[count])
        rows = self.env["bwt.webhook.inbound.rejection"].search([])
        self.assertEqual(
            sorted((row.endpoint_id.id, row.category, row.count) for row in rows),
            sorted([(self.inbound.id, "signature", 82), (self.inbound.id, "address", 40), (other.id, "signature", 40)]),
        )
        self.assertEqual((self.inbound.rejection_count, other.rejection_count), (122, 40))
        self.ingest(rejected_counts=[{**count, "count": 1000000000}] * 3)
        self.assertIn(2147483647, rows.mapped("count"))
        other.unlink()
        self.assertEqual(len(rows.exists()), 2)

    def test_who_sees_the_counters(self):
        foreign = self.new_inbound_endpoint("foreign-in", company_id=self.other_company.id)
        self.ingest(
            rejected_counts=[{"endpoint_id": e.id, "category": "c", "count": 1} for e in (self.inbound, foreign)]
        )
        rejections = self.env["bwt.webhook.inbound.rejection"]
        self.assertEqual(rejections.with_user(self.operator).search([]).endpoint_id, self.inbound)
        self.assertEqual(self.inbound.with_user(self.operator).rejection_count, 1)
        for user, attempt in (
            (self.plain, lambda rows: rows.search([])), (self.system, lambda rows: rows.search([]).unlink()),
            (self.system, lambda rows: rows.search([]).write({"count": 0})),
        ):  # fmt: skip
            with self.refused(AccessError, "."):
                attempt(rejections.with_user(user))

    # ---- replays

    def test_a_replay_that_blocks_is_a_duplicate(self):
        first = self.made(identity_key="1", replay_identity_key="business", replay_identity_source="event_id")
        linked = self.made(identity_key="2", replay_identity_key="business")
        self.assertEqual(linked.replayed_from_event_id, first)
        answer = self.ingest(self.event_values(identity_key="3", replay_identity_key="business", replay_blocks=True))
        self.assertEqual(answer["results"][0], {**answer["results"][0], "status": "duplicate", "id": first.id})
        self.assertEqual(first.duplicate_count, 1)
        other = self.new_inbound_endpoint("other-in")
        self.assertEqual(
            self.statuses(self.event_values(other, replay_identity_key="business", replay_blocks=True)), ["ingested"]
        )

    def test_replays_block_within_a_call(self):
        def event(key="b", **values):
            return self.event_values(replay_identity_key=key, replay_blocks=True, **values)

        self.assertEqual(self.statuses(event(), event(), event("c")), ["ingested", "duplicate", "ingested"])

    def test_a_rejected_event_blocks_nothing(self):
        rejected = self.event_values(state="rejected", replay_identity_key="b", rejection_category="signature")
        blocking = self.event_values(replay_identity_key="b", replay_blocks=True)
        self.assertEqual(self.statuses(rejected, blocking), ["ingested"] * 2)
        again = self.event_values(state="rejected", replay_identity_key="b", replay_blocks=True)
        self.assertEqual(self.statuses(again), ["ingested"])

    # ---- payload, sender, files

    def test_a_payload_that_is_no_json_body(self):
        event = self.made(body=b"a=1&b=%C3%A9", payload='{"a":"1","b":"\\u00e9"}', remote_address="192.0.2.7")
        self.assertEqual(json.loads(event.payload_json), {"a": "1", "b": "é"})
        self.assertEqual((event.remote_address, event.get_payload()), ("192.0.2.7", {"a": "1", "b": "é"}))
        self.assertEqual(event._raw_body(), b"a=1&b=%C3%A9")
        (claimed,) = self.claim_events()["events"]
        self.assertEqual(base64.b64decode(claimed["request_body_base64"]), b"a=1&b=%C3%A9")

    def test_payloads_that_cannot_be_shown_plainly(self):
        for payload, shown in (
            ('{"a":"\\u0000\\ud800"}', '{\n  "a": "\\u0000\\ud800"\n}'), ("[" * 100000, False), ("no json", False),
        ):  # fmt: skip
            event = self.made(body=b"\x00\xff", payload=payload)
            self.assertEqual((event.payload_text, event.payload_json), (payload, shown))
        self.assertEqual(self.made(payload="a\0b").payload_text, "a\\u0000b")

    def test_files_become_attachments_of_the_event(self):
        content = bytes(range(256))
        event = self.made(
            files=[self.file(content_base64=encoded(content)), self.file(filename="", content_type="text/html")]
        )
        self.assertEqual(event.file_count, 2)
        first, second = event.attachment_ids.sorted("id")
        self.assertEqual((first.name, first.description, first.raw), ("a.pdf", "document", content))
        self.assertEqual((first.res_model, first.company_id, first.public), (event._name, self.company, False))
        self.assertEqual(second.name, "document")
        self.assertNotIn("html", second.mimetype, "it would run in the browser of whoever opens it")
        self.assertEqual(first.with_user(self.operator).raw, content)
        for user in (self.plain, self.portal, self.worker_user):
            with self.refused(AccessError, "."):
                first.with_user(user).read(["raw"])
        self.assertIn(("res_id", "=", event.id), event.action_view_files()["domain"])

    def test_files_of_another_company(self):
        foreign = self.new_inbound_endpoint("foreign-in", company_id=self.other_company.id)
        event = self.made(endpoint=foreign, files=[self.file()])
        self.assertEqual(event.attachment_ids.company_id, self.other_company)
        with self.refused(AccessError, "."):
            event.attachment_ids.with_user(self.operator).read(["raw"])

    def test_images_are_kept_byte_for_byte(self):
        from PIL import Image  # noqa: PLC0415
        from io import BytesIO  # noqa: PLC0415

        stream = BytesIO()
        Image.new("RGB", (4000, 10)).save(stream, "png")
        event = self.made(files=[self.file(content_type="image/png", content_base64=encoded(stream.getvalue()))])
        self.assertEqual(event.attachment_ids.raw, stream.getvalue())

    def test_an_event_whose_file_cannot_be_kept_fails_alone(self):
        events = [self.event_values(), self.event_values(files=[self.file(content_base64="A")]), self.event_values()]
        with mute_logger("odoo.addons.webhook_worker.models.contract_ingest"):
            self.assertEqual(self.statuses(*events), ["ingested", "failed", "ingested"])
        self.assertFalse(self.Event.search([("event_uid", "=", events[1]["event_uid"])]))
        attachments = self.env["ir.attachment"].search([("res_model", "=", self.Event._name)])
        self.assertFalse(attachments)
