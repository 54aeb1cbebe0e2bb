"""The plot of a plan's answers: each difference with its interval."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from massivetext.train.laboratory.differences import Difference

mpl.use("agg")


def plot_answers(found: list[Difference], title: str, path: Path) -> None:
    """Writes a picture: a row a question, all sources together."""
    figure = Figure(figsize=(9, 1.6 + 0.6 * len(found)), layout="constrained")
    axes = figure.subplots()
    rows = range(len(found), 0, -1)
    for row, d in zip(rows, found, strict=True):
        told = abs(d.mean) > d.half
        color = "grey" if not told else ("C2" if d.mean < 0 else "C3")
        axes.errorbar(d.mean, row, xerr=d.half, fmt="o", color=color, capsize=4, linewidth=2)
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(list(rows), [f"{d.ask}\n{d.second} against {d.first}" for d in found])
    axes.set(
        ylim=(0.4, len(found) + 0.6),
        xlabel="bits a byte of held-out text, with its interval of 95 % (left of 0 is better)",
        title=title or "An ablation",
    )
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=150)
