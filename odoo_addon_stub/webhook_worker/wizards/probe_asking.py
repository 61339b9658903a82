# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import time
from contextlib import contextmanager

from odoo import _, fields, models
from odoo.exceptions import UserError

from .. import compat
from ..models import wake
from ..models.endpoint_queue import uuid7

POLL_SECONDS = 0.05


class ProbeAsking(models.AbstractModel):
    """A wizard that asks the workers something, waits a little for the answer, and shows it."""

    _name = "bwt.webhook.probe.asking"
    _description = "Question to the Webhook Workers"
    _wait_seconds = 2.0  # no longer than anybody likes to look at a button

    probe_uid = fields.Char(readonly=True)
    state = fields.Selection(
        [("draft", "Not asked"), ("waiting", "Waiting"), ("answered", "Answered")], readonly=True, default="draft"
    )
    has_live_worker = fields.Boolean(compute="_compute_has_live_worker")

    def _compute_has_live_worker(self):
        self.has_live_worker = bool(self.env["bwt.webhook.worker"]._live())

    def _ask(self, request, **values):
        """Asks, waits, and shows the answer. Nothing is written while it waits: a transaction with an id of its own
        would keep what was queued in lanes from being claimed.
        """
        probe_uid = self._put(request, **values)
        deadline = time.monotonic() + self._wait_seconds
        answer = self._answer_to(probe_uid)
        while not answer and time.monotonic() < deadline and not compat.in_test_mode(self.env):
            time.sleep(POLL_SECONDS)
            answer = self._answer_to(probe_uid)
        self.write({"probe_uid": probe_uid, "state": "waiting", **self._no_answer()})
        self._show_if(answer)
        return self._reopen()

    def action_refresh(self):
        """Looks again for an answer that took longer."""
        self.ensure_one()
        self._show_if(self._answer_to(self.probe_uid))
        return self._reopen()

    def _check_live_worker(self):
        if not self.env["bwt.webhook.worker"]._live():
            raise UserError(_("No worker is running: nobody can answer. Start webhook-worker first."))

    def _put(self, request, **values):
        """Commits the probe at once: nobody else sees what is not."""
        probe_uid = uuid7()
        with self._short_transaction() as env:
            env["bwt.webhook.probe"].create({"probe_uid": probe_uid, "request_json": json.dumps(request), **values})
            wake.after_commit(env)
        return probe_uid

    def _answer_to(self, probe_uid):
        with self._short_transaction() as env:
            return env["bwt.webhook.probe"].search([("probe_uid", "=", probe_uid)]).answer_json

    def _show_if(self, answer):
        if answer:
            self.write({"state": "answered", **self._shown(json.loads(answer))})

    def _no_answer(self):
        """The fields that show an answer, empty."""
        return {}

    def _shown(self, answer):
        """The fields that show this answer."""
        raise NotImplementedError

    @contextmanager
    def _short_transaction(self):
        """A superuser's environment in a transaction of its own, which sees what others committed meanwhile."""
        if compat.in_test_mode(self.env):
            yield self.env(su=True)
            return
        with self.env.registry.cursor() as cr:
            yield self.env(cr=cr, su=True)

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self._description,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }
