# SPDX-License-Identifier: LGPL-3.0-or-later
"""Rules of inbound handlers write partners, orders and every type of field, as a person would have."""

import base64

from inbound import EVENT, Inbound, partners, rule, xmlid
from processes import wait_until

EVERYTHING = "webhook.test.everything"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n not really").decode()


def test_done_dead_letter_retry_and_no_rule(database, make_worker):
    inbound = Inbound(database, [
        rule("Done", "done", conditions=[("payload:kind", "equals", "done")], note="Nothing to do."),
        rule("Dead", "dead_letter", conditions=[("payload:kind", "equals", "dead")], note="Not for us."),
        rule("Retry", "retry", conditions=[("payload:kind", "equals", "retry")], retry_seconds=3600),
        rule("Late", "retry", conditions=[("payload:kind", "equals", "late")]),
    ])
    ids = inbound.ingest({"kind": "done"}, {"kind": "dead"}, {"kind": "retry"}, {"kind": "other"}, {}, b"no json",
                         {"kind": "late"})
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    done, dead, retry, other, empty, broken, _late = inbound.read(ids)
    assert (done["state"], done["processing_note"]) == ("done", "Nothing to do.")
    assert done["matched_inbound_rule_id"][1] == "Done"
    assert (dead["state"], dead["failure_reason"]) == ("dead_letter", "rule")
    assert "Not for us." in dead["failure_message"]
    assert (retry["state"], retry["attempt_count"]) == ("error", 1)
    assert other["state"] == empty["state"] == "done" and not other["matched_inbound_rule_id"]
    assert (broken["state"], broken["processing_note"]) == ("done", "no rule matched")
    assert inbound.executions(done["id"])[0]["trace_text"].startswith("✓ Done")
    # By the policy: two more tries, then it is over.
    [[seconds]] = database.sql(
        f"SELECT extract(epoch FROM next_attempt_at - now() AT TIME ZONE 'UTC') FROM bwt_webhook_inbound_event"
        f" WHERE id = {retry['id']}")
    assert 3500 < float(seconds) <= 3600
    wait_until(lambda: inbound.read(ids[-1:])[0]["state"] == "dead_letter", 20, lambda: inbound.read(ids[-1:]))
    [row] = inbound.read(ids[-1:])
    assert (row["state"], row["failure_reason"], row["attempt_count"]) == ("dead_letter", "attempts_exhausted", 3)
    worker.stop()


def test_a_partner_with_categories_and_contacts(database, make_worker):
    database.call("res.partner.category", "create", vals_list=[{"name": "Gold"}, {"name": "Silver"}, {"name": "Tin"}])
    inbound = Inbound(database, [rule("Customer", "create_record", "res.partner", assign=[
        ("name", "payload:customer.name"), ("ref", "payload:customer.id"), ("country_id/code", "payload:country"),
        ("category_id/name", "payload:tags"), ("is_company", "json:true"),
        ("comment", "template:From {{ payload.source | upper | default(\"nowhere\") }}"),
        ("child_ids", "payload:contacts"), ("child_ids/name", "item:name"), ("child_ids/email", "item:mail"),
        ("child_ids/type", "literal:Invoice"),
    ])])
    [event_id, bare_id, wrong_id] = inbound.ingest(
        {"customer": {"name": "Ünïcode & Sons", "id": "00123"}, "country": "DE", "tags": ["Gold", "Tin"],
         "source": "shop", "contacts": [{"name": "A", "mail": "a@example.com"}, {"name": "B"}]},
        {"customer": {"name": "Bare"}},
        {"customer": {"name": "Wrong"}, "tags": ["Gold", "Bronze"]},
    )  # fmt: skip
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    rows = inbound.read([event_id, bare_id])
    assert [row["state"] for row in rows] == ["done", "done"], [row["failure_message"] for row in rows]
    fields = ["name", "ref", "country_id", "category_id", "is_company", "comment", "child_ids", "create_uid"]
    [made] = partners(database, [["ref", "=", "00123"]], fields)
    assert made["name"] == "Ünïcode & Sons" and made["is_company"] is True
    assert made["country_id"][0] == xmlid(database, "base.de")
    tags = database.call("res.partner.category", "read", ids=made["category_id"], fields=["name"])
    assert sorted(tag["name"] for tag in tags) == ["Gold", "Tin"]
    assert "From SHOP" in made["comment"] and made["create_uid"][1] == "executor"
    children = partners(database, [["parent_id", "=", made["id"]]], ["name", "email", "type"])
    assert [(c["name"], c["email"], c["type"]) for c in children] == [
        ("A", "a@example.com", "invoice"), ("B", False, "invoice")]
    [execution] = inbound.executions(event_id)
    assert (execution["state"], execution["record_reference"]) == ("done", f"res.partner:{made['id']}")
    [bare] = partners(database, [["name", "=", "Bare"]], fields)
    assert (bare["ref"], bare["category_id"], bare["child_ids"]) == (False, [], []) and "nowhere" in bare["comment"]
    [wrong] = inbound.read([wrong_id])
    assert wrong["state"] in ("error", "dead_letter") and "Bronze" in wrong["failure_message"]
    assert not partners(database, [["name", "=", "Wrong"]])
    worker.stop()


