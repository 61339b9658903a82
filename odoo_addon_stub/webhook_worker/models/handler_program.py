# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .. import compat
from ..compat import constraint
from .handler import SENSITIVE_PREFIXES
from .rule_mixin import RECORD_ACTIONS

# What decides what a handler does, and with whose rights.
PROGRAM_FIELDS = {
    "allowed_model_ids", "callback_timeout_seconds", "direction", "execution_mode", "execution_user_id",
    "inbound_rule_ids", "native_callback", "needed_fields_json", "outbound_rule_ids", "python_method_name",
    "python_model_name",
}  # fmt: skip
RULES_MAX = 500


class HandlerProgram(models.Model):
    """A handler's rules, what its callback may write, and who may change that."""

    _name = "bwt.webhook.handler"
    _inherit = ["bwt.webhook.handler", "bwt.webhook.findings.mixin"]

    inbound_rule_ids = fields.One2many(
        "bwt.webhook.inbound.handler.rule", "handler_id", string="Inbound Rules", copy=True
    )
    outbound_rule_ids = fields.One2many(
        "bwt.webhook.outbound.handler.rule", "handler_id", string="Outbound Rules", copy=True
    )
    inbound_endpoint_ids = fields.One2many("bwt.webhook.inbound.endpoint", "handler_id")
    inbound_endpoint_count = fields.Integer(compute="_compute_inbound_endpoint_count")
    finding_ids = fields.One2many("bwt.webhook.finding", "handler_id", readonly=True)
    allowed_model_ids = fields.Many2many(
        "ir.model",
        "bwt_webhook_handler_allowed_model",
        "handler_id",
        "model_id",
        string="Models it May Write",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
        help="What the record operations that a native callback returns may write.",
    )
    callback_timeout_seconds = fields.Integer(
        string="Deadline", default=30, required=True, help="A native callback that takes more seconds has failed."
    )
    needed_fields_json = fields.Text(
        readonly=True, copy=False, help="The fields of records that the rules read, as the workers reported them."
    )

    _callback_timeout_range = constraint(
        "CHECK (callback_timeout_seconds BETWEEN 1 AND 240)", "The deadline of a callback must be 1 to 240 seconds."
    )

    # ---- who may change it

    @api.model_create_multi
    def create(self, vals_list):
        handlers = super().create(vals_list)
        handlers._check_may_program()
        return handlers

    def write(self, vals):
        guarded = PROGRAM_FIELDS & set(vals) or vals.get("active")
        if guarded:
            self._check_may_program()
        if vals.get("active"):
            self.filtered(lambda handler: not handler.active)._check_no_errors_found()
        result = super().write(vals)
        if guarded:
            self._check_may_program()
        return result

    def _check_may_program(self):
        """Whoever changes what a handler does uses the rights it runs with: only their owner and system administrators
        may. And only the latter may let it write technical models, or change a handler that does.
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        compat.check_access(self, "write")
        for handler in self.sudo():
            user = handler.execution_user_id
            if user and user.id != self.env.uid:
                raise AccessError(
                    _(
                        "Only a system administrator, or %(user)s, may change what the handler %(handler)s does: it"
                        " runs as %(user)s.",
                        handler=handler.name,
                        user=user.name,
                    )
                )
            sensitive = sorted(name for name in handler._reached_models() if name.startswith(SENSITIVE_PREFIXES))
            if sensitive:
                raise AccessError(
                    _(
                        "Only a system administrator may let a handler write or call the model %(model)s, or change a"
                        " handler that does.",
                        model=sensitive[0],
                    )
                )

    def _all_rules(self):
        """(inbound rules, outbound rules), archived ones too."""
        handlers = self.with_context(active_test=False)
        return handlers.inbound_rule_ids, handlers.outbound_rule_ids

    def _reached_models(self):
        """Names of the models that this handler calls or may write: rules' targets, lists of records inside them, and
        what callbacks are allowed.
        """
        names = set(self.allowed_model_ids.mapped("model"))
        if self.execution_mode == "python":
            names.add(self.python_model_name or "")
        for rules in self._all_rules():
            names.update(rules.target_model_id.mapped("model"))
            for assignment in rules.assignment_ids:
                model = self.env.get(assignment.rule_id.target_model_name)
                for step in (assignment.target_expression or "").split("/"):
                    field = model is not None and model._fields.get(step.strip())
                    if not field or field.type not in ("one2many", "many2many"):
                        break
                    names.add(field.comodel_name)
                    model = self.env[field.comodel_name]
        return names

    # ---- shape

    @api.constrains("inbound_rule_ids", "outbound_rule_ids", "active", "direction")
    def _check_rules(self):
        self._check_sizes()
        for rules in self._all_rules():
            rules._check_ready()

    def _check_sizes(self):
        for handler in self:
            inbound, outbound = handler._all_rules()
            if (inbound and handler.direction != "inbound") or (outbound and handler.direction != "outbound"):
                raise ValidationError(
                    _("%(handler)s: its rules are of the other direction.", handler=handler.display_name)
                )
            if len(inbound) + len(outbound) > RULES_MAX:
                raise ValidationError(
                    _("%(handler)s: more than %(max)s rules.", handler=handler.display_name, max=RULES_MAX)
                )

    @api.constrains("direction")
    def _check_direction_of_endpoints(self):
        for handler in self.filtered(lambda h: h.direction != "inbound"):
            if handler.sudo().inbound_endpoint_ids:
                raise ValidationError(
                    _("The handler %s is used by inbound endpoints: it must stay Inbound.", handler.name)
                )

    def _needs_execution_user(self):
        """Python runs as somebody, and so does what writes records."""
        if self.execution_mode == "model_driven":
            inbound, outbound = self.inbound_rule_ids, self.outbound_rule_ids
            actions = inbound.mapped("action_type") + outbound.mapped("result_status")
            return any(action in RECORD_ACTIONS for action in actions)
        return self.execution_mode == "python" or bool(self.allowed_model_ids)

    # ---- native callbacks

    available_callback = fields.Selection(
        selection="_selection_available_callback",
        compute="_compute_native_callback_warning",
        readonly=False,
        help="What the live workers have; choosing one fills in its name.",
    )
    native_callback_warning = fields.Char(compute="_compute_native_callback_warning")

    @api.model
    def _selection_available_callback(self):
        return [(name, name) for name in self._live_callbacks()]

    @api.onchange("available_callback")
    def _onchange_available_callback(self):
        if self.available_callback:
            self.native_callback = self.available_callback

    @api.depends("execution_mode", "native_callback")
    def _compute_native_callback_warning(self):
        known = self._live_callbacks()
        for handler in self:
            handler.available_callback = handler.native_callback in known and handler.native_callback
            missing = handler.execution_mode == "native" and handler.native_callback not in known
            handler.native_callback_warning = missing and (
                _("No live worker has this callback. They have: %s", ", ".join(known))
                if known
                else _("No live worker has any callback.")
            )

    @api.model
    def _live_callbacks(self):
        """Names of the callbacks that live workers said they have."""
        workers = self.env["bwt.webhook.worker"]._live()
        return sorted({name for worker in workers for name in json.loads(worker.callbacks or "[]")})

    @api.depends("inbound_endpoint_ids")
    def _compute_inbound_endpoint_count(self):
        for handler in self:
            handler.inbound_endpoint_count = len(handler.inbound_endpoint_ids)

    def action_view_inbound_endpoints(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_inbound_endpoint")
        return {**action, "domain": [("handler_id", "=", self.id)], "context": {"default_handler_id": self.id}}

    # ---- contract

    def _contract_values(self):
        values = super()._contract_values()
        if self.execution_user_id:
            values["execution_user_id"] = self.execution_user_id.id
        if self.execution_mode == "native":
            values["callback_timeout_seconds"] = self.callback_timeout_seconds
        if self.allowed_model_ids:
            values["allowed_models"] = sorted(self.allowed_model_ids.mapped("model"))
        rules = self.inbound_rule_ids if self.direction == "inbound" else self.outbound_rule_ids
        if self.execution_mode == "model_driven" and rules:
            rules = rules.filtered("active").sorted(lambda rule: (rule.sequence, rule.id))
            values["rules"] = [rule._contract_values() for rule in rules]
        return values
