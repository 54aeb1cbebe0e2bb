"""``massivetext jobs``: the remote jobs that made or are making an output, and their end."""

import argparse
import sys

from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.errors import ConfigError
from massivetext.pipelines.cli.flags import check_flags
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import settings_of
from massivetext.pipelines.portable.job import ENDED, Unreachable, job_at
from massivetext.pipelines.portable.records import Record, keep, last_record
from massivetext.pipelines.portable.run import end
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import exists
from massivetext.storage.paths import join
from massivetext.storage.settings import use

PASSES_FLAGS = True  # for Beam: credentials


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext jobs``."""
    parser.add_argument("output", metavar="DIR", help="the output of a build on another runner")
    parser.add_argument("--cancel", action="store_true", help="cancel the job that is at work")


def main(arguments: argparse.Namespace) -> int:
    """Prints one line for each stage's last job; with --cancel, ends the live ones."""
    check_flags(arguments.flags)
    use(settings_of(PipelineOptions(list(arguments.flags))))
    output = arguments.output.rstrip("/")
    names = [stage.name for stage in STAGES]
    portable = [_show_portable(output, name, arguments.cancel) for name in names]
    on_dataflow = [name for name in names if exists(join(output, "jobs", f"{name}.json"))]
    if on_dataflow:
        from massivetext.pipelines.cli.dataflow_jobs import show  # Google's packages

        for name in on_dataflow:
            show(output, name, arguments.cancel, arguments.flags)
    if not on_dataflow and not any(portable):
        raise ConfigError(f"no job is recorded in {output}")
    return 0


def _show_portable(output: str, name: str, cancel: bool) -> bool:
    """Prints the last job of a stage on a portable runner; returns whether there is one."""
    record = last_record(output, name)
    if record is None:
        return False
    state = _state(record)
    if cancel and state not in ENDED:
        stage = Stage(name, join(output, name), record.key)
        job = job_at(record.endpoint, record.id) if record.endpoint else None
        state = end(stage, job, record) or "OUT OF REACH"
    elif state != record.state and state in ENDED:
        keep(Stage(name, join(output, name), record.key), record._replace(state=state))
    place = record.endpoint or record.master or "of an ended process"
    sys.stdout.write(f"{name:<11} {state.lower():<10} {record.id}  {place}\n")
    return True


def _state(record: Record) -> str:
    if record.state in ENDED or not record.endpoint:
        return record.state
    try:
        return job_at(record.endpoint, record.id).state()
    except Unreachable:
        return "UNREACHABLE"
