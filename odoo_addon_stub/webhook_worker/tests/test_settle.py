# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import logging
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from odoo.addons.webhook_worker.models.contract_rows import to_ms

from .common import WORKER_UID, WebhookCase, new_uid

END_OF_TIME_MS = 253402300799999


class TestSettle(WebhookCase):
    def results(self, *settlements):
        return self.call("settle", worker_uid=WORKER_UID, settlements=list(settlements))["results"]

    def test_delivered(self):
        delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(
            claimed,
            attempt={
                "request_headers": {"webhook-id": "x"},
                "request_body": "{}",
                "response_headers": {"B": "2", "A": "1"},
                "response_body": "ok ä",
                "response_status_code": 202,
            },
        )
        self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual(delivery.state, "done")
        self.assertTrue(delivery.processed_at)
        self.assertFalse(delivery.lease_token or delivery.next_attempt_at or delivery.failure_reason)
        self.assertEqual((delivery.attempt_count, delivery.response_status_code), (1, 202))
        self.assertEqual(delivery.last_settlement_uid, settlement["settlement_uid"])
        attempt = delivery.attempt_ids
        self.assertEqual((attempt.outcome, attempt.state, attempt.attempt_number), ("delivered", "done", 1))
        self.assertEqual((attempt.duration_ms, attempt.response_status_code, attempt.response_body), (12, 202, "ok ä"))
        self.assertEqual(json.loads(attempt.response_headers_json), {"A": "1", "B": "2"})
        self.assertEqual((attempt.worker_name, attempt.target_url), ("test worker", "https://example.com/"))
        self.assertFalse(attempt.superseded or attempt.maybe_delivered)
        self.assertEqual((attempt.company_id, attempt.endpoint_id), (self.company, self.endpoint))

    def test_retry(self):
        delivery, claimed = self.queue_and_claim()
        due_ms = 1_900_000_000_123
        settlement = self.settlement(
            claimed, "retry", "error", next_attempt_at_ms=due_ms, failure_reason="http_status",
            failure_message="503 Service Unavailable", failure_key="http_503",
            attempt={"response_status_code": 503, "error_message": "busy"},
        )  # fmt: skip
        self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual((delivery.state, delivery.failure_reason), ("error", "http_status"))
        self.assertEqual((delivery.failure_key, to_ms(delivery.next_attempt_at)), ("http_503", due_ms))
        self.assertFalse(delivery.processed_at)
        self.assertEqual(delivery.attempt_ids.processing_error, "busy")

    def test_dead_letter(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "retry", "dead_letter", failure_reason="attempts_exhausted"))
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "attempts_exhausted"))
        self.assertEqual((delivery.attempt_ids.outcome, delivery.attempt_ids.state), ("retry", "dead_letter"))

    def test_dead_letter_without_sending_has_no_attempt(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "dead_letter", "dead_letter", attempt=False, failure_reason="expired"))
        self.assertEqual((delivery.state, delivery.attempt_count), ("dead_letter", 0))
        self.assertFalse(delivery.attempt_ids)

    def test_canceled_leaves_a_row_without_reply(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "canceled", "canceled", attempt=False, note="by a rule"))
        self.assertEqual((delivery.state, delivery.processing_note), ("canceled", "by a rule"))
        attempt = delivery.attempt_ids
        self.assertEqual((attempt.outcome, attempt.processing_note), ("canceled", "by a rule"))

    def test_interrupted_is_due_at_once(self):
        delivery, claimed = self.queue_and_claim()
        now_ms = claimed["queued_at_ms"]
        attempt = {"maybe_delivered": True}
        self.settle(self.settlement(claimed, "interrupted", "error", attempt, next_attempt_at_ms=now_ms))
        self.assertTrue(delivery.attempt_ids.maybe_delivered)
        self.assertEqual(self.claimed_ids(), [delivery.id])

    def test_deferred_spends_nothing(self):
        delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(claimed, "deferred", "queued", attempt=False, note="rate limit")
        self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual((delivery.state, delivery.attempt_count, delivery.lease_count), ("queued", 0, 0))
        self.assertFalse(delivery.attempt_ids)
        self.assertEqual(delivery.processing_note, "rate limit")
        self.assertEqual(self.settle(settlement), ["already_applied"])

    def test_success_clears_the_failure(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "retry", "error", failure_reason="timeout", failure_message="slow"))
        self.set_columns(delivery, next_attempt_at=delivery.queued_at)
        self.settle(self.settlement(self.claim()["deliveries"][0]))
        self.assertFalse(delivery.failure_reason or delivery.failure_message)
        self.assertEqual(delivery.attempt_ids.mapped("attempt_number"), [2, 1])

    def test_the_number_grows_with_every_call(self):
        first = self.call("settle", worker_uid=WORKER_UID, settlements=[])["settlement_number"]
        self.assertEqual(self.call("settle", worker_uid=WORKER_UID, settlements=[])["settlement_number"], first + 1)

    def test_an_expired_lease_that_nobody_took_over_is_good(self):
        delivery, claimed = self.queue_and_claim()
        self.expire_leases(delivery)
        self.assertEqual(self.settle(self.settlement(claimed)), ["applied"])

    def test_results_are_in_the_order_sent(self):
        deliveries = [self.queue() for _number in range(5)]
        claimed = {item["id"]: item for item in self.claim()["deliveries"]}
        settlements = [self.settlement(claimed[d.id]) for d in reversed(deliveries)]
        results = self.results(*settlements)
        self.assertEqual([r["settlement_uid"] for r in results], [s["settlement_uid"] for s in settlements])

    def test_hooks_are_called_once_per_batch(self):
        calls = []
        self.patch(type(self.Delivery), "_after_settle", lambda records: calls.append(("settled", len(records))))
        self.patch(type(self.Delivery), "_on_dead_letter", lambda records: calls.append(("dead", len(records))))
        for _number in range(3):
            self.queue()
        first, second, third = self.claim()["deliveries"]
        self.settle(
            self.settlement(first), self.settlement(second, "dead_letter", "dead_letter"), self.settlement(third)
        )
        self.assertEqual(calls, [("settled", 3), ("dead", 1)])

    def test_hooks_know_nothing_of_the_calls_context(self):
        contexts = []
        self.patch(type(self.Delivery), "_after_settle", lambda records: contexts.append(dict(records.env.context)))
        _delivery, claimed = self.queue_and_claim()
        worker = self.env["bwt.webhook.worker"].with_user(self.worker_user).with_context(active_test=False, lang="xx")
        worker.settle(json.dumps({"worker_uid": WORKER_UID, "settlements": [self.settlement(claimed)]}))
        self.assertEqual(contexts, [{}])

    def test_a_failing_hook_undoes_nothing_but_itself(self):
        def fail(records):
            records.endpoint_id.note = "never"
            records.flush_recordset()
            raise ZeroDivisionError

        self.patch(type(self.Delivery), "_after_settle", fail)
        delivery, claimed = self.queue_and_claim()
        with mute_logger("odoo.addons.webhook_worker.models.contract_rows"):
            self.assertEqual(self.settle(self.settlement(claimed)), ["applied"])
        self.assertEqual(delivery.state, "done")
        self.assertFalse(self.endpoint.note)


