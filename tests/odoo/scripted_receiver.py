# SPDX-License-Identifier: LGPL-3.0-or-later
"""A receiver inside the test: keeps whole requests, and answers as the test says."""

import json
import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Request = namedtuple("Request", "method path headers body")


class ScriptedReceiver:
    """`answer(request, number)` gives (status, body); `number` counts the requests with this webhook-id, from 1."""

    def __init__(self, answer=lambda request, number: (200, {})):
        self.answer = answer
        self.requests = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                receiver.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *arguments):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, body)
        with self._lock:
            self.requests.append(request)
            number = len(self.of(headers.get("webhook-id")))
        status, answer = self.answer(request, number)
        text = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def of(self, delivery_uid):
        """The requests of one delivery."""
        return [request for request in self.requests if request.headers.get("webhook-id") == delivery_uid]
