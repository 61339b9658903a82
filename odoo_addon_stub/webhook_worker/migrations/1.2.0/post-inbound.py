# SPDX-License-Identifier: LGPL-3.0-or-later
"""Active inbound endpoints stay so, although what they are checked for is new. Secrets may belong to inbound ones."""

import logging

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)


def migrate(cr, _version):
    cr.execute(
        """
        UPDATE bwt_webhook_inbound_endpoint
           SET unverified_allowed = TRUE, delivery_identity_policy = 'body_sha256'
         WHERE state = 'active' RETURNING path
        """
    )
    if paths := sorted(path for (path,) in cr.fetchall()):
        _logger.warning("From whom a gateway gets events for these webhook paths is not verified: %s", ", ".join(paths))
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["bwt.webhook.ledger"]._bump_configuration_revision()
    # Record rules are made once, and theirs to change since.
    rule = env.ref("webhook_worker.rule_secret_company", raise_if_not_found=False)
    if rule and "inbound_endpoint_id" not in rule.domain_force:
        rule.domain_force = (
            "['|', ('endpoint_id.company_id', 'in', company_ids),"
            " ('inbound_endpoint_id.company_id', 'in', company_ids)]"
        )
