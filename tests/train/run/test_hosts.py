"""Two hosts of four devices each are one host of eight: real processes, real collectives."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from massivetext.cli.main import STOPPED, USAGE, main
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.model.checkpoint import Checkpoints

SETTINGS = [
    "model.context=32", "model.width=32", "model.heads=8", "model.key_size=4", "model.layers=2",
    "run.batch_tokens=[512]", "run.checkpoint_every=4", "run.evaluate_every=4", "run.log_every=1",
    "mesh.data=4", "mesh.model=2",
]  # fmt: skip


def start(corpus: Path, output: Path, devices: int, *more: str) -> "subprocess.Popen[str]":
    pairs = [word for setting in SETTINGS for word in ("--set", setting)]
    command = [sys.executable, "-m", "train", "train", "nano", "--data", str(corpus)]
    command += ["--output", str(output), "--steps", "8", *pairs, *more]
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = {**os.environ, "XLA_FLAGS": flags}
    return subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE)


def finish(*processes: "subprocess.Popen[str]") -> None:
    results = [process.communicate(timeout=280)[1] for process in processes]
    for process, errors in zip(processes, results, strict=True):
        assert process.returncode == 0, errors


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def entries(output: Path, key: str) -> list[float]:
    return [entry[key] for entry in read_log(output) if key in entry]


@pytest.mark.heavy
def test_two_hosts_train_as_one(corpus: Path, tmp_path: Path) -> None:
    address = free_address()
    hosts = [start(corpus, tmp_path / "two", 4, "--hosts", address, "2", number) for number in "01"]
    finish(*hosts)
    finish(start(corpus, tmp_path / "one", 8))
    for key in ("loss", "validation/all/loss"):
        two, one = entries(tmp_path / "two", key), entries(tmp_path / "one", key)
        assert len(two) == len(one) > 1
        np.testing.assert_allclose(two, one, rtol=1e-5)


@pytest.mark.heavy
def test_a_signal_to_one_host_stops_all_at_one_step(corpus: Path, tmp_path: Path) -> None:
    output = tmp_path / "two"
    more = ("--steps", "100000", "--hosts", free_address(), "2")
    hosts = [start(corpus, output, 4, *more, number) for number in "01"]
    while not (output / "log.jsonl").exists() or len(read_log(output)) < 6:
        assert all(host.poll() is None for host in hosts), [h.communicate() for h in hosts]
        time.sleep(0.1)
    hosts[1].send_signal(signal.SIGTERM)
    errors = [host.communicate(timeout=280)[1] for host in hosts]
    assert [host.returncode for host in hosts] == [STOPPED, STOPPED], errors
    step = read_log(output)[-1]["step"]
    assert Checkpoints(str(output)).latest() == step


def test_hosts_that_make_no_sense_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for count, number in (("2", "2"), ("x", "0")):
        code = main(["train", "--data", "x", "--hosts", "localhost:1", count, number])
        assert (code, "COUNT NUMBER" in capsys.readouterr().err) == (USAGE, True)
