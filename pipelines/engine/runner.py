"""Running one pipeline, on this machine or wherever Beam's flags say, with errors in one line."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from massivetext.errors import MassiveTextError
from massivetext.pipelines.folder.failures import explained
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import add_plugin, settings_of
from massivetext.storage.settings import use

LOCAL_RUNNER = "FnApiRunner"  # pinned: the plain DirectRunner first tries to download another


@dataclass(frozen=True)
class Execution:
    """Where pipelines run: Beam's own flags, and how many local processes for the file stages."""

    flags: tuple[str, ...] = ()
    workers: int = 1
    wait: bool = True  # for a remote job; else it is submitted and left
    shared: bool = False  # whether workers elsewhere see this machine's paths

    @property
    def runner(self) -> str:
        """Returns the runner's name, the pinned local one if the flags name none."""
        name = PipelineOptions(list(self.flags)).view_as(StandardOptions).runner
        return LOCAL_RUNNER if name in (None, "DirectRunner") else str(name)

    @property
    def is_dataflow(self) -> bool:
        """Returns whether pipelines run as jobs of Google's Dataflow service."""
        return self.runner == "DataflowRunner"

    @property
    def is_local(self) -> bool:
        """Returns whether pipelines run inside this machine's own processes."""
        return self.runner == LOCAL_RUNNER

    @property
    def is_portable(self) -> bool:
        """Returns whether pipelines are jobs of a job service: Flink's, Prism's, any other."""
        if self.is_local or self.is_dataflow:
            return False
        from massivetext.pipelines.portable.options import is_portable  # only if needed

        return is_portable(self.runner)

    @property
    def partitions(self) -> int:
        """Returns into how many partitions a shuffle is dealt at least, to keep workers busy."""
        if not self.is_portable:
            return 1
        from massivetext.pipelines.portable.options import parallelism

        return parallelism(PipelineOptions(list(self.flags)))

    @property
    def processes(self) -> int:
        """Returns how many processes of this machine can share work: one where it is not ours."""
        return self.workers if self.is_local else 1

    def options(self) -> PipelineOptions:
        """Returns the options of one pipeline."""
        if not self.is_local:
            options = PipelineOptions(list(self.flags))
            add_plugin(options)
            return options
        local = [f"--runner={LOCAL_RUNNER}", "--direct_running_mode=in_memory"]
        return PipelineOptions([*self.flags, *local])


def run(stage: Stage, build: Callable[[beam.Pipeline], object], execution: Execution) -> None:
    """Builds and runs one pipeline of a stage to its end.

    Raises:
      StageError: it failed for a reason that a user can mend, such as a full disk.
      Stopped: it is a remote job, still running, and the caller does not wait for it.
    """
    # What a local worker logs as an error it also raises, and the cause is told in one line.
    level = logging.CRITICAL if execution.is_local else logging.ERROR
    logging.getLogger("apache_beam").setLevel(level)
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    if execution.is_dataflow:
        from massivetext.pipelines.dataflow.run import run_on_dataflow  # Google's packages

        run_on_dataflow(stage, build, execution.flags, execution.wait)
        return
    if execution.is_portable:
        from massivetext.pipelines.portable.run import run_on_portable

        run_on_portable(stage, build, execution.flags)
        return
    use(settings_of(execution.options()))  # in a process that this command started
    pipeline = beam.Pipeline(options=execution.options())
    build(pipeline)
    try:
        pipeline.run().wait_until_finish()
    except (MassiveTextError, OSError, RuntimeError) as error:
        raise explained(stage, error) from error
