# SPDX-License-Identifier: LGPL-3.0-or-later
"""Methods, body modes, endpoint rules and URL templates: what the receiver gets, to the byte."""

import email
import json
from urllib.parse import parse_qsl, urlsplit

from inbound import source
from processes import wait_until
from scripted_receiver import ScriptedReceiver
from test_rules_outbound import queue, wait_for

ENDPOINT = "bwt.webhook.outbound.endpoint"


def rows(target_field, pairs):
    """One2many commands of header, payload or context rules."""
    return [(0, 0, {"sequence": n, target_field: target, **source(where)}) for n, (target, where) in enumerate(pairs)]


def form_fields(body):
    return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))


def test_every_method(database, make_worker):
    with ScriptedReceiver() as receiver:
        for method in ("get", "post", "put", "patch", "delete"):
            endpoint = database.endpoint(method, receiver.url, f"/{method}", http_method=method)
            queue(database, endpoint, {"method": method})
        make_worker().start()
        wait_for(database, {"done": 5})
    got = {request.path: request for request in receiver.requests}
    for method in ("post", "put", "patch", "delete"):
        assert got[f"/{method}"].method == method.upper()
        assert json.loads(got[f"/{method}"].body) == {"method": method}
    assert got["/get"].method == "GET" and got["/get"].body == b""


