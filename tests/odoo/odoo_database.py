# SPDX-License-Identifier: LGPL-3.0-or-later
"""One database of the sandbox's Odoo, as its administrator and business code use it."""

import http.client
import json
import xmlrpc.client
from urllib.parse import urlsplit


class Refused(Exception):
    def __init__(self, status, body):
        self.status, self.body = status, body
        super().__init__(f"HTTP {status}: {body.get('message', body)}")


class Database:
    def __init__(self, sandbox, name):
        self.sandbox, self.name = sandbox, name
        self.admin_key, self.worker_key = sandbox.env["ODOO_ADMIN_KEY"], sandbox.env["WORKER_KEY"]
        self._action = None

    def call(self, model, method, key=None, **arguments):
        """A method over JSON-2, as the administrator unless another key is given."""
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=120)
        connection.request("POST", f"/json/2/{model}/{method}", json.dumps(arguments), {
            "Content-Type": "application/json",
            "Authorization": f"bearer {key or self.admin_key}",
            "X-Odoo-Database": self.name,
        })
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        if response.status != 200:
            try:
                raise Refused(response.status, json.loads(body))
            except json.JSONDecodeError:
                raise Refused(response.status, {"message": body[:200]}) from None
        return json.loads(body)

    def sql(self, statement):
        return self.sandbox.psql(self.name, statement)

    def retry_policy(self, *delays_seconds, attempts_max=4):
        return self.call("bwt.webhook.retry.policy", "create", vals_list=[{
            "name": f"Test {delays_seconds}",
            "attempts_max": attempts_max,
            "delay_ids": [(0, 0, {"sequence": n, "value": delay, "unit": "second"})
                          for n, delay in enumerate(delays_seconds)],
        }])[0]

    def endpoint(self, code, hostname, path, **fields):
        return self.call("bwt.webhook.outbound.endpoint", "create", vals_list=[{
            "name": code, "code": code, "target_hostname": hostname, "target_path": path, **fields,
        }])[0]

    def run_code(self, code):
        """Runs business code in a transaction of its own, as a server action does."""
        if self._action is None:
            model = self.call("ir.model", "search", domain=[["model", "=", "res.partner"]])[0]
            self._action = self.call("ir.actions.server", "create", vals_list=[{
                "name": "Test", "state": "code", "model_id": model, "code": code}])
        else:
            self.call("ir.actions.server", "write", ids=self._action, vals={"code": code})
        return self.call("ir.actions.server", "run", ids=self._action)

    def queue(self, endpoint, count, payload="{'n': n}"):
        self.run_code(
            f"endpoint = env['bwt.webhook.outbound.endpoint'].browse({endpoint})\n"
            f"endpoint.queue_deliveries([{{'payload': {payload}}} for n in range({count})])")

    def deliveries(self, domain=()):
        return self._all("bwt.webhook.outbound.delivery", domain, [
            "delivery_uid", "endpoint_id", "state", "attempt_count", "failure_reason", "failure_message",
            "response_status_code", "payload_json", "held_reason"])

    def attempts(self, domain=()):
        return self._all("bwt.webhook.outbound.delivery.attempt", domain, [
            "attempt_uid", "delivery_id", "attempt_number", "outcome", "maybe_delivered", "superseded",
            "response_status_code", "error_kind", "response_body"])

    def _all(self, model, domain, fields):
        rows = []
        while True:
            page = self.call(model, "search_read", domain=list(domain), fields=fields, offset=len(rows), limit=2000,
                             order="id")
            rows += page
            if len(page) < 2000:
                return rows

    def states(self):
        return {state: int(count) for state, count in self.sql(
            "SELECT state, count(*) FROM bwt_webhook_outbound_delivery GROUP BY state")}

    def json_rpc(self, login, password, model, method, *arguments):
        """Over /jsonrpc; a fault is Refused."""
        def rpc(service, name, args):
            body = json.dumps({"jsonrpc": "2.0", "method": "call",
                               "params": {"service": service, "method": name, "args": args}})
            connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=60)
            connection.request("POST", "/jsonrpc", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            if "error" in answer:
                raise Refused(200, {"message": answer["error"]["data"]["name"]})
            return answer["result"]
        uid = rpc("common", "login", [self.name, login, password])
        return rpc("object", "execute_kw", [self.name, uid, password, model, method, list(arguments)])

    def xml_rpc(self, login, password, model, method, *arguments):
        """Over /xmlrpc/2; a fault is Refused."""
        uid = xmlrpc.client.ServerProxy(f"{self.sandbox.url}/xmlrpc/2/common").authenticate(
            self.name, login, password, {})
        try:
            return xmlrpc.client.ServerProxy(f"{self.sandbox.url}/xmlrpc/2/object").execute_kw(
                self.name, uid, password, model, method, list(arguments))
        except xmlrpc.client.Fault as fault:
            raise Refused(200, {"message": fault.faultString}) from fault
