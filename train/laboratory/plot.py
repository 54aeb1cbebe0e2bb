"""The plot of a plan's answers: each difference with its interval."""

from pathlib import Path
from textwrap import fill

import matplotlib as mpl
from matplotlib.figure import Figure

from massivetext.train.laboratory.differences import Difference

mpl.use("agg")

_COLUMNS = 46  # of a question beside the plot


def plot_answers(found: list[Difference], title: str, path: Path) -> None:
    """Writes a picture: a row a question, all sources together."""
    labels = [f"{fill(d.ask, _COLUMNS)}\n{d.second} against {d.first}" for d in found]
    lines = sum(label.count("\n") + 1 for label in labels)
    figure = Figure(figsize=(9, 1.6 + 0.3 * lines), layout="constrained")
    figure.suptitle(fill(title or "An ablation", 2 * _COLUMNS))
    axes = figure.subplots()
    rows = range(len(found), 0, -1)
    for row, d in zip(rows, found, strict=True):
        told = abs(d.mean) > d.half
        color = "grey" if not told else ("C2" if d.mean < 0 else "C3")
        axes.errorbar(d.mean, row, xerr=d.half, fmt="o", color=color, capsize=4, linewidth=2)
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(list(rows), labels)
    axes.set(
        ylim=(0.4, len(found) + 0.6),
        xlabel="bits a byte of held-out text, interval of 95 %\n(left of 0 is better)",
    )
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=150)
