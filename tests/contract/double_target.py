# SPDX-License-Identifier: LGPL-3.0-or-later
"""The contract suite's double: a webhook-double process and the commands that it takes."""

import base64
import json
import subprocess
import time
import uuid

from targets import PROCESS_SECONDS_MAX, Target, sealed_like


class DoubleTarget(Target):
    """A webhook-double of our own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.__dict__.update(json.loads(self.process.stdout.readline()))
        self.codes, self.body_modes, self.confirmed_key = {}, {}, None
        self.inbound = {}  # id of an endpoint: what it was made of

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

    def add_inbound_endpoint(self, members=None, **fields):
        made = {"path": f"contract-{uuid.uuid4().hex}", "members": _numbered(members or {}), **fields}
        endpoint_id = self.obey("inbound_endpoint", **made)["id"]
        self.inbound[endpoint_id] = made
        return endpoint_id

    def set_inbound_state(self, endpoint_id, state):
        self.obey("inbound_endpoint", **{**self.inbound[endpoint_id], "id": endpoint_id, "state": state})

    def add_intake(self, endpoint_id, body=b"{}", query="", headers=None):
        url = f"{self.url}/webhooks/in/{self.inbound[endpoint_id]['path']}{query}"
        told = self.obey(
            "add_intake", endpoint_id=endpoint_id, request_url=url, headers=headers or {},
            body_base64=base64.b64encode(body).decode(),
        )  # fmt: skip
        return told["uid"]

    def intake(self, endpoint_id):
        return self.obey("intake", endpoint_id=endpoint_id)["uids"]

    def expire_intake(self, endpoint_id):
        self.obey("intake", endpoint_id=endpoint_id, expire=True)

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

    def event_files(self, event_id):
        files = self.obey("read_event", id=event_id)["files"]
        return [(file["name"], file["filename"], base64.b64decode(file["content_base64"])) for file in files]

    def rejected_counts(self, endpoint_id):
        return self.obey("rejected_counts", endpoint_id=endpoint_id)["counts"]

    def read_worker(self, worker_uid):
        told = self.obey("read_worker", uid=worker_uid)
        return told["gateway_url"], json.loads(told["inbox"] or "null")

    def ask_probe(self, handler, samples):
        return self.obey("ask_probe", handler=handler, samples=samples)["uid"]

    def ask_send_probe(self, endpoint_id, delivery):
        return self.obey("ask_probe", endpoint_id=endpoint_id, delivery=delivery)["uid"]

    def confirm_key(self, public_key):
        self.confirmed_key = public_key
        self.obey("confirm_key", public_key=public_key)

    def add_secret(self, endpoint_id, value, purpose="signing", inbound=False):
        """It seals nothing: what it keeps has a sealed secret's shape."""
        if not value.startswith("env:"):
            value = sealed_like(self.confirmed_key)
        return self.obey("secret", endpoint_id=endpoint_id, inbound=inbound, value=value, purpose=purpose)["id"]

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


def _numbered(members):
    """With the ids that the records of a database would have."""
    if isinstance(members, list):
        return [{"id": number, **_numbered(item)} if isinstance(item, dict) else item
                for number, item in enumerate(members, 1)]  # fmt: skip
    if isinstance(members, dict):
        return {name: _numbered(value) for name, value in members.items()}
    return members


def _file(file):
    """As a claim spells it."""
    return {**{name: file[name] for name in ("name", "filename", "content_type")},
            "content_base64": base64.b64encode(file["content"]).decode()}  # fmt: skip
