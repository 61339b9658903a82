# SPDX-License-Identifier: LGPL-3.0-or-later
from . import controllers
from . import models
from . import wizards
from .models.ledger import SETTLEMENT_SEQUENCE


def uninstall_hook(env):
    """Odoo drops the tables; the sequence is ours."""
    env.cr.execute(f"DROP SEQUENCE IF EXISTS {SETTLEMENT_SEQUENCE}")