class TestSettleAgain(WebhookCase):
    def test_a_repetition_is_already_applied(self):
        delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(claimed)
        self.assertEqual(self.settle(settlement), ["applied"])
        self.assertEqual(self.settle(settlement), ["already_applied"])
        self.assertEqual(delivery.attempt_count, 1)

    def test_whatever_happened_since(self):
        delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(claimed, "retry", "error")
        self.settle(settlement)
        self.set_columns(delivery, next_attempt_at=delivery.queued_at)
        (again,) = self.claim()["deliveries"]
        self.assertEqual(self.settle(settlement), ["already_applied"])
        self.assertEqual(self.settle(self.settlement(again)), ["applied"])
        # Its uid is no longer the row's last one, but its attempt is in the log.
        self.assertEqual(self.settle(settlement), ["already_applied"])
        self.assertEqual(delivery.attempt_count, 2)

    def test_twice_in_one_call(self):
        _delivery, claimed = self.queue_and_claim()
        settlement = self.settlement(claimed)
        self.assertEqual(self.settle(settlement, settlement), ["applied", "already_applied"])

    def test_superseded_completes_the_interrupted_attempt(self):
        delivery, lost = self.queue_and_claim()
        self.expire_leases(delivery)
        (taken,) = self.claim()["deliveries"]
        late = self.settlement(lost, attempt={"response_status_code": 204})
        self.assertEqual(self.settle(late), ["superseded"])
        self.assertEqual((delivery.state, delivery.lease_token), ("processing", taken["lease_token"]))
        attempt = delivery.attempt_ids
        self.assertEqual(len(attempt), 1)
        self.assertEqual((attempt.superseded, attempt.outcome), (True, "delivered"))
        self.assertEqual((attempt.response_status_code, attempt.attempt_number), (204, 1))
        self.assertEqual(self.settle(late), ["already_applied"])
        self.assertEqual(self.settle(self.settlement(taken)), ["applied"])
        self.assertEqual(delivery.attempt_ids.mapped("attempt_number"), [2, 1])
        self.assertEqual(delivery.attempt_count, 2)

    def test_superseded_by_an_operator_leaves_an_attempt(self):
        delivery, claimed = self.queue_and_claim()
        delivery.with_user(self.operator).action_dead_letter()
        self.assertEqual(self.settle(self.settlement(claimed)), ["superseded"])
        self.assertEqual((delivery.state, delivery.failure_reason), ("dead_letter", "operator"))
        self.assertEqual((delivery.attempt_ids.superseded, delivery.attempt_count), (True, 1))

    def test_attempts_made_are_attempts_counted(self):
        delivery, claimed = self.queue_and_claim()
        for _number in range(2):
            self.settle(self.settlement(claimed, "retry", "error"))
            self.set_columns(delivery, next_attempt_at=delivery.queued_at)
            (claimed,) = self.claim()["deliveries"]
        self.expire_leases(delivery)
        self.claim()
        self.settle(self.settlement(claimed))
        self.assertEqual(len(delivery.attempt_ids), delivery.attempt_count)


