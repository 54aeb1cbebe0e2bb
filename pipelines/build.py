"""The build: its stages in order, each skipped when it is up to date, then the manifest of all."""

import platform
import sys
import time
from importlib.metadata import version
from typing import Any

from massivetext.config.recipe import digest, values
from massivetext.errors import ConfigError, DamagedFile, StageError, Stopped
from massivetext.finished.taken_out import check_whole, read_record
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.memory import check_memory, documents_in, sample_in
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.damage import remark, remove_damaged
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.interrupts import check_interrupt, remembered_interrupts
from massivetext.pipelines.folder.lock import only_run
from massivetext.pipelines.folder.stage import (
    UP_TO_DATE,
    Stage,
    is_loss,
    manifest_of,
    sound_json,
    why_it_runs,
)
from massivetext.pipelines.origins import why, with_origins
from massivetext.pipelines.plan import make_stages
from massivetext.pipelines.portable.records import JOBS
from massivetext.pipelines.stage_list import STAGES
from massivetext.pipelines.stages.documents.origin import note_versions
from massivetext.storage.files import delete_files, list_names
from massivetext.storage.json_files import write_summed_json
from massivetext.storage.paths import is_local, join

HEALS = 3  # times that damage is met by one stage before the disk is not trusted


def build(
    plan: Build,
    only: str | None = None,
    verify: bool = False,
    replacing: bool = False,
    last: str | None = None,
) -> dict[str, Any]:
    """Runs the stages of a plan that are not up to date; returns the manifest of the build.

    Args:
      plan: from `plan_build`.
      only: the one stage to run; the stages before it must be up to date.
      verify: whether to read all finished files before deciding what is up to date; otherwise
        their sizes count, and what a stage reads is checked.
      replacing: whether the output holds a finished build of another recipe: no more, from now on.
      last: the stage after which to stop; all run if None.

    Raises:
      ConfigError: another run is writing to the output.
      StageError: a stage cannot finish; what it did is kept and the same command continues.
      Stopped: a remote job is at work and nobody waits for it.
    """
    vocabulary = plan.recipe.vocabulary
    sample = sample_in(plan.files, 0 if vocabulary.path else vocabulary.sample_bytes)
    workers = min(plan.execution.processes, len(plan.parts))
    check_memory(plan.execution, documents_in(plan.files), workers, sample)
    with only_run(plan.output), remembered_interrupts():
        _check_taken_out(plan)
        if replacing:
            write_manifest(plan)
        for spec in STAGES:
            check_interrupt()
            plan = with_origins(plan, spec)
            if only in (None, spec.name):
                clear_damaged(plan.stages[spec.name], verify)
            _run_unless_done(plan, spec, only)
            if spec.name in (only, last):
                break
        check_interrupt()
        return write_manifest(plan)


def _run_unless_done(plan: Build, spec: StageSpec, only: str | None) -> None:
    reason = why(plan, spec)
    if reason != UP_TO_DATE:
        if only not in (None, spec.name):
            raise StageError(f"{only}: run stage {spec.name} first ({reason})")
        _run_healing(plan, spec)
        write_manifest(plan)  # so that a report can show why a later stage fails
    elif spec.by_part:
        note_versions(plan)  # what was touched is not read again


def _check_taken_out(plan: Build) -> None:
    """Checks that what was taken out of the build stays out.

    Raises:
      ConfigError: a taking out was stopped, or the rows that it names are not these any more.
    """
    record, output = read_record(plan.output) or {}, plan.output
    if record:
        check_whole(output)
        made = with_origins(plan, STAGES[0]).origins["documents"].parts or {}
        for stem, rules in record["rules"].items():
            if made.get(stem, {}).get("recipe") != rules:
                raise ConfigError(
                    f"{output}: documents were taken out, and the rules or inputs of the part that"
                    " they were in have changed, so that they would come back; build into another"
                    " folder, or with the recipe and inputs of before"
                )


def clear_damaged(stage: Stage, read: bool) -> None:
    """Deletes what of a stage is not as it was written, and says so; a run rebuilds it."""
    for half in (stage, *stage.halves()):
        damaged = remove_damaged(half, read)
        if damaged:
            sys.stderr.write(remark(half.name, damaged) + "\n")


