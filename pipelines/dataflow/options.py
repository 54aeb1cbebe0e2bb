"""The flags of a Dataflow job: what must be given, what is filled in, and the job's name."""

import hashlib
import re
from typing import NamedTuple

from apache_beam.options.pipeline_options import (
    DebugOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    WorkerOptions,
)

from massivetext.errors import ConfigError
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import add_plugin
from massivetext.storage.paths import join

JOBS = "jobs"  # folder below the output: records of jobs, and what Beam stages for them
_MACHINE = "n2-standard-4"  # 4 GB a process: one part at a time, and the models once
_MAX_WORKERS = 100  # within the quota of a new project is for `--max_num_workers` to say
_DISK_GB = 50  # a part's files are written to the disk of the worker before they are uploaded
_JOB_NAME = re.compile(r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?")


class Target(NamedTuple):
    """Where jobs run: the project and region, and the service's address if it is not Google's."""

    project: str
    region: str
    endpoint: str

    @property
    def is_local(self) -> bool:
        """Returns whether the service runs on this machine, as it does in tests."""
        return "localhost" in self.endpoint


def target_of(options: PipelineOptions) -> Target:
    """Returns where the jobs of these options run.

    Raises:
      ConfigError: project or region is missing.
    """
    cloud = options.view_as(GoogleCloudOptions)
    for name in ("project", "region"):
        if not getattr(cloud, name):
            example = {"project": "my-project", "region": "us-central1"}[name]
            raise ConfigError(f"Dataflow needs --{name}, for example --{name}={example}")
    return Target(cloud.project, cloud.region, cloud.dataflow_endpoint or "")


def output_of(stage: Stage) -> str:
    """Returns the output folder that a stage's folder is in."""
    return stage.folder.rsplit("/", 1)[0]


def job_name(stage: Stage, prefix: str | None) -> str:
    """Returns the name of a stage's job, the same whenever the same work is asked for.

    >>> job_name(Stage("tokens", "gs://b/out/tokens", "0123456789abcdef"), None)
    'massivetext-tokens-6b64d8d8-01234567'
    """
    place = hashlib.sha256(output_of(stage).encode()).hexdigest()
    return f"{prefix or 'massivetext'}-{stage.name}-{place[:8]}-{stage.work[:8]}"


def check_prefix(prefix: str | None) -> None:
    """Checks that the user's `--job_name` can begin the names of jobs.

    Raises:
      ConfigError: it cannot.
    """
    if prefix and not _JOB_NAME.fullmatch(prefix):
        raise ConfigError(
            f"--job_name={prefix}: at most 32 of the characters a-z, 0-9 and -, a letter first"
        )


def job_options(stage: Stage, flags: tuple[str, ...]) -> PipelineOptions:
    """Returns the options of a stage's job: the user's, and our choice of what they leave open."""
    options = PipelineOptions(list(flags))
    cloud = options.view_as(GoogleCloudOptions)
    cloud.job_name = job_name(stage, cloud.job_name)
    folder = join(output_of(stage), JOBS)
    cloud.temp_location = cloud.temp_location or join(folder, "temp")
    cloud.staging_location = cloud.staging_location or join(folder, "staging")
    cloud.enable_artifact_caching = True  # six stages stage the same packages
    own = [f"massivetext-stage={stage.name}", f"massivetext-key={label_of(stage)}"]
    cloud.labels = [*(cloud.labels or []), *own]
    _worker_defaults(options, stage)
    add_plugin(options)
    return options


def label_of(stage: Stage) -> str:
    """Returns the label that tells a stage's jobs apart; labels hold 63 characters."""
    return stage.work[:40]


def _worker_defaults(options: PipelineOptions, stage: Stage) -> None:
    workers = options.view_as(WorkerOptions)
    defaults = {
        "machine_type": stage.machine or _MACHINE,
        "autoscaling_algorithm": "THROUGHPUT_BASED",
        "max_num_workers": _MAX_WORKERS,
        "disk_size_gb": _DISK_GB,
    }
    if workers.num_workers and not workers.max_num_workers:
        defaults["max_num_workers"] = max(_MAX_WORKERS, workers.num_workers)
    for name, value in defaults.items():
        if not getattr(workers, name):
            setattr(workers, name, value)
    if workers.sdk_container_image:
        options.view_as(SetupOptions).sdk_location = "container"
    debug = options.view_as(DebugOptions)
    if not debug.number_of_worker_harness_threads:
        # Dataflow starts a process for each vCPU; a second thread would only double the memory.
        debug.number_of_worker_harness_threads = 1
