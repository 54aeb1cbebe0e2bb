"""Running a stage's pipeline as a job of a portable runner: Flink, Prism, any job service.

The job may outlive the process that submitted it. So its workers write only while a file beside
the output, ``jobs/STAGE.owner``, holds the job's token: when the run ends, however it ends, or the
next one begins, the file changes, and nothing of the old job appears any more.
"""

import logging
import shlex
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    StandardOptions,
)
from apache_beam.runners.runner import create_runner

from massivetext.errors import ConfigError, StageError
from massivetext.pipelines.folder.interrupts import check_interrupt, sleep_or_stop
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.portable.failures import failure, last_cause
from massivetext.pipelines.portable.flink import cancel_jobs, live_jobs
from massivetext.pipelines.portable.job import ENDED, Job, Unreachable, job_at, told
from massivetext.pipelines.portable.news import counted, counters_of, say
from massivetext.pipelines.portable.options import flink_master, portable_options
from massivetext.pipelines.portable.records import Record, keep, last_record, output_of, owner_path
from massivetext.storage.files import delete_files, read_bytes, write_bytes

_POLL_SECONDS = (0.1, 2.0)  # at first, and at last
_PATIENCE = 30  # polls without an answer
_CANCEL_SECONDS = 30.0


def run_on_portable(
    stage: Stage, build: Callable[[beam.Pipeline], object], flags: tuple[str, ...]
) -> None:
    """Runs one pipeline of a stage as a job, to its end; whatever ends the wait cancels it.

    Args:
      stage: the stage.
      build: adds the work to a pipeline.
      flags: Beam's flags, as the user gave them.

    Raises:
      StageError: the job cannot be submitted, failed or was cancelled.
    """
    token = uuid.uuid4().hex
    write_bytes(owner_path(stage), token.encode())
    options = portable_options(stage, flags, token)
    with _quiet():
        result = _submit(stage, build, options)
        try:
            job = Job(result._job_service, result._job_id)  # Beam tells them no other way
            record = _record(stage, job, options, token)
            keep(stage, record)
            _see_through(stage, job, record)
        finally:
            _clean_up(result)


def rejoin(stage: Stage) -> None:
    """Sees to the job that an earlier run left at work on a stage, if there is one.

    Of the same key it is waited for, if it may still write; any other is cancelled. One that cannot
    be reached can no longer write. To be called before anything of the stage's folder is touched.
    """
    record = last_record(output_of(stage), stage.name)
    if record is None or record.state in ENDED:
        return
    job = job_at(record.endpoint, record.id) if record.endpoint else None
    try:
        state = job.state() if job else "UNKNOWN"
    except Unreachable:
        state = "UNKNOWN"
    if job and state not in (*ENDED, "UNKNOWN") and _is_ours(stage, record):
        say(f"{stage.name:<10}  job {job.id} of an earlier run is {state.lower()}: waiting for it")
        _see_through(stage, job, record)
        return
    if state in ENDED:
        keep(stage, record._replace(state=state))
    else:
        end(stage, job, record)


def _is_ours(stage: Stage, record: Record) -> bool:
    """Returns whether a job makes what is asked for now, and its workers may still write."""
    try:
        return record.key == stage.work and read_bytes(owner_path(stage)) == record.token.encode()
    except FileNotFoundError:
        return False


def end(stage: Stage, job: Job | None, record: Record) -> str:
    """Cancels a job by every way there is, and says how that went; returns its last state.

    Its workers may write no longer from the first moment.
    """
    delete_files([owner_path(stage)])
    state = job.cancel() if job else ""
    if record.master:  # Beam's job service for Flink forgets the job, and the cluster continues
        state = _cancel_on_cluster(record) or state
    keep(stage, record._replace(state=state or "CANCELLED"))
    what = state.lower() if state else "out of reach, and can no longer write"
    say(f"{stage.name:<10}  job {record.id} is {what}")
    return state


def _cancel_on_cluster(record: Record) -> str:
    try:
        cancel_jobs(record.master, record.name)
        until = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < until:
            if not live_jobs(record.master, record.name):
                return "CANCELLED"
            time.sleep(0.5)
    except ConfigError:
        pass  # the cluster is gone, and its job with it
    return ""


def _see_through(stage: Stage, job: Job, record: Record) -> None:
    """Waits for a job's end; whatever ends the wait before cancels the job.

    Raises:
      StageError: it failed or was cancelled.
    """
    finished = False
    try:
        state = _wait(job)
        finished = True
    finally:
        if finished:
            delete_files([owner_path(stage)])
        else:
            end(stage, job, record)
    keep(stage, record._replace(state=state))
    counters = job.counters()
    if counters is not None and (ours := counters_of(counters)):
        say(f"{stage.name:<10}  {counted(ours)}")
    if state not in ("DONE", "DRAINED"):
        raise failure(stage, job.id, state, job.errors())


def _wait(job: Job) -> str:
    """Returns a job's last state.

    Raises:
      Unreachable: its service has not answered for long.
    """
    (pause, longest), silent = _POLL_SECONDS, 0
    while True:
        try:
            state, silent = job.state(), 0
        except Unreachable:
            state, silent = "", silent + 1
            if silent > _PATIENCE:
                raise
        if state in ENDED:
            return state
        sleep_or_stop(pause)
        pause = min(longest, pause * 1.2)


def _record(stage: Stage, job: Job, options: PipelineOptions, token: str) -> Record:
    name = str(options.view_as(GoogleCloudOptions).job_name)
    endpoint = options.view_as(PortableOptions).job_endpoint or ""
    endpoint = "" if endpoint == "embed" else endpoint
    master = flink_master(options) or ""
    return Record(job.id, name, stage.name, stage.work, endpoint, master, token, "RUNNING")


def _submit(
    stage: Stage, build: Callable[[beam.Pipeline], object], options: PipelineOptions
) -> Any:
    """Submits a pipeline; returns Beam's result.

    Raises:
      StageError: the service does not take it; says why, and the command to repeat.
    """
    runner = create_runner(str(options.view_as(StandardOptions).runner))
    pipeline = beam.Pipeline(runner, options=options)
    build(pipeline)
    try:
        with _our_signals():
            _share_server(runner, options)
            return pipeline.run()
    except (grpc.RpcError, grpc.FutureTimeoutError, RuntimeError, OSError, ValueError) as error:
        check_interrupt()
        reason = told(error) if isinstance(error, grpc.RpcError) else last_cause(str(error))
        again = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
        raise StageError(
            f"{stage.name}: could not be submitted: {reason or type(error).__name__}; when that is"
            f" fixed, rerun the same command to continue: {again}"
        ) from error


_servers: dict[str, Any] = {}  # those that this process has started, by the runner's name


def _share_server(runner: Any, options: PipelineOptions) -> None:
    """Has all jobs of this process use one job server: Beam would start one for each pipeline.

    Beam ends a server only when the process exits, and one of Flink's is a JVM of 400 MB.
    """
    name = type(runner).__name__
    if options.view_as(PortableOptions).job_endpoint:
        return
    if name not in _servers:
        _servers[name] = runner.default_job_server(options)
    runner.default_job_server = lambda _: _servers[name]


@contextmanager
def _our_signals() -> Iterator[None]:
    """Keeps the handler of Ctrl-C: Beam's own, of a job server it starts, would end that first."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is not before:
            signal.signal(signal.SIGINT, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Beam from logging what a runner says: traces of hundreds of lines; ours is one."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _clean_up(result: Any) -> None:
    """Ends the workers that Beam has started in this process for a job."""
    with suppress(RuntimeError):  # what is left of them ends with this process
        result._cleanup()
