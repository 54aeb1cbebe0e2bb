"""Running one pipeline, on this machine or wherever Beam's flags say, with errors in one line."""

import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.errors import MassiveTextError, StageError

LOCAL_RUNNER = "FnApiRunner"  # pinned: the plain DirectRunner first tries to download another


@dataclass(frozen=True)
class Execution:
    """Where pipelines run: Beam's own flags, and how many local processes for the file stages."""

    flags: tuple[str, ...] = ()
    workers: int = 1
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def runner(self) -> str:
        """Returns the runner's name, the pinned local one if the flags name none."""
        for flag in self.flags:
            if flag.startswith("--runner="):
                name = flag.removeprefix("--runner=")
                return LOCAL_RUNNER if name == "DirectRunner" else name
        return LOCAL_RUNNER

    @property
    def is_local(self) -> bool:
        """Returns whether pipelines run inside this machine's own processes."""
        return self.runner == LOCAL_RUNNER

    def options(self, parallel: bool) -> PipelineOptions:
        """Returns the options of one pipeline.

        Args:
          parallel: whether more processes help: they do where work is long and shuffles short.
        """
        if not self.is_local:
            return PipelineOptions(list(self.flags))
        flags = [flag for flag in self.flags if not flag.startswith("--runner=")]
        mode = "multi_processing" if parallel and self.workers > 1 else "in_memory"
        local = [f"--runner={LOCAL_RUNNER}", f"--direct_running_mode={mode}"]
        if mode == "multi_processing":
            local.append(f"--direct_num_workers={self.workers}")
        return PipelineOptions(flags + local)


def run(
    name: str, build: Callable[[beam.Pipeline], None], execution: Execution, parallel: bool
) -> None:
    """Builds and runs one pipeline to its end.

    Raises:
      StageError: it failed for a reason that a user can mend, such as a full disk.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    pipeline = beam.Pipeline(options=execution.options(parallel))
    build(pipeline)
    try:
        pipeline.run().wait_until_finish()
    except MassiveTextError:
        raise
    except (OSError, RuntimeError) as error:
        raise explained(name, error) from error


_KNOWN = re.compile(r"(?:ConfigError|StageError|RecordError): (.+?)(?: \[while running|\n|$)")
_FULL = re.compile(r"No space left on device|Disk quota exceeded")


def explained(name: str, error: Exception) -> Exception:
    """Returns the error of a failed pipeline as a `StageError` where its cause is known."""
    text = str(error)
    if _FULL.search(text):
        return StageError(
            f"{name}: the disk is full; free some space and run the same command again,"
            " finished parts are kept"
        )
    known = _KNOWN.search(text)
    return StageError(f"{name}: {known.group(1)}") if known else error
