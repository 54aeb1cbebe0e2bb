"""lm-eval's own command on our models, by name and as exported. Part of ``make test-eval``."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massivetext.decontaminate.tasks import TASKS
from massivetext.train.evaluation.score import Scorer
from massivetext.train.evaluation.suite import run_suite, write_task
from massivetext.train.inference.hugging_face import export_transformers
from massivetext.train.inference.model_folder import load_model

WORDS = ["kalo", "mine", "rusha", "tivo", "peda", "nelo", "sham", "voru"]
CHOSEN = ("hellaswag", "lambada")


def sentence(generator: np.random.Generator, words: int) -> str:
    return " ".join(generator.choice(WORDS, words))


def write_data(folder: Path) -> None:
    """Two miniature tasks in the data sets' own formats: choices, and a last word."""
    generator = np.random.default_rng(0)
    folder.mkdir()
    rows = [
        {
            "activity_label": sentence(generator, 2), "ctx_a": sentence(generator, 4), "ctx_b": "",
            "endings": [sentence(generator, 3) for _ in range(4)],
            "label": str(generator.integers(4)),
        }
        for _ in range(12)
    ]  # fmt: skip
    (folder / "hellaswag.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    texts = [json.dumps({"text": sentence(generator, 6)}) + "\n" for _ in range(8)]
    (folder / "lambada.jsonl").write_text("".join(texts))


def run_command(module: str, model: str, arguments: str, tasks: Path, out: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", module, "run", "--model", model, "--model_args", arguments]
    words += ["--tasks", ",".join(CHOSEN), "--include_path", str(tasks), "--batch_size", "1"]
    words += ["--output_path", str(out), "--device", "cpu"]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, **offline}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(next(out.rglob("*.json")).read_text())["results"]
    return found


@pytest.mark.heavy
@pytest.mark.timeout(900)
@pytest.mark.parametrize("model", ["massivetext", "hf"])
def test_lm_evals_command_gives_our_figures(model: str, trained: Path, tmp_path: Path) -> None:
    for name in ("lm_eval", *(("torch", "transformers") if model == "hf" else ())):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} has an environment of its own: make test-eval, test-transformers")
    write_data(tmp_path / "data")
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    chosen = [task for task in TASKS if task.name in CHOSEN]
    for task in chosen:
        write_task(task, tmp_path / "data", tasks, None)
    loaded = load_model(str(trained))
    if model == "hf":
        export_transformers(loaded, tmp_path / "export")
        module, arguments = "lm_eval", f"pretrained={tmp_path / 'export'},trust_remote_code=True"
    else:
        module, arguments = "massivetext.train.evaluation.lm_eval_model", f"path={trained}"
    theirs = run_command(module, model, arguments, tasks, tmp_path / "out")
    ours = {
        r.task.name: r.value for r in run_suite(Scorer(loaded), tmp_path / "data", tasks=chosen)
    }
    assert set(ours) == set(CHOSEN)
    for name, value in ours.items():
        assert 100 * theirs[name]["acc,none"] == pytest.approx(value), name
