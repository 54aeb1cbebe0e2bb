"""Progress of a running stage: a line about the parts that are done, whatever the runner.

The summaries that workers leave beside their output are the only source, so it works the same for
local processes and for a remote job.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from massivetext.pipelines.folder.stage import Stage, sound_json
from massivetext.storage.files import list_names
from massivetext.storage.paths import is_local

_LOCAL_SECONDS = 1.0
_REMOTE_SECONDS = 15.0
_PLAIN_SECONDS = 10.0  # between lines where the output is no terminal
_USUAL_COLUMNS = 80
_LEAST_SHARE = 1e-9  # of the work, that tells a pace

Within = Callable[[], Mapping[str, float]]


class Seen(NamedTuple):
    """How far a stage is; sizes are of this run."""

    total: int  # parts or shards
    done: int
    before: int  # of those that are done: before this run
    share: float  # of all work, that is done
    share_before: float
    seconds: float
    documents: int = 0
    bytes: int = 0  # of text
    step: str = ""  # of the stage, that is at work

    def seconds_left(self) -> float | None:
        """Returns how long the rest takes at the pace of this run; None: not known yet."""
        worked = self.share - self.share_before
        if self.done >= self.total:
            return 0.0
        return self.seconds * (1 - self.share) / worked if worked > _LEAST_SHARE else None


def progress_line(name: str, unit: str, seen: Seen, columns: int | None = None) -> str:
    """Returns the line of a stage: what matters most first, and no more than fits.

    >>> progress_line("tokens", "parts", Seen(4, 1, 0, 0.25, 0.0, 20.0))
    'tokens       25 %  1/4 parts  1 min 00 s left  20 s'
    >>> progress_line("tokens", "parts", Seen(4, 1, 0, 0.25, 0.0, 20.0), 30)
    'tokens       25 %  1/4 parts'
    """
    line, *more = _words(name, unit, seen)
    if columns is None:
        return "  ".join([line, *more])
    for word in more:
        if len(line) + 2 + len(word) > columns:
            break
        line += f"  {word}"
    return line[: max(columns, 0)]


def _words(name: str, unit: str, seen: Seen) -> list[str]:
    percent = int(100 * seen.share) if seen.done < seen.total else 100
    words = [f"{name:<10}  {percent:3} %", f"{seen.done:,}/{seen.total:,} {unit}"]
    left = seen.seconds_left()
    if seen.done < seen.total:
        words.append("? left" if left is None else f"{_duration(left)} left")
        words += [seen.step] if seen.step else []
    words.append(_duration(seen.seconds))
    if seen.before:
        words.append(f"({seen.before:,} were done)")
    seconds = max(seen.seconds, 1e-9)
    if seen.documents:
        words += [f"{seen.documents:,} documents", f"{seen.documents / seconds:,.0f}/s"]
    if seen.bytes:
        words.append(f"{seen.bytes / seconds / 1e6:,.1f} MB/s")
    return words


def _duration(seconds: float) -> str:
    """Returns a duration in the two units that tell most.

    >>> _duration(59.4), _duration(59.6), _duration(3_725)
    ('59 s', '1 min 00 s', '1 h 02 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60:,} h {minutes % 60:02} min"


class _Watch:
    def __init__(
        self, stage: Stage, work: Mapping[str, float], unit: str, within: Within | None
    ) -> None:
        self._stage, self._unit, self._within = stage, unit, within
        self._begun: dict[str, float] = {}  # how much of parts at work is done
        self.step = ""
        self._work = {f"{stem}.json": max(size, 1) for stem, size in work.items()}
        self._all = sum(self._work.values())
        self._done = self._work.keys() & set(list_names(stage.folder))
        self._before = frozenset(self._done)
        self._documents = self._bytes = 0
        self._start = self._printed = time.monotonic()
        self._stop = threading.Event()

    def run(self) -> None:
        pause = _LOCAL_SECONDS if is_local(self._stage.folder) else _REMOTE_SECONDS
        self._print()
        while not self._stop.wait(pause):
            self._look()
            if sys.stderr.isatty() or time.monotonic() - self._printed > _PLAIN_SECONDS:
                self._print()

    def stop(self) -> None:
        self._look()
        self._print(end="\n")

    def ask_to_stop(self) -> None:
        self._stop.set()

    def _look(self) -> None:
        names = self._work.keys() & set(list_names(self._stage.folder))
        for name in sorted(names - self._done):
            summary = sound_json(self._stage.path(name)) or {}
            self._documents += summary.get("records", summary.get("documents", 0))
            self._bytes += summary.get("text_bytes", 0)
        self._done |= names
        for stem, share in (self._within() if self._within else {}).items():
            name = f"{stem}.json"
            self._begun[name] = max(share, self._begun.get(name, 0.0))

    def tell(self, step: str) -> None:
        """Takes the name of the step that begins."""
        self.step = step

    def _seen(self) -> Seen:
        return Seen(
            total=len(self._work),
            done=len(self._done),
            before=len(self._before),
            share=self._share(self._done) + self._share_begun(),
            share_before=self._share(self._before),
            seconds=time.monotonic() - self._start,
            documents=self._documents,
            bytes=self._bytes,
            step=self.step,
        )

    def _share_begun(self) -> float:
        """Returns the share of all work that was done in parts that are not done."""
        begun = self._begun.keys() & self._work.keys() - self._done
        return sum(self._work[n] * self._begun[n] for n in begun) / self._all if begun else 0.0

    def _share(self, names: set[str] | frozenset[str]) -> float:
        return sum(self._work[name] for name in names) / self._all if self._all else 1.0

    def _print(self, end: str = "") -> None:
        """Writes the line: over the one before on a terminal, else below it."""
        self._printed = time.monotonic()
        out = sys.stderr
        if out.isatty():
            line = progress_line(self._stage.name, self._unit, self._seen(), _columns() - 1)
            out.write(f"\r\x1b[K{line}{end}")
        else:
            out.write(progress_line(self._stage.name, self._unit, self._seen()) + "\n")
        out.flush()


def _columns() -> int:
    """Returns how wide the terminal is now."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_COLUMNS
    except (OSError, ValueError):
        return _USUAL_COLUMNS


@contextmanager
def progress(
    stage: Stage, work: Mapping[str, float], unit: str = "parts", within: Within | None = None
) -> Iterator[Callable[[str], None]]:
    """Shows the progress of a stage on standard error while the block runs.

    On a terminal one line is rewritten; elsewhere a plain line appears every ten seconds. The
    first is there at once.

    Args:
      stage: in whose folder the summaries appear.
      work: how much work each part or shard is, in any unit, by its stem.
      unit: what the stems are.
      within: tells how much is done of those that are at work, by stem.

    Yields:
      What takes the name of a step of the stage that begins.
    """
    watch = _Watch(stage, work, unit, within)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch.tell
    finally:
        watch.ask_to_stop()
        thread.join()
        watch.stop()
