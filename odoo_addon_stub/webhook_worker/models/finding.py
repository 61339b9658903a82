# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

# The field that names the owner, of each model that a worker may find something wrong in.
OWNERS = {
    "bwt.webhook.handler": "handler_id",
    "bwt.webhook.outbound.endpoint": "outbound_endpoint_id",
    "bwt.webhook.inbound.endpoint": "inbound_endpoint_id",
}
# How to get there from what belongs to one of them.
PARENTS = ("rule_id", "handler_id", "endpoint_id", "inbound_endpoint_id", "policy_id")


class Finding(models.Model):
    """What a worker found wrong in one revision of the configuration: shown on the record, in the way of activation."""

    _name = "bwt.webhook.finding"
    _description = "Webhook Finding"
    _order = "severity, id"
    _rec_name = "message"
    _log_access = False

    handler_id = fields.Many2one("bwt.webhook.handler", readonly=True, ondelete="cascade", index="btree_not_null")
    outbound_endpoint_id = fields.Many2one(
        "bwt.webhook.outbound.endpoint", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    inbound_endpoint_id = fields.Many2one(
        "bwt.webhook.inbound.endpoint", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    res_model = fields.Char(string="Found In", required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True, readonly=True)
    record_name = fields.Char(compute="_compute_record_name", string="Record")
    field_name = fields.Char(string="Field", readonly=True)
    severity = fields.Selection([("error", "Error"), ("warning", "Warning")], required=True, readonly=True)
    message = fields.Text(required=True, readonly=True)
    revision = fields.Integer(required=True, readonly=True, aggregator=None)

    def _compute_record_name(self):
        for finding in self:
            record = finding.res_model in self.env and self.env[finding.res_model].browse(finding.res_id).exists()
            finding.record_name = record and record.display_name

    @api.model
    def _replace_all(self, revision, findings):
        """Keeps these of a `report_findings` request, and nothing that was found before; as superuser."""
        self = self.sudo()
        self.search([]).unlink()
        values = {}
        for finding in findings:
            model, record_id = finding["record"]["model"], finding["record"]["id"]
            for owner in self._owners(model, record_id):
                # Of a retry policy the same may be said once for each endpoint that uses it.
                values[owner, model, record_id, finding.get("field"), finding["message"]] = {
                    OWNERS[owner._name]: owner.id,
                    "res_model": model,
                    "res_id": record_id,
                    "field_name": finding.get("field"),
                    "severity": finding["severity"],
                    "message": finding["message"],
                    "revision": revision,
                }
        self.create(list(values.values()))

    @api.model
    def _owners(self, model_name, record_id):
        """The handlers or endpoints that show what was found in one of their rules, secrets, policies, …"""
        record = model_name.startswith("bwt.webhook.") and model_name in self.env and self.env[model_name]
        record = record is not False and record._auto and record.browse(record_id).exists()
        while record and record._name not in OWNERS:
            if record._name == "bwt.webhook.retry.policy":
                users = (record.env[f"bwt.webhook.{way}.endpoint"] for way in ("outbound", "inbound"))
                return [endpoint for model in users for endpoint in model.search([("retry_policy_id", "=", record.id)])]
            record = next((record[name] for name in PARENTS if name in record._fields and record[name]), None)
        return record or []


class FindingsMixin(models.AbstractModel):
    """A record that shows what the workers found wrong in it, and that errors keep from being activated."""

    _name = "bwt.webhook.findings.mixin"
    _description = "Webhook Configuration with Findings"

    finding_message = fields.Text(compute="_compute_finding_message", string="Findings")
    finding_severity = fields.Selection(
        [("error", "Error"), ("warning", "Warning")], compute="_compute_finding_message", string="Worst Finding"
    )

    @api.depends("finding_ids.message", "finding_ids.severity")
    def _compute_finding_message(self):
        for record in self:
            findings = record.sudo().finding_ids
            lines = [f"{f.record_name}: {f.message}" if f.record_name else f.message for f in findings[:20]]
            if len(findings) > 20:
                lines.append(_("… and %s more.", len(findings) - 20))
            record.finding_message = "\n".join(lines)
            record.finding_severity = findings[:1].severity

    def _check_no_errors_found(self):
        """Before an activation. What was found in an older revision may have been mended since. An endpoint needs a
        handler that works.
        """
        revision = self.env["bwt.webhook.ledger"]._database_state()["configuration_revision"]
        for record in self.sudo():
            findings = record.finding_ids
            if "handler_id" in record._fields:
                findings |= record.handler_id.finding_ids
            errors = findings.filtered(lambda f: f.severity == "error" and f.revision == revision)
            if errors:
                raise UserError(
                    _(
                        "%(record)s cannot be activated: %(message)s",
                        record=record.display_name,
                        message=errors[0].message,
                    )
                )
