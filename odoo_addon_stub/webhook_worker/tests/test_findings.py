# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WORKER_UID
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestFindings(InboundCase):
    def revision(self):
        return self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]

    def report(self, *findings, revision=None, needs=()):
        return self.call(
            "report_findings",
            worker_uid=WORKER_UID,
            configuration_revision=self.revision() if revision is None else revision,
            findings=list(findings),
            needs=[{"handler_id": handler.id, "expressions": expressions} for handler, expressions in needs],
        )["accepted"]

    @staticmethod
    def finding(record, message="wrong", severity="error"):
        return {"record": {"model": record._name, "id": record.id}, "severity": severity, "message": message}

    def test_the_last_report_of_a_revision_counts(self):
        finding = self.finding(self.rule, "bad path")
        self.assertTrue(self.report(finding, self.finding(self.inbound, "w", "warning")))
        self.assertTrue(self.report(finding))
        self.assertEqual(self.handler.finding_ids.mapped("message"), ["bad path"])
        self.assertFalse(self.inbound.finding_ids)
        self.assertTrue(self.report())
        self.assertFalse(self.handler.finding_ids)

    def test_an_older_revision_changes_nothing(self):
        old = self.revision()
        self.report(self.finding(self.rule))
        self.handler.note = "changed"
        self.env.cr.flush()
        self.assertFalse(self.report(revision=old))
        self.assertEqual(len(self.handler.finding_ids), 1)

    def test_errors_are_in_the_way_of_activation(self):
        self.inbound.action_set_draft()
        self.report(self.finding(self.inbound, "no such header"))
        with self.refused(UserError, "no such header"):
            self.inbound.action_activate()
        self.report(self.finding(self.inbound, "odd", "warning"))
        self.inbound.action_activate()

    def test_needed_fields_are_no_change_of_the_configuration(self):
        before = self.revision()
        self.report(needs=[(self.handler, ["event_field:topic", "event_field:name"])])
        self.assertEqual(json.loads(self.handler.needed_fields_json), ["event_field:name", "event_field:topic"])
        self.assertEqual(self.revision(), before)
        self.report()
        self.assertFalse(self.handler.needed_fields_json)

    def test_findings_of_records_that_are_gone(self):
        finding = self.finding(self.rule)
        finding["record"]["id"] = 2147483647
        mixin = {**self.finding(self.rule), "record": {"model": "bwt.webhook.rule.mixin", "id": 1}}
        self.assertTrue(self.report(finding, mixin, self.finding(self.company)))
        self.assertFalse(self.env["bwt.webhook.finding"].search([]))
