"""The jobs of an output on Dataflow, for ``massivetext jobs``."""

import sys

from massivetext.pipelines.dataflow.follow import summary
from massivetext.pipelines.dataflow.jobs import last_job
from massivetext.pipelines.dataflow.run import service_of
from massivetext.pipelines.dataflow.service import is_live


def show(output: str, stage: str, cancel: bool, flags: tuple[str, ...]) -> None:
    """Prints the last job of a stage, which is cancelled if that is asked for and it is live."""
    job = last_job(output, stage)
    if job is None:
        return
    service = service_of(job, flags)
    state = service.state(job.id)
    if cancel and is_live(state):
        service.cancel(job.id)
        state = "CANCELLING"
    numbers = summary(service.metrics(job.id))
    sys.stdout.write(f"{job.stage:<11} {state.lower():<10} {job.id}  {numbers}\n")
    sys.stdout.write(f"{'':<11} {job.console}\n")
