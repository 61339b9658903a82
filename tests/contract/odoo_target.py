# SPDX-License-Identifier: LGPL-3.0-or-later
"""The contract suite's real side: the addon in an Odoo, its administrator's key, and psql."""

import base64
import http.client
import json
import os
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from odoo_values import inbound_values
from targets import PROCESS_SECONDS_MAX, Target, call_json2

INBOUND = "bwt.webhook.inbound.endpoint"
DELIVERIES = "bwt_webhook_outbound_delivery"
ATTEMPTS = "bwt_webhook_outbound_delivery_attempt"
EVENTS = "bwt_webhook_inbound_event"
EXECUTIONS = "bwt_webhook_inbound_rule_execution"
WAITING_TIMES = ("lease_expires_at", "next_attempt_at")
TIMES = {DELIVERIES: WAITING_TIMES, EVENTS: WAITING_TIMES, ATTEMPTS: ("started_at",), EXECUTIONS: ()}

# Nothing of an active endpoint's requests has to be verified.
UNVERIFIED = {"unverified_allowed": True, "delivery_identity_policy": "body_sha256"}


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

    def add_inbound_endpoint(self, members=None, **fields):
        path = f"contract-{uuid.uuid4().hex}"
        values = {"name": path, "path": path, "state": "active", **UNVERIFIED, **inbound_values(members or {})}
        return self.admin(INBOUND, "create", vals_list=[{**values, **fields}])[0]

    def set_inbound_state(self, endpoint_id, state):
        self.admin(INBOUND, "write", ids=[endpoint_id], vals={"state": state})

    def add_intake(self, endpoint_id, body=b"{}", query="", headers=None):
        """A real request, with the header that chooses the database."""
        self.admin(INBOUND, "write", ids=[endpoint_id], vals={"odoo_intake": True})
        [endpoint] = self.admin(INBOUND, "read", ids=[endpoint_id], fields=["path"])
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PROCESS_SECONDS_MAX)
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.database, **(headers or {})}
        connection.request("POST", f"/webhooks/in/{endpoint['path']}{query}", body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status == 202, text
        answer = json.loads(text)
        assert answer["status"] == "accepted"
        return answer["event_id"]

    def intake(self, endpoint_id):
        return self.sql(
            "SELECT to_json(event_uid) FROM bwt_webhook_inbound_intake WHERE endpoint_id = :'id' ORDER BY id",
            id=endpoint_id,
        )

    def expire_intake(self, endpoint_id):
        self.sql(
            "UPDATE bwt_webhook_inbound_intake SET claimable_at = now() AT TIME ZONE 'UTC' - interval '1 second'"
            " WHERE endpoint_id = :'id'",
            id=endpoint_id,
        )

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
        if kind == "delivery" and "lease_expires_at_ms" in fields:
            # The lane's lease ends with that of its rows.
            self.sql(
                "UPDATE bwt_webhook_lane_lease l SET lease_expires_at = d.lease_expires_at"
                f" FROM {DELIVERIES} d WHERE d.id = :'id' AND d.lease_token = l.lease_token AND d.lane = l.lane"
                " AND d.endpoint_id = l.endpoint_id",
                id=row_id,
            )

    def read_event(self, event_id):
        [event] = self.sql(f"SELECT {_as_json(EVENTS)} WHERE id = :'id'", id=event_id)
        executions = self.sql(f"SELECT {_as_json(EXECUTIONS)} WHERE event_id = :'id' ORDER BY id", id=event_id)
        return _normal(event), [_normal(execution) for execution in executions]

    def event_files(self, event_id):
        rows = self.sql(
            "SELECT to_jsonb(a) FROM ir_attachment a"
            " WHERE res_model = 'bwt.webhook.inbound.event' AND res_id = :'id' ORDER BY id",
            id=event_id,
        )
        store = Path(self.env["ODOO_SANDBOX"], "data", "filestore", self.database)

        def content_of(row):
            """An empty file is none."""
            return Path(store, row["store_fname"]).read_bytes() if row["store_fname"] else b""

        return [(row["description"], row["name"], content_of(row)) for row in rows]

    def rejected_counts(self, endpoint_id):
        rows = self.sql(
            "SELECT to_jsonb(r) FROM bwt_webhook_inbound_rejection r WHERE endpoint_id = :'id'", id=endpoint_id
        )
        return {row["category"]: row["count"] for row in rows}

    def read_worker(self, worker_uid):
        [row] = self.sql(
            "SELECT to_jsonb(w) || jsonb_build_object('oldest_ms',"
            " floor(extract(epoch FROM inbox_oldest_at) * 1000)::bigint)"
            " FROM bwt_webhook_worker w WHERE worker_uid = :'uid'",
            uid=worker_uid,
        )
        inbox = {
            "event_count": row["inbox_event_count"], "bytes_used": row["inbox_bytes"],
            "bytes_max": row["inbox_bytes_max"], "set_aside_count": row["inbox_set_aside_count"],
            "oldest_accepted_at_ms": row["oldest_ms"], "healthy": row["inbox_healthy"],
        }  # fmt: skip
        inbox = {name: value for name, value in inbox.items() if value is not None}
        return row["gateway_url"] or "", inbox or None

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

    def add_secret(self, endpoint_id, value, purpose="signing", inbound=False):
        values = {"inbound_endpoint_id" if inbound else "endpoint_id": endpoint_id, "purpose": purpose}
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
