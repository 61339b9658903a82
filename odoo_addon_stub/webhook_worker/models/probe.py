# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models

from ..compat import index


class Probe(models.Model):
    """A short-lived question to the workers: how would these rules decide, what does this endpoint answer? Nothing of
    it is applied.

    Made and read by `bwt.webhook.probe.asking`, claimed and answered through the contract; housekeeping forgets it.
    """

    _name = "bwt.webhook.probe"
    _description = "Webhook Probe"

    probe_uid = fields.Char(required=True, readonly=True)
    kind = fields.Selection([("rules", "Rules"), ("send", "Send")], required=True, readonly=True, default="rules")
    state = fields.Selection(
        [("waiting", "Waiting"), ("claimed", "Claimed"), ("answered", "Answered")],
        required=True,
        readonly=True,
        default="waiting",
    )
    handler_id = fields.Many2one("bwt.webhook.handler", readonly=True, ondelete="cascade")
    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", readonly=True, ondelete="cascade")
    worker_id = fields.Many2one("bwt.webhook.worker", readonly=True, ondelete="set null")
    request_json = fields.Text(required=True, readonly=True, help="What the contract says that a probe holds.")
    answer_json = fields.Text(readonly=True)

    _uid_unique = index("(probe_uid)", unique=True)
    _waiting = index("(id) WHERE state = 'waiting'")
