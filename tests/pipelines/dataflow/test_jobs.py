"""A stage's job: submitted, followed, left, found again, failed, cancelled."""

import threading

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import WorkerOptions
from google.cloud.dataflow import AutoscalingAlgorithm, FlexResourceSchedulingGoal

from massivetext.cli.main import main
from massivetext.errors import ConfigError, StageError, Stopped
from massivetext.pipelines.dataflow.jobs import last_job
from massivetext.pipelines.dataflow.options import job_options
from massivetext.pipelines.dataflow.run import rejoin, run_on_dataflow
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import delete_files, list_names
from massivetext.storage.json_files import read_json
from tests.pipelines.dataflow.conftest import Cloud
from tests.pipelines.dataflow.service.execute import staged_graph

OUTPUT = "gs://bucket/out"
STAGE = Stage("documents", f"{OUTPUT}/documents", "0123456789abcdef" * 4)
RECORD = f"{OUTPUT}/jobs/documents.json"


def build(pipeline: beam.Pipeline) -> None:
    _ = pipeline | "parts" >> beam.Create([1]) | "spread parts" >> beam.Reshuffle()


def submit(cloud: Cloud, *flags: str, stage: Stage = STAGE) -> str:
    """Submits a job and leaves it; returns its id."""
    with pytest.raises(Stopped):
        run_on_dataflow(stage, build, (*cloud.flags, *flags), wait=False)
    job = last_job(OUTPUT, stage.name)
    assert job is not None
    return job.id


def end_soon(cloud: Cloud, number: str, state: str, *errors: str) -> None:
    threading.Timer(0.6, cloud.service.finish, (number, state, errors)).start()


def test_a_job_is_named_labelled_sized_and_recorded(cloud: Cloud) -> None:
    number = submit(cloud, "--labels=team=corpus")
    job = cloud.service.jobs[number]
    assert job["name"].startswith("massivetext-documents-")
    assert job["labels"]["massivetext-key"] == STAGE.key[:40]
    assert job["labels"]["team"] == "corpus"
    pool = job["environment"]["workerPools"][0]
    assert (pool["machineType"], pool["diskSizeGb"]) == ("n2-standard-4", 50)
    assert pool["numThreadsPerWorker"] == 1
    scaling = {"algorithm": AutoscalingAlgorithm.AUTOSCALING_ALGORITHM_BASIC, "maxNumWorkers": 100}
    assert pool["autoscalingSettings"] == scaling
    record = read_json(RECORD)
    assert record is not None
    entry = record["jobs"][0]
    assert (entry["id"], entry["state"], entry["key"]) == (number, "PENDING", STAGE.key)
    assert (entry["project"], entry["region"]) == ("fake-project", "us-central1")
    assert len(staged_graph(job).components.transforms) > 3


def test_a_stage_may_need_another_machine_and_the_user_has_the_last_word() -> None:
    flags = ("--project=p", "--region=r")
    stages = [Stage(s.name, f"{OUTPUT}/{s.name}", "k", machine=s.machine) for s in STAGES]
    machines = {stage.name: machine_of(stage, flags) for stage in stages}
    assert machines == {
        "documents": "n2-standard-4",
        "duplicates": "n2-highmem-4",
        "overlap": "n2-standard-4",
        "vocabulary": "n2-highmem-8",
        "tokens": "n2-standard-4",
        "sequences": "n2-highmem-4",
    }
    own = (*flags, "--machine_type=n2-highcpu-8")
    assert {machine_of(stage, own) for stage in stages} == {"n2-highcpu-8"}


def machine_of(stage: Stage, flags: tuple[str, ...]) -> str:
    return str(job_options(stage, flags).view_as(WorkerOptions).machine_type)


def test_the_users_own_choices_stand(cloud: Cloud) -> None:
    number = submit(
        cloud,
        "--worker_machine_type=n2-highcpu-8",
        "--max_num_workers=7",
        "--flexrs_goal=COST_OPTIMIZED",
        "--service_account_email=worker@example.com",
        "--job_name=corpus",
    )
    job = cloud.service.jobs[number]
    pool = job["environment"]["workerPools"][0]
    assert job["name"].startswith("corpus-documents-")
    assert pool["machineType"] == "n2-highcpu-8"
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 7
    goal = job["environment"]["flexResourceSchedulingGoal"]
    assert goal == FlexResourceSchedulingGoal.FLEXRS_COST_OPTIMIZED
    assert job["environment"]["serviceAccountEmail"] == "worker@example.com"


def test_workers_get_the_wheel_and_pinned_requirements_or_an_image(cloud: Cloud) -> None:
    submit(cloud)
    staged = [b.name for b in cloud.storage.list_blobs(cloud.bucket, prefix="out/jobs/staging")]
    assert any(name.endswith("requirements.txt") for name in staged)
    assert any(name.endswith("massivetext-0.1.0-py3-none-any.whl") for name in staged)
    image = "localhost/project/massivetext:1"
    other = STAGE._replace(name="tokens", folder=f"{OUTPUT}/tokens")
    number = submit(cloud, f"--sdk_container_image={image}", stage=other)
    pool = cloud.service.jobs[number]["environment"]["workerPools"][0]
    assert pool["workerHarnessContainerImage"] == image


def test_a_second_run_waits_for_the_first_ones_job(cloud: Cloud) -> None:
    number = submit(cloud)
    end_soon(cloud, number, "DONE")
    rejoin(STAGE, tuple(cloud.flags), wait=True)
    assert len(cloud.service.jobs) == 1
    record = read_json(RECORD)
    assert record is not None
    assert record["jobs"][0]["state"] == "DONE"
    rejoin(STAGE, tuple(cloud.flags), wait=True)  # nothing is left to wait for


