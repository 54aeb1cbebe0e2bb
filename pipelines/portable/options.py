"""The flags of a portable runner's job: what is filled in, and where its workers are."""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    PrismRunnerOptions,
    StandardOptions,
)
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES, FlinkRunner
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.runner import create_runner

from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import FENCE, VERSIONS, add_plugin, versions
from massivetext.pipelines.portable.records import output_of, owner_path

WORKER = "massivetext-worker"  # our command that a PROCESS environment starts
_CACHE_MILLIS = 30_000  # a process outlives a pause of its job: duplicates in 5.8 s, not 15.8


class FenceOptions(PipelineOptions):
    """What workers of a job must know: whether its output is theirs to write, and our versions."""

    @classmethod
    def _add_argparse_args(cls, parser: Any) -> None:
        for name in (FENCE, VERSIONS):
            parser.add_argument(f"--{name}", default=None, help="set by massivetext itself")


def is_portable(name: str) -> bool:
    """Returns whether the runner of a name takes jobs by Beam's job service.

    >>> is_portable("FlinkRunner"), is_portable("FnApiRunner"), is_portable("PrismRunner")
    (True, False, True)
    """
    return isinstance(create_runner(name), PortableRunner)


def environment_type(options: PipelineOptions) -> str:
    """Returns the kind of environment that workers run in, as Beam will choose it."""
    named = options.view_as(PortableOptions).environment_type
    if named:
        return str(named)
    runner = options.view_as(StandardOptions).runner or ""
    return "LOOPBACK" if runner.endswith("PrismRunner") or flink_master(options) == "" else "DOCKER"


def flink_master(options: PipelineOptions) -> str | None:
    """Returns the address of the Flink cluster, empty for one in this process, None for none.

    >>> flink_master(PipelineOptions(["--runner=FlinkRunner", "--flink_master=localhost:8081"]))
    'http://localhost:8081'
    >>> flink_master(PipelineOptions(["--runner=FlinkRunner"]))
    ''
    """
    runner = options.view_as(StandardOptions).runner or ""
    master = options.view_as(FlinkRunnerOptions).flink_master
    if master not in MAGIC_HOST_NAMES:  # named for another portable runner too: there we may cancel
        return str(FlinkRunner.add_http_scheme(master))
    return "" if runner.endswith("FlinkRunner") else None


def parallelism(options: PipelineOptions) -> int:
    """Returns how many workers share a shuffle, as far as the flags tell; 1 if they do not."""
    flink = options.view_as(FlinkRunnerOptions).parallelism or 1
    return max(1, int(flink))


def job_name(stage: Stage, prefix: str | None) -> str:
    """Returns the name of a stage's job, the same whenever the same work is asked for."""
    place = hashlib.sha256(output_of(stage).encode()).hexdigest()
    return f"{prefix or 'massivetext'}-{stage.name}-{place[:8]}-{stage.work[:8]}"


def worker_command() -> Path:
    """Returns the path of our worker command beside the Python that runs."""
    return Path(sys.prefix) / "bin" / WORKER


def find_prism() -> str | None:
    """Returns the path of Beam's prism where it is found: beside the Python that runs, or on PATH.

    Without one Beam would download it.
    """
    beside = Path(sys.prefix) / "bin" / "prism"
    return str(beside) if beside.is_file() else shutil.which("prism")


def portable_options(stage: Stage, flags: tuple[str, ...], token: str) -> PipelineOptions:
    """Returns the options of a stage's job: the user's, and our choice of what they leave open.

    Args:
      stage: the stage.
      flags: Beam's, as the user gave them.
      token: by which the job's workers know that the folder is theirs.
    """
    own = (f"--{FENCE}={owner_path(stage)}|{token}", f"--{VERSIONS}={versions()}")
    options = PipelineOptions([*flags, *own])
    cloud = options.view_as(GoogleCloudOptions)
    cloud.job_name = job_name(stage, cloud.job_name)
    portable = options.view_as(PortableOptions)
    if portable.environment_type == "PROCESS" and not has_environment(options):
        portable.environment_config = json.dumps({"command": str(worker_command())})
    flink = options.view_as(FlinkRunnerOptions)
    flink.flink_master = flink_master(options) or flink.flink_master
    prism = options.view_as(PrismRunnerOptions)
    prism.prism_location = prism.prism_location or find_prism()
    if not portable.environment_cache_millis:
        portable.environment_cache_millis = _CACHE_MILLIS
    add_plugin(options)
    return options


def has_environment(options: PipelineOptions) -> bool:
    """Returns whether the flags say what runs on workers: a command, an image or a pool."""
    portable = options.view_as(PortableOptions)
    return bool(portable.environment_config or portable.environment_options)
