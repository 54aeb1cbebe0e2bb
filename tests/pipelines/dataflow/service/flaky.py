"""A server between a client and an object store that refuses the first request of each kind."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Flaky:
    """Passes requests on; the first of each method is answered with 503."""

    def __init__(self, target: str) -> None:
        self.refused: list[str] = []
        self._server = ThreadingHTTPServer(("localhost", 0), self._handler(urlsplit(target).netloc))
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, target: str) -> type[BaseHTTPRequestHandler]:
        flaky = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command not in flaky.refused:
                    flaky.refused.append(self.command)
                    self._answer(503, [], b"try again")
                    return
                connection = http.client.HTTPConnection(target)
                # With our own address as Host, the store's upload addresses lead through us again.
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                self._answer(answer.status, answer.getheaders(), answer.read())

            def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                told = dict(headers).get("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", told or str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                pass

        return Handler
