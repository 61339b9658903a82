# SPDX-License-Identifier: LGPL-3.0-or-later
"""Stands between worker and Odoo and loses or replaces answers."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class FaultyProxy:
    def __init__(self, target_url):
        self.target = urlsplit(target_url).netloc
        self.lost = []  # methods whose reply was lost, in order
        self._lock = threading.Lock()
        self._lose = {}
        self._answer = None
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                proxy.handle(self, b"")

            def do_POST(self):
                proxy.handle(self, self.rfile.read(int(self.headers["Content-Length"])))

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

    def lose_reply_of(self, method, times):
        self._lose[method] = times

    def answer_everything_with(self, body):
        """None: pass everything on again."""
        self._answer = body

    def handle(self, request, body):
        if self._answer is not None:
            self.reply(request, 200, "application/json", self._answer)
            return
        status, content_type, answer = self.forward(request, body)
        method = request.path.rsplit("/", 1)[-1]
        with self._lock:
            lose = self._lose.get(method, 0) > 0
            if lose:
                self._lose[method] -= 1
                self.lost.append(method)
        if lose:
            request.close_connection = True  # without a byte
        else:
            self.reply(request, status, content_type, answer)

    def forward(self, request, body):
        connection = http.client.HTTPConnection(self.target, timeout=120)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "connection")}
        connection.request(request.command, request.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, response.headers.get("Content-Type", "text/plain"), answer

    @staticmethod
    def reply(request, status, content_type, body):
        request.send_response(status)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
