# SPDX-License-Identifier: LGPL-3.0-or-later
import base64

from odoo import _, fields, models

MODEL = "bwt.webhook.inbound.event"


def event_files(event, files):
    """The attachments of an event's files, for `create`: the event's company's, and nobody's who may not read it."""
    return [
        {
            "name": file["filename"] or file["name"],
            "description": file["name"],
            "raw": base64.b64decode(file["content_base64"], validate=True),
            "mimetype": file["content_type"],
            "res_model": MODEL,
            "res_id": event.id,
            "company_id": event.company_id.id,
            "public": False,
        }
        for file in files
    ]


class InboundEventFiles(models.Model):
    """The files that came with a form."""

    _inherit = MODEL

    file_count = fields.Integer(string="Number of Files", required=True, readonly=True, default=0, aggregator=None)
    attachment_ids = fields.One2many(
        "ir.attachment", "res_id", string="Files", domain=[("res_model", "=", MODEL)], readonly=True, copy=False
    )

    def action_view_files(self):
        """The attachments that hold them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Files"),
            "res_model": "ir.attachment",
            "view_mode": "kanban,list,form",
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
            "context": {"create": False, "edit": False, "delete": False},
        }
