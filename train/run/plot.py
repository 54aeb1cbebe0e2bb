"""The loss plot at the end of a run."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massivetext.train.evaluation.loss_by_source import ALL
from massivetext.train.evaluation.read_log import read_log

mpl.use("agg")


def plot_loss(folder: Path, title: str = "") -> Path:
    """Returns the picture of a run's log: training and held-out loss, and the unigram entropy."""
    entries = read_log(folder)
    key = f"validation/{ALL}/"
    held_out = [(e["step"], e[key + "loss"]) for e in entries if key + "loss" in e]
    unigram = [e[key + "unigram"] for e in entries if key + "unigram" in e]
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    _plot_training(axes, [e for e in entries if "loss" in e])
    if held_out:
        label = f"held out, {held_out[-1][1]:.3f} at the end"
        axes.plot(*zip(*held_out, strict=True), "o-", color="C1", label=label)
    if unigram:
        label = f"held-out unigram entropy, {unigram[-1]:.3f}"
        axes.axhline(unigram[-1], linestyle="--", color="grey", label=label)
    axes.set(xlabel="optimizer step", ylabel="loss in nats a token", title=title)
    axes.grid(alpha=0.3)
    axes.legend()
    path = folder / "loss.png"
    figure.savefig(path, dpi=150)
    return path


def _plot_training(axes: Axes, entries: list[dict[str, Any]]) -> None:
    """Draws the logged batches faintly, and the mean of the last steps at each of them."""
    if not entries:
        return
    steps = [entry["step"] for entry in entries]
    axes.plot(steps, [e["loss"] for e in entries], color="C0", linewidth=1, alpha=0.25)
    smoothed = [e.get("smoothed_loss", e["loss"]) for e in entries]
    axes.plot(
        steps, smoothed, color="C0", linewidth=2, label="training, mean of the last 100 steps"
    )
