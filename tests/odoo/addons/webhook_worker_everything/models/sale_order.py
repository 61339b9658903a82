# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    webhook_remote_id = fields.Char(help="What the receiver calls it.")
