"""Jobs that earlier runs left at work on a stage: waited for or ended before it is touched."""

from massivetext.errors import DamagedFile, StageError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.origins import with_origins
from massivetext.pipelines.portable.records import JOBS, record_path
from massivetext.storage.files import exists
from massivetext.storage.paths import is_local, join


def rejoin_jobs(plan: Build, spec: StageSpec) -> Build:
    """Sees to the jobs that earlier runs left on a stage: its halves first, as they run.

    Returns:
      The build with what the stage is made from, anew: a job that was waited for has read what
      nobody knew before.
    """
    for suffix in [*(suffix for suffix, _ in spec.halves), ""]:
        name = f"{spec.name}-{suffix}" if suffix else spec.name
        if exists(record_path(plan.output, name)):
            from massivetext.pipelines.portable.run import rejoin  # imports Beam: only if needed

            rejoin(_asked(plan, spec, suffix))
            plan = with_origins(plan, spec)
        if not is_local(plan.output) and exists(join(plan.output, JOBS, f"{name}.json")):
            _rejoin_dataflow(plan, _asked(plan, spec, suffix))
            plan = with_origins(plan, spec)
    return plan


def _asked(plan: Build, spec: StageSpec, suffix: str) -> Stage:
    """Returns the stage or a half of it, knowing what its parts are to be made from."""
    stage = plan.stages[spec.name]
    if not suffix:
        return stage
    try:
        made_from = dict(spec.halves)[suffix](plan).parts or {}
    except (DamagedFile, StageError):  # what it reads is not whole: nothing is known
        made_from = {}
    return stage.half(suffix).asking(made_from)


def _rejoin_dataflow(plan: Build, stage: Stage) -> None:
    from massivetext.pipelines.dataflow.run import rejoin  # Google's packages: only if needed

    execution = plan.execution
    rejoin(stage, execution.flags if execution.is_dataflow else (), execution.wait)
