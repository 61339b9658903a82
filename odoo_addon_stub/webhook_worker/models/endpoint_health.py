# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.tools import plaintext2html

from ..compat import index
from .contract_rows import call_hook

DISABLE_AFTER_DAYS = 5
DISABLE_AFTER_FAILURES = 10
ACTIVITY = "webhook_worker.mail_activity_type_endpoint_disabled"
# What the receiver, or the way to it, is to blame for. The last two say why nothing is tried again: they are failures
# when the attempt shows one.
RECEIVER_FAILED = ("http_status", "timeout", "connect", "tls", "connection_lost", "response_invalid", "endpoint_gone")
GIVEN_UP = ("attempts_exhausted", "expired")


def failure_of(settlement):
    """Whether a settlement that was applied shows that the receiver works (False) or fails (True); None: neither."""
    attempt = settlement.get("attempt")
    if settlement["kind"] != "delivery" or not attempt:
        return None
    if settlement["outcome"] == "delivered":
        return False
    if settlement["outcome"] not in ("retry", "dead_letter"):
        return None
    reason = settlement.get("failure_reason")
    if reason in GIVEN_UP:
        reason = attempt.get("error_kind", "http_status" if attempt.get("response_status_code", 0) >= 300 else None)
    return True if reason in RECEIVER_FAILED else None


class EndpointHealth(models.Model):
    """Since when an endpoint does nothing but fail. There is no row for a healthy one, and nothing is written while it
    stays so.
    """

    _name = "bwt.webhook.endpoint.health"
    _description = "Health of a Webhook Endpoint"
    _log_access = False

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade")
    failing_since = fields.Datetime(required=True)
    failure_count = fields.Integer(required=True)
    last_failure_message = fields.Char()

    _endpoint_unique = index("(endpoint_id)", unique=True)

    @api.model
    def _note(self, settlements):
        """Takes in what a batch of settlements, all applied, says of its endpoints; disables those that are due.

        `settlements` are (endpoint id, settlement). Rows are touched in the order of the endpoints' ids.
        """
        failures, healthy, gone = {}, set(), set()
        for endpoint_id, settlement in settlements:
            failed = failure_of(settlement)
            if failed is None:
                continue
            if failed:
                count = failures.get(endpoint_id, (0, None))[0] + 1
                failures[endpoint_id] = (count, settlement.get("failure_message"))
                if settlement.get("failure_reason") == "endpoint_gone":
                    gone.add(endpoint_id)
            else:
                # What failed before a success in the same batch interrupts nothing.
                healthy.add(endpoint_id)
                failures.pop(endpoint_id, None)
        self._forget(healthy)
        failing = self._count(failures) if failures else set()
        if gone or failing:
            self._disable({**dict.fromkeys(failing, "failing"), **dict.fromkeys(gone, "gone")})

    @api.model
    def _forget(self, endpoint_ids):
        """Success: most often there is no row, and then this reads an index and writes nothing."""
        if endpoint_ids:
            self.env.cr.execute(
                """
                DELETE FROM bwt_webhook_endpoint_health WHERE id IN (
                    SELECT id FROM bwt_webhook_endpoint_health WHERE endpoint_id = ANY(%s)
                     ORDER BY endpoint_id FOR UPDATE)
                """,
                [list(endpoint_ids)],
            )

    @api.model
    def _count(self, failures):
        """Adds {endpoint id: (how many, message)}; the endpoints that failed for long and often enough."""
        ids = sorted(failures)
        parameter = self.env["bwt.webhook.housekeeping"]._parameter
        self.env.cr.execute(
            """
            INSERT INTO bwt_webhook_endpoint_health AS h
                   (endpoint_id, failing_since, failure_count, last_failure_message)
            SELECT failed.id, clock_timestamp() AT TIME ZONE 'UTC', failed.count, failed.message
              FROM unnest(%s::int[], %s::int[], %s::text[]) AS failed(id, count, message) ORDER BY failed.id
                ON CONFLICT (endpoint_id) DO UPDATE
               SET failure_count = h.failure_count + excluded.failure_count,
                   last_failure_message = excluded.last_failure_message
            RETURNING endpoint_id, failure_count >= %s
                  AND failing_since <= clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 day'
            """,
            [
                ids,
                [failures[endpoint_id][0] for endpoint_id in ids],
                [failures[endpoint_id][1] for endpoint_id in ids],
                parameter("disable_after_failures", DISABLE_AFTER_FAILURES),
                parameter("disable_after_days", DISABLE_AFTER_DAYS),
            ],
        )
        return {endpoint_id for endpoint_id, is_due in self.env.cr.fetchall() if is_due}

    @api.model
    def _disable(self, reasons):
        """Disables the endpoints {id: reason} that are not yet, and tells whoever is responsible: once, because the row
        is locked first. As superuser: this is the addon's own decision, and the worker's user has no rights.
        """
        self.env.cr.execute(
            """
            SELECT id FROM bwt_webhook_outbound_endpoint
             WHERE id = ANY(%s) AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE
            """,
            [list(reasons)],
        )
        ids = [endpoint_id for (endpoint_id,) in self.env.cr.fetchall()]
        # As a user whom the chatter may name: the worker's is none. Mails go out through Odoo's queue.
        env = api.Environment(self.env.cr, SUPERUSER_ID, {"mail_notify_force_send": False})
        endpoints = env["bwt.webhook.outbound.endpoint"].browse(ids)
        endpoints.invalidate_recordset(flush=False)
        for endpoint in endpoints:
            endpoint.write({"disabled_at": fields.Datetime.now(), "disabled_reason": reasons[endpoint.id]})
            endpoint._schedule_disabled_activity()
        endpoints.flush_recordset()
        call_hook(self.env, "_on_endpoint_disabled", ids, "bwt.webhook.outbound.endpoint")