def test_a_get_carries_a_form_in_its_query(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("get", receiver.url, "/search?v=1", http_method="get",
                                     request_body_mode="form_urlencoded")
        queue(database, endpoint, {"q": "a&b ü", "page": 2})
        make_worker().start()
        wait_for(database, {"done": 1})
    [request] = receiver.requests
    assert dict(parse_qsl(urlsplit(request.path).query)) == {"v": "1", "q": "a&b ü", "page": "2"}


def test_forms(database, make_worker):
    payload = {"a": {"b": [1, {"c": True}], "empty": {}}, "list": [], "none": None, "text": "x y+z&ü=%", "price": 1.10}
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("form", receiver.url, "/form", request_body_mode="form_urlencoded")
        queue(database, endpoint, payload)
        make_worker().start()
        wait_for(database, {"done": 1})
    [request] = receiver.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form_fields(request.body) == {
        "a[b][0]": "1", "a[b][1][c]": "true", "a[empty]": "", "list": "", "none": "", "text": "x y+z&ü=%",
        "price": "1.1"}


def parts_of(request):
    """{name: (filename, content type, bytes)} of a multipart body, as Python's own parser reads it."""
    message = email.message_from_bytes(b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
                                       + request.body)
    assert message.is_multipart()
    return {part.get_param("name", header="content-disposition"):
            (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
            for part in message.get_payload()}


def test_multipart_with_files(database, make_worker):
    """Files come from attachments; they are kept with the delivery, so that deleting the attachment harms nobody."""
    with ScriptedReceiver(lambda request, number: (500 if number == 1 else 200, {})) as receiver:
        endpoint = database.endpoint("multi", receiver.url, "/files", request_body_mode="multipart",
                                     retry_policy_id=database.retry_policy(2, attempts_max=3))
        database.run_code(f"""
endpoint = env['{ENDPOINT}'].browse({endpoint})
attachment = env['ir.attachment'].create({{'name': 'übung "1".bin', 'raw': bytes(range(256)) * 100,
                                           'mimetype': 'application/octet-stream'}})
endpoint.queue_delivery({{'order': {{'id': 7}}}}, files=[
    attachment, {{'name': 'note', 'filename': 'note.txt', 'content_type': 'text/plain', 'content': b'hello'}}])
endpoint.queue_delivery({{'no': 'files'}})
attachment.unlink()
""")
        make_worker().start()
        wait_for(database, {"done": 2})
    with_files, without = (receiver.of(delivery["delivery_uid"]) for delivery in database.deliveries())
    assert len(with_files) == 2 and with_files[0].body == with_files[1].body
    parts = parts_of(with_files[0])
    assert parts.pop("order[id]")[2] == b"7"
    assert parts.pop("note") == ("note.txt", "text/plain", b"hello")
    [(filename, _type, content)] = parts.values()
    assert content == bytes(range(256)) * 100 and filename
    assert parts_of(without[0])["no"][2] == b"files"


def test_raw_text(database, make_worker):
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n<order id="7">Ünï &amp; co</order>'
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("raw", receiver.url, "/raw", request_body_mode="raw",
                                     content_type="application/xml; charset=utf-8")
        queue(database, endpoint, xml)
        make_worker().start()
        wait_for(database, {"done": 1})
    [request] = receiver.requests
    assert request.body == xml.encode() and request.headers["content-type"] == "application/xml; charset=utf-8"


def shaped(database, receiver, **fields):
    return database.endpoint(
        "shaped", receiver.url, "/orders/{order}/{city}?by={who}", **{
            "context_line_ids": rows("key_name", [
                ("order", "payload:order.id"), ("city", "record_field:city"), ("who", "literal:lines"),
                ("mail", "record_field:email")]),
            "header_rule_ids": rows("header_name", [
                ("X-City", "record_field:city"), ("X-Mail", "context:mail"),
                ("X-Shop", "template:{{ context.who }}-{{ payload.order.id }}")]),
            "payload_rule_ids": rows("target_path", [
                ("customer.name", "record_field:name"), ("customer.company", "company_field:name"),
                ("order.flag", "json:true")]),
            **fields})


def test_endpoint_rules_and_url_templates(database, make_worker):
    """Values are those of the moment of queueing; tokens cannot leave their part of the URL."""
    [partner] = database.call("res.partner", "create", vals_list=[
        {"name": "Änne", "city": "a/../b?c=d&e#f ü", "email": "anne@example.com"}])
    with ScriptedReceiver(lambda request, number: (503 if number == 1 else 200, {})) as receiver:
        endpoint = shaped(database, receiver, retry_policy_id=database.retry_policy(5, attempts_max=3))
        worker = make_worker().start()
        worker.wait_for_log("configuration", 30)
        wait_until(lambda: database.sql("SELECT needed_fields_json FROM bwt_webhook_outbound_endpoint"
                                        f" WHERE id = {endpoint}")[0][0], 30, "the worker reports what it reads")
        queue(database, endpoint, {"order": {"id": 7}},
              f", record=env['res.partner'].browse({partner}), context={{'who': 'code'}}")
        wait_for(database, {"error": 1})
        database.call("res.partner", "write", ids=[partner], vals={"name": "Later", "city": "Later"})
        rules = "bwt.webhook.outbound.endpoint.payload.rule"
        database.call(rules, "write", vals={"literal_value": "false"}, ids=database.call(
            rules, "search", domain=[["target_path", "=", "order.flag"]]))
        database.call(ENDPOINT, "write", ids=[endpoint], vals={
            "header_rule_ids": rows("header_name", [("X-New", "literal:1")]), "http_method": "put"})
        wait_for(database, {"done": 1})
        queue(database, endpoint, {"order": {"id": 8}}, f", record=env['res.partner'].browse({partner})")
        wait_for(database, {"done": 1, "error": 1})
    first, second, later = receiver.requests[:3]
    assert first.path == "/orders/7/a%2F..%2Fb%3Fc%3Dd%26e%23f%20%C3%BC?by=code"
    assert first.headers["x-mail"] == "anne@example.com" and first.headers["x-shop"] == "code-7"
    [company] = database.call("res.company", "search_read", domain=[], fields=["name"], limit=1)
    assert json.loads(first.body) == {"order": {"id": 7, "flag": True},
                                      "customer": {"name": "Änne", "company": company["name"]}}
    assert (first.body, first.method, first.path) == (second.body, second.method, second.path)
    assert "x-new" not in second.headers and first.headers["x-city"] == second.headers["x-city"]
    assert later.method == "PUT" and later.headers["x-new"] == "1" and later.headers["x-city"] == "Later"
    assert json.loads(later.body)["order"]["flag"] is False


def test_a_missing_token_is_a_dead_letter_that_names_it(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("token", receiver.url, "/orders/{order_id}")
        queue(database, endpoint, {"n": 1}, ", context={'other': 1}")
        queue(database, endpoint, {"n": 2}, ", context={'order_id': 0}")
        make_worker().start()
        wait_for(database, {"done": 1, "dead_letter": 1})
    [dead] = database.deliveries([["state", "=", "dead_letter"]])
    assert dead["failure_reason"] == "request_invalid" and "order_id" in dead["failure_message"]
    assert [request.path for request in receiver.requests] == ["/orders/0"]


def test_an_expired_delivery_is_not_sent(database, make_worker):
    with ScriptedReceiver() as receiver:
        endpoint = database.endpoint("expiring", receiver.url, "/")
        queue(database, endpoint, {"code": "123"}, ", expires_in=1")
        queue(database, endpoint, {"code": "124"}, ", expires_in=3600")
        wait_until(lambda: database.sql("SELECT count(*) FROM bwt_webhook_outbound_delivery WHERE"
                                        " expires_at < now() at time zone 'utc'") == [["1"]], 10, "it expires")
        make_worker().start()
        wait_for(database, {"done": 1, "dead_letter": 1})
    [dead] = database.deliveries([["state", "=", "dead_letter"]])
    assert dead["failure_reason"] == "expired" and dead["attempt_count"] == 0
    assert [json.loads(request.body)["code"] for request in receiver.requests] == ["124"]
