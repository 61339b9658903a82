# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.exceptions import ValidationError

from ..compat import constraint

# Models that only a system administrator may let a handler reach.
SENSITIVE_PREFIXES = (
    "auth.",
    "auth_",
    "base.",
    "bus.",
    "bwt.webhook.",
    "change.password",
    "fetchmail.",
    "ir.",
    "payment.",
    "res.company",
    "res.config",
    "res.groups",
    "res.users",
)


class WebhookHandler(models.Model):
    """How events or deliveries are processed: rules, a callback of the worker, or a Python method."""

    _name = "bwt.webhook.handler"
    _inherit = ["mail.thread", "mail.activity.mixin", "bwt.webhook.coded.mixin"]
    _description = "Webhook Handler"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        index=True,
        tracking=True,
        help="Stable technical identifier, unique within the company: a lowercase slug without spaces.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    direction = fields.Selection(
        [("inbound", "Inbound"), ("outbound", "Outbound")],
        required=True,
        default="inbound",
        tracking=True,
        help="Inbound for events, Outbound for deliveries.",
    )
    execution_mode = fields.Selection(
        [("model_driven", "Model Driven"), ("native", "Native Callback"), ("python", "Python Callback")],
        required=True,
        default="model_driven",
        tracking=True,
    )
    python_model_name = fields.Char(string="Python Model", help="Technical name of the model, e.g. sale.order.")
    python_method_name = fields.Char(string="Python Method", help="The method to call, e.g. handle_webhook_event.")
    native_callback = fields.Char(help="The name under which the callback is registered in the worker.")
    execution_user_id = fields.Many2one(
        "res.users",
        string="Execution User",
        domain="[('share', '=', False), ('active', '=', True), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Rules and callbacks work with this user's rights. Only system administrators may choose somebody else.",
    )
    paused = fields.Boolean(
        readonly=True, copy=False, tracking=True, help="The work of all its endpoints waits until it is resumed."
    )
    note = fields.Text()
    outbound_endpoint_ids = fields.One2many("bwt.webhook.outbound.endpoint", "handler_id")
    outbound_endpoint_count = fields.Integer(compute="_compute_outbound_endpoint_count")

    _code_unique = constraint("UNIQUE (company_id, code)", "Another handler of this company has this code.")

    @api.depends("outbound_endpoint_ids")
    def _compute_outbound_endpoint_count(self):
        counts = dict(
            self.env["bwt.webhook.outbound.endpoint"]._read_group(
                [("handler_id", "in", self.ids)], ["handler_id"], ["__count"]
            )
        )
        for handler in self:
            handler.outbound_endpoint_count = counts.get(handler, 0)

    @api.constrains("execution_mode", "python_model_name", "python_method_name")
    def _check_python_callback(self):
        for handler in self.filtered(lambda h: h.execution_mode == "python"):
            if not handler.python_model_name or not handler.python_method_name:
                raise ValidationError(
                    _("The handler %(handler)s needs a Python Model and a Python Method.", handler=handler.name)
                )
            handler._check_python_method()

    def _check_python_method(self):
        """Says now what would otherwise only show when the first delivery is processed."""
        model_name, method_name = self.python_model_name, self.python_method_name
        if model_name not in self.env:
            raise ValidationError(
                _(
                    "Python Model: there is no model %(model)s. Is the addon that defines it installed?",
                    model=model_name,
                )
            )
        model_class = type(self.env[model_name])
        if any(hasattr(model, method_name) for model in (models.BaseModel, self.env["base"])):
            raise ValidationError(
                _(
                    "Python Method: %(method)s belongs to every model; name a method written to be a webhook callback.",
                    method=method_name,
                )
            )
        # The mark may be on any class of the model, also where an override forgot it.
        private = any(getattr(getattr(cls, method_name, None), "_api_private", False) for cls in model_class.mro())
        if private or method_name.startswith("_"):
            raise ValidationError(
                _("Python Method: %(method)s is private; name a method that others may call.", method=method_name)
            )
        if not callable(getattr(model_class, method_name, None)):
            raise ValidationError(
                _(
                    "Python Method: method not found: the model %(model)s has no method %(method)s. Confirm that the"
                    " addon that defines it is installed and that the name is spelled correctly.",
                    model=model_name,
                    method=method_name,
                )
            )

    @api.constrains("execution_mode", "native_callback")
    def _check_native_callback(self):
        for handler in self:
            if handler.execution_mode == "native" and not (handler.native_callback or "").strip():
                raise ValidationError(_("The handler %(handler)s needs a Native Callback.", handler=handler.name))

    @api.constrains("active", "execution_mode", "execution_user_id", "company_id", "allowed_model_ids")
    def _check_execution_user(self):
        for handler in self:
            user = handler.execution_user_id.sudo()
            if handler.active and handler._needs_execution_user() and not user:
                raise ValidationError(
                    _("Choose the Execution User whose rights the handler %(handler)s runs with.", handler=handler.name)
                )
            if user:
                handler._check_user_fit_for_execution(user)

    def _check_user_fit_for_execution(self, user):
        reason = None
        if user.id == SUPERUSER_ID:
            reason = _("it is the superuser")
        elif not user.active:
            reason = _("the user is archived")
        elif user.share:
            reason = _("it is a portal or public user")
        elif self.company_id not in user.company_ids:
            reason = _("the user has no access to the company %(company)s", company=self.company_id.name)
        if reason:
            raise ValidationError(
                _(
                    "%(user)s cannot be the Execution User of %(handler)s: %(reason)s.",
                    user=user.name,
                    handler=self.name,
                    reason=reason,
                )
            )

    @api.constrains("direction")
    def _check_direction_in_use(self):
        for handler in self.filtered(lambda h: h.direction != "outbound"):
            if handler.sudo().outbound_endpoint_ids:
                raise ValidationError(
                    _("The handler %s is used by outbound endpoints: it must stay Outbound.", handler.name)
                )

    def _contract_values(self):
        """This handler in the configuration document of the contract."""
        self.ensure_one()
        values = {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "company_id": self.company_id.id,
            "direction": self.direction,
            "execution_mode": self.execution_mode,
            "active": self.active,
        }
        for field in ("native_callback", "python_model_name", "python_method_name"):
            if self[field]:
                values[field] = self[field]
        return values

    def action_pause(self):
        return self.write({"paused": True})

    def action_resume(self):
        return self.write({"paused": False})

    def action_view_outbound_endpoints(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("webhook_worker.action_webhook_outbound_endpoint")
        return {**action, "domain": [("handler_id", "=", self.id)], "context": {"default_handler_id": self.id}}
