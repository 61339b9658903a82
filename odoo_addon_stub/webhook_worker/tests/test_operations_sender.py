# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a sender does not get by what it sends, even where the execution user might do it."""

from unittest.mock import patch

from odoo.tests import tagged

from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestOperationsSender(InboundCase):
    def test_markup_is_sanitized_whoever_the_execution_user_is(self):
        """Odoo trusts what some users type; it is a sender who wrote this."""
        self.executor.write({"group_ids": [(4, self.env.ref("base.group_sanitize_override").id)]})
        with patch.object(self.Partner._fields["comment"], "sanitize_overridable", True):
            _result, event = self.operate(self.operation(values={"name": "X", "comment": "<p>a<script>b</script></p>"}))
        partner_id = int(event.rule_execution_ids.record_reference.partition(":")[2])
        self.assertEqual(self.Partner.browse(partner_id).comment, "<p>a</p>")

    def test_contacts_of_internal_users(self):
        """Who may change their e-mail address may have a new password sent to himself."""
        self.handler.execution_user_id = self.system
        self.plain.partner_id.ref = "of-a-user"
        self.portal.partner_id.ref = "of-a-customer"
        self.assert_refused(
            "configuration", "contact of the user wh_plain", self.upsert("of-a-user", {"email": "evil@example.com"})
        )
        result, _event = self.operate(self.upsert("of-a-customer", {"email": "new@example.com"}))
        self.assertNotIn("category", result, result)
