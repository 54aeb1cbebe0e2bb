"""A run that is killed and resumed is the run that was not; real processes, real signals."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from massivetext.cli.main import DONE, STOPPED
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.model.checkpoint import Checkpoints
from massivetext.train.model.sharding import MeshConfig, make_mesh

STEPS = 30
SETTINGS = [
    "model.context=32", "model.width=32", "model.heads=8", "model.key_size=4", "model.layers=2",
    "run.batch_tokens=[512]", "run.checkpoint_every=5", "run.evaluate_every=0", "run.log_every=1",
    "optimizer.warmup_steps=3",
]  # fmt: skip


def start(corpus: Path, output: Path, *extra: str) -> "subprocess.Popen[str]":
    pairs = [word for setting in (*SETTINGS, *extra) for word in ("--set", setting)]
    command = [sys.executable, "-m", "train", "train", "nano", "--data", str(corpus)]
    command += ["--output", str(output), "--steps", str(STEPS), *pairs]
    return subprocess.Popen(command, env=os.environ, text=True, stderr=subprocess.PIPE)


def finish(process: "subprocess.Popen[str]", code: int = DONE) -> str:
    _, errors = process.communicate(timeout=240)
    assert process.returncode == code, errors
    return errors


def kill_after(process: "subprocess.Popen[str]", output: Path, step: int, number: int) -> None:
    while process.poll() is None:
        entries = read_log(output)
        if entries and entries[-1]["step"] >= step:
            process.send_signal(number)
            return
        time.sleep(0.01)
    raise AssertionError("the run ended before it could be killed")


def final_params(output: Path) -> Any:
    checkpoints = Checkpoints(str(output))
    assert checkpoints.latest() == STEPS
    step = checkpoints.newest()
    model = checkpoints.read_about(step).model
    params = checkpoints.restore_params(step, make_mesh(MeshConfig(data=8)), model)
    checkpoints.close()
    return jax.tree.map(np.asarray, params)


def losses(output: Path) -> list[float]:
    return [entry["loss"] for entry in read_log(output) if "loss" in entry]


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    finish(start(corpus, output))
    return output


def same_bits(a: Any, b: Any) -> bool:
    return all(
        x.tobytes() == y.tobytes()
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@pytest.mark.heavy
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_killed_and_resumed_is_bit_identical(
    corpus: Path, whole: Path, tmp_path: Path, number: int
) -> None:
    process = start(corpus, tmp_path)
    kill_after(process, tmp_path, random.randrange(6, 20), number)
    finish(process, STOPPED if number == signal.SIGTERM else -signal.SIGKILL)
    finish(start(corpus, tmp_path))
    assert same_bits(final_params(tmp_path), final_params(whole))
    assert losses(tmp_path) == losses(whole)


@pytest.mark.heavy
def test_bfloat16_with_stochastic_rounding_resumes_bit_identically(
    corpus: Path, tmp_path: Path
) -> None:
    half = ("model.parameters=bfloat16", "model.compute=bfloat16")
    finish(start(corpus, tmp_path / "whole", *half))
    process = start(corpus, tmp_path / "cut", *half)
    kill_after(process, tmp_path / "cut", 8, signal.SIGTERM)
    finish(process, STOPPED)
    finish(start(corpus, tmp_path / "cut", *half))
    assert same_bits(final_params(tmp_path / "cut"), final_params(tmp_path / "whole"))


@pytest.mark.heavy
def test_resumed_on_another_mesh_goes_on_with_the_same_data(
    corpus: Path, whole: Path, tmp_path: Path
) -> None:
    process = start(corpus, tmp_path)
    kill_after(process, tmp_path, 10, signal.SIGTERM)
    finish(process, STOPPED)
    finish(start(corpus, tmp_path, "mesh.data=2", "mesh.fsdp=2", "mesh.model=2"))
    positions = []
    for output in (whole, tmp_path):
        file = next((output / "checkpoints" / str(STEPS) / "data").glob("*"))
        positions.append(json.loads(file.read_text()))
    assert positions[0] == positions[1]
    np.testing.assert_allclose(losses(tmp_path), losses(whole), rtol=2e-4)
