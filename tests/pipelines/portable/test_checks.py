"""What is wrong with flags, addresses and paths is one line before anything is submitted."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.pipelines.cli.flags import check_flags
from massivetext.pipelines.portable.checks import check_cluster
from tests.flink.cluster import free_port
from tests.support.commands import one_line, run, small_corpus

FLINK = "--runner=FlinkRunner"
PORTABLE = "--runner=PortableRunner"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([PORTABLE, "--environment_type=PROCESS"], "--output: "),
        ([PORTABLE, "--environment_type=LOOPBACK"], "needs --job_endpoint"),
        pytest.param(
            [PORTABLE, "--job_endpoint=localhost:{port}", "--environment_type=LOOPBACK"],
            "no job ser",
            marks=pytest.mark.heavy,  # it waits ten seconds for one
        ),
        ([FLINK, "--flink_master=localhost:{port}"], "--environment_type: without it"),
        ([FLINK, "--flink_master=x:1", "--environment_type=EXTERNAL"], "say where the worker pool"),
        (
            [FLINK, "--flink_master=localhost:{port}", "--environment_type=PROCESS"],
            "--output: ",
        ),
        (
            [FLINK, "--flink_master=localhost:{port}", "--environment_type=LOOPBACK"],
            "no Flink cluster answers there",
        ),
        ([FLINK, "--paralelism=2"], "did you mean --parallelism?"),
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], said: str
) -> None:
    monkeypatch.setattr("massivetext.pipelines.portable.job._SECONDS", 0.2)
    given = [flag.format(port=free_port()) for flag in flags]
    finished = run(
        "build",
        small_corpus(tmp_path, 2, tokens=8_000, length=64),
        "--output",
        tmp_path / "out",
        *given,
    )
    assert finished.code == 2
    assert said in one_line(finished)
    assert not (tmp_path / "out").exists()


def test_flags_of_the_runners_own_side_go_on_with_a_note(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check_flags((FLINK, "--number_of_execution_retries=3", "--state_backend", "rocksdb"))
    noted = capsys.readouterr().err
    assert "note: --number_of_execution_retries is unknown" in noted
    assert "note: --state_backend is unknown" in noted
    with pytest.raises(ConfigError, match="number_of_execution_retries"):
        check_flags(("--number_of_execution_retries=3",))


@pytest.fixture
def cluster() -> Iterator[tuple[str, dict[str, object]]]:
    """A REST address that answers as Flink does, and its answers."""
    answers: dict[str, object] = {
        "/taskmanagers": {"taskmanagers": [{"id": "a", "slotsNumber": 1}]},
        "/taskmanagers/a": {"memoryConfiguration": {"networkMemory": 128 << 20}},
        "/jobmanager/config": [],
    }

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers[self.path]).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("localhost", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}", answers
        server.shutdown()


def test_network_memory_is_checked_at_its_boundary(
    cluster: tuple[str, dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    master, answers = cluster
    need = 4_121 * 32_768
    for size, enough in ((need, True), (need - 1, False)):
        answers["/taskmanagers/a"] = {"memoryConfiguration": {"networkMemory": size}}
        if enough:
            check_cluster(master)
            assert "1 TaskManagers, 1 slots" in capsys.readouterr().err
        else:
            with pytest.raises(ConfigError, match="min-buffers: 64"):
                check_cluster(master)
    setting = {"key": "taskmanager.network.sort-shuffle.min-buffers", "value": "64"}
    answers["/jobmanager/config"] = [setting]
    check_cluster(master)


def test_a_cluster_without_workers_is_told(cluster: tuple[str, dict[str, object]]) -> None:
    master, answers = cluster
    answers["/taskmanagers"] = {"taskmanagers": []}
    with pytest.raises(ConfigError, match="has no TaskManager"):
        check_cluster(master)
