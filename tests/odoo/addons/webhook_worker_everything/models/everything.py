# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class EverythingParent(models.Model):
    _name = "webhook.test.parent"
    _description = "Webhook Test Parent"

    name = fields.Char(required=True)
    code = fields.Char()
    properties_definition = fields.PropertiesDefinition()


class Everything(models.Model):
    """Every type of field once."""

    _name = "webhook.test.everything"
    _description = "Webhook Test Record"

    name = fields.Char(required=True)
    code = fields.Char()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company")
    flag = fields.Boolean()
    number = fields.Integer()
    ratio = fields.Float(digits=(16, 4))
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary()
    short = fields.Char(size=10)
    long = fields.Text()
    body = fields.Html()
    day = fields.Date()
    moment = fields.Datetime()
    color = fields.Selection([("dark_blue", "Dark blue"), ("red", "Red")])
    country_id = fields.Many2one("res.country")
    tag_ids = fields.Many2many("res.partner.category")
    line_ids = fields.One2many("webhook.test.line", "everything_id")
    data = fields.Binary()
    parent_id = fields.Many2one("webhook.test.parent")
    properties = fields.Properties(definition="parent_id.properties_definition")
    target = fields.Reference([("res.partner", "Contact"), ("res.country", "Country")])

    _number_positive = models.Constraint("CHECK (number >= 0)", "A number must not be negative.")


class EverythingLine(models.Model):
    _name = "webhook.test.line"
    _description = "Webhook Test Line"
    _order = "id"

    everything_id = fields.Many2one("webhook.test.everything", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    quantity = fields.Float()
    day = fields.Date()
    kind = fields.Selection([("new", "New one"), ("old", "Old one")])
    country_id = fields.Many2one("res.country")
    tag_ids = fields.Many2many("res.partner.category")