def test_update_and_upsert_by_their_policies(database, make_worker):
    database.call("res.partner", "create", vals_list=[
        {"name": "One", "ref": "one"}, {"name": "Twin", "ref": "twin"}, {"name": "Twin", "ref": "twin"},
        {"name": "Gone", "ref": "gone", "active": False}, {"name": "Kept", "ref": "kept", "email": "kept@example.com"},
    ])  # fmt: skip
    actions = {
        "update": ("update_record", {}),
        "final": ("update_record", {"on_none": "dead_letter", "on_many": "dead_letter",
                                    "on_key_missing": "dead_letter"}),
        "first": ("update_record", {"on_many": "first"}),
        "archived": ("update_record", {"include_archived": True}),
        "upsert": ("upsert_record", {}),
    }  # fmt: skip
    inbound = Inbound(database, [
        rule(name, action, "res.partner", conditions=[("payload:do", "equals", name)], lookups={"ref": "payload:ref"},
             assign={"name": "payload:name", "email": "payload:email"}, **policies)
        for name, (action, policies) in actions.items()
    ], retry=(3600,))  # fmt: skip
    cases = [
        ("update", "one", "done"), ("update", "nobody", "error"), ("update", "twin", "error"),
        ("update", "gone", "error"), ("update", None, "error"), ("final", "nobody", "dead_letter"),
        ("final", "twin", "dead_letter"), ("final", None, "dead_letter"), ("first", "twin", "done"),
        ("archived", "gone", "done"), ("upsert", "new", "done"), ("upsert", "kept", "done"),
        ("upsert", "twin", "error"),
    ]  # fmt: skip
    ids = inbound.ingest(*({"do": do, "ref": ref, "name": f"{do} {ref}"} for do, ref, _state in cases))
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    rows = inbound.read(ids)
    assert [(*case[:2], row["state"]) for case, row in zip(cases, rows)] == cases, [r["failure_message"] for r in rows]
    messages = [row["failure_message"] or "" for row in rows]
    assert "No res.partner with ref = 'nobody'" in messages[1] and "More than one res.partner" in messages[2]
    assert "lookup 1 (ref)" in messages[4] and '"update"' in messages[4]
    named = partners(database, [["ref", "!=", False], ["active", "in", [True, False]]], ["name", "ref", "email"])
    assert sorted((p["ref"], p["name"]) for p in named if p["ref"] in ("one", "twin", "gone", "new", "kept")) == [
        ("gone", "archived gone"), ("kept", "upsert kept"), ("new", "upsert new"), ("one", "update one"),
        ("twin", "Twin"), ("twin", "first twin")]
    assert [p["email"] for p in named if p["ref"] == "kept"] == ["kept@example.com"], "missing leaves the field alone"
    worker.stop()


