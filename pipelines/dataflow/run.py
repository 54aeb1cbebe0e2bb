"""Running a stage's pipeline as a Dataflow job: submit, follow, leave, come back.

A job outlives the process that submitted it. Its record lies beside the output, and its name is
derived from the output and all that is asked of the stage, so a second run finds the first one's
job and waits for it instead of starting another.
"""

import logging
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from apache_beam.runners.dataflow.internal.apiclient import DataflowJobAlreadyExistsError
from google.api_core.exceptions import Conflict, GoogleAPICallError

from massivetext.errors import ConfigError, StageError
from massivetext.pipelines.dataflow.code import add_code
from massivetext.pipelines.dataflow.follow import follow, say
from massivetext.pipelines.dataflow.jobs import Job, detached, last_job, record
from massivetext.pipelines.dataflow.options import job_options, label_of, output_of, target_of
from massivetext.pipelines.dataflow.service import Missing, Service, is_live, said, state_of
from massivetext.pipelines.folder.failures import cause
from massivetext.pipelines.folder.stage import Stage

if TYPE_CHECKING:
    from apache_beam.runners.dataflow.dataflow_runner import DataflowPipelineResult

_BEAM_LOG = "apache_beam.runners.dataflow"


def run_on_dataflow(
    stage: Stage, build: Callable[[beam.Pipeline], object], flags: tuple[str, ...], wait: bool
) -> None:
    """Runs one pipeline of a stage as a job, to its end.

    Args:
      stage: the stage; the job's name is derived from its folder and key.
      build: adds the work to a pipeline.
      flags: Beam's flags, as the user gave them.
      wait: whether to wait for the job.

    Raises:
      ConfigError: the service does not take the job; the message says why.
      StageError: the job failed or was cancelled.
      Stopped: the job runs on and nobody waits for it.
    """
    options = job_options(stage, flags)
    service = Service(options)
    job = _adopted(stage, service, options)
    if job is None:
        job = _submit(stage, build, options)
        record(stage, job)
        say(f"{stage.name:<10}  job {job.id} submitted: {job.console}")
    _see_through(stage, job, service, wait)


def rejoin(stage: Stage, flags: tuple[str, ...], wait: bool) -> None:
    """Waits for the job that an earlier run left at work on a stage, if there is one.

    To be called before anything of the stage's folder is touched: a live job writes there.

    Raises:
      ConfigError: the live job makes something else of the stage than what is now asked for.
      StageError: the job failed or was cancelled since.
      Stopped: it is still at work and nobody waits for it.
    """
    job = last_job(output_of(stage), stage.name)
    if job is None or not is_live(job.state):
        return
    service = service_of(job, flags)
    try:
        state = service.state(job.id)
    except Missing:
        record(stage, job._replace(state="FORGOTTEN"))
        return
    if is_live(state) and job.key != stage.work:
        raise ConfigError(
            f"{stage.name}: job {job.id} is still writing there for another recipe or input;"
            f" wait for it, or cancel it: massivetext jobs {output_of(stage)} --cancel"
        )
    if is_live(state):
        say(f"{stage.name:<10}  job {job.id} of an earlier run is {state.lower()}")
    _see_through(stage, job, service, wait or not is_live(state))


def service_of(job: Job, flags: tuple[str, ...] = ()) -> Service:
    """Returns the service that a recorded job runs on."""
    place = [f"--project={job.project}", f"--region={job.region}"]
    place += [f"--dataflow_endpoint={job.endpoint}"] if job.endpoint else []
    return Service(PipelineOptions([*flags, *place]))


def _see_through(stage: Stage, job: Job, service: Service, wait: bool) -> None:
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    if not wait:
        raise detached(job, output_of(stage), command)
    try:
        ended = follow(job, service)
    except KeyboardInterrupt:
        raise detached(job, output_of(stage), command) from None
    record(stage, job._replace(state=ended.state), {"metrics": ended.metrics})
    if ended.state != "DONE":
        raise StageError(_failure(job, ended.state, ended.errors))


def _failure(job: Job, state: str, errors: list[str]) -> str:
    again = "rerun the same command to continue"
    if state == "CANCELLED":
        return f"{job.stage}: job {job.id} was cancelled; {again}"
    said = " | ".join(dict.fromkeys(cause(error) for error in errors[-3:])) or "it left no message"
    return f"{job.stage}: job {job.id} {state.lower()}: {said}; {again}; its page: {job.console}"


def _adopted(stage: Stage, service: Service, options: PipelineOptions) -> Job | None:
    """Returns the live job of our name: a run submitted it and died before it was recorded."""
    name = str(options.view_as(GoogleCloudOptions).job_name)
    found = service.active(name)
    if found is None:
        return None
    if dict(found.labels).get("massivetext-key") != label_of(stage):
        raise ConfigError(
            f"the job name {name} is taken by job {found.id}, which is not ours;"
            " choose another beginning with --job_name"
        )
    job = _job(found.id, stage, options)._replace(state=state_of(found))
    record(stage, job)
    say(f"{stage.name:<10}  job {job.id} is already at work on this")
    return job


def _job(number: str, stage: Stage, options: PipelineOptions) -> Job:
    name = str(options.view_as(GoogleCloudOptions).job_name)
    target = target_of(options)
    place = (target.project, target.region, target.endpoint if target.is_local else "")
    return Job(number, name, stage.name, stage.work, *place, "PENDING")


def _submit(
    stage: Stage, build: Callable[[beam.Pipeline], object], options: PipelineOptions
) -> Job:
    """Stages and submits a pipeline; returns its job.

    Raises:
      ConfigError: the service refuses it, by name, by permission or by its options.
    """
    # Beam's own account of an upload or a refusal is many lines; ours is one.
    logging.getLogger(_BEAM_LOG).setLevel(logging.CRITICAL + 1)
    try:
        with add_code(options):
            pipeline = beam.Pipeline(options=options)
            build(pipeline)
            result = pipeline.run()
    except (DataflowJobAlreadyExistsError, Conflict) as error:
        raise ConfigError(f"{stage.name}: the job name is taken: {error}") from error
    except GoogleAPICallError as error:
        raise ConfigError(f"{stage.name}: Dataflow refuses the job: {said(error)}") from error
    except (OSError, RuntimeError) as error:
        raise StageError(f"{stage.name}: could not be submitted: {cause(str(error))}") from error
    submitted = cast("DataflowPipelineResult", result)
    return _job(str(submitted.job_id()), stage, options)
