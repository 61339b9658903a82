# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import ipaddress
import json
from urllib.parse import quote

from werkzeug.exceptions import HTTPException

from odoo import http
from odoo.http import request

from ..models import wake
from ..models.contract_session import is_held
from ..models.payload import visible

# As the worker's gateway says it: lib/inbound/answers.cc.
RETRY_AFTER_SECONDS = 30
HEADER_BYTES_MAX = 64 * 1024


class RawDispatcher(http.HttpDispatcher):
    """A request whose body Odoo does not look at: its own dispatcher reads and parses forms before any controller could
    refuse them for their size, and what it parsed cannot be read as bytes any more. Whatever goes wrong is answered as
    the worker's gateway would, without detail; Odoo logs it.
    """

    routing_type = "webhook_intake"

    def dispatch(self, endpoint, args):
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        if isinstance(exc, HTTPException) and exc.code and exc.code < 500:
            return answer(*(("too_large", 413) if exc.code == 413 else ("rejected", 400)))
        return answer("unavailable", 503)


class Intake(http.Controller):
    """The door for sites that cannot expose the worker. It judges nothing: it keeps what came, byte for byte, for a
    worker to verify, in a table that is bounded for each endpoint and each source.
    """

    @http.route(
        "/webhooks/in/<path:path>", type="webhook_intake", auth="none", csrf=False, save_session=False, readonly=False
    )
    def take(self, path):
        env = request.env(su=True)
        intake = env["bwt.webhook.inbound.intake"]
        endpoint_id = intake._endpoint_at(visible(path))
        if not endpoint_id:
            return answer("not_found", 404)
        if request.httprequest.method != "POST":
            return answer("method_not_allowed", 405, Allow="POST")
        length = request.httprequest.content_length
        if length is None or "Transfer-Encoding" in request.httprequest.headers:
            return answer("length_required", 411)
        if length > intake._limit("intake_body_bytes_max"):
            return answer("too_large", 413, Connection="close")
        refused = self._refused(intake, endpoint_id)
        return refused or self._keep(intake, endpoint_id, length)

    @staticmethod
    def _refused(intake, endpoint_id):
        """An answer when there is no room, or when nothing would come of it: a copy processes nothing."""
        state = intake.env["bwt.webhook.ledger"]._database_state()
        endpoint_full, source_full = intake._is_full(endpoint_id, source_of(remote_address()))
        if source_full:
            return answer("too_many_requests", 429)
        if endpoint_full or is_held(state) and (state["neutralized"] or state["remembered"]):
            return answer("unavailable", 503)
        return None

    @staticmethod
    def _keep(intake, endpoint_id, length):
        """Answers 202 once the row is committed; then a worker is woken."""
        headers = {text_of(name): text_of(value) for name, value in request.httprequest.headers.items()}
        if sum(len(name) + len(value) for name, value in headers.items()) > HEADER_BYTES_MAX:
            return answer("too_large", 413, Connection="close")
        body = request.httprequest.get_data()
        if len(body) != length:
            return answer("rejected", 400)
        address = remote_address()
        values = {
            "http_method": request.httprequest.method,
            "request_url": request_url(),
            "remote_address": address or None,
            "source": source_of(address),
            "headers": headers,
            "body": base64.b64encode(body),
        }
        event_uid = intake._take(endpoint_id, values)
        wake.after_commit(intake.env)
        intake.env.cr.commit()  # pylint: disable=invalid-commit
        return answer("accepted", 202, event_id=event_uid)


def answer(status, code, event_id=None, **headers):
    """JSON without detail, byte for byte the gateway's."""
    if code in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    body = {"status": status, **({"event_id": event_id} if event_id else {})}
    headers["Content-Type"] = "application/json"
    return request.make_response(json.dumps(body, separators=(",", ":")), list(headers.items()), status=code)


def text_of(value):
    """What WSGI has as Latin-1, as the UTF-8 that it most often is. What PostgreSQL cannot store is written visibly."""
    return visible(value.encode("latin-1", "replace").decode("utf-8", "surrogateescape"))


def remote_address():
    """The sender's, numeric, as far as Odoo knows it (`proxy_mode`); empty where it is none."""
    try:
        return str(ipaddress.ip_address((request.httprequest.remote_addr or "").strip()))
    except ValueError:
        return ""


def source_of(address):
    """Whose rows are counted together. One IPv6 sender has a whole /64."""
    if ":" not in address:
        return address
    mapped = ipaddress.IPv6Address(address.partition("%")[0]).ipv4_mapped
    return str(mapped or ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))


def request_url():
    """Absolute, as the sender called it: signatures are made over these very characters."""
    environ = request.httprequest.environ
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target.startswith("/"):
        query = environ.get("QUERY_STRING")
        target = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/~!$&'()*+,;=:@")
        target += f"?{query}" if query else ""
    return text_of(f"{request.httprequest.scheme}://{request.httprequest.host}{target}")
