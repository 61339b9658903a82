# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.webhook_worker.models.field_values import needed_fields_of

from .common import WORKER_UID
from .inbound_common import InboundCase


@tagged("post_install", "-at_install")
class TestFindings(InboundCase):
    def revision(self):
        return self.call("configuration", worker_uid=WORKER_UID)["configuration_revision"]

    def report(self, *findings, revision=None, needs=(), endpoint_needs=()):
        return self.call(
            "report_findings",
            worker_uid=WORKER_UID,
            configuration_revision=self.revision() if revision is None else revision,
            findings=list(findings),
            needs=[{"handler_id": handler.id, "expressions": expressions} for handler, expressions in needs],
            endpoint_needs=[{"endpoint_id": e.id, "expressions": expressions} for e, expressions in endpoint_needs],
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

    def test_needed_fields_of_endpoints(self):
        self.endpoint.handler_id = self.new_handler("out")
        delivery, before = self.queue(), self.revision()
        self.report(endpoint_needs=[(self.endpoint, ["record_field:name", "company_field:name"])])
        self.assertEqual(needed_fields_of(delivery), ["company_field:name", "record_field:name"])
        self.report(
            needs=[(self.endpoint.handler_id, ["record_field:ref", "record_field:name"])],
            endpoint_needs=[(self.endpoint, ["record_field:name"])],
        )
        self.assertEqual(needed_fields_of(delivery), ["record_field:name", "record_field:ref"])
        self.assertEqual(needed_fields_of(delivery.with_user(self.operator)), ["record_field:name", "record_field:ref"])
        self.report()
        self.assertEqual((needed_fields_of(delivery), self.revision()), ([], before))

    def test_what_belongs_to_an_endpoint_leads_to_it(self):
        self.endpoint.write(
            {
                "header_rule_ids": [Command.create({"header_name": "X"})],
                "payload_rule_ids": [Command.create({"target_path": "x"})],
                "context_line_ids": [Command.create({"key_name": "x"})],
                "signature_part_ids": [Command.create({"kind": "raw_body"})],
                "secret_ids": [Command.create({"purpose": "api_key", "reference": "env:A"})],
            }
        )
        fields = ("header_rule_ids", "payload_rule_ids", "context_line_ids", "signature_part_ids", "secret_ids")
        self.report(*(self.finding(self.endpoint[field], field) for field in fields))
        self.assertEqual(sorted(self.endpoint.finding_ids.mapped("message")), sorted(fields))

    def test_a_retry_policy_leads_to_all_who_use_it(self):
        policy = self.endpoint.retry_policy_id
        finding = self.finding(policy, "retry_statuses: 99 is no status")
        self.report(finding, finding)
        self.assertEqual((len(self.endpoint.finding_ids), len(self.inbound.finding_ids)), (1, 1))
        self.assertEqual(self.endpoint.finding_ids.record_name, policy.name)

    def test_findings_of_records_that_are_gone(self):
        finding = self.finding(self.rule)
        finding["record"]["id"] = 2147483647
        mixin = {**self.finding(self.rule), "record": {"model": "bwt.webhook.rule.mixin", "id": 1}}
        self.assertTrue(self.report(finding, mixin, self.finding(self.company)))
        self.assertFalse(self.env["bwt.webhook.finding"].search([]))
