# SPDX-License-Identifier: LGPL-3.0-or-later
import time
from contextlib import contextmanager

from .common import WORKER_UID, new_uid
from .inbound_common import InboundCase


class PythonCase(InboundCase):
    """Python callbacks: `self` is an empty recordset of res.partner, which is given methods here."""

    @contextmanager
    def callback(self, method):
        partner = type(self.Partner)
        partner.handle_webhook_test = method
        try:
            self.handler.write(
                {
                    "execution_mode": "python",
                    "python_model_name": "res.partner",
                    "python_method_name": "handle_webhook_test",
                }
            )
            yield
        finally:
            del partner.handle_webhook_test

    def run_python(self, claimed, kind="event", **values):
        due_at_ms = int(time.time() * 1000) + 60000
        otherwise = {"state": "error", "failure_reason": "callback", "next_attempt_at_ms": due_at_ms}
        return self.call(
            "run_python_handler",
            **{
                "worker_uid": WORKER_UID,
                "lease": {"kind": kind, "id": claimed["id"], "lease_token": claimed["lease_token"]},
                "settlement_uid": new_uid(),
                "otherwise": otherwise,
                **values,
            },
        )

    def run_event(self, method, **values):
        claimed = self.ingested()[0]
        with self.callback(method):
            answer = self.run_python(claimed, **values)
        self.env.invalidate_all()
        return answer, self.Event.browse(claimed["id"])

    def decide(self, method, payload=None, **values):
        handler = self.new_handler(f"out-{new_uid()}", execution_user_id=self.executor.id)
        self.endpoint.handler_id = handler
        _delivery, claimed = self.queue_and_claim(payload=payload or {"a": 1}, headers={"A": "1"})
        inbound, self.handler = self.handler, handler
        with self.callback(method):
            answer = self.run_python(claimed, "delivery", **values)
        self.handler = inbound
        return answer
