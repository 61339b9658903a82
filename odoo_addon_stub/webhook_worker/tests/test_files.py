# SPDX-License-Identifier: LGPL-3.0-or-later
"""What queue_delivery takes besides JSON: files, raw text, forms; orders and expiry."""

import base64
import json
from datetime import datetime, timedelta, timezone

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.webhook_worker.models import payload as payloads

from .common import WORKER_UID, WebhookCase

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


class TestFiles(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoint.request_body_mode = "multipart"

    def attachment(self, **values):
        return self.env["ir.attachment"].create({"name": "a.bin", "raw": b"\x00\xff", **values})

    def files_of(self, delivery):
        (claimed,) = [item for item in self.claim()["deliveries"] if item["id"] == delivery.id]
        return [
            (file["name"], file["filename"], file["content_type"], base64.b64decode(file["content_base64"]))
            for file in claimed.get("files", [])
        ]

    def test_attachments_ids_and_contents(self):
        first, second = self.attachment(mimetype="application/pdf"), self.attachment(name="ü.png", raw=PNG)
        delivery = self.queue(
            files=[
                first,
                second.id,
                {"attachment": first, "name": "copy", "filename": "c.pdf"},
                {"name": "page", "filename": "p.html", "content_type": "text/html", "content": b"<p>"},
                {"content": "text"},
            ]
        )
        self.assertEqual((delivery.file_count, delivery.files_bytes), (5, 2 + len(PNG) + 2 + 3 + 4))
        (first | second).unlink()
        self.assertEqual(
            self.files_of(delivery),
            [
                ("file", "a.bin", "application/pdf", b"\x00\xff"),
                ("file", "ü.png", "image/png", PNG),
                ("copy", "c.pdf", "application/pdf", b"\x00\xff"),
                ("page", "p.html", "text/html", b"<p>"),
                ("file", "file", "application/octet-stream", b"text"),
            ],
        )

    def test_files_need_a_multipart_body(self):
        self.endpoint.request_body_mode = "form_urlencoded"
        with self.refused(ValidationError, "multipart"):
            self.queue(files=[self.attachment()])

    def test_nonsense_is_refused(self):
        for files in ([{}], [{"content": 5}], [{"content": b"", "name": "x" * 256}], [self.attachment()] * 21):
            with self.refused(ValidationError, "."):
                self.queue(files=files)
        with self.refused(ValidationError, "is a link"):
            self.queue(files=[self.attachment(raw=False, type="url", url="https://example.com")])

    def test_only_what_the_caller_may_read(self):
        secret = self.attachment(res_model="res.users", res_id=self.system.id, raw=b"secret")
        self.env["ir.rule"].create(
            {"name": "no users", "model_id": self.env["ir.model"]._get_id("res.users"), "domain_force": "[(0, '=', 1)]"}
        )
        endpoint = self.endpoint.with_user(self.plain)
        with self.refused(AccessError, "."):
            endpoint.queue_delivery({}, files=[secret.sudo()])
        mine = self.env["ir.attachment"].with_user(self.plain).create({"name": "mine", "raw": b"m"})
        self.assertEqual(endpoint.queue_delivery({}, files=[mine]).sudo().files_bytes, 1)
        self.assertEqual(self.files_of(endpoint.sudo().queue_delivery({}, files=[secret]))[0][3], b"secret")

    def test_files_count_in_sizes(self):
        self.patch(payloads, "PAYLOAD_BYTES_MAX", 1000)
        with self.refused(UserError, "with its headers and files; at most 1000 are allowed"):
            self.queue(files=[{"content": b"x" * 995}])
        self.queue(files=[{"content": b"x" * 900}])

    def test_whose_file_is_gone_is_a_dead_letter(self):
        delivery = self.queue(files=[{"content": b"x", "filename": "lost.txt"}], lane="a")
        healthy = self.queue(lane="a")
        self.commit_lanes()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", delivery._name), ("res_id", "=", delivery.id)]
        )
        attachment.raw = b""  # as the filestore answers when it is away
        self.assertEqual(self.claimed_ids(), healthy.ids)
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "payload_invalid"))
        self.assertIn("lost.txt", delivery.failure_message)
        attachment.raw = b"x"
        delivery.with_user(self.operator).action_reprocess()
        self.assertEqual(delivery.state, "queued", "it is there again")
        attachment.unlink()
        self.set_columns(delivery, state="error")
        with self.refused(UserError, "lost.txt.*is gone"):
            delivery.with_user(self.operator).action_replay()

    def test_operators_see_files_and_retention_deletes_them(self):
        delivery = self.queue(files=[{"content": b"x"}])
        domain = delivery.with_user(self.operator).action_view_files()["domain"]
        attachments = self.env["ir.attachment"].with_user(self.operator).search(domain)
        self.assertEqual(attachments.raw, b"x")
        with self.assertRaises(AccessError):
            attachments.unlink()
        with self.assertRaises(AccessError):
            attachments.with_user(self.plain).read(["raw"])
        self.set_columns(delivery, state="done", processed_at="2020-01-01")
        self.env["bwt.webhook.housekeeping"]._run()
        self.assertFalse(self.env["ir.attachment"].search(domain))

    def test_one_identity_key_stores_files_once(self):
        again = [self.queue(files=[{"content": b"x"}], identity_key="k") for _number in range(2)]
        domain = [("res_model", "=", again[0]._name), ("res_id", "in", [d.id for d in again])]
        self.assertEqual(self.env["ir.attachment"].search_count(domain), 1)


