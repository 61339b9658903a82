# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the contract suite runs against: the double, or the addon in a real Odoo.

A target is called over JSON-2 as the worker's user. What administrators, business code and time do to the rows goes
through a side door of each target: commands on the double's standard input, psql and the administrator's key on Odoo.
"""

import base64
import hashlib
import http.client
import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

MODEL = "bwt.webhook.worker"
PROCESS_SECONDS_MAX = 60


class Refused(Exception):
    """Odoo answered an error: `status` of HTTP, `name` of the exception's class, `message`."""

    def __init__(self, status, body):
        self.status, self.name, self.message = status, body.get("name", ""), body.get("message", "")
        super().__init__(f"{status} {self.name}: {self.message}")


def call_json2(url, database, key, model, method, arguments):
    """The result of a method called over JSON-2, or Refused."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PROCESS_SECONDS_MAX)
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"bearer {key}",
        "X-Odoo-Database": database,
    }
    connection.request("POST", f"/json/2/{model}/{method}", json.dumps(arguments), headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    if response.status != 200:
        is_json = response.headers.get_content_type() == "application/json"
        raise Refused(response.status, json.loads(body) if is_json else {"message": body})
    return json.loads(body)


class Target:
    """`url`, `database`, `worker_key` and `outsider_key` (a user outside the Worker group), and the side door."""

    def call_text(self, method, request, key=None):
        """One method of the contract: the request's text in, the answer's text out."""
        return call_json2(self.url, self.database, key or self.worker_key, MODEL, method, {"request": request})

    def close(self):
        """Ends what the target started."""

    def add_endpoint(self, **fields):
        """A new active endpoint; its id. `handler_id` and `request_body_mode` may be given."""
        raise NotImplementedError

    def set_endpoint_state(self, endpoint_id, state):
        """draft, active or archived."""
        raise NotImplementedError

    def add_inbound_endpoint(self, **fields):
        """A new active inbound endpoint; its id. `handler_id` may be given."""
        raise NotImplementedError

    def set_inbound_state(self, endpoint_id, state):
        """draft, active or archived."""
        raise NotImplementedError

    def add_handler(self, direction="outbound"):
        """A new handler; its id."""
        raise NotImplementedError

    def add_writing_handler(self):
        """An inbound handler whose one rule writes res.partner.category; the ids of both."""
        raise NotImplementedError

    def add_native_handler(self):
        """An inbound handler whose native callback may read; its id."""
        raise NotImplementedError

    def operation(self, rule_id, text, fate="fine", **more):
        """An operation of that rule. `fine` writes a record named by the text; no_match (an update that finds nothing)
        and configuration (a model that is not the rule's) are refused with that category.
        """
        made = {"operation": "create", "model": "res.partner.category", "values": {"name": text}, "rule_id": rule_id}
        if fate == "no_match":
            made.update(operation="update", lookup=[{"field": "name", "value": text}], values={"color": 1})
        elif fate == "configuration":
            made["model"] = "res.partner.industry"
        return {**made, **more}

    def written_count(self, text):
        """How many records of that name operations have written."""
        raise NotImplementedError

    def archive_handler(self, handler_id):
        """What administrators do instead of deleting it."""
        raise NotImplementedError

    def pause(self, what, record_id, paused=True):
        """Pause, and Resume: of an outbound `endpoint`, a `handler`, or the `company` (without an id)."""
        raise NotImplementedError

    def queue(self, endpoint_id, payload="{}", count=1, **options):
        """Queues deliveries of one payload text in one transaction; their ids. Options: headers, lane, priority (1 to
        3), expires_in (seconds), files (of dicts: name, filename, content_type, content).
        """
        raise NotImplementedError

    def edit(self, row_id, kind="delivery", **fields):
        """Sets lease_expires_at_ms, next_attempt_at_ms, expires_at_ms, state or lease_token, past all rules."""
        raise NotImplementedError

    def read(self, delivery_id):
        """The delivery's row, and its attempts in the order of their numbers; empty texts for what is not set."""
        raise NotImplementedError

    def read_event(self, event_id):
        """The event's row and its rule executions, the oldest first; empty texts for what is not set."""
        raise NotImplementedError

    def ask_probe(self, handler, samples):
        """A probe as the UI makes it; its uid."""
        raise NotImplementedError

    def ask_send_probe(self, endpoint_id, delivery):
        """A send test as the UI makes it; its uid."""
        raise NotImplementedError

    def read_probe(self, probe_uid):
        """The answer that was accepted, or None."""
        raise NotImplementedError

    def confirm_key(self, public_key):
        """An administrator confirms a key that a worker has shown, given as base64."""
        raise NotImplementedError

    def add_secret(self, endpoint_id, value, purpose="signing"):
        """A secret of an endpoint, sealed on save, or a reference (env:NAME); its id."""
        raise NotImplementedError

    def forget_workers(self):
        """No worker was heard of for an hour."""
        raise NotImplementedError

    def findings(self, record):
        """The messages of the findings at a record ({"model", "id"})."""
        raise NotImplementedError

    def set_neutralized(self, neutralized):
        """As Odoo's neutralization marks a database."""
        raise NotImplementedError

    def become_copy(self):
        """The database's fingerprint changes."""
        raise NotImplementedError

    def retry_count(self):
        """How often the server began a call anew, asleep in between, because of a lock or a serialization error."""
        return 0


class DoubleTarget(Target):
    """A webhook-double of our own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.__dict__.update(json.loads(self.process.stdout.readline()))
        self.codes, self.body_modes, self.confirmed_key = {}, {}, None

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(PROCESS_SECONDS_MAX)
        if status != 0:
            raise RuntimeError(f"webhook-double ended with status {status}")

    def obey(self, do, **command):
        self.process.stdin.write(json.dumps({"do": do, **command}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def add_endpoint(self, request_body_mode="json", **fields):
        code = f"contract-{uuid.uuid4().hex}"
        endpoint_id = self.obey("endpoint", code=code, **fields)["id"]
        self.codes[endpoint_id], self.body_modes[endpoint_id] = code, request_body_mode
        return endpoint_id

    def set_endpoint_state(self, endpoint_id, state):
        self.obey("endpoint", id=endpoint_id, code=self.codes[endpoint_id], state=state)

    def add_inbound_endpoint(self, **fields):
        path = f"contract-{uuid.uuid4().hex}"
        endpoint_id = self.obey("inbound_endpoint", path=path, **fields)["id"]
        self.codes["inbound", endpoint_id] = path
        return endpoint_id

    def set_inbound_state(self, endpoint_id, state):
        self.obey("inbound_endpoint", id=endpoint_id, path=self.codes["inbound", endpoint_id], state=state)

    def add_handler(self, direction="outbound"):
        return self.obey("handler", code=f"contract-{uuid.uuid4().hex}", direction=direction)["id"]

    def archive_handler(self, handler_id):
        self.obey("handler", id=handler_id, code="archived", active=False)

    def pause(self, what, record_id, paused=True):
        if what == "company":
            self.obey("company_paused", value=paused)
        elif what == "handler":
            self.obey("handler", id=record_id, code="paused", paused=paused)
        else:
            held_reason = "endpoint_paused" if paused else ""
            self.obey("endpoint", id=record_id, code=self.codes[record_id], held_reason=held_reason)

    def add_writing_handler(self):
        return self.add_handler("inbound"), 1

    def add_native_handler(self):
        return self.add_handler("inbound")

    def operation(self, rule_id, text, fate="fine", **more):
        """It interprets nothing: what is refused is told by the model's name."""
        made = super().operation(rule_id, text, fate, **more)
        if fate != "fine":
            made["model"] = f"refused.{fate}"
            self.obey("refuse", model=made["model"], category=fate)
        return made

    def written_count(self, text):
        return self.obey("written", text=text)["count"]

    def queue(self, endpoint_id, payload="{}", count=1, expires_in=None, files=(), **options):
        options.update(body_mode=self.body_modes[endpoint_id], files=[_file(file) for file in files])
        if expires_in:
            options["expires_at_ms"] = int((time.time() + expires_in) * 1000)
        return [
            self.obey("queue", endpoint_id=endpoint_id, payload=payload, **options)["id"] for _number in range(count)
        ]

    def edit(self, row_id, kind="delivery", **fields):
        self.obey("edit", id=row_id, kind=kind, **fields)

    def read_event(self, event_id):
        answer = self.obey("read_event", id=event_id)
        return answer["event"], answer["executions"]

    def ask_probe(self, handler, samples):
        return self.obey("ask_probe", handler=handler, samples=samples)["uid"]

    def ask_send_probe(self, endpoint_id, delivery):
        return self.obey("ask_probe", endpoint_id=endpoint_id, delivery=delivery)["uid"]

    def confirm_key(self, public_key):
        self.confirmed_key = public_key
        self.obey("confirm_key", public_key=public_key)

    def add_secret(self, endpoint_id, value, purpose="signing"):
        """It seals nothing: what it keeps has a sealed secret's shape."""
        if not value.startswith("env:"):
            value = sealed_like(self.confirmed_key)
        return self.obey("secret", endpoint_id=endpoint_id, value=value, purpose=purpose)["id"]

    def forget_workers(self):
        self.obey("forget_workers")

    def read_probe(self, probe_uid):
        return json.loads(self.obey("read_probe", uid=probe_uid)["answer"] or "null")

    def findings(self, record):
        report = json.loads(self.obey("findings")["report"] or '{"findings": []}')
        return [finding["message"] for finding in report["findings"] if finding["record"] == record]

    def read(self, delivery_id):
        answer = self.obey("read", id=delivery_id)
        return answer["delivery"], answer["attempts"]

    def set_neutralized(self, neutralized):
        self.obey("neutralized", value=neutralized)

    def become_copy(self):
        self.obey("copy")


DELIVERIES = "bwt_webhook_outbound_delivery"
ATTEMPTS = "bwt_webhook_outbound_delivery_attempt"
EVENTS = "bwt_webhook_inbound_event"
EXECUTIONS = "bwt_webhook_inbound_rule_execution"
WAITING_TIMES = ("lease_expires_at", "next_attempt_at")
TIMES = {DELIVERIES: WAITING_TIMES, EVENTS: WAITING_TIMES, ATTEMPTS: ("started_at",), EXECUTIONS: ()}


class OdooTarget(Target):
    """The addon in a sandbox of scripts/odoo_sandbox.sh (`env` is what its env file says)."""

    def __init__(self, env):
        self.env = env
        self.url, self.database, self.worker_key = env["ODOO_URL"], env["ODOO_DB"], env["WORKER_KEY"]
        # Nobody implies the Worker group, not even the administrator.
        self.outsider_key = env["ODOO_ADMIN_KEY"]
        self.action_id = None

    def admin(self, model, method, **arguments):
        return call_json2(self.url, self.database, self.env["ODOO_ADMIN_KEY"], model, method, arguments)

    def sql(self, statement, **variables):
        """The rows of a statement as JSON. Variables are written :'name' in it, and quoted by psql."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.database]
        for name, value in variables.items():
            command += ["-v", f"{name}={value}"]
        environment = {**os.environ, **{name: self.env[name] for name in ("PGHOST", "PGPORT", "PGUSER")}}
        done = subprocess.run(
            command, input=statement, capture_output=True, text=True, check=True, env=environment,
            timeout=PROCESS_SECONDS_MAX,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    def add_endpoint(self, **fields):
        code = f"contract-{uuid.uuid4().hex}"
        values = {"name": code, "code": code, "state": "active", "target_hostname": "http://127.0.0.1:9", **fields}
        return self.admin("bwt.webhook.outbound.endpoint", "create", vals_list=[values])[0]

    def set_endpoint_state(self, endpoint_id, state):
        self.admin("bwt.webhook.outbound.endpoint", "write", ids=[endpoint_id], vals={"state": state})

    def add_inbound_endpoint(self, **fields):
        path = f"contract-{uuid.uuid4().hex}"
        values = {"name": path, "path": path, "state": "active", **fields}
        return self.admin("bwt.webhook.inbound.endpoint", "create", vals_list=[values])[0]

    def set_inbound_state(self, endpoint_id, state):
        self.admin("bwt.webhook.inbound.endpoint", "write", ids=[endpoint_id], vals={"state": state})

    def add_handler(self, direction="outbound", **fields):
        code = f"contract-{uuid.uuid4().hex}"
        values = {"name": code, "code": code, "direction": direction, **fields}
        return self.admin("bwt.webhook.handler", "create", vals_list=[values])[0]

    def add_writing_handler(self):
        [model_id] = self.admin("ir.model", "search", domain=[["model", "=", "res.partner.category"]])
        assignment = {"target_expression": "name", "source_kind": "literal", "literal_value": "x"}
        rule = {
            "name": "Write", "action_type": "create_record", "target_model_id": model_id,
            "assignment_ids": [[0, 0, assignment]],
        }  # fmt: skip
        [user_id] = self.admin("res.users", "search", domain=[["login", "=", "admin"]])
        handler_id = self.add_handler("inbound", execution_user_id=user_id, inbound_rule_ids=[[0, 0, rule]])
        [rule_id] = self.admin("bwt.webhook.inbound.handler.rule", "search", domain=[["handler_id", "=", handler_id]])
        return handler_id, rule_id

    def add_native_handler(self):
        [user_id] = self.admin("res.users", "search", domain=[["login", "=", "admin"]])
        native = {"execution_mode": "native", "native_callback": "contract.reads"}
        return self.add_handler("inbound", execution_user_id=user_id, **native)

    def written_count(self, text):
        return self.admin("res.partner.category", "search_count", domain=[["name", "=", text]])

    def archive_handler(self, handler_id):
        self.admin("bwt.webhook.handler", "write", ids=[handler_id], vals={"active": False})

    def pause(self, what, record_id, paused=True):
        if what == "company":
            [user] = self.admin("res.users", "search_read", domain=[["login", "=", "admin"]], fields=["company_id"])
            self.admin("res.company", "write", ids=[user["company_id"][0]], vals={"webhooks_paused": paused})
        else:
            model = {"endpoint": "bwt.webhook.outbound.endpoint", "handler": "bwt.webhook.handler"}[what]
            self.admin(model, "action_pause" if paused else "action_resume", ids=[record_id])

    def queue(self, endpoint_id, payload="{}", count=1, files=(), **options):
        """As business code does: in a server action, which decodes what is no literal of Python."""
        request = {"payload": payload, **options}
        files = [{**file, "content": base64.b64encode(file["content"]).decode()} for file in files]
        return self.run(
            f"request, files = {request!r}, {files!r}\n"
            "request['files'] = [dict(file, content=b64decode(file['content'])) for file in files]\n"
            f"endpoint = env['bwt.webhook.outbound.endpoint'].browse({endpoint_id})\n"
            f"ids = endpoint.queue_deliveries([dict(request) for _number in range({count})]).ids"
        )

    def run(self, code):
        """What `ids` is in the end of a server action's code."""
        code += "\naction = {'type': 'ir.actions.act_window_close', 'infos': ids}"
        if not self.action_id:
            [model_id] = self.admin("ir.model", "search", domain=[["model", "=", "res.partner"]])
            values = {"name": "Contract suite", "state": "code", "model_id": model_id, "code": code}
            [self.action_id] = self.admin("ir.actions.server", "create", vals_list=[values])
        else:
            self.admin("ir.actions.server", "write", ids=[self.action_id], vals={"code": code})
        return self.admin("ir.actions.server", "run", ids=[self.action_id])["infos"]

    def edit(self, row_id, kind="delivery", **fields):
        table = EVENTS if kind == "event" else DELIVERIES
        for name, value in fields.items():
            assigned = f"{name} = NULLIF(:'value', '')"
            if name.endswith("_at_ms"):
                assigned = f"{name[:-3]} = to_timestamp(:'value'::float8 / 1000) AT TIME ZONE 'UTC'"
            self.sql(f"UPDATE {table} SET {assigned} WHERE id = :'id'", value=value, id=row_id)

    def read_event(self, event_id):
        [event] = self.sql(f"SELECT {_as_json(EVENTS)} WHERE id = :'id'", id=event_id)
        executions = self.sql(f"SELECT {_as_json(EXECUTIONS)} WHERE event_id = :'id' ORDER BY id", id=event_id)
        return _normal(event), [_normal(execution) for execution in executions]

    def ask_probe(self, handler, samples):
        return self._ask("rules", handler=handler, samples=samples)

    def ask_send_probe(self, endpoint_id, delivery):
        return self._ask("send", endpoint_id=endpoint_id, delivery=delivery)

    def _ask(self, kind, **asked):
        uid = str(uuid.uuid4())
        self.sql(
            "INSERT INTO bwt_webhook_probe (probe_uid, kind, state, request_json)"
            " VALUES (:'uid', :'kind', 'waiting', :'asked')",
            uid=uid, kind=kind, asked=json.dumps(asked),
        )  # fmt: skip
        return uid

    def confirm_key(self, public_key):
        keys = "bwt.webhook.worker.public.key"
        self.admin(keys, "action_confirm", ids=self.admin(keys, "search", domain=[["public_key", "=", public_key]]))

    def add_secret(self, endpoint_id, value, purpose="signing"):
        values = {"endpoint_id": endpoint_id, "purpose": purpose}
        values["reference" if value.startswith("env:") else "value"] = value
        return self.admin("bwt.webhook.secret", "create", vals_list=[values])[0]

    def forget_workers(self):
        self.sql("UPDATE bwt_webhook_worker SET last_seen_at = last_seen_at - interval '1 hour'")

    def read_probe(self, probe_uid):
        answers = self.sql(
            "SELECT answer_json FROM bwt_webhook_probe WHERE probe_uid = :'uid' AND answer_json IS NOT NULL",
            uid=probe_uid,
        )
        return answers[0] if answers else None

    def findings(self, record):
        return self.sql(
            "SELECT to_json(message) FROM bwt_webhook_finding"
            " WHERE res_model = :'model' AND res_id = :'id' ORDER BY id",
            **record,
        )

    def read(self, delivery_id):
        [delivery] = self.sql(f"SELECT {_as_json(DELIVERIES)} WHERE id = :'id'", id=delivery_id)
        attempts = self.sql(
            f"SELECT {_as_json(ATTEMPTS)} WHERE delivery_id = :'id' ORDER BY attempt_number", id=delivery_id
        )
        for attempt in attempts:
            attempt["error_message"] = attempt["processing_error"]
        return _normal(delivery), [_normal(attempt) for attempt in attempts]

    def set_neutralized(self, neutralized):
        self.admin("ir.config_parameter", "set_param", key="database.is_neutralized", value=neutralized and "true")

    def retry_count(self):
        return Path(self.env["ODOO_SANDBOX"], "odoo.log").read_text(errors="replace").count(" tries left, ")

    def become_copy(self):
        self.admin("ir.config_parameter", "set_param", key="database.uuid", value=str(uuid.uuid4()))


def key_id(public_key):
    """As a sealed value names the key, given as base64."""
    return hashlib.sha256(base64.b64decode(public_key)).digest()[:8]


def sealed_like(public_key):
    """A value of the shape of a secret that is sealed to the key; nobody can open it."""
    return "sealed:1:" + base64.b64encode(key_id(public_key) + os.urandom(32 + 12 + 40)).decode()


def _file(file):
    """As a claim spells it."""
    return {**{name: file[name] for name in ("name", "filename", "content_type")},
            "content_base64": base64.b64encode(file["content"]).decode()}  # fmt: skip


def _as_json(table):
    """The select list and the table: every column, times as milliseconds beside them."""
    times = ", ".join(f"'{name}_ms', floor(extract(epoch FROM {name}) * 1000)::bigint" for name in TIMES[table])
    return f"to_jsonb(t) || jsonb_build_object({times}) FROM {table} t"


def _normal(row):
    """As the double tells it: texts and numbers, never null."""
    return {
        name: (0 if name.endswith("_ms") or name == "response_status_code" else "") if value is None else value
        for name, value in row.items()
    }


def read_env(sandbox):
    """The env file of a sandbox as a dict."""
    shell = f". {sandbox}/env && env -0"
    done = subprocess.run(["bash", "-ac", shell], capture_output=True, text=True, check=True)
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
