# SPDX-License-Identifier: LGPL-3.0-or-later
from .common import WORKER_UID, WebhookCase, new_uid


class TestRenewAndRelease(WebhookCase):
    def lease(self, claimed, **values):
        return {"kind": "delivery", "id": claimed["id"], "lease_token": claimed["lease_token"], **values}

    def test_renew_extends_and_names_the_lost(self):
        delivery, claimed = self.queue_and_claim()
        before = delivery.lease_expires_at
        foreign = self.lease(claimed, lease_token=new_uid())
        gone = self.lease(claimed, id=2147483647)
        event = self.lease(claimed, kind="event")
        answer = self.call(
            "renew", worker_uid=WORKER_UID, lease_seconds=600, leases=[self.lease(claimed), foreign, gone, event]
        )
        self.assertEqual(answer["lost"], [foreign, gone, event])
        self.assertGreater((delivery.lease_expires_at - before).total_seconds(), 500)

    def test_an_expired_lease_that_nobody_took_can_be_renewed(self):
        delivery, claimed = self.queue_and_claim()
        self.expire_leases(delivery)
        answer = self.call("renew", worker_uid=WORKER_UID, lease_seconds=60, leases=[self.lease(claimed)])
        self.assertEqual(answer["lost"], [])
        self.assertEqual(self.claimed_ids(), [])

    def test_renew_of_nothing(self):
        self.assertEqual(self.call("renew", worker_uid=WORKER_UID, lease_seconds=60, leases=[])["lost"], [])

    def test_release_gives_back_unspent(self):
        delivery, claimed = self.queue_and_claim()
        leases = [self.lease(claimed), self.lease(claimed, lease_token=new_uid())]
        self.assertEqual(self.call("release", worker_uid=WORKER_UID, leases=leases)["released"], 1)
        self.assertEqual((delivery.state, delivery.lease_count, delivery.attempt_count), ("queued", 0, 0))
        self.assertFalse(delivery.lease_token or delivery.lease_expires_at or delivery.attempt_ids)
        self.assertEqual(self.claimed_ids(), [delivery.id])

    def test_release_after_an_attempt_is_error(self):
        delivery, claimed = self.queue_and_claim()
        self.settle(self.settlement(claimed, "retry", "error"))
        self.set_columns(delivery, next_attempt_at=delivery.queued_at)
        (claimed,) = self.claim()["deliveries"]
        self.call("release", worker_uid=WORKER_UID, leases=[self.lease(claimed)])
        self.assertEqual((delivery.state, delivery.lease_count, delivery.attempt_count), ("error", 1, 1))

    def test_release_twice_is_once(self):
        _delivery, claimed = self.queue_and_claim()
        self.call("release", worker_uid=WORKER_UID, leases=[self.lease(claimed)])
        self.assertEqual(self.call("release", worker_uid=WORKER_UID, leases=[self.lease(claimed)])["released"], 0)
