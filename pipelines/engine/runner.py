"""Running one pipeline, on this machine or wherever Beam's flags say, with errors in one line."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from massivetext.errors import MassiveTextError
from massivetext.pipelines.flow.flow import Flow
from massivetext.pipelines.flow.here import Here
from massivetext.pipelines.folder.failures import explained
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import add_plugin, settings_of
from massivetext.storage.paths import is_local
from massivetext.storage.settings import Settings, use

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

HERE = "DirectRunner"  # what runs where no runner is named: no runner at all, see `flow`
BEAMS = "FnApiRunner"  # Beam's own local one, in memory: to compare with


@dataclass(frozen=True)
class Execution:
    """Where pipelines run: Beam's own flags, and how many local processes for the file stages."""

    flags: tuple[str, ...] = ()
    workers: int = 1
    wait: bool = True  # for a remote job; else it is submitted and left
    shared: bool = False  # whether workers elsewhere see this machine's paths

    @property
    def runner(self) -> str:
        """Returns the runner's name."""
        if not self.flags:
            return HERE
        from apache_beam.options.pipeline_options import StandardOptions  # slow: only if needed

        return str(self.beam_options().view_as(StandardOptions).runner or HERE)

    def beam_options(self) -> "PipelineOptions":
        """Returns the flags as Beam reads them."""
        from apache_beam.options.pipeline_options import PipelineOptions  # slow: only if needed

        return PipelineOptions(list(self.flags))

    def settings(self) -> Settings:
        """Returns what the flags say of object stores."""
        return settings_of(self.beam_options()) if self.flags else Settings()

    @property
    def is_dataflow(self) -> bool:
        """Returns whether pipelines run as jobs of Google's Dataflow service."""
        return self.runner == "DataflowRunner"

    @property
    def is_local(self) -> bool:
        """Returns whether pipelines run inside this machine's own processes."""
        return self.runner in (HERE, BEAMS)

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

        return parallelism(self.beam_options())

    @property
    def processes(self) -> int:
        """Returns how many processes of this machine can share work: one where it is not ours."""
        return self.workers if self.runner == HERE else 1

    def options(self) -> "PipelineOptions":
        """Returns the options of one pipeline of Beam's."""
        from apache_beam.options.pipeline_options import PipelineOptions

        if self.is_local:
            local = [f"--runner={BEAMS}", "--direct_running_mode=in_memory"]
            return PipelineOptions([*self.flags, *local])
        options = self.beam_options()
        add_plugin(options)
        return options


def run(
    stage: Stage,
    build: Callable[[Flow], object],
    execution: Execution,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Builds and runs one pipeline of a stage to its end.

    Args:
      stage: to which it belongs.
      build: adds its steps to a pipeline.
      execution: where it runs.
      tell: takes the name of each step as it begins, where that is known: in this process.

    Raises:
      StageError: it failed for a reason that a user can fix, such as a full disk.
      Stopped: it is a remote job, still running, and the caller does not wait for it.
    """
    if execution.runner == HERE:
        use(execution.settings())  # in a process that this command started
        try:
            build(Here(stage.folder if is_local(stage.folder) else None, tell=tell))
        except (MassiveTextError, OSError, RuntimeError) as error:
            raise explained(stage, error) from error
        return
    _run_with_beam(stage, build, execution)


def _run_with_beam(stage: Stage, build: Callable[[Flow], object], execution: Execution) -> None:
    import apache_beam as beam

    from massivetext.pipelines.flow.on_beam import OnBeam

    def add(pipeline: beam.Pipeline) -> None:
        build(OnBeam(pipeline))

    # What a local worker logs as an error it also raises, and the cause is told in one line.
    level = logging.CRITICAL if execution.is_local else logging.ERROR
    logging.getLogger("apache_beam").setLevel(level)
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    if execution.is_dataflow:
        from massivetext.pipelines.dataflow.run import run_on_dataflow  # Google's packages

        run_on_dataflow(stage, add, execution.flags, execution.wait)
        return
    if execution.is_portable:
        from massivetext.pipelines.portable.run import run_on_portable

        run_on_portable(stage, add, execution.flags)
        return
    use(execution.settings())
    pipeline = beam.Pipeline(options=execution.options())
    add(pipeline)
    try:
        pipeline.run().wait_until_finish()
    except (MassiveTextError, OSError, RuntimeError) as error:
        raise explained(stage, error) from error
