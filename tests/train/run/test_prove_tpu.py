"""Ahead-of-time proofs. Part of ``make test-tpu``: the compiling ones need libtpu, no TPU."""

import dataclasses
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from massivetext.train.cli.prove_tpu import ENVIRONMENT
from massivetext.train.config.config import MeshConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.sharding import make_mesh
from massivetext.train.run.prove_tpu import Proof, _explain, advice, format_proof

needs_libtpu = pytest.mark.skipif(
    importlib.util.find_spec("libtpu") is None, reason="libtpu is an extra: make test-tpu"
)


def prove(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "train", "prove-tpu", *words]
    path = str(Path(__file__).parents[3])
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": path, **ENVIRONMENT}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.heavy
@needs_libtpu
def test_a_small_step_compiles_for_v3() -> None:
    settings = ["--set", "model.context=256", "--set", "run.batch_tokens=[2048]"]
    result = prove("44m", "--topology", "v3:2x2", *settings)
    assert result.returncode == 0, result.stderr
    assert "8 cores" in result.stdout
    assert "of 15.48 GiB a core" in result.stdout


@pytest.mark.heavy
@needs_libtpu
@pytest.mark.timeout(1_800)  # a compilation takes two CPU minutes
@pytest.mark.parametrize(
    ("words", "cores", "batch"),
    [
        (("1.4b", "--topology", "v3:2x2"), "8 cores", "0.26M tokens"),
        (("7.1b", "--topology", "v3:4x4"), "32 cores", "2.10M tokens"),
        (("280b", "--topology", "v3:32x32"), "2,048 cores", "6.29M tokens"),
        (("280b", "--topology", "v3:32x32", "--slices", "4"), "8,192 cores", "6.29M tokens"),
    ],
)
def test_the_papers_models_fit_at_its_batches(
    words: tuple[str, ...], cores: str, batch: str
) -> None:
    result = prove(*words)
    assert result.returncode == 0, result.stderr
    assert cores in result.stdout
    assert batch in result.stdout
    assert "of 15.48 GiB a core" in result.stdout


@pytest.mark.heavy
@needs_libtpu
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("280b", "--topology", "v3:8x8"), "GiB too much. Try"),
        (("1.4b", "--topology", "v3-32"), "topology 'v3-32'"),
        (("7.1b", "--topology", "v3:2x2", "--set", "mesh.model=3"), "does not fit 8 devices"),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], message: str) -> None:
    result = prove(*words)
    assert result.returncode in (1, 2)
    assert message in result.stderr


def test_refusal_says_by_how_much_and_what_to_change() -> None:
    error = RuntimeError(
        "RESOURCE_EXHAUSTED: Ran out of memory on HBM, the total memory required for HLO "
        "temporaries (38.12G) exceeds available HBM (15.48G).."
    )
    config = load_config("1.4b", ("run.micro_batch=0", "model.remat=none"))
    text = _explain(config, make_mesh(MeshConfig()), 128, error)
    assert text.startswith("does not fit: 38.12 GiB of 15.48 GiB a core, 22.64 GiB too much. Try")
    assert text.index("remat=full") < text.index("micro_batch=1") < text.index("mesh.model=2")


def test_other_compiler_errors_are_not_called_memory() -> None:
    config = load_config("44m")
    text = _explain(config, make_mesh(MeshConfig()), 128, RuntimeError("bad layout\nmore"))
    assert text == "the step does not compile: bad layout"


def test_advice_leaves_out_what_is_done() -> None:
    config = load_config("280b", ("model.shard_time=true",))
    one = dataclasses.replace(config, mesh=MeshConfig(model=8))
    assert advice(one, make_mesh(one.mesh), 8) == "Try a larger topology."


def test_proof_names_all_its_terms() -> None:
    proof = Proof(8, "TPU v3", (8, 1, 1), 128, 2_048, 16, 6 << 30, 7 << 30, 13 << 30, 99.0)
    text = format_proof(load_config("1.4b"), "v3:2x2", proof)
    for part in ("8 data x 1 fsdp x 1 model", "0.26M tokens", "13.00 GiB of 15.48 GiB a core"):
        assert part in text
