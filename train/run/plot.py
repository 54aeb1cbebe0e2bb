"""The loss plot at the end of a run."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massivetext.train.evaluation.loss_by_source import ALL
from massivetext.train.evaluation.read_log import read_log

mpl.use("agg")


def plot_loss(folder: Path) -> Path:
    """Returns the picture of a run's log: training and held-out loss, and the unigram entropy."""
    entries = read_log(folder)
    train = [(e["step"], e["loss"]) for e in entries if "loss" in e]
    key = f"validation/{ALL}/"
    held_out = [(e["step"], e[key + "loss"]) for e in entries if key + "loss" in e]
    unigram = [e[key + "unigram"] for e in entries if key + "unigram" in e]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    _plot_training(axes, train)
    if held_out:
        axes.plot(*zip(*held_out, strict=True), "o-", color="C1", label="held out")
    if unigram:
        axes.axhline(unigram[-1], linestyle="--", color="grey", label="unigram entropy, held out")
    axes.set(xlabel="step", ylabel="loss, nats a token")
    axes.legend()
    path = folder / "loss.png"
    figure.savefig(path, dpi=120)
    return path


def _plot_training(axes: Axes, points: list[tuple[int, float]]) -> None:
    """Draws each logged batch faintly and their running mean: one batch may be one sequence."""
    if not points:
        return
    steps, losses = np.array(points).T
    width = max(1, len(losses) // 20)
    means = np.convolve(losses, np.full(width, 1 / width), "valid")
    axes.plot(steps, losses, color="C0", linewidth=1, alpha=0.3)
    label = f"training, mean of {width} logged batches" if width > 1 else "training"
    axes.plot(steps[width - 1 :], means, color="C0", label=label)
