# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
import socket
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.webhook_worker.controllers import intake as controller
from odoo.addons.webhook_worker.models import contract_intake

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


class IntakeCase(InboundCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Intake = cls.env["bwt.webhook.inbound.intake"]
        cls.inbound.odoo_intake = True

    def take(self, body=b"{}", endpoint=None, **values):
        """A row, as the controller makes it; its event_uid."""
        values = {
            "http_method": "POST", "request_url": "https://odoo.example.com/webhooks/in/first-in",
            "remote_address": "192.0.2.1", "source": "192.0.2.1", "headers": {"X-Test": "1"}, **values,
        }  # fmt: skip
        endpoint = endpoint or self.inbound
        return self.Intake._take(endpoint.id, {**values, "body": base64.b64encode(body)})

    def claim_intake(self, token=None, limit=100, takeover=True, lease_seconds=60):
        return self.call(
            "claim", worker_uid=WORKER_UID, claim_token=token or new_uid(), limit=limit, lease_seconds=lease_seconds,
            takeover=takeover, work="intake", quotas=[],
        )["intake"]  # fmt: skip

    def uids(self, **values):
        return [row["event_uid"] for row in self.claim_intake(**values)]

    def expire(self):
        self.env.cr.execute("UPDATE bwt_webhook_inbound_intake SET claimable_at = claimable_at - interval '1 hour'")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestIntake(IntakeCase):
    def test_a_row_is_handed_out_as_it_came(self):
        body = bytes(range(256))
        uid = self.take(body, headers={"Authorization": "Bearer x", "X-B": "é"})
        self.assertTrue(self.claim_events(limit=0)["intake_waiting"])
        (row,) = self.claim_intake()
        self.assertEqual((row["event_uid"], row["endpoint_id"]), (uid, self.inbound.id))
        self.assertEqual(base64.b64decode(row["request_body_base64"]), body)
        self.assertEqual(row["request_headers"], {"Authorization": "Bearer x", "X-B": "é"})
        self.assertEqual((row["http_method"], row["remote_address"]), ("POST", "192.0.2.1"))
        self.assertEqual(row["request_url"], "https://odoo.example.com/webhooks/in/first-in")
        self.assertFalse(self.claim_events(limit=0)["intake_waiting"])

    def test_a_repeated_call_answers_the_same(self):
        made, token = [self.take(), self.take()], new_uid()
        self.assertEqual(self.uids(token=token), made)
        self.take()
        self.assertEqual(self.uids(token=token), made)
        self.assertEqual(self.uids(token=token, limit=0), made)
        self.assertEqual(len(self.uids()), 1)
        self.assertEqual(self.uids(limit=0), [])

    def test_rows_come_again_when_their_lease_is_over(self):
        made = [self.take(), self.take()]
        self.assertEqual(self.uids(limit=1), made[:1])
        self.expire()
        self.assertEqual(self.uids(takeover=False), made[1:])
        self.assertEqual(self.uids(), made[:1])

    def test_those_that_nobody_can_judge_do_not_starve_the_others(self):
        stuck = [self.take() for _number in range(3)]
        self.assertEqual(self.uids(), stuck)
        self.env.cr.execute(
            "UPDATE bwt_webhook_inbound_intake SET claimable_at = clock_timestamp() AT TIME ZONE 'UTC'"
        )
        late = self.take()
        self.assertEqual(self.uids(limit=3), stuck)
        self.assertEqual(self.uids(limit=3), [late])

    def test_an_answer_has_a_size(self):
        made = [self.take(b"x" * 1000) for _number in range(3)]
        with patch.object(contract_intake, "ANSWER_BYTES_MAX", 1500):
            self.assertEqual(self.uids(), made[:2])
            self.assertEqual(self.uids(), made[2:])
            self.take(b"x" * 5000)
            self.assertEqual(len(self.uids()), 1, "the first one always")

    def test_an_ordered_endpoint_is_verified_by_one_worker_at_a_time(self):
        self.inbound.ordered = True
        made = [self.take(), self.take()]
        self.assertEqual(self.uids(), made)
        late = self.take()
        self.assertEqual(self.uids(), [])
        other = self.take(endpoint=self.new_inbound_endpoint("other-in"))
        self.assertEqual(self.uids(), [other])
        self.expire()
        self.assertEqual(set(self.uids()), {*made, late, other})

    def test_an_ordered_endpoint_keeps_its_order_when_a_lease_is_lost(self):
        self.inbound.ordered = True
        made = [self.take(), self.take()]
        self.assertEqual(self.uids(), made)
        self.env.cr.execute(
            "UPDATE bwt_webhook_inbound_intake SET received_at = received_at - interval '1 minute',"
            " claimable_at = clock_timestamp() AT TIME ZONE 'UTC' - interval '1 second'"
        )
        late = self.take()
        self.env.cr.execute(
            "UPDATE bwt_webhook_inbound_intake SET claimable_at = claimable_at - interval '30 second'"
            " WHERE event_uid = %s", [late]
        )  # fmt: skip
        self.assertEqual(self.uids(takeover=False), [])
        self.assertEqual(self.uids(limit=2), made)

    def test_what_was_accepted_outlives_its_endpoint(self):
        self.take()
        self.inbound.action_archive()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.inbound.with_user(self.admin).unlink()

    def test_a_row_that_cannot_be_kept_is_in_no_log(self):
        gone = self.Intake.browse(2**31 - 1)
        with self.assertNoLogs("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.take(endpoint=gone, headers={"Authorization": "Bearer secret"})
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE", log_exceptions=False)

    def test_another_row_with_the_same_id_stays(self):
        uid = self.take()
        (row,) = self.claim_intake()
        self.ingest(self.event_values(intake_id=row["id"]))
        self.assertEqual(self.Intake.search([]).event_uid, uid)

    def test_ingest_deletes_the_row(self):
        uids = [self.take() for _number in range(4)]
        rows = {row["event_uid"]: row["id"] for row in self.claim_intake()}
        first = self.event_values(identity_key="k")
        self.ingest(first)
        events = [
            self.event_values(event_uid=uids[0], intake_id=rows[uids[0]]),
            self.event_values(event_uid=uids[1], intake_id=rows[uids[1]], identity_key="k"),
            self.event_values(
                event_uid=uids[2], intake_id=rows[uids[2]], state="rejected", rejection_category="address"
            ),
            self.event_values(event_uid=uids[3], intake_id=rows[uids[3]], request_body_base64="A"),
        ]
        with mute_logger("odoo.addons.webhook_worker.models.contract_ingest"):
            results = self.ingest(*events)["results"]
        self.assertEqual([r["status"] for r in results], ["ingested", "duplicate", "ingested", "failed"])
        self.assertEqual(self.Intake.search([]).ids, [rows[uids[3]]], "what failed is still there")
        again = self.ingest(*events[:3])["results"]
        self.assertEqual([r["status"] for r in again], ["already_ingested", "duplicate", "already_ingested"])

    def test_held_databases_answer_nothing(self):
        self.take()
        self.env["bwt.webhook.ledger"]._the_row().confirmed_fingerprint = "0" * 64
        self.assertEqual(self.claim_intake(), [])
        self.assertFalse(self.claim_events()["intake_waiting"])

    def test_nobody_sees_what_it_holds(self):
        self.take(headers={"Authorization": "Bearer secret"})
        row = self.Intake.search([])
        for user in (self.plain, self.portal, self.operator, self.worker_user):
            with self.refused(AccessError, "."):
                row.with_user(user).read(["event_uid"])
        for user in (self.admin, self.system):
            self.assertNotIn("secret", str(row.with_user(user).read()))
            self.assertNotIn("request_headers_json", row.with_user(user).read()[0])
            for field in ("request_headers_json", "request_body_raw", "request_url"):
                with self.refused(AccessError, "."):
                    row.with_user(user).read([field])
            for attempt in (lambda r: r.unlink(), lambda r: r.write({"lease_token": "x"}), lambda r: r.copy()):
                with self.refused(AccessError, "."):
                    attempt(row.with_user(user))

    def test_a_neutralized_copy_has_none(self):
        self.take()
        self.env.flush_all()
        self.env.cr.execute(Path(__file__).parents[1].joinpath("data", "neutralize.sql").read_text())
        self.assertFalse(self.Intake.search([]))

    def test_retention(self):
        self.take()
        self.env.cr.execute("UPDATE bwt_webhook_inbound_intake SET received_at = received_at - interval '15 days'")
        young = self.take()
        with self.assertLogs("odoo.addons.webhook_worker.models.inbound_housekeeping", "WARNING"):
            self.env["bwt.webhook.housekeeping"]._purge(float("inf"))
        self.assertEqual(self.Intake.search([]).event_uid, young)


@tagged("post_install", "-at_install")
class TestIntakeOverHttp(IntakeCase, HttpCase):
    """The controller, in Odoo's own server."""

    def post(self, path="first-in", body=b"{}", method="POST", **headers):
        return self.url_open(f"/webhooks/in/{path}", data=body, headers=headers, method=method)

    def row(self):
        self.env.invalidate_all()
        return self.Intake.search([], order="id desc", limit=1)

    def assert_answer(self, response, code, status):
        self.assertEqual((response.status_code, response.json()), (code, {"status": status}))
        self.assertEqual(response.content, f'{{"status":"{status}"}}'.encode(), "as the gateway says it")
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertNotIn("Set-Cookie", response.headers)

    def test_a_request_is_accepted_and_kept(self):
        with patch.object(controller.wake, "after_commit") as woken:
            response = self.post("first-in?b=%2F&a=1", bytes(range(256)), **{"X-Key": "v", "Authorization": "Bearer t"})
        row = self.row()
        self.assertEqual(response.status_code, 202)
        self.assertEqual(response.json(), {"status": "accepted", "event_id": row.event_uid})
        self.assertNotIn("Set-Cookie", response.headers)
        woken.assert_called_once()
        (claimed,) = self.claim_intake()
        self.assertEqual(base64.b64decode(claimed["request_body_base64"]), bytes(range(256)))
        self.assertEqual(claimed["remote_address"], "127.0.0.1")
        self.assertEqual(claimed["request_url"], f"{self.base_url()}/webhooks/in/first-in?b=%2F&a=1")
        headers = {name.lower(): value for name, value in claimed["request_headers"].items()}
        self.assertEqual((headers["x-key"], headers["authorization"]), ("v", "Bearer t"))

    def test_forms_are_not_parsed(self):
        for content_type, body in (
            ("application/x-www-form-urlencoded", b"a=1&a=2&%zz"),
            ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--b--'),
            ("multipart/form-data", b"no boundary"),
            ("application/json", b'{"jsonrpc": "2.0", "params": {}'),
        ):
            response = self.post(body=body, **{"Content-Type": content_type})
            self.assertEqual((content_type, response.status_code), (content_type, 202))
            (claimed,) = self.claim_intake()
            self.assertEqual(base64.b64decode(claimed["request_body_base64"]), body)
            self.Intake._forget({claimed["id"]: claimed["event_uid"]})

    def test_an_empty_body(self):
        self.assertEqual(self.raw(b"POST /webhooks/in/first-in HTTP/1.1\r\nContent-Length: 0\r\n")[0], 202)

    def test_unknown_draft_archived_and_without_the_option_are_alike(self):
        self.new_inbound_endpoint("draft-in", odoo_intake=True, state="draft")
        self.new_inbound_endpoint("archived-in", odoo_intake=True).action_archive()
        self.new_inbound_endpoint("gateway-only")
        answers = set()
        for path in ("unknown", "draft-in", "archived-in", "gateway-only", "first-in/x", "first-in/", "a%00b", "%ff"):
            response = self.post(path)
            self.assert_answer(response, 404, "not_found")
            answers.add((response.content, tuple(sorted(set(response.headers) - {"Date"}))))
        self.assertEqual(len(answers), 1)
        self.assertFalse(self.row())

    def test_a_paused_endpoint_accepts(self):
        self.inbound.action_pause()
        self.assertEqual(self.post().status_code, 202)

    def test_other_methods(self):
        for method in ("GET", "PUT", "DELETE"):
            response = self.url_open("/webhooks/in/first-in", method=method)
            self.assert_answer(response, 405, "method_not_allowed")
            self.assertEqual(response.headers["Allow"], "POST")

    def raw(self, head, body=b""):
        """(status, the whole answer) of a request written by hand."""
        address = urlsplit(self.base_url())
        head += f"Host: {address.netloc}\r\nConnection: close\r\n\r\n".encode()
        with self.allow_requests(all_requests=True):
            with socket.create_connection((address.hostname, address.port), 10) as connection:
                connection.sendall(head + body)
                answer = b""
                while chunk := connection.recv(65536):
                    answer += chunk
        return int(answer.split(b" ", 2)[1]), answer

    def test_a_large_body_is_refused_before_it_is_read(self):
        status, answer = self.raw(b"POST /webhooks/in/first-in HTTP/1.1\r\nContent-Length: 1048577\r\n")
        self.assertEqual(status, 413)
        self.assertIn(b'{"status":"too_large"}', answer)
        self.env["ir.config_parameter"].set_param("webhook_worker.intake_body_bytes_max", "3")
        self.assertEqual(self.post(body=b"1234").status_code, 413)
        self.assertEqual(self.post(body=b"123").status_code, 202)

    def test_a_body_without_a_length_is_refused(self):
        head = b"POST /webhooks/in/first-in HTTP/1.1\r\n"
        self.assertEqual(self.raw(head)[0], 411)
        self.assertEqual(self.raw(head + b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n")[0], 411)

    def test_header_values_that_are_no_text(self):
        head = b"POST /webhooks/in/first-in HTTP/1.1\r\nContent-Length: 2\r\n"
        self.assertEqual(self.raw(head + b"X-Utf8: \xc3\xa9\r\nX-Bad: a\xff\r\nX-Nul: a\x00b\r\n", b"{}")[0], 202)
        (claimed,) = self.claim_intake()
        headers = {name.lower(): value for name, value in claimed["request_headers"].items()}
        self.assertEqual(headers["x-utf8"], "é")
        self.assertEqual(headers["x-bad"], "a\\udcff")
        self.assertEqual(headers["x-nul"], "a\\u0000b")

    def test_large_headers(self):
        response = self.post(**{f"X-{number}": "x" * 8000 for number in range(9)})
        self.assert_answer(response, 413, "too_large")

    def test_an_endpoint_has_so_many_rows(self):
        self.env["ir.config_parameter"].set_param("webhook_worker.intake_rows_per_endpoint_max", "2")
        self.new_inbound_endpoint("other-in", odoo_intake=True)
        self.assertEqual([self.post().status_code for _number in range(3)], [202, 202, 503])
        self.assertEqual(int(self.post().headers["Retry-After"]), 30)
        self.assert_answer(self.post(), 503, "unavailable")
        self.assertEqual(self.post("other-in").status_code, 202)

    def test_a_source_has_so_many_rows(self):
        self.env["ir.config_parameter"].set_param("webhook_worker.intake_rows_per_source_max", "2")
        self.take(source="192.0.2.9")
        self.assertEqual([self.post().status_code for _number in range(3)], [202, 202, 429])
        self.assert_answer(self.post(), 429, "too_many_requests")
        self.assertEqual(int(self.post().headers["Retry-After"]), 30)

    def test_forwarded_addresses_are_believed_as_odoo_does(self):
        headers = {
            "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "hooks.example.com", "X-Forwarded-Proto": "https",
        }  # fmt: skip
        self.post(**headers)
        self.assertEqual(self.row().remote_address, "127.0.0.1")
        with patch.dict(controller.http.odoo.tools.config.options, {"proxy_mode": True}):
            self.post(**headers)
        self.assertEqual(self.row().remote_address, "203.0.113.5")
        claimed = self.claim_intake()[-1]
        self.assertEqual(claimed["request_url"], "https://hooks.example.com/webhooks/in/first-in")

    def test_copies_refuse(self):
        ledger = self.env["bwt.webhook.ledger"]._the_row()
        ledger.confirmed_fingerprint = "0" * 64
        self.env.flush_all()
        self.assert_answer(self.post(), 503, "unavailable")
        ledger.confirmed_fingerprint = False
        self.env.flush_all()
        self.assertEqual(self.post().status_code, 202, "a database that no worker said hello to yet")
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.env.flush_all()
        self.assert_answer(self.post(), 503, "unavailable")

    def test_what_goes_wrong_is_said_without_detail(self):
        with patch.object(type(self.Intake), "_take", side_effect=ValueError("detail")), mute_logger("odoo.http"):
            self.assert_answer(self.post(), 503, "unavailable")

    def test_times_are_those_of_the_database(self):
        self.post()
        age = (fields.Datetime.now() - self.row().received_at).total_seconds()
        self.assertTrue(-5 < age < 60, age)
        self.assertEqual(json.loads(self.row().sudo().request_headers_json)["Host"], urlsplit(self.base_url()).netloc)

    def test_sources(self):
        for address, source in (
            ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("fe80::1%eth0", "fe80::/64"), ("", ""),
        ):  # fmt: skip
            self.assertEqual(controller.source_of(address), source)
