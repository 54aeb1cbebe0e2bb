"""A server between a client and an object store: it counts, and refuses what it is told to."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Refuse = Callable[[str, list[str]], int]  # (method, methods before it) -> status, 0 to pass it on


def first_of_each(method: str, before: list[str]) -> int:
    return 0 if method in before else 503


class Proxy:
    """Passes requests on, but for those that are refused."""

    def __init__(self, target: str, refuse: Refuse = lambda _method, _before: 0) -> None:
        self.refused: list[str] = []
        self.requests: list[dict[str, str]] = []  # the headers of each
        self.sent = 0  # bytes of the answers to GET
        self.cuts = 0  # answers to GET that are still to be cut short
        self._refuse = refuse
        self._server = ThreadingHTTPServer(("localhost", 0), self._handler(urlsplit(target).netloc))
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, target: str) -> type[BaseHTTPRequestHandler]:  # noqa: C901  (one nested class)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.requests.append({name.lower(): v for name, v in self.headers.items()})
                status = proxy._refuse(self.command, proxy.refused)
                if status:
                    proxy.refused.append(self.command)
                    self._answer(status, [], b"try again")
                    return
                connection = http.client.HTTPConnection(target)
                # With our own address as Host, the store's upload addresses lead through us again.
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                data = answer.read()
                proxy.sent += len(data) if self.command == "GET" else 0
                self._answer(answer.status, answer.getheaders(), data)

            def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                told = dict(headers).get("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", told or str(len(body)))
                self.end_headers()
                body = self._cut(body) if self.command == "GET" and status < 300 else body
                if self.command != "HEAD":
                    self.wfile.write(body)

            def _cut(self, body: bytes) -> bytes:
                self.close_connection = proxy.cuts > 0
                proxy.cuts = max(0, proxy.cuts - 1)
                return body[: len(body) // 2] if self.close_connection else body

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                pass

        return Handler
