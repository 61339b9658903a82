# SPDX-License-Identifier: LGPL-3.0-or-later
"""A receiver inside the test: keeps whole requests with their times, counts how many it had at once, and answers as the
test says."""

import json
import threading
import time
from collections import Counter, namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Request = namedtuple("Request", "method path headers body at peer")


class ScriptedReceiver:
    """`answer(request, number)` gives (status, body) or (status, body, headers); `number` counts the requests with this
    webhook-id, from 1. A body that is no bytes is sent as JSON. With `tls`, an ssl.SSLContext, it speaks https.
    """

    def __init__(self, answer=lambda request, number: (200, {}), tls=None):
        self.answer = answer
        self.requests = []
        self.busy, self.busy_max = Counter(), Counter()  # by path
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                receiver.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *arguments):
                """Quiet."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, request, client_address):
                """A client that goes, or whose certificate is refused, is no failure of the test's."""

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        peer = handler.connection.getpeercert() if hasattr(handler.connection, "getpeercert") else None
        request = Request(handler.command, handler.path, headers, body, time.monotonic(), peer)
        with self._lock:
            self.requests.append(request)
            number = len(self.of(headers.get("webhook-id")))
            self.busy[request.path] += 1
            self.busy_max[request.path] = max(self.busy_max[request.path], self.busy[request.path])
        status, answer, *more = self.answer(request, number)
        # Before the reply leaves: the next request may be here before this thread goes on.
        with self._lock:
            self.busy[request.path] -= 1
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in (more[0] if more else {"Content-Type": "application/json"}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def of(self, delivery_uid):
        """The requests of one delivery."""
        return [request for request in self.requests if request.headers.get("webhook-id") == delivery_uid]

    def times(self, path=None):
        return sorted(request.at for request in self.requests if path in (None, request.path))
