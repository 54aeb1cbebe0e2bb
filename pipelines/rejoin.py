"""Jobs that earlier runs left at work on a stage: waited for or ended before it is touched."""

from massivetext.errors import DamagedFile, StageError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.origins import with_origins
from massivetext.pipelines.portable.records import JOBS, last_record
from massivetext.storage.files import exists
from massivetext.storage.paths import is_local, join


def rejoin_jobs(plan: Build, spec: StageSpec) -> Build:
    """Sees to the job that an earlier run left on a stage or one of its halves.

    Returns:
      The build with what the stage is made from, anew: a job that was waited for has read what
      nobody knew before.
    """
    record = last_record(plan.output, spec.name)
    if record is not None:
        from massivetext.pipelines.portable.run import rejoin  # imports Beam: only if needed

        rejoin(as_recorded(plan, spec, record.key))
        plan = with_origins(plan, spec)
    if not is_local(plan.output) and exists(join(plan.output, JOBS, f"{spec.name}.json")):
        _rejoin_dataflow(plan, spec)
        plan = with_origins(plan, spec)
    return plan


def as_recorded(plan: Build, spec: StageSpec, work: str) -> Stage:
    """Returns the stage, asking for what a recorded job makes if that is still to be made.

    The halves of a stage run as jobs under its name, each known by what its parts are made from.
    """
    stage = plan.stages[spec.name]
    for _, origins in spec.halves:
        try:
            half = stage.asking(origins(plan).parts or {})
        except (DamagedFile, StageError):  # what it reads is not whole: nothing is known
            continue
        if half.work == work:
            return half
    return stage


def _rejoin_dataflow(plan: Build, spec: StageSpec) -> None:
    from massivetext.pipelines.dataflow.jobs import last_job  # Google's packages: only if needed
    from massivetext.pipelines.dataflow.run import rejoin

    job, execution = last_job(plan.output, spec.name), plan.execution
    stage = as_recorded(plan, spec, job.key if job else "")
    rejoin(stage, execution.flags if execution.is_dataflow else (), execution.wait)
