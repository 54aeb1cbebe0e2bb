"""``massivetext jobs``: the Dataflow jobs that made or are making an output, and their end."""

import argparse
import sys

from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.errors import ConfigError
from massivetext.pipelines.cli.flags import check_flags
from massivetext.pipelines.dataflow.follow import summary
from massivetext.pipelines.dataflow.jobs import Job, last_job
from massivetext.pipelines.dataflow.run import service_of
from massivetext.pipelines.dataflow.service import is_live
from massivetext.pipelines.folder.storage_settings import settings_of
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.settings import use

PASSES_FLAGS = True  # for Beam: credentials


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext jobs``."""
    parser.add_argument("output", metavar="DIR", help="the output of a build on Dataflow")
    parser.add_argument("--cancel", action="store_true", help="cancel the job that is at work")


def main(arguments: argparse.Namespace) -> int:
    """Prints one line for each stage's last job; with --cancel, ends the live ones."""
    check_flags(arguments.flags)
    use(settings_of(PipelineOptions(list(arguments.flags))))
    output = arguments.output.rstrip("/")
    found = (last_job(output, stage.name) for stage in STAGES)
    jobs = [job for job in found if job is not None]
    if not jobs:
        raise ConfigError(f"no Dataflow job is recorded in {output}")
    for job in jobs:
        _show(job, arguments.cancel, arguments.flags)
    return 0


def _show(job: Job, cancel: bool, flags: tuple[str, ...]) -> None:
    service = service_of(job, flags)
    state = service.state(job.id)
    if cancel and is_live(state):
        service.cancel(job.id)
        state = "CANCELLING"
    numbers = summary(service.metrics(job.id))
    sys.stdout.write(f"{job.stage:<11} {state.lower():<10} {job.id}  {numbers}\n")
    sys.stdout.write(f"{'':<11} {job.console}\n")
