# SPDX-License-Identifier: LGPL-3.0-or-later
import logging
from datetime import timedelta

from odoo import _, api, fields, models

_logger = logging.getLogger(__name__)

# A gateway that was not seen for longer is taken for retired: what it last said of its inbox is no alarm any more.
# Long enough for a weekend and the days after it: its senders were told that it has their events.
GONE_DAYS = 7


class InboundHousekeeping(models.AbstractModel):
    """The alarm and the retention of what is accepted and not processed yet."""

    _inherit = "bwt.webhook.housekeeping"

    @api.model
    def _alarm_message(self):
        return super()._alarm_message() or self._inbox_alarm() or self._intake_alarm()

    @api.model
    def _inbound_late(self):
        """What was accepted before this moment and is not in Odoo as an event is late."""
        return fields.Datetime.now() - timedelta(minutes=self._parameter("inbound_alarm_minutes", 15))

    @api.model
    def _inbox_alarm(self):
        """Of the gateways that say hello, and of those that stopped it a short time ago."""
        late, since = self._inbound_late(), fields.Datetime.now() - timedelta(days=GONE_DAYS)
        with_inbox = self.env["bwt.webhook.worker"].sudo().search(
            [("last_seen_at", ">", since), ("inbox_bytes_max", ">", 0)]
        )  # fmt: skip
        for worker in with_inbox:
            names = {"worker": worker.name, "host": worker.host, "count": worker.inbox_event_count}
            if worker.status != "gone" and not worker.inbox_healthy:
                return _(
                    "The gateway of the worker %(worker)s on %(host)s cannot write its inbox: it accepts no webhooks."
                    " Look at its log and its disk.",
                    **names,
                )
            if worker.status != "gone" and worker.inbox_set_aside_count:
                return _(
                    "%(set_aside)s accepted events of the worker %(worker)s on %(host)s were refused by Odoo for good"
                    " and are set aside beside the worker. Its log says why.",
                    set_aside=worker.inbox_set_aside_count,
                    **names,
                )
            if worker.inbox_event_count and worker.inbox_oldest_at and worker.inbox_oldest_at < late:
                return _(
                    "The worker %(worker)s on %(host)s has accepted %(count)s events that are not in Odoo yet, the"
                    " oldest at %(oldest)s UTC. See that it runs and reaches Odoo; an inbox can be moved with"
                    " 'webhook-worker journal export' and 'journal import'.",
                    oldest=fields.Datetime.to_string(worker.inbox_oldest_at),
                    **names,
                )
        return False

    @api.model
    def _intake_alarm(self):
        intake, late = self.env["bwt.webhook.inbound.intake"].sudo(), [("received_at", "<", self._inbound_late())]
        oldest = intake.search(late, order="id", limit=1)
        return bool(oldest) and _(
            "%(count)s requests that Odoo accepted on webhook paths wait to be verified, the oldest since %(oldest)s"
            " UTC. See that a worker runs, and what it found wrong with the endpoint %(endpoint)s.",
            count=intake.search_count(late),
            oldest=fields.Datetime.to_string(oldest.received_at),
            endpoint=oldest.endpoint_id.name,
        )

    @api.model
    def _purge(self, deadline):
        """Also rows of the intake that no worker came for: they hold credentials, and the alarm has told of them since.
        A worker itself ends those that it cannot judge after a week.
        """
        super()._purge(deadline)
        days = self._parameter("keep_intake_days", 14)
        if days > 0:
            self.env.cr.execute(
                """
                DELETE FROM bwt_webhook_inbound_intake
                 WHERE received_at < now() AT TIME ZONE 'UTC' - %s * interval '1 day'
                """,
                [days],
            )
            if self.env.cr.rowcount:
                _logger.warning("%s webhooks were deleted that no worker verified in time", self.env.cr.rowcount)
        days = self._parameter("keep_rejected_days", 14)
        if days > 0:
            self.env.cr.execute(
                """
                DELETE FROM bwt_webhook_inbound_rejection
                 WHERE last_at < now() AT TIME ZONE 'UTC' - %s * interval '1 day'
                """,
                [days],
            )
        self.env["bwt.webhook.inbound.intake"].invalidate_model()
        self.env["bwt.webhook.inbound.rejection"].invalidate_model()
