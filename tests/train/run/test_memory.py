"""Micro-batch and rematerialization: by memory, by measuring, and remembered."""

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import Any

import jax
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import TrainConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.model import count_parameters
from massivetext.train.model.sharding import make_mesh, micro_steps
from massivetext.train.run import tune
from massivetext.train.run.environment import prepare
from massivetext.train.run.memory import (
    candidates,
    check_host,
    describe_fit,
    estimate,
    fit,
    with_choice,
)

# XLA's own sums, arguments and temporaries, of training steps on an H100 (GiB): remat, micro-batch,
# kernels. Those of one micro-step keep no sum of gradients, so they take less.
MEASURED = [
    ("1.4b", "dots", 16, "on", 62.4), ("1.4b", "dots", 8, "on", 39.9),
    ("1.4b", "full", 16, "on", 33.2), ("417m", "dots", 16, "on", 24.4),
    ("1.4b", "full", 1, "off", 26.6), ("1.4b", "full", 8, "off", 30.0),
    ("1.4b", "full", 16, "off", 39.7), ("1.4b", "dots", 8, "off", 43.1),
]  # fmt: skip
GIB = 1 << 30


class Gpu:
    """A GPU as JAX describes it; there is none here."""

    platform, device_kind, compute_capability = "gpu", "NVIDIA H100", "9.0"

    def __init__(self, gib: float) -> None:
        self.gib = gib

    def memory_stats(self) -> dict[str, int]:
        return {"bytes_limit": int(self.gib * GIB)}


class OneGpu:
    """A mesh of one."""

    shape, size = {"data": 1, "fsdp": 1, "model": 1}, 1

    def __init__(self, gib: float) -> None:
        self.devices = self
        self.flat = [Gpu(gib)]


def on(gib: float) -> Any:
    return OneGpu(gib)


@pytest.mark.parametrize(("name", "remat", "micro", "kernels", "gib"), MEASURED)
def test_estimates_are_what_was_measured_and_a_little_more(
    name: str, remat: str, micro: int, kernels: str, gib: float
) -> None:
    settings = (f"model.remat={remat}", f"run.micro_batch={micro}", f"model.kernels={kernels}")
    assert 1 < estimate(load_config(name, settings), on(80)) / GIB / gib < 1.2


@pytest.mark.parametrize(
    ("name", "gib", "chosen"),
    [
        ("1.4b", 73.2, ("dots", 16)),  # 80 GB, of which JAX may take .92
        ("1.4b", 66.2, ("full", 16)),
        ("1.4b", 36.0, ("full", 8)),
        ("1.4b", 20.0, ("full", 1)),
        ("417m", 73.2, ("dots", 16)),
        ("44m", 73.2, ("dots", 32)),
    ],
)
def test_the_paper_s_presets_fit_a_card(name: str, gib: float, chosen: tuple[str, int]) -> None:
    found = fit(load_config(name), on(gib))
    assert (found.model.remat, found.run.micro_batch) == chosen


def test_what_is_chosen_and_what_is_missing_are_told() -> None:
    config = load_config("1.4b")
    assert describe_fit(fit(config, on(73.2)), on(73.2)) == (
        "micro-batches of 16 sequences, remat dots: about 64 of 73 GiB"
    )
    assert describe_fit(fit(config, on(20)), on(20)) == (
        "micro-batches of 1 sequences, remat full: about 26 of 20 GiB; too little: set "
        "model.parameters=bfloat16, then mesh.fsdp=N on N devices"
    )
    mesh = make_mesh(load_config("nano").mesh)
    assert describe_fit(fit(config, mesh), mesh) == ""


def test_settings_that_were_given_stay() -> None:
    given = load_config("1.4b", ("run.micro_batch=2",))
    found = fit(given, on(73.2))
    assert (found.model.remat, found.run.micro_batch) == ("dots", 2)
    both = load_config("1.4b", ("run.micro_batch=0", "model.remat=none"))
    assert fit(both, on(73.2)) == both


def test_open_settings_are_the_least_on_other_devices() -> None:
    mesh = make_mesh(load_config("nano").mesh)
    config = load_config("1.4b")
    assert fit(config, mesh) == with_choice(config, "full", 1)
    assert micro_steps(config, mesh, 128) == micro_steps(fit(config, mesh), mesh, 128) == 128


def test_a_model_that_no_step_could_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one parameter too many for the memory, by the optimizer's moments."""
    config, mesh = load_config("44m"), make_mesh(load_config("nano").mesh)
    for kind, of_each in (("adam", 16), ("adafactor", 8)):
        optimizer = dataclasses.replace(config.optimizer, kind=kind)  # type: ignore[arg-type]
        tried = dataclasses.replace(config, optimizer=optimizer)
        needs = count_parameters(config.model) * of_each
        for there, fits in ((needs, True), (needs - 1, False)):
            sizes = {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": there}
            monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
            with contextlib.nullcontext() if fits else pytest.raises(ConfigError, match="alone"):
                check_host(tried, mesh)
    with pytest.raises(ConfigError, match=r"280b: .* take .* GiB, and this machine has"):
        check_host(load_config("280b"), mesh)


def test_candidates_divide_every_batch() -> None:
    config = load_config("44m", ("run.batch_tokens=[12288, 20480]",))
    assert list(candidates(config, on(80))) == [
        ("dots", 2), ("full", 2), ("dots", 1), ("full", 1)
    ]  # fmt: skip


@pytest.mark.heavy
def test_a_search_is_remembered(
    tiny_run: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("MASSIVETEXT_MODELS", str(tmp_path / "cache"))
    run = dataclasses.replace(tiny_run.run, batch_tokens=(32,))
    mesh = dataclasses.replace(tiny_run.mesh, data=1)
    config = dataclasses.replace(tiny_run, run=run, mesh=mesh)
    devices = make_mesh(config.mesh)
    found = tune.tune(config, devices)
    assert (found.model.remat, found.run.micro_batch) in set(candidates(config, devices))
    assert capsys.readouterr().err.count("s a step") == 2
    longer = dataclasses.replace(config, run=dataclasses.replace(run, steps=99, seed=1))
    again = tune.tune(longer, devices)
    assert again.run.steps == 99
    assert (again.model.remat, again.run.micro_batch) == (found.model.remat, found.run.micro_batch)
    assert capsys.readouterr().err == ""
    (tmp_path / "cache" / "tuned.json").write_text("[1]")
    assert tune.remembered(config, devices) is None


def test_jax_is_told_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLA_PYTHON_CLIENT_MEM_FRACTION", raising=False)
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=")
    prepare(deterministic=True)
    prepare(deterministic=True)
    assert os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] == ".92"
    assert os.environ["XLA_FLAGS"] == "--xla_dump_to= --xla_gpu_deterministic_ops=true"
    monkeypatch.setenv("XLA_PYTHON_CLIENT_MEM_FRACTION", ".5")
    prepare(deterministic=False)
    assert os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] == ".5"
    assert jax.default_backend() == "cpu"
