"""One run per output directory.

Locally the kernel holds the lock and lets go of it when its owner dies, however it dies. On an
object store the lock is a lease: an object that its owner renews, and that anyone may take once it
is stale and not renewed while one watches, or at once when its owner was a process of this machine
and is gone.
"""

import fcntl
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import psutil

from massivetext.errors import ConfigError
from massivetext.pipelines.folder.interrupts import sleep_or_stop
from massivetext.storage.files import delete_files
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.paths import is_local, join

LOCK = "run.lock"


class Lease(NamedTuple):
    """The times of a lease, in seconds."""

    lasts: float = 300.0  # since it was last renewed
    renewed_every: float = 60.0
    settles: float = 3.0  # after taking it, for another that took it at the same time to show


class HeldLock:
    """The kernel's lock on a local output. Sent to a worker, it is held until that ends too."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        """Sends a duplicate of the descriptor; only possible while a process is started."""
        return _receive, (DupFd(self._descriptor),)


def _receive(duplicate: Any) -> HeldLock:
    return HeldLock(duplicate.detach())


class _Here:
    lock: HeldLock | None = None
    tokens: ClassVar[set[str]] = set()  # of the leases that are held or being taken


def held_lock() -> HeldLock | None:
    """Returns the lock that this process holds on a local output, if it holds one."""
    return _Here.lock


@contextmanager
def only_run(output: str, lease: Lease = Lease()) -> Iterator[None]:  # noqa: B008  (immutable)
    """Holds the output directory for this run while the block lasts.

    Raises:
      ConfigError: another run that is alive holds it.
    """
    with _lock_object(output, lease) if not is_local(output) else _lock_file(output):
        yield


@contextmanager
def _lock_file(output: str) -> Iterator[None]:
    path = Path(output) / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise _held(output, file.read(200).strip() or "unknown") from None
        file.truncate(0)
        file.write(f"{_owner()}\n")
        file.flush()
        _Here.lock = HeldLock(file.fileno())
        try:
            yield
        finally:
            _Here.lock = None
            file.truncate(0)  # nobody owns it, and an empty file cannot be damaged


def _owner() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _held(output: str, owner: str) -> ConfigError:
    return ConfigError(f"another run is writing to {output} ({owner})")


@contextmanager
def _lock_object(output: str, lease: Lease) -> Iterator[None]:
    path, token = join(output, LOCK), uuid.uuid4().hex
    _Here.tokens.add(token)  # before it is written: to others of this process it is a live one
    try:
        _take(output, path, token, lease)
        with _renewed(path, token, lease):
            yield
    finally:
        _Here.tokens.discard(token)


def _take(output: str, path: str, token: str, lease: Lease) -> None:
    """Writes our lease until it stands: of two at the same time that of the later writer does."""
    while True:
        _refuse_if_held(output, path, lease)
        _renew(path, token)
        time.sleep(lease.settles)  # not left half way: the lease would stay
        if _token_of(path) == token:
            return


@contextmanager
def _renewed(path: str, token: str, lease: Lease) -> Iterator[None]:
    """Renews a lease while the block lasts, and gives it back."""
    stop = threading.Event()
    renewer = threading.Thread(target=_keep, args=(path, token, lease, stop), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        stop.set()
        renewer.join()
        with suppress(OSError):  # the lease runs out by itself; how the run ended is what counts
            if _token_of(path) == token:
                delete_files([path])


def _refuse_if_held(output: str, path: str, lease: Lease) -> None:
    held = read_json(path)
    if held is None:
        return
    here, process = held["host"] == socket.gethostname(), int(held["process"])
    if here and not psutil.pid_exists(process):
        return
    if here and process == os.getpid() and held["token"] not in _Here.tokens:
        return  # a run of this process could not give it back
    is_fresh = 0 <= time.time() - float(held["renewed"]) <= lease.lasts
    if is_fresh or _is_renewed(path, held, lease):
        raise _held(output, f"process {held['process']} on {held['host']}")


def _is_renewed(path: str, held: dict[str, Any], lease: Lease) -> bool:
    """Returns whether a lease that looks stale is renewed while we watch it.

    Its owner's clock may differ from ours by any amount, so the times alone tell nothing.
    """
    until = time.monotonic() + 1.5 * lease.renewed_every + lease.settles
    while (left := until - time.monotonic()) > 0:
        sleep_or_stop(min(left, 1.0))
        if (read_json(path) or held) != held:
            return True
    return False


def _renew(path: str, token: str) -> None:
    owner = {"process": os.getpid(), "host": socket.gethostname()}
    write_json(path, {"token": token, "renewed": time.time(), **owner})


def _token_of(path: str) -> str | None:
    held = read_json(path)
    return None if held is None else str(held["token"])


def _keep(path: str, token: str, lease: Lease, stop: threading.Event) -> None:
    while not stop.wait(lease.renewed_every):
        with suppress(OSError):  # storage may answer again before the lease has run out
            if _token_of(path) != token:
                return  # somebody thought us dead; it is theirs now
            _renew(path, token)
