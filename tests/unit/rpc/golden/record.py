#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Records how a real Odoo answers in all three protocols, one JSON file a protocol, beside this script.

    . DIR/env; record.py            the sandbox needs the addon tests/odoo/addons/webhook_worker_test

The key ($WEBHOOK_TEST_ODOO_KEY, else the sandbox's $WORKER_KEY) belongs to a user of the Worker group.
Tracebacks are cut to a line and nothing that was sent is kept, so the files hold neither secrets nor paths of
somebody's machine beyond Odoo's own. What proxies and strangers answer is in proxy.json, written by hand.
"""
import json
import os
import re
import urllib.error
import urllib.request
import xmlrpc.client
from pathlib import Path

URL = os.environ.get("WEBHOOK_TEST_ODOO_URL") or os.environ["ODOO_URL"]
DB = os.environ.get("WEBHOOK_TEST_ODOO_DB") or os.environ["ODOO_DB"]
LOGIN = os.environ.get("WEBHOOK_TEST_ODOO_LOGIN") or os.environ["WORKER_LOGIN"]
KEY = os.environ.get("WEBHOOK_TEST_ODOO_KEY") or os.environ["WORKER_KEY"]
MODEL = "bwt.webhook.worker"
FAILURES = (
    "user validation access missing denied zero keyerror attribute typeerror column table serialization pool shutdown "
    "lock multiline fake_traceback none number object"
).split()


def exchange(path, body, headers):
    request = urllib.request.Request(URL + path, body, headers, method="POST" if body is not None else "GET")
    try:
        reply = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        reply = error
    return {
        "status": reply.status,
        "content_type": reply.headers.get("Content-Type", ""),
        "body": shorten(reply.read().decode()),
    }


def shorten(body):
    body = body.replace(os.environ.get("PGHOST") or "/run/postgresql", "/run/postgresql")
    try:
        document = json.loads(body)
    except ValueError:
        return re.sub(r"(?s)(Traceback \(most recent call last\):\n)( .*?\n)(?=\S)", shorten_frames, body)
    if isinstance(document, dict):
        for error in (document, (document.get("error") or {}).get("data")):
            if isinstance(error, dict) and error.get("debug"):
                error["debug"] = error["debug"].strip().splitlines()[-1][:80]
    return json.dumps(document)


def shorten_frames(match):
    return match[1] + '  File "server.py", line 1, in call\n    call()\n'


def json2(model, method, arguments, key=KEY, db=DB, body=None):
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = "bearer " + key
    if db:
        headers["X-Odoo-Database"] = db
    return exchange(f"/json/2/{model}/{method}", json.dumps(arguments).encode() if body is None else body, headers)


def jsonrpc(service, method, args, body=None):
    params = {"service": service, "method": method, "args": args}
    envelope = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}).encode()
    return exchange("/jsonrpc", envelope if body is None else body, {"Content-Type": "application/json"})


def xml_rpc(service, method, args, body=None):
    text = xmlrpc.client.dumps(tuple(args), method, allow_none=True).encode() if body is None else body
    return exchange("/xmlrpc/2/" + service, text, {"Content-Type": "text/xml"})


def record_json2():
    cases = {
        "answer": json2(MODEL, "echo", {"request": "{}"}),
        "version": exchange("/json/version", None, {}),
        "web_version": exchange("/web/version", None, {}),
        "bad_key": json2(MODEL, "echo", {"request": "{}"}, key="0" * 40),
        "no_key": json2(MODEL, "echo", {"request": "{}"}, key=""),
        "unknown_database": json2(MODEL, "echo", {"request": "{}"}, db="no_such_database"),
        "unknown_model": json2("bwt.webhook.nonsense", "echo", {"request": "{}"}),
        "unknown_method": json2(MODEL, "nonsense", {"request": "{}"}),
        "private_method": json2(MODEL, "_private", {"request": "{}"}),
        "wrong_keyword": json2(MODEL, "echo", {"nonsense": "{}"}),
        "unknown_path": json2(MODEL, "echo/nonsense", {"request": "{}"}),
        "bad_json": json2(MODEL, "echo", None, body=b'{"request": '),
    }
    return cases | {"fail_" + kind: json2(MODEL, "fail", {"request": kind}) for kind in FAILURES}


def record_service(call, uid):
    def execute(*args, database=DB, user=uid, key=KEY):
        return call("object", "execute_kw", [database, user, key, *args])

    cases = {
        "login": call("common", "authenticate", [DB, LOGIN, KEY, {}]),
        "login_bad_key": call("common", "authenticate", [DB, LOGIN, "0" * 40, {}]),
        "login_unknown_database": call("common", "authenticate", ["no_such_database", LOGIN, KEY, {}]),
        "version": call("common", "version", []),
        "answer": execute(MODEL, "echo", ["{}"]),
        "bad_key": execute(MODEL, "echo", ["{}"], key="0" * 40),
        "no_key": execute(MODEL, "echo", ["{}"], key=""),
        "unknown_user": execute(MODEL, "echo", ["{}"], user=99999999),
        "unknown_database": execute(MODEL, "echo", ["{}"], database="no_such_database"),
        "unknown_model": execute("bwt.webhook.nonsense", "echo", ["{}"]),
        "unknown_method": execute(MODEL, "nonsense", ["{}"]),
        "private_method": execute(MODEL, "_private", ["{}"]),
        "wrong_keyword": execute(MODEL, "echo", [], {"nonsense": "{}"}),
        "bad_body": call("object", "execute_kw", [], body=b"<nonsense"),
    }
    return cases | {"fail_" + kind: execute(MODEL, "fail", [kind]) for kind in FAILURES}


def main():
    uid = json.loads(jsonrpc("common", "authenticate", [DB, LOGIN, KEY, {}])["body"])["result"]
    recordings = {
        "json2": record_json2(),
        "jsonrpc": record_service(jsonrpc, uid),
        "xmlrpc": record_service(xml_rpc, uid),
    }
    for protocol, cases in recordings.items():
        text = json.dumps(cases, indent=1) + "\n"
        assert KEY not in text
        Path(__file__).with_name(protocol + ".json").write_text(text)


if __name__ == "__main__":
    main()
