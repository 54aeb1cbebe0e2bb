"""Records of jobs beside the output: which job works on a stage, how it ended, what it used."""

from typing import Any, NamedTuple

from massivetext.errors import Stopped
from massivetext.pipelines.dataflow.options import JOBS, Target, output_of
from massivetext.pipelines.folder.stage import Stage
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.paths import join

CONSOLE = "https://console.cloud.google.com/dataflow/jobs"


class Job(NamedTuple):
    """A job as its record names it."""

    id: str
    name: str
    stage: str
    key: str  # of the work: `Stage.work`
    project: str
    region: str
    endpoint: str
    state: str

    @property
    def target(self) -> Target:
        """Returns where the job runs."""
        return Target(self.project, self.region, self.endpoint)

    @property
    def console(self) -> str:
        """Returns the address of the job's page."""
        return f"{CONSOLE}/{self.region}/{self.id}?project={self.project}"


def record_path(output: str, stage: str) -> str:
    """Returns the path of the record of a stage's jobs."""
    return join(output, JOBS, f"{stage}.json")


def record(stage: Stage, job: Job, facts: dict[str, Any] | None = None) -> None:
    """Writes the state of a job, and what is known of it, into the record of its stage.

    A stage may take several jobs, one after another; all of them stay in its record.
    """
    path = record_path(output_of(stage), stage.name)
    jobs = (read_json(path) or {"jobs": []})["jobs"]
    entry = job._asdict() | {"console": job.console} | (facts or {})
    write_json(path, {"jobs": [*(old for old in jobs if old["id"] != job.id), entry]})


def last_job(output: str, stage: str) -> Job | None:
    """Returns the job that was last submitted for a stage, in its recorded state, or None."""
    found = read_json(record_path(output, stage))
    if not found or not found["jobs"]:
        return None
    return Job(*(str(found["jobs"][-1][name]) for name in Job._fields))


def detached(job: Job, output: str, command: str) -> Stopped:
    """Returns the error that leaves a job running and says how to come back to it, or to end it.

    Args:
      job: the job, still live.
      output: the folder it writes to.
      command: the command line that submitted it.
    """
    return Stopped(
        f"{job.stage}: job {job.id} continues without this terminal."
        f" To wait for it again and go on: {command} ;"
        f" to cancel it: massivetext jobs {output} --cancel ; its page: {job.console}"
    )
