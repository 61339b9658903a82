# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.webhook_worker import exceptions

from .common import new_uid
from .python_common import PythonCase


@tagged("post_install", "-at_install")
class TestPython(PythonCase):
    # ---- events

    def test_done_with_its_effects(self):
        seen = []

        def method(records, event):
            seen.extend((records.env.uid, records.env.su, event.env.uid, event.env.su, len(records)))
            seen.append(records.env.context["allowed_company_ids"])
            records.create({"name": f"Python {event.get_payload()['n']} {event.endpoint_id.path}"})
            return event.webhook_done("noted")

        answer, event = self.run_event(method)
        self.assertEqual(answer["status"], "applied", answer)
        self.assertNotIn("category", answer, answer)
        self.assertEqual((event.state, event.processing_note), ("done", "noted"))
        partner = self.Partner.search([("name", "=", "Python 1 first-in")])
        self.assertEqual(partner.create_uid, self.executor)
        self.assertEqual(seen, [self.executor.id, False, self.executor.id, False, 0, [self.company.id]])

    def test_the_event_cannot_be_written(self):
        def method(_records, event):
            event.write({"topic": "mine"})

        answer, event = self.run_event(method)
        self.assertEqual((answer["category"], event.state), ("access", "dead_letter"))
        self.assertFalse(event.topic)

    def test_what_is_no_result_is_a_dead_letter(self):
        for result, pattern in (
            (None, "returned nothing"),
            (True, "unknown: True"),
            ("done", "unknown"),
            ({}, "unknown"),
            ({"status": "ok"}, "unknown"),
        ):
            def method(records, _event, result=result):
                records.create({"name": "Undone"})
                return result

            answer, event = self.run_event(method)
            self.assertEqual((answer["status"], event.state), ("applied", "dead_letter"))
            self.assertEqual(event.failure_reason, "callback")
            self.assertRegex(event.failure_message, pattern)
        self.assertFalse(self.Partner.search([("name", "=", "Undone")]))

    def test_dead_letter_and_retry(self):
        def dead(_records, event):
            return event.webhook_dead_letter("of no use")

        _answer, event = self.run_event(dead)
        self.assertEqual((event.state, event.failure_reason), ("dead_letter", "rule"))
        self.assertEqual(event.failure_message, "of no use")

        def later(records, event):
            records.create({"name": "Not yet"})
            return event.webhook_retry(seconds=120)

        _answer, event = self.run_event(later)
        self.assertEqual((event.state, event.attempt_count), ("error", 1))
        self.assertAlmostEqual((event.next_attempt_at - self.env.cr.now()).total_seconds(), 120, delta=60)
        self.assertFalse(self.Partner.search([("name", "=", "Not yet")]))

    def test_retry_by_the_policy_and_when_it_is_exhausted(self):
        def later(_records, event):
            return event.webhook_retry()

        _answer, event = self.run_event(later, next_attempt_at_ms=1700000000000)
        self.assertEqual(str(event.next_attempt_at), "2023-11-14 22:13:20")
        over = {"state": "dead_letter", "failure_reason": "attempts_exhausted"}
        _answer, event = self.run_event(later, otherwise=over)
        self.assertEqual((event.state, event.failure_reason), ("dead_letter", "attempts_exhausted"))

    def test_exceptions(self):
        self.assertEqual(exceptions.WebhookFreshnessValidationError.http_status_code, 403)
        for error, state, category, key in (
            (exceptions.WebhookValidationError("bad"), "dead_letter", "validation", "validation"),
            (exceptions.WebhookPayloadValidationError("bad"), "dead_letter", "payload", "payload"),
            (exceptions.WebhookSignatureValidationError("bad"), "dead_letter", "signature", "signature"),
            (exceptions.WebhookFreshnessValidationError("bad"), "dead_letter", "freshness", "freshness"),
            (exceptions.WebhookProcessingConfigurationError("bad"), "dead_letter", "configuration", "configuration"),
            (UserError("not now"), "error", "validation", "validation"),
            (KeyError("bug"), "error", "validation", "validation"),
            (ValueError("bug"), "error", "data", "data"),
        ):
            def method(records, _event, error=error):
                records.create({"name": "Undone"})
                raise error

            with mute_logger(
                "odoo.addons.webhook_worker.models.execution", "odoo.addons.webhook_worker.models.contract_python"
            ):
                answer, event = self.run_event(method)
            self.assertEqual((answer["status"], answer["category"]), ("applied", category), error)
            self.assertEqual((event.state, event.failure_key), (state, f"callback:{key}"), error)
        self.assertFalse(self.Partner.search([("name", "=", "Undone")]))

    def test_what_cannot_be_stored_is_written_visibly(self):
        """A sender's payload decides what a message quotes: it must not make the call fail again and again."""
        def fail(_records, event):
            raise UserError(f"unknown: {event.get_payload()['n']}")

        def done(_records, event):
            return event.webhook_done(event.get_payload()["n"])

        body = rb'{"n": "a\u0000b\ud800"}'
        for method, state in ((fail, "error"), (done, "done")):
            claimed = self.ingested(body=body)[0]
            with self.callback(method), mute_logger("odoo.addons.webhook_worker.models.contract_python"):
                answer = self.run_python(claimed)
            event = self.Event.browse(claimed["id"])
            event.invalidate_recordset()
            self.assertEqual((answer["status"], event.state), ("applied", state), answer)
            self.assertIn(r"a\u0000b\ud800", event.failure_message or event.processing_note)

    def test_a_callback_must_not_commit(self):
        for name in ("commit", "rollback"):
            def method(records, event, name=name):
                getattr(records.env.cr, name)()
                return event.webhook_done()

            answer, event = self.run_event(method)
            self.assertEqual((answer.get("category"), event.state), ("configuration", "dead_letter"), answer)
            self.assertIn("must not commit", event.failure_message)

    def test_rights_are_the_execution_users(self):
        def method(records, event):
            records.env["ir.config_parameter"].set_param("a", "b")
            return event.webhook_done()

        answer, event = self.run_event(method)
        self.assertEqual((answer["category"], event.state), ("access", "dead_letter"))

    def test_a_repeated_call_runs_once(self):
        calls = []

        def method(_records, event):
            calls.append(event.id)
            return event.webhook_done()

        claimed, uid = self.ingested()[0], new_uid()
        with self.callback(method):
            self.assertEqual(self.run_python(claimed, settlement_uid=uid)["status"], "applied")
            self.assertEqual(self.run_python(claimed, settlement_uid=uid)["status"], "already_applied")
            self.assertEqual(self.run_python(claimed)["status"], "superseded")
            gone = self.run_python({**claimed, "id": 2147483647})
        self.assertEqual((gone["status"], gone["category"]), ("failed", "gone"))
        self.assertEqual(calls, [claimed["id"]])

    def test_methods_that_are_not_callbacks(self):
        claimed = self.ingested()[0]
        with self.callback(lambda records, event: event.webhook_done()):
            for method in ("unlink", "_write", "no_such_method"):
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE bwt_webhook_handler SET python_method_name = %s WHERE id = %s", [method, self.handler.id]
                )
                self.env.invalidate_all()
                answer = self.run_python(claimed, settlement_uid=new_uid())
                self.assertEqual(answer["category"], "validation", answer)
                self.assertEqual(self.Event.browse(claimed["id"]).state, "error")
                (claimed,) = self.reclaim(claimed)

    def reclaim(self, claimed):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bwt_webhook_inbound_event SET next_attempt_at = '2020-01-01' WHERE id = %s", [claimed["id"]]
        )
        self.env.invalidate_all()
        return self.claim_events()["events"]

    # ---- deliveries

    def test_decisions(self):
        def send(_records, delivery):
            return delivery._build_outbound_delivery_result(
                outcome="send",
                payload={**delivery.get_payload(), "b": 2},
                headers={"B": 3},
                http_method="PUT",
                target_path="/x",
            )

        request = {"payload": '{"a":1,"b":2}', "headers": {"B": "3"}, "http_method": "put", "target_path": "/x"}
        answer = self.decide(send)
        self.assertEqual(answer["decision"], {"outcome": "send", "request": request})
        for method, decision in (
            (lambda r, d: d._build_outbound_delivery_result(), {"outcome": "send"}),
            (lambda r, d: d.webhook_cancel("why"), {"outcome": "cancel", "note": "why"}),
            (lambda r, d: d.webhook_retry(5), {"outcome": "retry", "seconds": 5}),
            (lambda r, d: None, {"outcome": "dead_letter", "note": "The callback returned nothing."}),
            (lambda r, d: {"outcome": "sent"}, "unknown result"),
            (
                lambda r, d, request: {"outcome": "send", "headers": {"H": request["headers"]["A"]}},
                {"outcome": "send", "request": {"headers": {"H": "1"}}},
            ),
        ):
            answer = self.decide(method)
            self.assertEqual(answer["status"], "decided", answer)
            if isinstance(decision, str):
                self.assertRegex(answer["decision"]["note"], decision)
            else:
                self.assertEqual(answer["decision"], decision)

    def test_the_callback_sees_what_the_endpoints_rules_made(self):
        """Of the request as much as of the delivery, of which nothing is written."""
        shaped = {"http_method": "put", "target_path": "/7", "request_headers": {"A": "2"}, "payload": '{"a":2}'}

        def look(_records, delivery, request):
            seen = {**request, "payload": {"a": request["payload"]["a"], "get": delivery.get_payload()}}
            assert delivery.request_headers_json == '{"A": "2"}'
            return {"outcome": "send", **seen}

        request = {"http_method": "put", "target_path": "/7", "headers": {"A": "2"}, "payload": '{"a":2,"get":{"a":2}}'}
        self.assertEqual(self.decide(look, request=shaped)["decision"]["request"], request)
        delivery = self.Delivery.search([], limit=1)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((delivery.payload_json, delivery.http_method), ('{"a":1}', "post"))

    def test_raw_bodies(self):
        self.endpoint.request_body_mode = "raw"
        answer = self.decide(lambda r, d, request: {"outcome": "send", "payload": request["payload"] + "!"}, "<a/>")
        self.assertEqual(answer["decision"]["request"], {"payload": "<a/>!"})
        answer = self.decide(lambda r, d: {"outcome": "send", "payload": {"a": 1}}, "<a/>")
        self.assertEqual(answer["decision"]["outcome"], "dead_letter")

    def test_a_deliverys_callback_that_fails(self):
        def refuse(_records, _delivery):
            raise exceptions.WebhookPayloadValidationError("no total")

        self.assertEqual(self.decide(refuse)["decision"], {"outcome": "dead_letter", "note": "no total"})

        def fail(_records, _delivery):
            raise UserError("not now")

        with mute_logger("odoo.addons.webhook_worker.models.contract_python"):
            answer = self.decide(fail)
        self.assertEqual((answer["status"], answer["category"], answer["message"]), ("failed", "validation", "not now"))

    def test_decisions_that_no_worker_could_read(self):
        def send(**request):
            return lambda r, d: d._build_outbound_delivery_result(**request)

        for method in (send(headers=["A"]), send(target_path=5), send(http_method="brew"), send(payload={"a": "\0"})):
            answer = self.decide(method)
            self.assertEqual((answer["status"], answer["decision"]["outcome"]), ("decided", "dead_letter"), answer)
            self.assertRegex(answer["decision"]["note"], "asked for|cannot be sent")
        answer = self.decide(send(headers={"A": "\0"}, target_path="/\0", note="\0"))
        self.assertEqual(answer["decision"]["note"], r"\u0000")
        self.assertEqual(answer["decision"]["request"], {"headers": {"A": r"\u0000"}, "target_path": r"/\u0000"})
