# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import api, fields, models

from ..compat import index
from .endpoint_queue import uuid7

PARAMETERS = {
    "intake_body_bytes_max": 1024 * 1024,
    "intake_rows_per_endpoint_max": 1000,
    "intake_rows_per_source_max": 200,
}
NO_ACCESS = "."  # as Odoo spells it in all its series


class InboundIntake(models.Model):
    """Requests that Odoo's own controller answered 202 and that no worker has verified yet: a bounded staging table.

    A row lives for seconds: a worker claims it, judges it as the gateway would have, and `ingest` deletes it. Until
    then it holds what came, byte for byte, with the credentials that the worker has to judge (an Authorization header,
    an API key): therefore nobody reads headers and body, no view shows them, and a neutralized copy has none of these
    rows. They are not sealed: only a worker could open them, and the body beside them needs the same care.
    """

    _name = "bwt.webhook.inbound.intake"
    _description = "Inbound Webhook Request to be Verified"
    _order = "id"
    _log_access = False

    event_uid = fields.Char(string="Event ID", required=True, readonly=True)
    # They were answered 202: an endpoint that has some is not deleted before they are verified.
    endpoint_id = fields.Many2one("bwt.webhook.inbound.endpoint", required=True, readonly=True, ondelete="restrict")
    received_at = fields.Datetime(required=True, readonly=True)
    http_method = fields.Char(string="HTTP Method", required=True, readonly=True)
    request_url = fields.Char(string="URL", required=True, readonly=True, groups=NO_ACCESS)
    remote_address = fields.Char(string="Sender's Address", readonly=True)
    source = fields.Char(required=True, readonly=True, help="Whose rows are counted: an address, or an IPv6 network.")
    request_headers_json = fields.Text(required=True, readonly=True, groups=NO_ACCESS)
    request_body_raw = fields.Binary(attachment=False, readonly=True, groups=NO_ACCESS)
    claimable_at = fields.Datetime(required=True, readonly=True, help="When it came, or when its lease ends.")
    lease_token = fields.Char(readonly=True)

    _claimable = index("(claimable_at, id)")
    _of_endpoint = index("(endpoint_id, id)")
    _of_source = index("(source)")
    _lease_token = index("(lease_token) WHERE lease_token IS NOT NULL")

    @api.model
    def _limit(self, name):
        return self.env["bwt.webhook.housekeeping"]._parameter(name, PARAMETERS[name])

    @api.model
    def _endpoint_at(self, path):
        """The id of the endpoint that takes requests on this path, or None."""
        self.env["bwt.webhook.inbound.endpoint"].flush_model()
        self.env.cr.execute(
            "SELECT id FROM bwt_webhook_inbound_endpoint WHERE path = %s AND state = 'active' AND odoo_intake", [path]
        )
        row = self.env.cr.fetchone()
        return row and row[0]

    @api.model
    def _is_full(self, endpoint_id, source):
        """(whether the endpoint has all the rows that it may have, whether the source has).

        Requests that come at the very same time do not see each other: there may be as many more as Odoo has processes.
        """
        self.env.cr.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM bwt_webhook_inbound_intake WHERE endpoint_id = %s LIMIT %s) e),
                   (SELECT count(*) FROM (SELECT 1 FROM bwt_webhook_inbound_intake WHERE source = %s LIMIT %s) s)
            """,
            [endpoint_id, endpoint_max := self._limit("intake_rows_per_endpoint_max"),
             source, source_max := self._limit("intake_rows_per_source_max")],
        )  # fmt: skip
        of_endpoint, of_source = self.env.cr.fetchone()
        return of_endpoint >= endpoint_max, of_source >= source_max

    @api.model
    def _take(self, endpoint_id, values):
        """One row; its event_uid. `values`: http_method, request_url, remote_address (or None), source, headers (a
        mapping) and body (base64), all of it storable.
        """
        event_uid = uuid7()
        self.env.cr.execute(
            """
            INSERT INTO bwt_webhook_inbound_intake
                   (event_uid, endpoint_id, received_at, claimable_at, http_method, request_url, remote_address, source,
                    request_headers_json, request_body_raw)
            SELECT %(event_uid)s, %(endpoint_id)s, moment, moment, %(http_method)s, %(request_url)s,
                   %(remote_address)s, %(source)s, %(headers)s, %(body)s
              FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS moment) now
            """,
            {**values, "event_uid": event_uid, "endpoint_id": endpoint_id, "headers": json.dumps(values["headers"])},
            log_exceptions=False,  # it would write headers and body into Odoo's log
        )
        self.invalidate_model()
        return event_uid

    @api.model
    def _forget(self, verified):
        """{id: event_uid} of what is verified; a row that is gone already, or is another one, changes nothing."""
        if verified:
            self.env.cr.execute(
                """
                DELETE FROM bwt_webhook_inbound_intake WHERE id IN (
                    SELECT i.id FROM bwt_webhook_inbound_intake i
                      JOIN unnest(%s::int[], %s::text[]) AS verified(id, uid)
                        ON verified.id = i.id AND verified.uid = i.event_uid ORDER BY i.id FOR UPDATE OF i)
                """,
                [list(verified), list(verified.values())],
            )
            self.invalidate_model()
