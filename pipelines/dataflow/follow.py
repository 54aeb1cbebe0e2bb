"""Following a job: its states, warnings and numbers as they come, until it ends."""

import sys
import time
from typing import NamedTuple

from massivetext.pipelines.dataflow.jobs import Job
from massivetext.pipelines.dataflow.service import Message, Service, Unreachable, is_live
from massivetext.pipelines.folder.failures import cause
from massivetext.pipelines.folder.interrupts import sleep_or_stop

_POLL_SECONDS = 15.0
_LOCAL_POLL_SECONDS = 0.2  # a service on this machine
_NEWS_SECONDS = 60.0  # between lines of numbers
_PATIENCE = 40  # polls without an answer before we give up; the job continues
_LAST_WORDS = 4  # polls after a failure for its messages to arrive


class Ended(NamedTuple):
    """How a job ended."""

    state: str
    metrics: dict[str, float]
    errors: list[str]


class _Seen:
    """What has been shown of a job."""

    def __init__(self, job: Job, service: Service) -> None:
        self._job, self._service = job, service
        self._ids: set[str] = set()
        self._news = time.monotonic()
        self.state = job.state
        self.errors: list[str] = []

    def look(self) -> None:
        """Asks for the state and shows what is new."""
        state = self._service.state(self._job.id)
        for message in self._service.messages(self._job.id):
            self._show(message)
        if state != self.state:
            say(f"{self._job.stage:<10}  job {self._job.id} is {state.lower()}")
            self.state = state
        if is_live(state) and time.monotonic() - self._news > _NEWS_SECONDS:
            self._news = time.monotonic()
            say(f"{self._job.stage:<10}  {summary(self._service.metrics(self._job.id))}")

    def _show(self, message: Message) -> None:
        if message.id in self._ids:
            return
        self._ids.add(message.id)
        if message.is_error:
            self.errors.append(message.text)
        kind = "error" if message.is_error else "warning"
        say(f"{self._job.stage:<10}  {kind}: {cause(message.text)}")


def follow(job: Job, service: Service) -> Ended:
    """Shows what a job does until it ends; returns how it ended.

    Raises:
      Unreachable: the service has not answered for long; the job may be at work still.
    """
    pause = _LOCAL_POLL_SECONDS if service.target.is_local else _POLL_SECONDS
    seen, silent, waited = _Seen(job, service), 0, 0
    while True:
        try:
            seen.look()
            silent = 0
        except Unreachable:
            silent += 1
            if silent > _PATIENCE:
                raise
        if not is_live(seen.state):
            explained = seen.state != "FAILED" or seen.errors
            if explained or waited == _LAST_WORDS:
                break
            waited += 1
        sleep_or_stop(pause)
    metrics = service.metrics(job.id)
    say(f"{job.stage:<10}  {summary(metrics)}")
    return Ended(seen.state, metrics, seen.errors)


def summary(metrics: dict[str, float]) -> str:
    """Returns the numbers of a job in one line: its size, its cost so far, our counters.

    >>> summary({"CurrentVcpuCount": 8, "TotalVcpuTime": 5400, "documents: records": 12345})
    '8 vCPUs, 1.5 vCPU hours, documents: records 12,345'
    """
    words = []
    if metrics.get("CurrentVcpuCount"):
        words.append(f"{metrics['CurrentVcpuCount']:,.0f} vCPUs")
    if metrics.get("TotalVcpuTime"):
        words.append(f"{metrics['TotalVcpuTime'] / 3600:,.1f} vCPU hours")
    if metrics.get("TotalShuffleDataProcessed"):
        words.append(f"{metrics['TotalShuffleDataProcessed'] / 1e9:,.3f} GB shuffled")
    ours = sorted((name, value) for name, value in metrics.items() if ": " in name)
    words += [f"{name} {value:,.0f}" for name, value in ours]
    return ", ".join(words) or "no numbers yet"


def say(line: str) -> None:
    """Writes a line on standard error, clear of the progress line of a terminal."""
    sys.stderr.write(("\r\x1b[K" if sys.stderr.isatty() else "") + line + "\n")