def test_an_order_with_lines(database, make_worker):
    [customer] = database.call("res.partner", "create", vals_list=[{"name": "Customer", "ref": "C-1"}])
    database.call("product.product", "create", vals_list=[
        {"name": "Chair", "default_code": "CH", "list_price": 10, "taxes_id": [(5,)]},
        {"name": "Table", "default_code": "TA", "list_price": 99, "taxes_id": [(5,)]}])
    inbound = Inbound(database, [rule(
        "Order", "upsert_record", "sale.order", lookups={"client_order_ref": "payload:number"}, assign=[
            ("partner_id/ref", "payload:customer"), ("client_order_ref", "payload:number"),
            ("commitment_date", "payload:wanted"), ("note", "payload:note"),
            ("order_line", "payload:lines"), ("order_line/product_id/default_code", "item:sku"),
            ("order_line/product_uom_qty", "item:quantity"), ("order_line/price_unit", "item:price"),
        ])])  # fmt: skip
    order = {"number": "000777", "customer": "C-1", "wanted": "2026-12-24T10:00:00+01:00", "note": "Ring <b>twice</b>"}
    lines = [{"sku": "CH", "quantity": 4, "price": "9.95"}, {"sku": "TA", "quantity": 1.5}]
    [event_id] = inbound.ingest({**order, "lines": lines})
    worker = make_worker().start()
    inbound.wait()
    assert [row["state"] for row in inbound.read([event_id])] == ["done"], inbound.failures()
    assert order_of(database, customer) == [
        {"CH": (4, 9.95), "TA": (1.5, 99.0)}, "000777", "2026-12-24 09:00:00", 4 * 9.95 + 1.5 * 99]
    # The same number again replaces the lines; an unknown product leaves everything as it is.
    [_again, bad] = inbound.ingest({**order, "lines": lines[:1]},
                                   {**order, "lines": [{"sku": "NONE", "quantity": 1}]})
    inbound.wait(states=("done", "dead_letter"))
    assert order_of(database, customer) == [{"CH": (4, 9.95)}, "000777", "2026-12-24 09:00:00", 4 * 9.95]
    [bad] = inbound.read([bad])
    assert bad["state"] == "dead_letter" and "No product.product with default_code = 'NONE'" in bad["failure_message"]
    worker.stop()


def order_of(database, customer):
    [order] = database.call("sale.order", "search_read", domain=[["partner_id", "=", customer]],
                            fields=["order_line", "client_order_ref", "commitment_date", "amount_untaxed", "note"])
    assert "<b>twice</b>" in order["note"]
    lines = database.call("sale.order.line", "read", ids=order["order_line"],
                          fields=["product_id", "product_uom_qty", "price_unit"])
    codes = {"CH": "Chair", "TA": "Table"}
    found = {code: (line["product_uom_qty"], line["price_unit"]) for line in lines for code, name in codes.items()
             if name in line["product_id"][1]}
    assert len(found) == len(lines)
    return [found, order["client_order_ref"], order["commitment_date"], round(order["amount_untaxed"], 2)]


EVERY_FIELD = {
    "name": "payload:name", "code": "payload:name", "flag": "payload:flag", "number": "payload:number",
    "ratio": "payload:ratio", "currency_id/name": "literal:USD", "amount": "payload:amount", "short": "payload:short",
    "long": "payload:long", "body": "payload:body", "day": "payload:day", "moment": "payload:moment",
    "color": "payload:color", "country_id/code": "payload:country", "tag_ids/name": "payload:tags",
    "line_ids": "payload:lines", "line_ids/name": "item:name", "line_ids/quantity": "item:quantity",
    "line_ids/day": "item:day", "line_ids/kind": "item:kind", "line_ids/country_id/id": "item:country",
    "line_ids/tag_ids/name": "item:tags", "data": "payload:data", "parent_id/code": "payload:parent",
    "properties": "payload:properties", "target": "template:res.partner,{{ payload.partner }}",
}  # fmt: skip


def every_payload(partner_id, **changes):
    return {
        "name": "E", "flag": "yes", "number": "42", "ratio": 12.34565, "amount": "1234.56", "short": "0123456789",
        "long": "two\nlines", "body": "<p>Hi <b>there</b></p><script>alert(1)</script>",
        "day": "2026-11-24T23:30:00-05:00",
        "moment": "2026-11-24T10:00:00+02:00", "color": "Dark blue", "country": "DE", "tags": ["Gold", "Silver"],
        "lines": [{"name": "a", "quantity": 2, "day": "2026-01-31", "kind": "Old one", "country": "base.us",
                   "tags": "Gold"}, {"name": "b", "quantity": "0.5", "kind": "new"}],
        "data": PNG, "parent": "P", "properties": {"height": 5, "note": "high", "fit": True}, "partner": partner_id,
        **changes,
    }  # fmt: skip


