# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import hashlib
import hmac
import ipaddress
import socket
import time
from unittest.mock import patch

from odoo.addons.webhook_worker.models import wake

from .common import WORKER_UID, WebhookCase, new_uid


class TestWakeUp(WebhookCase):
    def setUp(self):
        super().setUp()
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind(("127.0.0.1", 0))
        self.receiver.settimeout(5)
        self.addCleanup(self.receiver.close)
        self.port = self.receiver.getsockname()[1]
        self.cr.postcommit.clear()
        answer = self.call("hello", **self.hello_request(wake_address=f"127.0.0.1:{self.port}"))
        self.secret = base64.b64decode(answer["wake_secret"])

    def received(self):
        """The datagrams that arrived."""
        found = []
        self.receiver.settimeout(5)
        while True:
            try:
                found.append(self.receiver.recv(2000))
            except (TimeoutError, BlockingIOError):
                return found
            self.receiver.settimeout(0.05)

    def test_one_authentic_datagram_per_transaction(self):
        for _number in range(3):
            self.queue()
        self.cr.postcommit.run()
        (datagram,) = self.received()
        version, database, counter, unix_ms, digest = datagram.decode("ascii").split(" ")
        self.assertEqual((version, database), ("ww1", self.env.cr.dbname))
        self.assertAlmostEqual(int(unix_ms) / 1000, time.time(), delta=10)
        text = f"ww1 {database} {counter} {unix_ms}".encode()
        self.assertEqual(digest, hmac.new(self.secret, text, hashlib.sha256).hexdigest())
        self.queue()
        self.cr.postcommit.run()
        (again,) = self.received()
        self.assertGreater(int(again.split()[2]), int(counter))

    def test_the_secret_is_derived_from_the_databases(self):
        database_secret = self.env["ir.config_parameter"].get_param("database.secret")
        text = f"webhook_worker.wake:{WORKER_UID}"
        self.assertEqual(self.secret, hmac.new(database_secret.encode(), text.encode(), hashlib.sha256).digest())

    def test_nothing_before_the_commit_and_nothing_after_a_rollback(self):
        self.queue()
        self.receiver.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.receiver.recv(2000)
        self.cr.postcommit.clear()  # what a rollback does
        self.cr.postcommit.run()
        with self.assertRaises(BlockingIOError):
            self.receiver.recv(2000)

    def test_reprocess_replay_resume_and_configuration_wake(self):
        delivery = self.queue()
        delivery.with_user(self.operator).action_cancel()
        for step in (
            delivery.with_user(self.operator).action_replay,
            delivery.with_user(self.operator).action_reprocess,
            self.endpoint.action_pause,
            self.endpoint.action_resume,
        ):
            self.cr.flush()
            self.cr.postcommit.clear()
            step()
            self.cr.postcommit.run()
            self.assertEqual(len(self.received()), 1)

    def test_every_exception_is_swallowed(self):
        self.queue()
        with patch.object(wake.socket, "socket", side_effect=OSError("no sockets")) as opened:
            self.cr.postcommit.run()
        opened.assert_called_once()
        self.assertEqual(self.received(), [])

    def test_live_means_the_same_everywhere(self):
        worker = self.env["bwt.webhook.worker"].search([("worker_uid", "=", WORKER_UID)])
        ledger = self.env["bwt.webhook.ledger"].search([])
        for silence, live in ((wake.LIVE_SECONDS - 10, True), (wake.LIVE_SECONDS + 10, False)):
            self.env.cr.execute(
                "UPDATE bwt_webhook_worker SET last_seen_at = now() AT TIME ZONE 'UTC' - %s * interval '1 second'",
                [silence],
            )
            self.env.invalidate_all()
            with self.subTest(silence=silence), patch.object(wake, "send") as send:
                self.assertEqual((worker.status == "live", ledger.live_worker_count), (live, int(live)))
                self.cr.postcommit.clear()
                self.queue()
                self.cr.postcommit.run()
                self.assertEqual(send.called, live)

    def test_only_live_workers_are_woken(self):
        self.env.cr.execute("UPDATE bwt_webhook_worker SET last_seen_at = '2020-01-01'")
        self.cr.postcommit.clear()
        self.queue()
        with patch.object(wake, "send") as send:
            self.cr.postcommit.run()
        send.assert_not_called()

    def test_only_allowed_addresses_are_woken(self):
        allowed = self.env["ir.config_parameter"]
        for address, networks, woken in (
            ("127.0.0.1:1", "", True),
            ("[::1]:1", "", True),
            ("10.1.2.3:1", "", False),
            ("10.1.2.3:1", "10.0.0.0/8, fd00::/8", True),
            ("[fd00::1]:1", "10.0.0.0/8, fd00::/8", True),
            ("192.168.1.1:1", "10.0.0.0/8", False),
            ("10.1.2.3:1", "nonsense", False),
        ):
            with self.subTest(address=address, networks=networks), patch.object(wake, "send") as send:
                allowed.set_param(wake.TARGETS_PARAMETER, networks)
                self.call("hello", **self.hello_request(wake_address=address))
                worker = self.env["bwt.webhook.worker"].search([("worker_uid", "=", WORKER_UID)])
                worker.invalidate_recordset()
                self.assertEqual(worker.wake_allowed, woken)
                self.cr.postcommit.clear()
                self.queue()
                self.cr.postcommit.run()
                self.assertEqual(send.called, woken)

    def test_numeric_addresses_only(self):
        self.assertEqual(wake.parse_address("[::1]:80"), (ipaddress.ip_address("::1"), 80))
        for text in ("localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "::1:80", "127.0.0.1:²", ":80", ""):
            with self.subTest(text=text), self.assertRaises(ValueError):
                wake.parse_address(text)

    def test_a_worker_without_address_is_not_woken(self):
        self.call("hello", **self.hello_request())
        self.call("hello", **self.hello_request(worker_uid=new_uid()))
        self.cr.postcommit.clear()
        self.queue()
        with patch.object(wake, "send") as send:
            self.cr.postcommit.run()
        send.assert_not_called()


class TestRevision(WebhookCase):
    def revision(self):
        """The revision as of the end of this transaction."""
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.cr.execute("SELECT configuration_revision FROM bwt_webhook_ledger")
        return self.env.cr.fetchone()[0]

    def test_every_kind_of_change_makes_it_grow_by_one(self):
        handler = self.new_handler("h")
        policy = self.endpoint.retry_policy_id
        before = self.revision()
        for step in (
            lambda: handler.write({"name": "x"}),
            lambda: self.endpoint.write({"target_path": "/x"}),
            lambda: self.endpoint.action_pause(),
            lambda: policy.write({"name": "x"}),
            lambda: (handler.write({"name": "y"}), self.endpoint.action_resume(), self.new_endpoint("second")),
            lambda: handler.unlink(),
        ):
            step()
            after = self.revision()
            self.assertEqual(after, before + 1)
            before = after

    def test_queueing_does_not(self):
        before = self.revision()
        self.queue()
        self.assertEqual(self.revision(), before)
