# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json
from dataclasses import dataclass

from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import compat
from . import payload as payloads

FILES_MAX = 20
NAME_MAX = 255
DEFAULT_CONTENT_TYPE = "application/octet-stream"


@dataclass
class DeliveryFile:
    """One file of a multipart body: the form field's name, the file's name and type, its bytes."""

    name: str
    filename: str
    content_type: str
    content: bytes

    def described(self):
        return {"name": self.name, "filename": self.filename, "content_type": self.content_type,
                "size": len(self.content)}  # fmt: skip


class OutboundDeliveryFiles(models.Model):
    """The files of a delivery, copied when it is queued: their originals may be changed or deleted at once."""

    _inherit = "bwt.webhook.outbound.delivery"

    files_json = fields.Text(string="Files", readonly=True, copy=False, help="What is sent of them, and as what.")
    files_bytes = fields.Integer(
        string="Size of the Files", required=True, readonly=True, default=0, copy=False, aggregator=None
    )
    file_count = fields.Integer(compute="_compute_file_count", string="File Count")

    @api.depends("files_json")
    def _compute_file_count(self):
        for delivery in self:
            delivery.file_count = len(json.loads(delivery.files_json or "[]"))

    def _attach_files(self, files):
        """Stores copies. As superuser: they belong to the delivery, and only who may read that may read them."""
        self.ensure_one()
        # Without the context Odoo would shrink images. The type that it keeps may be another for reasons of its own.
        attachments = self.env["ir.attachment"].sudo().with_context(image_no_postprocess=True).create(
            [
                {"name": file.filename, "raw": file.content, "mimetype": file.content_type,
                 "res_model": self._name, "res_id": self.id}
                for file in files
            ]
        )  # fmt: skip
        described = [{**file.described(), "id": attachment.id} for file, attachment in zip(files, attachments)]
        self.sudo().write({"files_json": json.dumps(described), "files_bytes": sum(file["size"] for file in described)})

    def _stored_files(self):
        """The files, or a UserError when one is no longer what was queued. Called as superuser."""
        self.ensure_one()
        files = []
        for described in json.loads(self.files_json or "[]"):
            attachment = self.env["ir.attachment"].browse(described["id"]).exists()
            content = attachment.raw or b""
            if not attachment or len(content) != described["size"]:
                raise UserError(_("The file %(file)s of this delivery is gone.", file=described["filename"]))
            files.append(DeliveryFile(described["name"], described["filename"], described["content_type"], content))
        return files

    def _claimed_files(self):
        """The files as the contract shapes them."""
        return [
            {"name": file.name, "filename": file.filename, "content_type": file.content_type,
             "content_base64": base64.b64encode(file.content).decode()}
            for file in self._stored_files()
        ]  # fmt: skip

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


class OutboundEndpointFiles(models.Model):
    """What callers of `queue_delivery` may hand along as files."""

    _inherit = "bwt.webhook.outbound.endpoint"

    def _files(self, given):
        """DeliveryFiles from attachments, their ids, or dicts; read with the rights of whoever queues."""
        if not given:
            return []
        if self.sudo().request_body_mode != "multipart":
            raise ValidationError(_("%s: only endpoints with a multipart body send files.", self.sudo().name))
        given = list(given)
        if len(given) > FILES_MAX:
            raise ValidationError(_("A delivery has at most %s files.", FILES_MAX))
        return [self._file(item) for item in given]

    def _file(self, item):
        values = item if isinstance(item, dict) else {"attachment": item}
        attachment = values.get("attachment")
        if attachment:
            attachment = self.env["ir.attachment"].browse(attachment if isinstance(attachment, int) else attachment.id)
            compat.check_access(attachment, "read")
            if attachment.type != "binary":
                raise ValidationError(_("The attachment %s is a link, no file.", attachment.name))
            stored = {
                "filename": attachment.name, "content_type": attachment.mimetype, "content": attachment.raw or b""
            }  # fmt: skip
            values = {**stored, **values}
        content = values.get("content")
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise ValidationError(_("A file is an attachment, its id, or a dict with bytes as its content."))
        texts = [
            payloads.visible(str(values.get(name) or default))
            for name, default in (
                ("name", "file"), ("filename", values.get("name") or "file"), ("content_type", DEFAULT_CONTENT_TYPE),
            )
        ]  # fmt: skip
        if any(len(text) > NAME_MAX for text in texts):
            raise ValidationError(_("Names and types of files have at most %s characters.", NAME_MAX))
        return DeliveryFile(*texts, bytes(content))
