# SPDX-License-Identifier: LGPL-3.0-or-later
"""Record operations: what they write, and what they refuse."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.res_partner import ResPartner
from odoo.addons.webhook_worker.models.execution import OperationRefused, as_number

from .common import WORKER_UID
from .inbound_common import InboundCase

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


@tagged("post_install", "-at_install")
class TestOperations(InboundCase):
    def made(self, event):
        """The records that the event's rule execution names."""
        text = event.rule_execution_ids.record_reference
        pairs = [item.split(":") for item in text.split(", ")]
        return [self.env[model].browse(int(record_id)) for model, record_id in pairs]

    # ---- what is written

    def test_create_as_the_execution_user_in_the_company(self):
        result, event = self.operate(self.operation(values={"name": "Ada", "company_id": {"id": self.company.id}}))
        self.assertEqual(result["status"], "applied", result)
        (partner,) = self.made(event)
        self.assertEqual((partner.name, partner.company_id, partner.create_uid), ("Ada", self.company, self.executor))
        self.assertEqual((event.state, event.rule_execution_ids.state), ("done", "done"))

    def test_every_kind_of_value(self):
        belgium = self.env.ref("base.be")
        tags = self.env["res.partner.category"].create([{"name": "One"}, {"name": "Two"}])
        values = {
            "name": "Values",
            "active": True,
            "color": 7,
            "partner_latitude": "12.50",
            "comment": "<p>html</p>",
            "lang": "en_US",
            "country_id": {"external_id": "base.be"},
            "parent_id": {"lookup": [{"field": "ref", "value": "the-parent"}], "model": "res.partner"},
            "category_id": {
                "mode": "replace",
                "items": [{"id": tags[0].id}, {"lookup": [{"field": "name", "value": "Two"}]}],
            },
            "child_ids": {"mode": "add", "items": [{"values": {"name": "Child", "type": "invoice"}}]},
            "image_1920": PIXEL,
            "website": False,
        }  # fmt: skip
        parent = self.Partner.create({"name": "Parent", "ref": "the-parent", "is_company": True})
        result, event = self.operate(self.operation(values=values))
        self.assertEqual(result["status"], "applied", result)
        self.assertNotIn("category", result, result)
        (partner,) = self.made(event)
        self.assertEqual(partner.color, 7)
        self.assertEqual(partner.partner_latitude, 12.5)
        self.assertEqual((partner.country_id, partner.parent_id), (belgium, parent))
        self.assertEqual(partner.category_id, tags)
        self.assertEqual(partner.child_ids.mapped("name"), ["Child"])
        self.assertTrue(partner.image_1920)

    def test_replace_and_add_lists(self):
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        partner = self.Partner.create(
            {
                "name": "Lists",
                "ref": "lists",
                "category_id": [(6, 0, tags[0].ids)],
                "child_ids": [(0, 0, {"name": "Old"})],
            }
        )
        old = partner.child_ids
        add = {"mode": "add", "items": [{"id": tags[1].id}]}
        self.operate(self.upsert("lists", {"category_id": add}))
        self.assertEqual(partner.category_id, tags)
        replace = {"mode": "replace", "items": [{"values": {"name": "New"}}]}
        result, _event = self.operate(self.upsert("lists", {"child_ids": replace, "category_id": False}))
        self.assertNotIn("category", result, result)
        partner.invalidate_recordset()
        self.assertEqual(partner.child_ids.mapped("name"), ["New"])
        self.assertFalse(old.exists())
        self.assertFalse(partner.category_id)

    def test_new_items_of_lists_are_the_execution_users_too(self):
        """Odoo runs commands for contacts in the transaction's own environment: that must not be the worker's."""
        own = self.env.transaction.default_env
        children = {"mode": "add", "items": [{"values": {"name": "B"}}]}
        for operation in (
            self.operation(values={"name": "A", "child_ids": children}),
            self.upsert("parent", {"name": "A", "child_ids": children}),
        ):  # fmt: skip
            _result, event = self.operate(operation)
            self.assertEqual(self.made(event)[0].child_ids.create_uid, self.executor)
        self.assertIs(self.env.transaction.default_env, own)

    def test_upsert_creates_with_its_keys_and_then_updates(self):
        self.operate(self.upsert("upserted", {"name": "First"}))
        partner = self.Partner.search([("ref", "=", "upserted")])
        self.assertEqual(partner.name, "First")
        self.operate(self.upsert("upserted", {"name": "Second"}))
        self.assertEqual(self.Partner.search([("ref", "=", "upserted")]), partner)
        self.assertEqual(partner.name, "Second")

    def test_two_upserts_of_one_key_in_a_batch_make_one_record(self):
        claimed = self.ingested(4)
        settlements = [
            self.event_settlement(item, operations=[self.upsert("same", {"name": str(number)})])
            for number, item in enumerate(claimed)
        ]
        self.assertEqual(self.settle(*settlements), ["applied"] * 4)
        self.assertEqual(self.Partner.search([("ref", "=", "same")]).mapped("name"), ["3"])

    def test_creates_of_a_batch_are_one_create(self):
        claimed = self.ingested(30)
        settlements = [self.event_settlement(item, operations=[self.operation()]) for item in claimed]
        calls = []
        create = ResPartner.create

        def counted(records, vals_list):
            calls.append(len(vals_list))
            return create(records, vals_list)

        with patch.object(ResPartner, "create", counted):
            self.assertEqual(self.settle(*settlements), ["applied"] * 30)
        self.assertEqual(calls, [30])
        executions = self.Execution.search([("event_id", "in", [item["id"] for item in claimed])])
        self.assertEqual(len(set(executions.mapped("record_reference"))), 30)

    def test_dotted_lookups(self):
        parent = self.Partner.create({"name": "Dotted", "ref": "dotted-parent"})
        child = self.Partner.create({"name": "Child", "parent_id": parent.id})
        lookup = [{"field": "parent_id.ref", "value": "dotted-parent"}]
        self.operate(self.operation("update", rule=self.upsert_rule, lookup=lookup, values={"name": "Found"}))
        self.assertEqual(child.name, "Found")
        lookup = [{"field": "parent_id", "value": {"id": parent.id}}]
        self.operate(self.operation("update", rule=self.upsert_rule, lookup=lookup, values={"name": "Again"}))
        self.assertEqual(child.name, "Again")

    def test_nothing_of_the_calls_context_reaches_business_code(self):
        contexts = []
        create = ResPartner.create

        def seen(records, vals_list):
            contexts.append((dict(records.env.context), records.env.uid, records.env.su))
            return create(records, vals_list)

        with patch.object(ResPartner, "create", seen):
            self.operate(self.operation())
        context, uid, is_super = contexts[0]
        self.assertEqual((uid, is_super), (self.executor.id, False))
        expected = {"allowed_company_ids": [self.company.id], "lang": self.executor.lang, "tz": self.executor.tz}
        self.assertEqual(
            context, {**{k: v for k, v in expected.items() if v}, "mail_notify_force_send": False}
        )

    # ---- finding

    def test_no_match_and_many_matches(self):
        self.Partner.create([{"name": "Twin", "ref": "twin"}, {"name": "Twin", "ref": "twin"}])

        def update(ref, **policies):
            lookup = [{"field": "ref", "value": ref}]
            return self.operation("update", rule=self.upsert_rule, lookup=lookup, values={"name": "X"}, **policies)

        self.assert_refused("no_match", "No res.partner with ref = 'nobody'", update("nobody"), state="error")
        self.assert_refused("no_match", "No res.partner", update("nobody", on_none="dead_letter"))
        self.assert_refused("many_matches", "More than one res.partner", update("twin"), state="error")
        self.assert_refused("many_matches", "More than one", update("twin", on_many="dead_letter"))
        self.assert_refused("many_matches", "More than one", self.upsert("twin", {"name": "X"}), state="error")
        result, _event = self.operate(update("twin", on_many="first"))
        self.assertNotIn("category", result)
        self.assertEqual(sorted(self.Partner.search([("ref", "=", "twin")]).mapped("name")), ["Twin", "X"])

    def test_archived_records_only_when_the_rule_says_so(self):
        archived = self.Partner.create({"name": "Gone", "ref": "archived", "active": False})
        lookup = [{"field": "ref", "value": "archived"}]
        operation = self.operation("update", rule=self.upsert_rule, lookup=lookup, values={"name": "Back"})
        self.assert_refused("no_match", "No res.partner", operation, state="error")
        self.operate({**operation, "include_archived": True})
        self.assertEqual(archived.name, "Back")

    def test_without_otherwise_a_refusal_is_a_dead_letter(self):
        claimed = self.ingested()[0]
        lookup = [{"field": "ref", "value": "nobody"}]
        operation = self.operation("update", rule=self.upsert_rule, lookup=lookup)
        settlement = self.event_settlement(claimed, operations=[operation])
        self.assertEqual(self.settle(settlement), ["applied"])
        event = self.Event.browse(claimed["id"])
        self.assertEqual((event.state, event.failure_reason), ("dead_letter", "record_operation"))

    def test_upsert_by_an_element_of_a_list(self):
        tag = self.env["res.partner.category"].create({"name": "Key"})
        lookup = [{"field": "category_id", "value": {"id": tag.id}}, {"field": "ref", "value": "tagged"}]
        operation = self.operation("upsert", rule=self.upsert_rule, lookup=lookup)
        for _number in range(2):
            result, _event = self.operate(operation)
            self.assertNotIn("category", result, result)
        self.assertEqual(self.Partner.search([("ref", "=", "tagged")]).category_id, tag)

    # ---- what does not fit

    def test_values_that_do_not_fit(self):
        for values, pattern in (
            ({"color": "7"}, "no value of a integer field"),
            ({"partner_latitude": "NaN"}, "no number"),
            ({"partner_latitude": 1}, "no number"),
            ({"name": {"a": 1}}, "no value of a char field"),
            ({"active": 1}, "no value of a boolean field"),
            ({"country_id": 5}, "A record of res.country is expected"),
            ({"category_id": [1]}, "a list of records is expected"),
            ({"country_id": {"external_id": "base.main_company"}}, "is a res.company"),
            ({"color": 2**40}, "out of range"),
            ({"type": "no such type"}, "Wrong value"),
        ):
            with mute_logger("odoo.sql_db"):
                self.assert_refused("data", pattern, self.operation(values={"name": "Bad", **values}))
        self.assert_refused("configuration", "no field nonsense", self.operation(values={"nonsense": "x"}))
        for reference in ({"external_id": "base.nowhere"}, {"id": 999999}):
            operation = self.operation(values={"country_id": reference})
            self.assert_refused("missing", "There is no record", operation, state="error")

    def test_numbers(self):
        self.assertEqual(as_number("-1.5e3"), -1500)
        for text in ("", "inf", "1_000", "1,5", "1e999", 5, None):
            with self.assertRaises(ValueError):
                as_number(text)

    def test_validation_errors_are_tried_again(self):
        partner = self.Partner.create({"name": "Loop", "ref": "loop"})
        loop = self.upsert("loop", {"parent_id": {"id": partner.id}})
        event = self.assert_refused("validation", "(?i)recursi", loop, state="error")
        self.assertEqual((event.attempt_count, event.failure_reason), (1, "record_operation"))
        self.assertEqual(event.rule_execution_ids.mapped("state") or ["error"], ["error"])

    def test_all_operations_of_a_settlement_or_none(self):
        self.assert_refused("configuration", "no field", self.operation(), self.operation(values={"nonsense": "x"}))

    # ---- rights

    def test_a_refused_access_names_model_operation_and_user(self):
        self.executor.write({"group_ids": [(3, self.env.ref("base.group_partner_manager").id)]})
        self.assert_refused("access", "wh_executor may not create res.partner", self.operation())
        self.Partner.create({"name": "Mine", "ref": "mine"})
        self.assert_refused("access", "wh_executor may not write res.partner,", self.upsert("mine", {"name": "X"}))

    def test_only_the_rules_model(self):
        tag = self.operation(model="res.partner.category", values={"name": "X"})
        self.assert_refused("configuration", "does not let the rule .* write res.partner.category", tag)
        self.assert_refused("configuration", "does not let the callback write", self.operation(rule=False))
        other = self.new_handler("other-in", direction="inbound", execution_user_id=self.executor.id)
        foreign = self.new_rule(other, action_type="create_record", target="res.partner")
        self.assert_refused("configuration", "does not let the rule", self.operation(rule=foreign))
        gone = {**self.operation(), "rule_id": 2147483647}
        self.assert_refused("configuration", "does not let the rule", gone)

    def test_callbacks_write_allowed_models_only(self):
        self.handler.write({"execution_mode": "native", "native_callback": "demo.callback"})
        self.assert_refused("configuration", "does not let the callback", self.operation(rule=False))
        self.handler.allowed_model_ids = self.env["ir.model"]._get("res.partner")
        result, _event = self.operate(self.operation(rule=False))
        self.assertNotIn("category", result)

    def test_users_who_may_not_execute(self):
        self.executor.active = False
        self.assert_refused("configuration", "wh_executor is archived", self.operation())
        self.executor.active = True
        for user, pattern in (
            (self.env.ref("base.user_root"), "is the superuser"),
            (self.portal, "is a portal or public user"),
            (self.env["res.users"], "has no execution user"),
        ):
            self.env.cr.execute(
                "UPDATE bwt_webhook_handler SET execution_user_id = %s WHERE id = %s",
                [user.id or None, self.handler.id],
            )
            self.env.invalidate_all()
            self.assert_refused("configuration", pattern, self.operation())

    def test_technical_models_by_the_back_door(self):
        """A rule for partners, run as a system administrator: neither lists nor delegation lead to his rights."""
        self.handler.execution_user_id = self.system
        self.env["res.users"].flush_model()
        new_admin = {"mode": "add", "items": [{"values": {"login": "evil", "name": "Evil"}}]}
        taken = {"mode": "replace", "items": [{"id": self.plain.id}]}
        child = {"mode": "add", "items": [{"values": {"name": "B", "user_ids": new_admin}}]}
        for values in ({"user_ids": new_admin}, {"user_ids": taken}, {"child_ids": child}):
            operation = self.operation(values={"name": "A", **values})
            self.assert_refused("configuration", "would change res.users", operation)
        users = self.operation(model="res.users", values={"login": "evil", "name": "Evil"})
        self.assert_refused("configuration", "does not let the rule", users)

    def test_fields_for_other_groups(self):
        field = self.Partner._fields["barcode"]
        with patch.object(field, "groups", "base.group_system"):
            self.assert_refused("access", "may not", self.operation(values={"name": "X", "barcode": "1"}))

    # ---- companies

    def test_records_of_another_company(self):
        """Found, written, linked or made: never, and the message names both."""
        names = "Other Webhooks Company.*"
        foreign = self.Partner.create({"name": "Foreign", "ref": "foreign", "company_id": self.other_company.id})
        self.assert_refused(
            "company", names, self.operation(values={"name": "A", "parent_id": {"id": foreign.id}})
        )
        self.assert_refused(
            "company", names, self.operation(values={"name": "A", "company_id": {"id": self.other_company.id}})
        )
        children = {"mode": "add", "items": [{"values": {"name": "B", "company_id": {"id": self.other_company.id}}}]}
        self.assert_refused("company", names, self.operation(values={"name": "A", "child_ids": children}))
        linked = {"mode": "add", "items": [{"id": foreign.id}]}
        self.assert_refused("company", names, self.operation(values={"name": "A", "child_ids": linked}))
        lookup = [{"field": "id", "value": foreign.id}]
        self.assert_refused(
            "no_match", "No res.partner", self.operation("update", rule=self.upsert_rule, lookup=lookup), state="error"
        )

    def test_a_users_other_company_does_not_count(self):
        """The execution user may work there, the event's company is not that one."""
        self.executor.company_ids = [(4, self.other_company.id)]
        self.test_records_of_another_company()

    def test_an_upsert_never_finds_another_companys_record(self):
        foreign = self.Partner.create({"name": "Foreign", "ref": "shared-ref", "company_id": self.other_company.id})
        self.operate(self.upsert("shared-ref", {"name": "Ours"}))
        self.assertEqual(foreign.name, "Foreign")
        self.assertEqual(len(self.Partner.search([("ref", "=", "shared-ref")])), 2)

    def test_a_user_without_the_company(self):
        self.env.cr.execute("DELETE FROM res_company_users_rel WHERE user_id = %s", [self.executor.id])
        self.env.cr.execute(
            "INSERT INTO res_company_users_rel (cid, user_id) VALUES (%s, %s)",
            [self.other_company.id, self.executor.id],
        )
        self.env.invalidate_all()
        self.assert_refused("company", "works in Other Webhooks Company.*no access to", self.operation())

    def test_records_of_the_parent_company_are_shared(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.executor.company_ids = [(4, branch.id)]
        handler = self.new_handler(
            "branch", direction="inbound", execution_user_id=self.executor.id, company_id=branch.id
        )
        rule = self.new_rule(handler, action_type="create_record", target="res.partner")
        endpoint = self.new_inbound_endpoint("branch", handler_id=handler.id, company_id=branch.id)
        parent = self.Partner.create({"name": "Of the parent", "company_id": self.company.id})
        claimed = self.ingested(endpoint=endpoint)[0]
        operation = self.operation(rule=rule, values={"name": "A", "parent_id": {"id": parent.id}})
        result, _event = self.operate(operation, claimed=claimed)
        self.assertNotIn("category", result, result)

    # ---- business code that fails

    def test_any_exception_of_business_code(self):
        def fail(records, vals_list):
            raise KeyError("a bug")

        with patch.object(ResPartner, "create", fail), mute_logger("odoo.addons.webhook_worker.models.execution"):
            self.assert_refused("validation", "KeyError", self.operation(), state="error")

    def test_a_unique_constraint(self):
        self.env.cr.execute("CREATE UNIQUE INDEX webhook_test_barcode ON res_partner (vat) WHERE vat IS NOT NULL")
        self.Partner.create({"name": "A", "vat": "unique"})
        with mute_logger("odoo.sql_db"):
            self.assert_refused("validation", ".", self.operation(values={"name": "B", "vat": "unique"}), state="error")

    def test_one_bad_of_64(self):
        claimed = self.ingested(64)
        settlements = [
            self.event_settlement(item, operations=[self.operation(values={"name": str(n), "color": color})])
            for n, item in enumerate(claimed)
            for color in [2**40 if n == 37 else n]
        ]
        with mute_logger("odoo.sql_db"):
            results = self.call("settle", worker_uid=WORKER_UID, settlements=settlements)["results"]
        self.assertEqual([r["status"] for r in results], ["applied"] * 64)
        self.assertEqual([n for n, r in enumerate(results) if "category" in r], [37])
        events = self.Event.browse([item["id"] for item in claimed])
        self.assertEqual([e.state for e in events], ["dead_letter" if n == 37 else "done" for n in range(64)])
        names = [self.made(e)[0].name for n, e in enumerate(events) if n != 37]
        self.assertEqual(names, [str(n) for n in range(64) if n != 37])

    def test_refused_keeps_its_category(self):
        self.assertTrue(OperationRefused("access", "x").final)
        self.assertFalse(OperationRefused("missing", "x").final)
        self.assertTrue(OperationRefused("no_match", "x", True).final)
