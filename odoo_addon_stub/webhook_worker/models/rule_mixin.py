# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

RECORD_ACTIONS = ("create_record", "update_record", "upsert_record")
FINDING_ACTIONS = ("update_record", "upsert_record")
RETRY_SECONDS_MAX = 31536000
NOTE_CHARS_MAX = 2000
ROWS_MAX = {"condition_ids": 50, "lookup_ids": 20, "assignment_ids": 200}
ERROR, FIRST, DEAD_LETTER = ("error", "Fail"), ("first", "Take the first"), ("dead_letter", "Dead letter")


class RuleMixin(models.AbstractModel):
    """What rules of both directions have. The first active rule whose conditions all hold decides.

    Subclasses name their action in `_action_field`, say which actions and assignments fit, and have `condition_ids`,
    `lookup_ids` and `assignment_ids` of their own models.
    """

    _name = "bwt.webhook.rule.mixin"
    _inherit = "bwt.webhook.rule.part.mixin"
    _description = "Webhook Rule"
    _order = "sequence, id"
    _action_field = "action_type"
    # A rule never moves to another handler: copy it.
    _fixed_fields = ("handler_id",)

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10, required=True, help="Rules are tried in this order; the first match wins.")
    active = fields.Boolean(default=True)
    handler_id = fields.Many2one("bwt.webhook.handler", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="handler_id.company_id")
    note = fields.Text(help="Kept with every event or delivery that the rule decides.")
    retry_seconds = fields.Integer(string="Retry after (seconds)", help="0: when the retry policy says.")
    target_model_id = fields.Many2one(
        "ir.model",
        string="Target Model",
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
        help="Only system administrators may choose technical models such as users, groups or settings.",
    )
    target_model_name = fields.Char(
        string="Target Model Name",
        compute="_compute_target_model_name",
        search="_search_target_model_name",
        compute_sudo=True,
    )
    on_key_missing = fields.Selection(
        [ERROR, DEAD_LETTER],
        string="Lookup Key Missing",
        required=True,
        default="error",
        help="What happens when a lookup key has no value. Fail: it is tried again on the retry policy's schedule.",
    )
    on_none = fields.Selection([ERROR, DEAD_LETTER], string="No Record Found", required=True, default="error")
    on_many = fields.Selection([ERROR, FIRST, DEAD_LETTER], string="Several Found", required=True, default="error")
    include_archived = fields.Boolean(string="Archived Records Too", help="The lookup finds archived records as well.")
    condition_count = fields.Integer(compute="_compute_condition_count", string="Number of Conditions")

    def _handlers(self):
        return self.handler_id

    def _rules(self):
        return self.browse()

    @api.depends("target_model_id")
    def _compute_target_model_name(self):
        for rule in self:
            rule.target_model_name = rule.target_model_id.model

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_model_id(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_model_id(vals))

    @api.model
    def _with_model_id(self, vals):
        """The target model may be given by its name, in code and in imports."""
        name = vals.get("target_model_name")
        if not name:
            return vals
        model = self.env["ir.model"].sudo()._get(name)
        if not model:
            raise ValidationError(_("There is no model %(model)s.", model=name))
        vals = {**vals, "target_model_id": model.id}
        del vals["target_model_name"]
        return vals

    def _search_target_model_name(self, operator, value):
        return [("target_model_id.model", operator, value)]

    def _compute_condition_count(self):
        for rule in self:
            rule.condition_count = len(rule.condition_ids)

    # ---- what subclasses say

    def _phase(self):
        """event, before_send or response."""
        raise NotImplementedError

    def _allowed_actions(self):
        """Those that are possible in the rule's phase."""
        raise NotImplementedError

    def _assignment_scopes(self):
        return ("field",) if self[self._action_field] in RECORD_ACTIONS else ()

    # ---- shape

    def _check_shape(self):
        """What can be said without the worker. Subclasses call it from a constraint on all that it reads."""
        for rule in self:
            rule._check_action()
            rule._check_target_model()
            rule._check_sizes()
            for assignment in rule.assignment_ids:
                assignment._check_scope()
            for lookup in rule.lookup_ids if rule[rule._action_field] in FINDING_ACTIONS else ():
                lookup._check_target_field()
        self.handler_id._check_sizes()
        self._check_ready()

    def _check_action(self):
        if self[self._action_field] not in self._allowed_actions():
            raise ValidationError(
                _(
                    "%(rule)s: the action %(action)s is not possible in this phase.",
                    rule=self.name,
                    action=dict(self._fields[self._action_field]._description_selection(self.env)).get(
                        self[self._action_field]
                    ),
                )
            )

    def _check_target_model(self):
        if self[self._action_field] not in RECORD_ACTIONS:
            return
        name = self.target_model_name
        if not name:
            raise ValidationError(_("%(rule)s: choose the target model.", rule=self.name))
        if name not in self.env or self.env[name]._abstract or self.env[name]._transient or not self.env[name]._auto:
            raise ValidationError(
                _("%(rule)s: records of the model %(model)s cannot be written.", rule=self.name, model=name)
            )

    def _check_sizes(self):
        if not 0 <= self.retry_seconds <= RETRY_SECONDS_MAX:
            raise ValidationError(
                _("%(rule)s: a retry waits between 0 and %(max)s seconds.", rule=self.name, max=RETRY_SECONDS_MAX)
            )
        for field, count_max in ROWS_MAX.items():
            if len(self[field]) > count_max:
                raise ValidationError(
                    _(
                        "%(rule)s: more than %(max)s %(rows)s.",
                        rule=self.name,
                        max=count_max,
                        rows=self._fields[field]._description_string(self.env),
                    )
                )
        if len(self.note or "") > NOTE_CHARS_MAX:
            raise ValidationError(
                _("%(rule)s: the note is longer than %(max)s characters.", rule=self.name, max=NOTE_CHARS_MAX)
            )

    def _check_ready(self):
        """What an active rule of an active handler needs besides."""
        working = self.filtered(lambda rule: rule.active and rule.handler_id.active)
        for rule in working:
            if rule[rule._action_field] in FINDING_ACTIONS and not rule.lookup_ids:
                raise ValidationError(
                    _(
                        "%(rule)s: without a lookup key no record can be found. Add one, or archive the rule or its"
                        " handler meanwhile.",
                        rule=rule.name,
                    )
                )
        working.handler_id._check_execution_user()

    # ---- contract

    def _contract_values(self):
        """This rule in the configuration document of the contract."""
        self.ensure_one()
        action = self[self._action_field]
        values = {
            "id": self.id,
            "sequence": self.sequence,
            "name": self.name,
            "phase": self._phase(),
            "action": action,
            "conditions": [condition._contract_values() for condition in self.condition_ids],
            "lookups": [],
            "assignments": [assignment._contract_values() for assignment in self.assignment_ids],
        }
        if action == "retry":
            values["retry_seconds"] = self.retry_seconds
        if self.note:
            values["note"] = self.note
        if action in RECORD_ACTIONS:
            values["target_model"] = self.target_model_name
        if action in FINDING_ACTIONS:
            values.update(
                lookups=[lookup._contract_values() for lookup in self.lookup_ids],
                on_key_missing=self.on_key_missing,
                on_none=self.on_none,
                on_many=self.on_many,
                include_archived=self.include_archived,
            )
        return values