def every_database(database):
    database.call("res.partner.category", "create", vals_list=[{"name": "Gold"}, {"name": "Silver"}])
    database.call("webhook.test.parent", "create", vals_list=[{
        "name": "Parent", "code": "P", "properties_definition": [
            {"name": "height", "type": "integer", "string": "Height"},
            {"name": "note", "type": "char", "string": "Note"},
            {"name": "fit", "type": "boolean", "string": "Fit"}]}])
    return database.call("res.partner", "create", vals_list=[{"name": "Target"}])[0]


def test_every_type_of_field(database, make_worker):
    partner = every_database(database)
    inbound = Inbound(database, [
        rule("All", "upsert_record", EVERYTHING, lookups={"code": "payload:name"}, assign=EVERY_FIELD)], retry=(3600,))
    worker = make_worker().start()
    [event_id] = inbound.ingest(every_payload(partner))
    inbound.wait(states=("done", "dead_letter", "error"))
    assert [row["state"] for row in inbound.read([event_id])] == ["done"], inbound.failures()
    [made] = database.call(EVERYTHING, "search_read", domain=[["code", "=", "E"]])
    body = made.pop("body")
    assert "<b>there</b>" in body and "script" not in body
    wanted = {
        "flag": True, "number": 42, "ratio": 12.3457, "amount": 1234.56, "short": "0123456789",
        "long": "two\nlines", "day": "2026-11-24", "moment": "2026-11-24 08:00:00", "color": "dark_blue", "data": PNG,
        "target": f"res.partner,{partner}", "active": True,
    }  # fmt: skip
    assert {name: made[name] for name in wanted} == wanted
    assert (made["currency_id"][1], made["parent_id"][1], made["country_id"][1]) == ("USD", "Parent", "Germany")
    tags = {tag["id"]: tag["name"] for tag in database.call(
        "res.partner.category", "search_read", domain=[], fields=["name"])}
    assert sorted(tags[tag] for tag in made["tag_ids"]) == ["Gold", "Silver"]
    assert {p["name"]: p["value"] for p in made["properties"]} == {"height": 5, "note": "high", "fit": True}
    lines = database.call("webhook.test.line", "read", ids=made["line_ids"],
                          fields=["name", "quantity", "day", "kind", "country_id", "tag_ids"])
    assert [(line["name"], line["quantity"], line["day"], line["kind"], line["country_id"] and line["country_id"][1],
             [tags[tag] for tag in line["tag_ids"]]) for line in lines] == [
        ("a", 2.0, "2026-01-31", "old", "United States", ["Gold"]), ("b", 0.5, False, "new", False, [])]

    # null clears every field that may be empty; what is missing stays.
    nothing = {name: None for name in every_payload(partner) if name not in ("name", "partner", "parent")}
    inbound.ingest({"name": "E", "partner": partner, **nothing})
    inbound.wait(states=("done", "dead_letter", "error"))
    [cleared] = database.call(EVERYTHING, "search_read", domain=[["code", "=", "E"]])
    assert cleared["id"] == made["id"] and inbound.states() == {"done": 2}, inbound.failures()
    empty = {name: cleared[name] for name in ("short", "long", "day", "moment", "color", "country_id", "data", "flag")}
    assert not any(empty.values()), empty
    assert (cleared["number"], cleared["ratio"], cleared["tag_ids"], cleared["line_ids"]) == (0, 0.0, [], [])
    assert cleared["parent_id"][1] == "Parent"
    worker.stop()