def test_a_job_that_was_never_recorded_is_found_by_its_name(cloud: Cloud) -> None:
    number = submit(cloud)
    delete_files([RECORD])
    end_soon(cloud, number, "DONE")
    run_on_dataflow(STAGE, build, tuple(cloud.flags), wait=True)
    assert list(cloud.service.jobs) == [number]


def test_a_finished_job_does_not_stand_in_the_way_of_the_next(cloud: Cloud) -> None:
    cloud.service.finish(submit(cloud), "DONE")
    submit(cloud)
    assert len(cloud.service.jobs) == 2
    record = read_json(RECORD)
    assert record is not None
    assert [job["id"] for job in record["jobs"]] == list(cloud.service.jobs)


def test_a_name_that_another_job_has_is_refused_before_anything_is_uploaded(cloud: Cloud) -> None:
    name = cloud.service.jobs[submit(cloud)]["name"]
    cloud.service.reset()
    cloud.service.add(name, labels={"massivetext-key": "another"})
    before = list_names("gs://bucket/out/jobs/staging")
    with pytest.raises(ConfigError, match=r"the job name .* is taken by job 2026-0000"):
        run_on_dataflow(STAGE, build, tuple(cloud.flags), wait=True)
    assert list_names("gs://bucket/out/jobs/staging") == before


def test_a_live_job_for_another_recipe_is_not_run_over(cloud: Cloud) -> None:
    submit(cloud)
    with pytest.raises(ConfigError, match="still writing there for another recipe"):
        rejoin(STAGE._replace(key="f" * 64), tuple(cloud.flags), wait=True)


def test_a_failed_job_says_why(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    number = submit(cloud)
    cloud.service.say(number, "workers are slow", "WARNING")
    text = 'Traceback (most recent call last):\n  File "a.py", line 1\nOSError: no such object: x'
    end_soon(cloud, number, "FAILED", text, "Workflow failed.")
    with pytest.raises(StageError, match=r"failed: OSError: no such object: x \| Workflow failed"):
        rejoin(STAGE, tuple(cloud.flags), wait=True)
    assert "warning: workers are slow" in capsys.readouterr().err
    record = read_json(RECORD)
    assert record is not None
    assert record["jobs"][0]["state"] == "FAILED"


def test_our_own_error_on_a_worker_is_shown_without_its_traceback(cloud: Cloud) -> None:
    number = submit(cloud)
    text = "Traceback …\nmassivetext.errors.StageError: the table is torn [while running 'x']"
    end_soon(cloud, number, "FAILED", text)
    with pytest.raises(
        StageError, match="failed: the table is torn; rerun the same command to continue"
    ):
        rejoin(STAGE, tuple(cloud.flags), wait=True)


def test_a_job_that_failed_while_nobody_waited_is_reported_once(cloud: Cloud) -> None:
    cloud.service.finish(submit(cloud), "FAILED", ("quota exceeded",))
    with pytest.raises(StageError, match="quota exceeded"):
        rejoin(STAGE, tuple(cloud.flags), wait=False)
    rejoin(STAGE, tuple(cloud.flags), wait=False)


def test_a_cancelled_job_is_a_stage_that_can_go_on(cloud: Cloud) -> None:
    number = submit(cloud)
    end_soon(cloud, number, "CANCELLED")
    with pytest.raises(StageError, match="was cancelled; rerun the same command to continue"):
        rejoin(STAGE, tuple(cloud.flags), wait=True)


def test_a_job_that_the_service_has_forgotten_is_over(cloud: Cloud) -> None:
    submit(cloud)
    cloud.service.reset()
    rejoin(STAGE, tuple(cloud.flags), wait=True)
    record = read_json(RECORD)
    assert record is not None
    assert record["jobs"][0]["state"] == "FORGOTTEN"


def test_outages_of_the_service_are_waited_out(cloud: Cloud) -> None:
    number = submit(cloud)
    cloud.service.outages = 3
    end_soon(cloud, number, "DONE")
    rejoin(STAGE, tuple(cloud.flags), wait=True)
    record = read_json(RECORD)
    assert record is not None
    assert record["jobs"][0]["state"] == "DONE"


def test_leaving_says_how_to_come_back_and_how_to_end_it(cloud: Cloud) -> None:
    with pytest.raises(Stopped) as stopped:
        run_on_dataflow(STAGE, build, tuple(cloud.flags), wait=False)
    assert "massivetext jobs gs://bucket/out --cancel" in str(stopped.value)
    assert "to wait for it again and go on: " in str(stopped.value).lower()
    assert "https://console.cloud.google.com/dataflow/jobs/us-central1/" in str(stopped.value)


def test_a_refused_job_is_one_line(cloud: Cloud) -> None:
    cloud.service.refusal = (403, "Dataflow API has not been used in project fake-project")
    with pytest.raises(ConfigError, match="refuses project fake-project in us-central1: Dataflow"):
        run_on_dataflow(STAGE, build, tuple(cloud.flags), wait=True)
    assert read_json(RECORD) is None


def test_jobs_are_listed_and_cancelled(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", OUTPUT]) == 2
    assert "no job is recorded" in capsys.readouterr().err
    number = submit(cloud)
    cloud.service.counters[number] = {"documents: records": 1234}
    assert main(["jobs", OUTPUT]) == 0
    shown = capsys.readouterr().out
    assert f"documents   running    {number}  2.0 vCPU hours, documents: records 1,234" in shown
    assert main(["jobs", OUTPUT, "--cancel"]) == 0
    assert cloud.service.jobs[number]["currentState"] == "JOB_STATE_CANCELLED"
