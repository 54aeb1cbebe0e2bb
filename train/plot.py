"""The loss plot at the end of a run."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from train.evaluate import ALL
from train.log import read_log

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
    axes.plot(*zip(*train, strict=True), label="training", linewidth=1) if train else None
    axes.plot(*zip(*held_out, strict=True), "o-", label="held out") if held_out else None
    if unigram:
        axes.axhline(unigram[-1], linestyle="--", color="grey", label="unigram entropy, held out")
    axes.set(xlabel="step", ylabel="loss, nats a token")
    axes.legend()
    path = folder / "loss.png"
    figure.savefig(path, dpi=120)
    return path
