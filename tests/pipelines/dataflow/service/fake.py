"""A Dataflow service of our own: the part of its REST interface that a driver speaks to.

Jobs are what was posted. What happens to a job is decided by the test: it stays as it is until
`finish`, or `execute` runs its graph.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from google.cloud.dataflow import JobState

Outcome = tuple[str, list[str], dict[str, int]]  # state, error messages, counters


class FakeDataflow:
    """The service: its jobs by id, in the order they came."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, str]]] = {}
        self.counters: dict[str, dict[str, int]] = {}
        self.images = {"project/repository/massivetext": {"1.0"}}
        self.execute: Callable[[dict[str, Any]], Outcome] | None = None
        self.refusal: tuple[int, str] | None = None
        self.outages = 0  # answers with 503 still to give
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("localhost", 0), self._handler())
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Forgets all jobs and what was to happen to them."""
        self.jobs.clear()
        self.messages.clear()
        self.counters.clear()
        self.requests.clear()
        self.execute, self.refusal, self.outages = None, None, 0

    def names(self) -> list[str]:
        return [job["name"] for job in self.jobs.values()]

    def add(self, name: str, state: str = "RUNNING", **fields: Any) -> str:
        """Adds a job that nobody posted; returns its id."""
        number = f"2026-{len(self.jobs):04d}"
        self.jobs[number] = {"id": number, "name": name, **fields}
        self.jobs[number]["currentState"] = f"JOB_STATE_{state}"
        self.messages[number], self.counters[number] = [], {}
        return number

    def finish(self, number: str, state: str, errors: tuple[str, ...] = ()) -> None:
        """Ends a job."""
        for text in errors:
            self.say(number, text)
        self.jobs[number]["currentState"] = f"JOB_STATE_{state}"

    def say(self, number: str, text: str, importance: str = "ERROR") -> None:
        """Adds a message of a job."""
        said = self.messages[number]
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        kind = f"JOB_MESSAGE_{importance}"
        entry = {"id": str(len(said)), "time": stamp, "messageText": text}
        said.append(entry | {"messageImportance": kind})

    def wait_for_jobs(self, count: int, seconds: float = 60.0) -> list[str]:
        """Returns the ids of the jobs once there are so many."""
        end = time.monotonic() + seconds
        while len(self.jobs) < count:
            assert time.monotonic() < end, f"{len(self.jobs)} of {count} jobs came"
            time.sleep(0.05)
        return list(self.jobs)

    def answer(self, method: str, url: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Returns the status and JSON that answer a request."""
        path = urlsplit(url).path.strip("/").split("/")
        self.requests.append(f"{method} {url}")
        if path == ["token"]:
            return 200, {"access_token": "fake", "expires_in": 3600, "token_type": "Bearer"}
        if path[0] == "v2":
            tags = self.images.get("/".join(path[1:-2]), set())
            return (200 if path[-1] in tags else 404), {}
        if self.outages:
            self.outages -= 1
            return 503, _error(503, "try again")
        if self.refusal:
            return self.refusal[0], _error(*self.refusal)
        return self._of_jobs(method, path[6:], body)

    def _of_jobs(self, method: str, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if not path:
            return self._create(body) if method == "POST" else (200, {"jobs": [*self._live()]})
        if path[0] not in self.jobs:
            return 404, _error(404, f"no job {path[0]}")
        if path[1:] == ["messages"]:
            return 200, {"jobMessages": self.messages[path[0]]}
        if path[1:] == ["metrics"]:
            return 200, {"metrics": [*self._metrics(path[0])]}
        if method == "PUT":
            self.jobs[path[0]]["currentState"] = JobState(body["requestedState"]).name
        return 200, self.jobs[path[0]]

    def _live(self) -> Any:
        ended = ("JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED")
        return (job for job in self.jobs.values() if job["currentState"] not in ended)

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["name"] in [job["name"] for job in self._live()]:
            return 409, _error(409, f"There is already an active job named {body['name']}")
        number = self.add(**{k: v for k, v in body.items() if k not in ("id", "currentState")})
        threading.Thread(target=self._run, args=(number,), daemon=True).start()
        return 200, self.jobs[number]

    def _run(self, number: str) -> None:
        if self.execute is None:
            return
        try:
            state, errors, counters = self.execute(self.jobs[number])
        except Exception as error:  # noqa: BLE001  (the test sees it as a failed job)
            state, errors, counters = "FAILED", [repr(error)], {}
        self.counters[number] = counters
        self.finish(number, state, tuple(errors))

    def _metrics(self, number: str) -> Any:
        for name, value in self.counters[number].items():
            namespace, _, short = name.rpartition(": ")
            context = {"namespace": namespace, "step": "s1"}
            for tentative in ({}, {"tentative": "true"}):
                full = {"origin": "user", "name": short, "context": context | tentative}
                yield {"name": full, "scalar": value}
        yield {"name": {"origin": "dataflow/v1b3", "name": "TotalVcpuTime"}, "scalar": 7200}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(size)
                form = "json" in self.headers.get("Content-Type", "")
                status, value = fake.answer(
                    self.command, self.path, json.loads(raw) if raw and form else {}
                )
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_HEAD = _serve

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": "FAKE"}}
