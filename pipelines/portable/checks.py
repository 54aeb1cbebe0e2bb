"""What can be found wrong before a job is submitted: flags, addresses, paths, memory."""

import sys

from apache_beam.options.pipeline_options import (
    PipelineOptions,
    PortableOptions,
    StandardOptions,
    WorkerOptions,
)

from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.pipelines.portable.flink import cluster, min_buffers, network_bytes_needed
from massivetext.pipelines.portable.job import answers
from massivetext.pipelines.portable.options import (
    WORKER,
    environment_type,
    flink_master,
    has_environment,
    worker_command,
)
from massivetext.storage.paths import is_local

_TYPES = ("DOCKER", "EXTERNAL", "LOOPBACK", "PROCESS")


def check_portable(recipe: Recipe, output: str, flags: tuple[str, ...], shared: bool) -> None:
    """Checks what a build on a portable runner needs, cheapest first; nothing is written.

    Args:
      recipe: the recipe.
      output: the output folder.
      flags: Beam's.
      shared: whether the user says that workers see this machine's paths.

    Raises:
      ConfigError: a flag is missing, nothing answers at an address, workers could not see a path,
        or a TaskManager has too little memory.
    """
    options = PipelineOptions(list(flags))
    _check_environment(options)
    if environment_type(options) != "LOOPBACK" and not shared:
        _check_paths(recipe, output)
    _check_endpoint(options)
    if master := flink_master(options):
        check_cluster(master)


def _check_environment(options: PipelineOptions) -> None:
    kind = environment_type(options)
    if kind not in _TYPES:
        return  # a urn: someone's own
    image = options.view_as(WorkerOptions).sdk_container_image
    if kind == "DOCKER" and not (image or has_environment(options)):
        raise ConfigError(
            "--environment_type: without it workers run Beam's own image, which has no massivetext;"
            f" say PROCESS where workers have {WORKER} installed, DOCKER with"
            " --environment_config=IMAGE, or EXTERNAL with --environment_config=HOST:PORT"
        )
    if kind == "EXTERNAL" and not has_environment(options):
        raise ConfigError(
            "--environment_type=EXTERNAL: say where the worker pool is, for example"
            " --environment_config=localhost:50000"
        )
    if kind == "PROCESS" and not has_environment(options) and not worker_command().is_file():
        raise ConfigError(
            f"--environment_type=PROCESS: there is no {worker_command()} here; say where workers"
            f""" have it: --environment_config='{{"command": "/path/{WORKER}"}}'"""
        )


def _check_paths(recipe: Recipe, output: str) -> None:
    patterns = {
        f"sources.{source}.files": recipe.resolve(pattern)
        for source, named in recipe.sources.items()
        for pattern in named.files
    }
    for name, path in {"--output": output, **patterns}.items():
        if is_local(path):
            raise ConfigError(
                f"{name}: {path} is on this machine, and workers may run elsewhere; name a bucket,"
                " or say --shared-filesystem if all workers see this path"
            )


def _check_endpoint(options: PipelineOptions) -> None:
    endpoint = options.view_as(PortableOptions).job_endpoint
    runner = options.view_as(StandardOptions).runner or ""
    if not endpoint and runner.endswith("PortableRunner"):
        raise ConfigError(
            "--runner=PortableRunner needs --job_endpoint=HOST:PORT of a job service; for Flink"
            " --runner=FlinkRunner --flink_master=HOST:PORT starts one"
        )
    if endpoint and endpoint != "embed" and not answers(endpoint):
        raise ConfigError(
            f"--job_endpoint={endpoint}: no job service answers there; start it, or name its host"
            " and port"
        )


def check_cluster(master: str) -> None:
    """Checks that a Flink cluster is there and has memory for the duplicates stage; says the sizes.

    Raises:
      ConfigError: it is not or has not; the message has the settings to change.
    """
    found, buffers = cluster(master), min_buffers(master)
    need = network_bytes_needed(found.slots_of_one, buffers)
    sys.stderr.write(
        f"Flink: {found.task_managers:,} TaskManagers, {found.slots:,} slots; each has"
        f" {found.network_bytes >> 20:,} MB of network memory, of which the duplicates stage takes"
        f" up to {need >> 20:,} MB\n"
    )
    if 0 < found.network_bytes < min(need, network_bytes_needed(1, buffers)):
        raise ConfigError(
            f"--flink_master={master}: a TaskManager has {found.network_bytes >> 20} MB of network"
            f" memory, the duplicates stage needs {need >> 20}; set"
            " taskmanager.network.sort-shuffle.min-buffers: 64 in Flink's configuration, or"
            f" taskmanager.memory.network.min and .max to {need >> 20}mb"
        )
