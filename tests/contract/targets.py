# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the contract suite runs against: the double, or the addon in a real Odoo.

A target is called over JSON-2 as the worker's user. What administrators, business code and time do to the rows goes
through a side door of each target: commands on the double's standard input, psql and the administrator's key on Odoo.
"""

import http.client
import json
import os
import subprocess
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
        """A new active endpoint; its id. `handler_id` may be given."""
        raise NotImplementedError

    def set_endpoint_state(self, endpoint_id, state):
        """draft, active or archived."""
        raise NotImplementedError

    def add_handler(self):
        """A new outbound handler; its id."""
        raise NotImplementedError

    def archive_handler(self, handler_id):
        """What administrators do instead of deleting it."""
        raise NotImplementedError

    def queue(self, endpoint_id, payload="{}", count=1, **options):
        """Queues deliveries of one payload text; their ids. Options: headers, lane, priority (1 to 3)."""
        raise NotImplementedError

    def edit(self, delivery_id, **fields):
        """Sets lease_expires_at_ms, next_attempt_at_ms, state or lease_token, past all rules."""
        raise NotImplementedError

    def read(self, delivery_id):
        """The delivery's row, and its attempts in the order of their numbers; empty texts for what is not set."""
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
        self.codes = {}

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(PROCESS_SECONDS_MAX)
        if status != 0:
            raise RuntimeError(f"webhook-double ended with status {status}")

    def obey(self, do, **command):
        self.process.stdin.write(json.dumps({"do": do, **command}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def add_endpoint(self, **fields):
        code = f"contract-{uuid.uuid4().hex}"
        endpoint_id = self.obey("endpoint", code=code, **fields)["id"]
        self.codes[endpoint_id] = code
        return endpoint_id

    def set_endpoint_state(self, endpoint_id, state):
        self.obey("endpoint", id=endpoint_id, code=self.codes[endpoint_id], state=state)

    def add_handler(self):
        return self.obey("handler", code=f"contract-{uuid.uuid4().hex}")["id"]

    def archive_handler(self, handler_id):
        self.obey("handler", id=handler_id, code="archived", active=False)

    def queue(self, endpoint_id, payload="{}", count=1, **options):
        return [
            self.obey("queue", endpoint_id=endpoint_id, payload=payload, **options)["id"] for _number in range(count)
        ]

    def edit(self, delivery_id, **fields):
        self.obey("edit", id=delivery_id, **fields)

    def read(self, delivery_id):
        answer = self.obey("read", id=delivery_id)
        return answer["delivery"], answer["attempts"]

    def set_neutralized(self, neutralized):
        self.obey("neutralized", value=neutralized)

    def become_copy(self):
        self.obey("copy")


DELIVERIES = "bwt_webhook_outbound_delivery"
ATTEMPTS = "bwt_webhook_outbound_delivery_attempt"
TIMES = ("lease_expires_at", "next_attempt_at", "started_at")


class OdooTarget(Target):
    """The addon in a sandbox of scripts/odoo_sandbox.sh (`env` is what its env file says)."""

    def __init__(self, env):
        self.env = env
        self.url, self.database, self.worker_key = env["ODOO_URL"], env["ODOO_DB"], env["WORKER_KEY"]
        # Nobody implies the Worker group, not even the administrator.
        self.outsider_key = env["ODOO_ADMIN_KEY"]

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

    def add_handler(self):
        code = f"contract-{uuid.uuid4().hex}"
        values = {"name": code, "code": code, "direction": "outbound"}
        return self.admin("bwt.webhook.handler", "create", vals_list=[values])[0]

    def archive_handler(self, handler_id):
        self.admin("bwt.webhook.handler", "write", ids=[handler_id], vals={"active": False})

    def queue(self, endpoint_id, payload="{}", count=1, **options):
        ids = self.admin(
            "bwt.webhook.outbound.endpoint", "action_queue_test", ids=[endpoint_id], payload_text=payload,
            headers=options.pop("headers", None), copies=count,
        )  # fmt: skip
        for name, value in options.items():
            self.sql(f"UPDATE {DELIVERIES} SET {name} = :'value' WHERE id = ANY(:'ids')", value=value, ids=_array(ids))
        return ids

    def edit(self, delivery_id, **fields):
        for name, value in fields.items():
            assigned = f"{name} = NULLIF(:'value', '')"
            if name.endswith("_at_ms"):
                assigned = f"{name[:-3]} = to_timestamp(:'value'::float8 / 1000) AT TIME ZONE 'UTC'"
            self.sql(f"UPDATE {DELIVERIES} SET {assigned} WHERE id = :'id'", value=value, id=delivery_id)

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


def _array(ids):
    return "{" + ",".join(map(str, ids)) + "}"


def _as_json(table):
    """The select list and the table: every column, times as milliseconds beside them."""
    columns = TIMES[:2] if table == DELIVERIES else TIMES[2:]
    times = ", ".join(f"'{name}_ms', floor(extract(epoch FROM {name}) * 1000)::bigint" for name in columns)
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