class TestBodies(WebhookCase):
    def test_raw_text_is_kept_exactly(self):
        self.endpoint.request_body_mode = "raw"
        text = '<?xml version="1.0"?>\r\n<a>ü &amp; {"</a> '
        for payload in (text, text.encode(), ""):
            delivery = self.queue(payload)
            self.assertEqual(delivery.payload_json, payload if isinstance(payload, str) else text)
        self.assertEqual([item["payload"] for item in self.claim()["deliveries"]], [text, text, ""])
        for payload in ({"a": 1}, [], None, 5):
            with self.refused(ValidationError, "raw text: a text is expected"):
                self.endpoint.queue_delivery(payload)
        for payload in ("a\x00", b"\xff"):
            self.assertEqual(self.queue(payload).failure_reason, "payload_invalid")

    def test_forms_are_made_of_objects(self):
        for mode in ("form_urlencoded", "multipart"):
            self.endpoint.request_body_mode = mode
            self.assertEqual(self.queue('{"a": 1.10}').payload_json, '{"a": 1.10}')
            for payload in ([1], "5", None):
                with self.refused(ValidationError, "must be a dict"):
                    self.endpoint.queue_delivery(payload)


class TestOrdering(WebhookCase):
    def test_lanes_as_the_endpoint_says(self):
        partner = self.plain.partner_id
        for ordering, record, options, lane in (
            ("none", partner, {}, False),
            ("endpoint", None, {}, "endpoint"),
            ("endpoint", None, {"lane": "mine"}, "mine"),
            ("endpoint", None, {"lane": False}, False),
            ("record", partner, {}, f"res.partner,{partner.id}"),
            ("record", None, {}, False),
            ("record", partner, {"lane": "mine"}, "mine"),
        ):
            self.endpoint.ordering = ordering
            with self.subTest(ordering=ordering, **options):
                self.assertEqual(self.queue(record=record, **options).lane, lane)


class TestExpiry(WebhookCase):
    def test_in_seconds_or_at_a_time(self):
        now = self.env.cr.now()
        delivery = self.queue(expires_in=60)
        self.assertAlmostEqual(delivery.expires_at, now + timedelta(seconds=60), delta=timedelta(seconds=1))
        moment = datetime(2030, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
        for given in (moment, "2030-01-01 10:00:00", datetime(2030, 1, 1, 10)):
            self.assertEqual(self.queue(expires_at=given).expires_at, datetime(2030, 1, 1, 10))
        (claimed, *_others) = self.claim()["deliveries"]
        self.assertAlmostEqual(claimed["expires_at_ms"] / 1000, delivery.expires_at.timestamp(), delta=86400)
        self.queue(expires_at="1900-01-01")
        self.assertEqual(self.claim()["deliveries"][0]["expires_at_ms"], 1000, "workers know no time before 1970")
        for options in ({"expires_in": 0}, {"expires_in": True}, {"expires_in": 5, "expires_at": moment}):
            with self.refused(ValidationError, "expires"):
                self.queue(**options)

    def test_reprocessing_says_that_it_is_still_of_use(self):
        delivery, claimed = self.queue_and_claim(expires_in=60)
        later = self.queue(expires_in=3600)
        self.settle(self.settlement(claimed, "dead_letter", "dead_letter", attempt=False, failure_reason="expired"))
        self.set_columns(delivery, expires_at="2020-01-01")
        later.with_user(self.operator).action_cancel()
        (delivery | later).with_user(self.operator).action_reprocess()
        self.assertFalse(delivery.expires_at)
        self.assertTrue(later.expires_at)

    def test_workers_alive(self):
        self.assertEqual(self.claim()["workers_alive"], 1)
        other = "018f0000-0000-7000-8000-000000000002"
        self.call("hello", **self.hello_request(worker_uid=other))
        self.assertEqual(self.claim()["workers_alive"], 2)
        self.env.cr.execute(
            "UPDATE bwt_webhook_worker SET last_seen_at = last_seen_at - interval '61 seconds' WHERE worker_uid = %s",
            [other],
        )
        self.assertEqual(self.claim()["workers_alive"], 1)
        self.env.cr.execute("DELETE FROM bwt_webhook_worker WHERE worker_uid = %s", [WORKER_UID])
        self.assertEqual(self.claim()["workers_alive"], 1)

    def test_a_paused_handler_holds(self):
        self.endpoint.handler_id = self.new_handler("h")
        delivery = self.queue()
        self.endpoint.handler_id.action_pause()
        self.env.flush_all()
        self.assertEqual((delivery.held_reason, self.claimed_ids()), ("handler_paused", []))
        self.endpoint.handler_id.action_resume()
        self.env.flush_all()
        self.assertEqual(self.claimed_ids(), delivery.ids)

    def test_what_rules_of_the_endpoint_read_comes_along(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bwt_webhook_outbound_endpoint SET needed_fields_json = %s WHERE id = %s",
            ['["company_field:name"]', self.endpoint.id],
        )
        self.env.invalidate_all()
        self.endpoint.with_user(self.plain).queue_delivery({})
        (claimed,) = self.claim()["deliveries"]
        self.assertEqual(json.loads(claimed["field_values"]), {"company_field:name": self.company.name})
