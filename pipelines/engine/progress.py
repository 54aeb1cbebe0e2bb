"""Progress of a running stage: a line about the parts that are done, whatever the runner.

The summaries that workers leave beside their output are the only source, so it works the same for
local processes and for a remote job.
"""

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from massivetext.pipelines.folder.stage import Stage, sound_json
from massivetext.storage.files import list_names
from massivetext.storage.paths import is_local

_SUMMARY = re.compile(r"[a-z0-9_]+-\d{5}\.json")  # of a part or a shard
_LOCAL_SECONDS = 1.0
_REMOTE_SECONDS = 15.0
_PLAIN_SECONDS = 10.0  # between lines where the output is no terminal


class _Watch:
    def __init__(self, stage: Stage, total: int, unit: str) -> None:
        self._stage, self._total, self._unit = stage, total, unit
        self._done = self._summaries()
        self._before = len(self._done)
        self._documents = self._bytes = 0
        self._start = self._printed = time.monotonic()
        self._stop = threading.Event()

    def run(self) -> None:
        pause = _LOCAL_SECONDS if is_local(self._stage.folder) else _REMOTE_SECONDS
        while not self._stop.wait(pause):
            self._look()
            self._print(final=False)

    def stop(self) -> None:
        self._stop.set()
        self._look()
        self._print(final=True)

    def _summaries(self) -> set[str]:
        return {name for name in list_names(self._stage.folder) if _SUMMARY.fullmatch(name)}

    def _look(self) -> None:
        names = self._summaries()
        for name in sorted(names - self._done):
            summary = sound_json(self._stage.path(name)) or {}
            self._documents += summary.get("records", summary.get("documents", 0))
            self._bytes += summary.get("text_bytes", 0)
        self._done |= names

    def _line(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-9)
        words = [f"{self._stage.name:<10}", f"{len(self._done):,}/{self._total:,} {self._unit}"]
        if self._before:
            words.append(f"({self._before:,} were done)")
        if self._documents:
            words.append(f"{self._documents:,} documents")
            words.append(f"{self._documents / seconds:,.0f}/s")
        if self._bytes:
            words.append(f"{self._bytes / seconds / 1e6:,.1f} MB/s")
        return "  ".join([*words, f"{seconds:,.0f} s"])

    def _print(self, final: bool) -> None:
        out = sys.stderr
        if out.isatty():
            out.write(f"\r\x1b[K{self._line()}" + ("\n" if final else ""))
            out.flush()
        elif final or time.monotonic() - self._printed > _PLAIN_SECONDS:
            self._printed = time.monotonic()
            out.write(self._line() + "\n")


@contextmanager
def progress(stage: Stage, total: int, unit: str = "parts") -> Iterator[None]:
    """Shows the progress of a stage on standard error while the block runs.

    On a terminal one line is rewritten; elsewhere a plain line appears every ten seconds.
    """
    watch = _Watch(stage, total, unit)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        thread.join()