def test_lists_are_replaced_or_added_to(database, make_worker):
    partner = every_database(database)
    tags, lines = ("tag_ids/name", "payload:tags"), [("line_ids", "payload:lines"), ("line_ids/name", "item:name")]
    add = {"list_mode": "add"}
    inbound = Inbound(database, [
        rule("Add", "upsert_record", EVERYTHING, [("payload:add", "equals", "true")], {"code": "payload:code"}, [
            ("name", "payload:code"), (*tags, add), (*lines[0], add), lines[1]]),
        rule("Replace", "upsert_record", EVERYTHING, [], {"code": "payload:code"}, [
            ("name", "payload:code"), tags, *lines]),
    ])  # fmt: skip
    assert partner

    def after(**payload):
        inbound.ingest({"code": "L", **payload})
        inbound.wait()
        [record] = database.call(EVERYTHING, "search_read", domain=[["code", "=", "L"]], fields=["tag_ids", "line_ids"])
        names = [database.call(model, "read", ids=record[field], fields=["name"]) for model, field in (
            ("res.partner.category", "tag_ids"), ("webhook.test.line", "line_ids"))]
        return [sorted(row["name"] for row in rows) for rows in names]

    worker = make_worker().start()
    assert after(tags=["Gold"], lines=[{"name": "a"}]) == [["Gold"], ["a"]], inbound.failures()
    assert after(add=True, tags=["Silver"], lines=[{"name": "b"}]) == [["Gold", "Silver"], ["a", "b"]]
    assert after(add=True, tags=None, lines=[]) == [["Gold", "Silver"], ["a", "b"]], "nothing is added"
    assert after() == [["Gold", "Silver"], ["a", "b"]], "missing leaves it alone"
    assert after(tags=["Silver"], lines=[{"name": "c"}]) == [["Silver"], ["c"]]
    assert after(tags=[], lines=[]) == [[], []]
    assert inbound.states() == {"done": 6}, inbound.failures()
    worker.stop()


def test_what_does_not_fit_says_rule_row_field_value_and_expectation(database, make_worker):
    partner = every_database(database)
    rows = [target for target in EVERY_FIELD]
    inbound = Inbound(database, [rule("All", "create_record", EVERYTHING, assign=EVERY_FIELD)], retry=(3600,))
    cases = {
        "flag": ("maybe", "flag"), "number": ("4.5", "number"), "ratio": ("12,5", "ratio"),
        "amount": ("a lot", "amount"),
        "short": ("0123456789x", "short"), "day": ("24.11.2026", "day"), "moment": ("yesterday", "moment"),
        "color": ("pink", "color"), "data": ("%%%", "data"), "properties": ("tall", "properties"),
        "body": ([1, {"a": 2}], "body"), "partner": ("five", "target"),
    }  # fmt: skip
    ids = inbound.ingest(*(every_payload(partner, **{name: value}) for name, (value, _field) in cases.items()))
    item_id, empty_id = inbound.ingest(
        every_payload(partner, lines=[{"name": "a"}, {"name": "b", "quantity": "few"}]),
        every_payload(partner, lines="none of them"))
    worker = make_worker().start()
    inbound.wait(states=("done", "dead_letter", "error"))
    assert not database.call(EVERYTHING, "search", domain=[])
    for row, (value, field) in zip(inbound.read(ids), cases.values()):
        message = row["failure_message"] or "nothing"
        number = rows.index(field) + 1
        assert row["failure_reason"] == "rule_invalid", (field, row)
        assert f'rule "All", assignment {number}' in message and f"({field})" in message, message
        assert "expected" in message and str(value if isinstance(value, str) else "")[:10] in message, message
    item, empty = inbound.read([item_id, empty_id])
    assert "item 1 (line_ids/name)" in empty["failure_message"]
    assert "item 2 (line_ids/quantity)" in item["failure_message"] and '"few"' in item["failure_message"]
    worker.stop()


def test_a_value_may_come_from_anywhere(database, make_worker):
    inbound = Inbound(database, [rule("From", "create_record", EVERYTHING, assign={
        "name": "event_field:topic", "code": "company_field:name", "short": "header:X-Short", "number": "query:n",
        "ratio": "resolved:ratio", "long": "endpoint_field:path", "country_id/code": "semantic:tenant_key"})])
    [event_id] = inbound.ingest({}, semantics={"topic": "orders/paid", "tenant_key": "DE"},
                                resolved_values={"ratio": 1.5}, query={"n": "7"},
                                request_headers={"x-short": "short", "Content-Type": "application/json"})
    worker = make_worker().start()
    # What the fields of records hold is only known from the worker's report on: until then the event waits.
    inbound.wait(states=("done", "dead_letter"))
    [row] = database.call(EVENT, "read", ids=[event_id], fields=["state", "failure_message"])
    assert row["state"] == "done", row
    [company] = database.call("res.company", "search_read", domain=[], fields=["name"], limit=1, order="id")
    [made] = database.call(EVERYTHING, "search_read", domain=[])
    assert (made["name"], made["code"], made["short"], made["number"], made["ratio"], made["long"]) == (
        "orders/paid", company["name"], "short", 7, 1.5, "in")
    assert made["country_id"][1] == "Germany"
    worker.stop()