def _run_healing(plan: Build, spec: StageSpec) -> None:
    """Runs a stage; where it meets a damaged file, that is made again first, by its own stage.

    Raises:
      DamagedFile: the same stage's files are damaged again and again.
    """
    by_name = {other.name: other for other in STAGES}
    folders = {
        half.folder: name
        for name, stage in plan.stages.items()
        for half in (stage, *stage.halves())
    }
    for attempt in range(HEALS + 1):
        try:
            return _run(plan, spec)
        except DamagedFile as error:
            owner = folders.get(error.path.rpartition("/")[0])
            if owner is None or attempt == HEALS:
                raise
            stage = plan.stages[owner]
            clear_damaged(stage, read=True)
            if owner != spec.name:
                _run_healing(plan, by_name[owner])
    return None


def _run(plan: Build, spec: StageSpec) -> None:
    if list_names(join(plan.output, JOBS)):
        from massivetext.pipelines.rejoin import rejoin_jobs  # where there were jobs

        plan = rejoin_jobs(plan, spec)
    execution, stage = plan.execution, plan.stages[spec.name]
    if not execution.is_local and not is_local(plan.output):
        from massivetext.pipelines.dataflow.upload import upload_models

        plan = plan._replace(models=upload_models(plan.models, plan.output))
    try:
        spec.run(plan)
        _check_lists(plan, stage)
    except Stopped:
        raise  # Ctrl-C has let go of a remote job, and this says how to come back
    except Exception:
        check_interrupt()  # Beam turns what a step of this process raises into an error of its own
        raise


def _check_lists(plan: Build, stage: Stage) -> None:
    """Checks that what the stage reads besides the inputs is still the same: held-out sets, lists.

    Raises:
      StageError: it is not: the stage's key is that of the old, and its files may be of the new.
    """
    inputs = Inputs(plan.recipe, values(plan.recipe), plan.files, plan.models)
    if make_stages(STAGES, plan.output, inputs)[stage.name].reads != stage.reads:
        delete_files([stage.path(MANIFEST)])
        raise StageError(
            f"{stage.name}: a list or held-out set of the recipe changed while it was read; when it"
            " is whole, run the same command again"
        )


def explain(plan: Build) -> str:
    """Returns a line for each stage: why it would run, or that it is up to date.

    What is lost or damaged is made again as it was, so what comes after it stays; a stage that is
    made from something else may change all that comes after it.
    """
    lines, first, changed = [], "", False
    for spec in STAGES:
        if changed:
            reason = f"runs: {first} runs before it"
        else:
            plan, reason = _reason(plan, spec)
            first = first or (spec.name if reason != UP_TO_DATE else "")
            changed = reason != UP_TO_DATE and not is_loss(reason)
        lines.append(f"{spec.name:<12}{reason}")
    return "\n".join(lines)


def _reason(plan: Build, spec: StageSpec) -> tuple[Build, str]:
    try:
        plan = with_origins(plan, spec)
        return plan, why(plan, spec)
    except StageError:  # a stage before it is not whole: this one is what it was made from then
        stage = plan.stages[spec.name]
        manifest = sound_json(stage.path(MANIFEST)) or {}
        same = stage._replace(key=manifest.get("key", ""))
        return plan, why_it_runs(same if manifest.get("reads") == stage.reads else stage)


def write_manifest(plan: Build) -> dict[str, Any]:
    """Writes and returns the manifest of the build: what it was made from, and every account."""
    recipe = values(plan.recipe)
    done = {name: manifest_of(stage) for name, stage in plan.stages.items()}
    manifest = {
        "version": version("massivetext"),
        "recipe": recipe,
        "recipe_sha256": digest(recipe),
        "python": platform.python_version(),
        "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "inputs": [file._asdict() for file in plan.files],
        "stages": {name: stage for name, stage in done.items() if stage is not None},
    }
    taken = read_record(plan.output)
    manifest |= {"taken_out": taken["takeouts"]} if taken else {}
    write_summed_json(join(plan.output, MANIFEST), manifest)
    return manifest