class TestSettleBadOnes(WebhookCase):
    def setUp(self):
        super().setUp()
        self.deliveries = self.Delivery.concat(*[self.queue() for _number in range(8)])
        self.claimed = self.claim()["deliveries"]
        self.good = [self.settlement(claimed) for claimed in self.claimed]

    def results(self, *settlements):
        return self.call("settle", worker_uid=WORKER_UID, settlements=list(settlements))["results"]

    def test_one_that_postgresql_refuses_fails_alone(self):
        for position in (3, 5):  # the number of the next attempt fits no column
            self.set_columns(self.Delivery.browse(self.claimed[position]["id"]), attempt_count=2147483647)
            self.good[position]["attempt"]["response_body"] = "secret"
        with self.assertLogs("odoo") as logs:
            logging.getLogger("odoo").warning("(something)")
            results = self.results(*self.good)
        self.assertNotIn("secret", str(logs.output))
        self.assertNotIn("CONTEXT", str(logs.output))
        self.assertFalse([record for record in logs.records if record.name == "odoo.sql_db"])
        self.assertEqual([r["status"] for r in results],
                         ["applied"] * 3 + ["failed", "applied", "failed"] + ["applied"] * 2)  # fmt: skip
        self.assertEqual((results[3]["category"], results[5]["category"]), ("data", "data"))
        self.assertTrue(results[3]["message"])
        self.assertEqual(self.deliveries.browse(self.claimed[3]["id"]).state, "processing")
        self.assertFalse(self.deliveries.browse(self.claimed[3]["id"]).attempt_ids)

    def test_times_have_an_end(self):
        delivery = self.Delivery.browse(self.claimed[0]["id"])
        for times in ({"next_attempt_at_ms": 8 * 10**15}, {"next_attempt_at_ms": END_OF_TIME_MS + 1}):
            with self.refused(ValidationError, "next_attempt_at_ms"), patch.object(type(self), "schemas", None):
                self.settle(self.settlement(self.claimed[0], "retry", "error", **times))
        last = self.settlement(self.claimed[0], "retry", "error", {"started_at_ms": END_OF_TIME_MS},
                               next_attempt_at_ms=END_OF_TIME_MS)  # fmt: skip
        self.assertEqual(self.settle(last), ["applied"])
        self.assertEqual((delivery.next_attempt_at.year, delivery.attempt_ids.finished_at.year), (9999, 9999))
        self.assertEqual(self.claimed_ids(), [])

    def test_an_attempt_uid_of_another_delivery_fails_alone(self):
        self.good[1]["attempt"]["attempt_uid"] = self.good[0]["attempt"]["attempt_uid"]
        with mute_logger("odoo.sql_db", "odoo.addons.webhook_worker.models.contract_settle"):
            statuses = [r["status"] for r in self.results(*self.good)]
        self.assertEqual(statuses.count("applied"), 7)

    def test_what_is_gone(self):
        self.good[2]["id"] = 2147483647
        results = self.results(*self.good)
        self.assertEqual((results[2]["status"], results[2]["category"]), ("failed", "gone"))
        self.assertEqual([r["status"] for r in results].count("applied"), 7)

    def test_what_does_not_fit_together(self):
        wrong = [
            self.settlement(self.claimed[0], "delivered", "error"),
            self.settlement(self.claimed[1], "deferred", "error"),
            self.settlement(self.claimed[2], "retry", "queued"),
            self.settlement(self.claimed[3], kind="event"),
            self.settlement(
                self.claimed[4],
                "deferred",
                "queued",
                operations=[{"operation": "create", "model": "res.partner", "values": {}}],
            ),
        ]
        missing = self.settlement(self.claimed[5], "retry", "error")
        del missing["next_attempt_at_ms"]
        results = self.results(*wrong, missing, self.good[6])
        self.assertEqual([r.get("category") for r in results], ["validation"] * 6 + [None])
        self.assertEqual(self.deliveries.mapped("state").count("processing"), 7)

    def test_texts_that_cannot_be_stored_are_written_visibly(self):
        self.good[0]["attempt"].update(response_body="a\x00b", response_headers={"X\ud800": "\x00"})
        self.good[0]["attempt"].update(error_message="\udfff")
        self.good[0]["note"] = "\x00"
        self.assertEqual({r["status"] for r in self.results(*self.good)}, {"applied"})
        attempt = self.Delivery.browse(self.claimed[0]["id"]).attempt_ids
        self.assertEqual(attempt.response_body, "a\\u0000b")
        self.assertEqual(json.loads(attempt.response_headers_json), {"X\\ud800": "\\u0000"})
        self.assertEqual((attempt.processing_error, attempt.processing_note), ("\\udfff", "\\u0000"))

    def test_a_token_of_nobody_is_superseded(self):
        self.good[0]["lease_token"] = new_uid()
        self.assertEqual(self.results(self.good[0])[0]["status"], "superseded")
        self.assertEqual(self.Delivery.browse(self.claimed[0]["id"]).state, "processing")
