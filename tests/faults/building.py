"""Builds in their own processes, to be compared, killed and resumed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


def command(recipe: str, output: Path, *words: str) -> list[str]:
    return [
        sys.executable, "-m", "massivetext", "build", recipe, "--output", str(output), *words,
    ]  # fmt: skip


def build(recipe: str, output: Path, *words: str) -> None:
    done = subprocess.run(
        command(recipe, output, *words), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def digests(output: Path) -> dict[str, str]:
    """SHA-256 of every final shard and of the vocabulary."""
    files = [*(output / "sequences").glob("*.tfrecord-*"), output / "vocabulary/vocabulary.model"]
    assert len(files) > 1
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def stage_manifest(output: Path, stage: str) -> dict[str, Any]:
    return json.loads((output / stage / "manifest.json").read_text())


def leftovers(output: Path) -> list[str]:
    return [str(path) for path in output.rglob("*.tmp-*")]


def kill_in(stage: str, share: float, seconds: float, words: list[str], output: Path) -> bool:
    """Starts a build and kills it, with all its children, at a share of a stage.

    A stage of parts is killed when that share of its summaries is there, others after that share
    of the `seconds` which the stage took before. Returns whether the stage was still unfinished.
    """
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(stage, share, seconds, output, process)
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True)]
        os.killpg(process.pid, signal.SIGKILL)
        for child in family:
            if child.is_running():
                child.kill()
        process.wait()
    return not (output / stage / "manifest.json").exists()


def _wait(
    stage: str, share: float, seconds: float, output: Path, process: "subprocess.Popen[bytes]"
) -> None:
    place = STAGES.index(stage)
    before = output / STAGES[place - 1] / "manifest.json"
    while place and not before.exists() and process.poll() is None:
        time.sleep(0.01)
    began = time.monotonic()
    parts = _parts(output)
    counted = stage in ("documents", "overlap", "tokens")
    while process.poll() is None and not (output / stage / "manifest.json").exists():
        done = len(list((output / stage).glob("part-*.json")))
        if counted and parts and done >= share * parts:
            return
        if not (counted and parts) and time.monotonic() - began > share * seconds:
            return
        time.sleep(0.005)


def _parts(output: Path) -> int:
    plan = output / "parts"
    return int(plan.read_text()) if plan.exists() else 0
