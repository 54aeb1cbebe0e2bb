"""What a run says it cost, and the card that says it."""

import dataclasses
import json
from pathlib import Path

import pytest

from massivetext.train.config.config import TrainConfig
from massivetext.train.config.presets import load_config
from massivetext.train.data.dataset import open_dataset
from massivetext.train.evaluation.read_log import LOG, read_log
from massivetext.train.evaluation.results import read_results
from massivetext.train.run.card import write_card
from massivetext.train.run.flops import flops_per_token
from massivetext.train.run.loop import train
from massivetext.train.run.spent import as_results, device_watts, sum_up


def test_sums_are_those_of_the_log(trained: Path, tiny_run: TrainConfig) -> None:
    found = read_results(str(trained))["run"]
    entries = [entry for entry in read_log(trained) if "seconds" in entry]
    assert len(entries) == 12
    assert found["seconds"] == pytest.approx(sum(entry["seconds"] for entry in entries))
    assert found["device_hours"] == pytest.approx(found["seconds"] * 8 / 3600)
    assert (found["steps"], found["tokens"], found["devices"]) == (12, 12 * 512, "cpu")
    assert found["flops"] == pytest.approx(12 * 512 * flops_per_token(tiny_run.model))
    assert not {"mfu", "kilowatt_hours"} & set(found)  # of a CPU neither is known


def test_a_resumed_run_adds_to_what_was_spent(
    own_run: Path, corpus: Path, tiny_run: TrainConfig
) -> None:
    before = read_results(str(own_run))["run"]
    run = dataclasses.replace(tiny_run.run, steps=14, device_watts=250.0)
    assert train(dataclasses.replace(tiny_run, run=run), str(corpus), str(own_run))
    after = read_results(str(own_run))["run"]
    assert after["tokens"] == 14 * 512
    assert after["seconds"] > before["seconds"]
    assert after["kilowatt_hours"] == pytest.approx(after["device_hours"] / 4)


def test_steps_beyond_the_checkpoint_and_old_logs_cost_nothing(
    tiny_run: TrainConfig, tmp_path: Path
) -> None:
    entries = [
        {"step": 1, "loss": 1.0},  # of a version that did not write seconds
        {"step": 2, "loss": 1.0, "seconds": 3.0, "devices": 2},
        {"step": 3, "loss": 1.0, "seconds": 5.0, "devices": 4},
        {"step": 9, "loss": 1.0, "seconds": 100.0, "devices": 4},
    ]
    (tmp_path / LOG).write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    spent = sum_up(tiny_run, str(tmp_path), 3)
    assert (spent.seconds, spent.device_hours) == (8.0, pytest.approx(26 / 3600))
    assert sum_up(tiny_run, str(tmp_path), 0).seconds == 0


@pytest.mark.parametrize(
    ("kind", "watts"),
    [
        ("NVIDIA H100 80GB HBM3", 700.0),
        ("NVIDIA H100 PCIe", 350.0),
        ("NVIDIA H100 NVL", 400.0),
        ("NVIDIA H200 NVL", 600.0),
        ("NVIDIA H200", 700.0),
        ("NVIDIA A100-SXM4-80GB", 400.0),
        ("NVIDIA A100 80GB PCIe", 300.0),
        ("NVIDIA A100-PCIE-40GB", 250.0),
        ("Tesla V100-PCIE-16GB", 250.0),
        ("Tesla V100-SXM2-16GB", 300.0),
        ("Tesla T4", 70.0),
        ("NVIDIA L4", 72.0),
        ("NVIDIA L40S", None),
        ("TPU v3", 225.0),
        ("cpu", None),
    ],
)
def test_rated_power_by_device(kind: str, watts: float | None) -> None:
    assert device_watts(load_config("nano"), kind) == watts
    assert device_watts(load_config("nano", ("run.device_watts=65",)), kind) == 65.0


def test_card_says_what_the_run_recorded(
    trained: Path, corpus: Path, tiny_run: TrainConfig
) -> None:
    card = (trained / "model-card.md").read_text()
    results = read_results(str(trained))["run"]
    last = {k: v for e in read_log(trained)[-3:] for k, v in e.items()}
    row = (
        f"| web | {last['validation/web/loss']:.4f} | {last['validation/web/bits_per_byte']:.4f} |"
    )
    for fact in (
        "# tiny\n", "2, 8 x 4, 32", "over packed documents", "12, 6,144, 0", row,
        "on the whole validation: 1,536 tokens", f"{results['flops']:.3g} FLOPs",
        "energy: not estimated", open_dataset(str(corpus)).vocabulary_sha256,
    ):  # fmt: skip
        assert fact in card
    spent = sum_up(tiny_run, str(trained), 12)._replace(mfu=0.445, kilowatt_hours=1.5)
    assert as_results(spent)["mfu"] == 0.445
    text = write_card(tiny_run, open_dataset(str(corpus)), spent, {}, "")
    assert "44.5%" in text
    assert "about 1.5 kWh" in text
    assert "No text was held out." in text
