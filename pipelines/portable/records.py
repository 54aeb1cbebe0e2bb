"""Records of jobs beside the output: where a stage's last job runs, and how it ended."""

from typing import NamedTuple

from massivetext.pipelines.folder.stage import Stage
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.paths import join

JOBS = "jobs"  # folder below the output


class Record(NamedTuple):
    """A job as its record names it."""

    id: str
    name: str
    stage: str
    key: str  # of the work: `Stage.work`
    endpoint: str  # of the job service; empty: it ran in the process that submitted the job
    master: str  # of the Flink cluster, where one is known
    token: str  # that lets its workers write
    state: str


def record_path(output: str, stage: str) -> str:
    """Returns the path of the record of a stage's last job on a portable runner."""
    return join(output, JOBS, f"{stage}.portable.json")


def owner_path(stage: Stage) -> str:
    """Returns the path of the file that says which job may write to a stage's folder."""
    return join(output_of(stage), JOBS, f"{stage.name}.owner")


def output_of(stage: Stage) -> str:
    """Returns the output folder that a stage's folder is in."""
    return stage.folder.rsplit("/", 1)[0]


def keep(stage: Stage, record: Record) -> None:
    """Writes the record of a stage's job."""
    write_json(record_path(output_of(stage), stage.name), record._asdict())


def last_record(output: str, stage: str) -> Record | None:
    """Returns the record of the job that was last submitted for a stage, or None."""
    found = read_json(record_path(output, stage))
    return Record(*(str(found[name]) for name in Record._fields)) if found else None
