"""The build: six stages in order, each skipped when it is up to date, then the manifest of all."""

import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from massivetext.config.recipe import digest, values
from massivetext.errors import StageError, Stopped
from massivetext.pipelines.engine.memory import check_memory, documents_in, sample_in
from massivetext.pipelines.folder.files import is_local, join, write_json
from massivetext.pipelines.folder.interrupts import check_interrupt, remembered_interrupts
from massivetext.pipelines.folder.lock import only_run
from massivetext.pipelines.folder.stage import MANIFEST, UP_TO_DATE, Stage, manifest_of, why_it_runs
from massivetext.pipelines.plan import STAGES, Build
from massivetext.pipelines.stages.run_stages import run_documents, run_duplicates, run_overlap
from massivetext.pipelines.stages.run_tokens import run_tokens, run_vocabulary
from massivetext.pipelines.stages.sequences.run import run_sequences

Run = Callable[[Build], dict[str, Any]]
RUNS: dict[str, Run] = {
    "documents": run_documents,
    "duplicates": run_duplicates,
    "overlap": run_overlap,
    "vocabulary": run_vocabulary,
    "tokens": run_tokens,
    "sequences": run_sequences,
}


def build(plan: Build, only: str | None = None) -> dict[str, Any]:
    """Runs the stages of a plan that are not up to date; returns the manifest of the build.

    Args:
      plan: from `plan_build`.
      only: the one stage to run; the stages before it must be up to date.

    Raises:
      ConfigError: another run is writing to the output.
      StageError: a stage cannot finish; what it did is kept and the same command goes on.
      Stopped: a remote job is at work and nobody waits for it.
    """
    sample = sample_in(plan.files, plan.recipe.vocabulary.sample_bytes)
    workers = min(plan.execution.processes, len(plan.parts))
    check_memory(plan.execution, documents_in(plan.files), workers, sample)
    with only_run(plan.output), remembered_interrupts():
        for name in STAGES:
            check_interrupt()
            stage = plan.stages[name]
            if why_it_runs(stage) != UP_TO_DATE:
                if only not in (None, name):
                    raise StageError(f"{only}: run stage {name} first ({why_it_runs(stage)})")
                _run(plan, stage)
                write_manifest(plan)  # so that a report can show why a later stage fails
            if only == name:
                break
        check_interrupt()
        return write_manifest(plan)


def _run(plan: Build, stage: Stage) -> None:
    execution = plan.execution
    if not is_local(plan.output):
        from massivetext.pipelines.dataflow.run import rejoin  # Google's packages: only if needed

        rejoin(stage, execution.flags if execution.is_dataflow else (), execution.wait)
    if execution.is_dataflow:
        from massivetext.pipelines.dataflow.upload import upload_models

        plan = plan._replace(models=upload_models(plan.models, plan.output))
    try:
        RUNS[stage.name](plan)
    except Stopped:
        raise  # Ctrl-C has let go of a remote job, and this says how to come back
    except Exception:
        check_interrupt()  # Beam turns what a step of this process raises into an error of its own
        raise


def explain(plan: Build) -> str:
    """Returns a line for each stage: why it would run, or that it is up to date."""
    lines, first = [], ""
    for name in STAGES:
        reason = why_it_runs(plan.stages[name])
        if reason != UP_TO_DATE:
            reason = f"runs: {first} runs before it" if first else reason
            first = first or name
        lines.append(f"{name:<12}{reason}")
    return "\n".join(lines)


def write_manifest(plan: Build) -> dict[str, Any]:
    """Writes and returns the manifest of the build: what it was made from, and every account."""
    recipe = values(plan.recipe)
    done = {name: manifest_of(plan.stages[name]) for name in STAGES}
    manifest = {
        "version": version("massivetext"),
        "recipe": recipe,
        "recipe_sha256": digest(recipe),
        "python": platform.python_version(),
        "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "inputs": [file._asdict() for file in plan.files],
        "stages": {name: stage for name, stage in done.items() if stage is not None},
    }
    write_json(join(plan.output, MANIFEST), manifest)
    return manifest