class OutboundEndpoint(models.Model):
    _inherit = "bwt.webhook.outbound.endpoint"

    failing_since = fields.Datetime(compute="_compute_health", compute_sudo=True)
    failure_count = fields.Integer(compute="_compute_health", compute_sudo=True, string="Failed Attempts in a Row")
    last_failure_message = fields.Char(compute="_compute_health", compute_sudo=True, string="Last Failure")

    def _compute_health(self):
        health = {row.endpoint_id.id: row for row in self._health()}
        for endpoint in self:
            row = health.get(endpoint.id, self.env["bwt.webhook.endpoint.health"])
            endpoint.failing_since = row.failing_since
            endpoint.failure_count = row.failure_count
            endpoint.last_failure_message = row.last_failure_message

    def _health(self):
        rows = self.env["bwt.webhook.endpoint.health"].sudo()
        rows.invalidate_model()  # settle writes them by SQL
        return rows.search([("endpoint_id", "in", self.ids)])

    def _reset_health(self):
        """Whoever enables an endpoint says that it works again: its failures count from here."""
        self._health().unlink()

    def action_enable(self):
        result = super().action_enable()
        self._reset_health()
        self.sudo().activity_unlink([ACTIVITY])
        return result

    def _schedule_disabled_activity(self):
        """For the responsible user, in his language; without one for every Webhooks Administrator of the company."""
        users = self.user_id
        if not users or not users.active:
            users = self.env["bwt.webhook.housekeeping"]._administrators().filtered(
                lambda user: self.company_id in user.company_ids
            )
        for user in users:
            self.with_context(lang=user.lang).activity_schedule(
                ACTIVITY, note=plaintext2html(self.with_context(lang=user.lang)._disabled_note()), user_id=user.id
            )

    def _disabled_note(self):
        if self.disabled_reason == "gone":
            reason = _("The receiver of %(endpoint)s answered 410: it says that this address is gone for good.",
                       endpoint=self.name)  # fmt: skip
        else:
            reason = _(
                "%(endpoint)s has failed since %(since)s without a success, %(count)s times; the last failure:"
                " %(message)s",
                endpoint=self.name,
                since=fields.Datetime.to_string(self.failing_since),
                count=self.failure_count,
                message=self.last_failure_message or "-",
            )
        return _(
            "%(reason)s Nothing is sent to it any more; its deliveries wait. Ask the receiver or mend the endpoint,"
            " test it with Send Test, then press Enable. To stop sending there, archive it.",
            reason=reason,
        )

    # ---- a hook for other addons; called with superuser records

    def _on_endpoint_disabled(self):
        """The endpoints that were just disabled because they failed for days, or are gone."""
