"""A trace of hundreds of lines becomes the one line that says what happened and what to do."""

import pytest

from massivetext.errors import ConfigError, DamagedFile, StageError
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.portable.failures import failure

STAGE = Stage("duplicates", "/out/duplicates", "key")
FRAMES = "\tat org.apache.flink.Thing.run(Thing.java:12)\n" * 90
TRACE = (
    "org.apache.flink.client.program.ProgramInvocationException: The main method failed\n"
    f"{FRAMES}Caused by: org.apache.flink.runtime.JobException: Recovery is suppressed\n"
    f"{FRAMES}Caused by: {{}}\n{FRAMES}\t... 12 more\n"
)


@pytest.mark.parametrize(
    ("reason", "said", "advice"),
    [
        (
            "java.io.IOException: Insufficient number of network buffers: required 512",
            "Insufficient number of network buffers: required 512",
            "sort-shuffle.min-buffers: 64",
        ),
        (
            "java.io.IOException: Received exit code 125 for command 'docker run x'",
            "Received exit code 125",
            "--environment_type=PROCESS",
        ),
        (
            "java.lang.IllegalStateException: Process died with exit code 1",
            "Process died with exit code 1",
            "install massivetext on every worker",
        ),
        (
            "org.apache.flink.X: TaskManager with id tm1 is no longer reachable.",
            "TaskManager with id tm1 is no longer reachable.",
            "worker machine was lost",
        ),
        ("java.lang.RuntimeException: odd", "odd", ""),
    ],
)
def test_the_last_cause_is_told(reason: str, said: str, advice: str) -> None:
    error = failure(STAGE, "job-1", "FAILED", [TRACE.format(reason)])
    assert isinstance(error, StageError)
    assert "\n" not in str(error)
    assert len(str(error)) < 500
    for words in (
        "duplicates: job job-1 failed: ",
        said,
        advice,
        "rerun the same command to continue",
    ):
        assert words in str(error)


def test_our_own_errors_come_through_a_java_trace() -> None:
    inner = (
        "java.lang.RuntimeException: Error received from SDK harness for instruction 3: Traceback"
        ' (most recent call last):\n  File "x.py", line 1\nmassivetext.errors.{} [while running'
        " 'write']\n"
    )
    config = failure(STAGE, "j", "FAILED", [TRACE.format(inner.format("ConfigError: no model"))])
    assert isinstance(config, ConfigError)
    assert str(config) == "no model"
    text = "DamagedFile: /out/documents/a.parquet is damaged (size); build with --verify"
    damaged = failure(STAGE, "j", "FAILED", [TRACE.format(inner.format(text))])
    assert isinstance(damaged, DamagedFile)
    assert damaged.path == "/out/documents/a.parquet"


def test_an_end_without_a_word_is_told_too() -> None:
    assert "it left no message" in str(failure(STAGE, "j", "FAILED", []))
    assert "was cancelled" in str(failure(STAGE, "j", "CANCELLED", ["x"]))
