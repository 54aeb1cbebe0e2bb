"""A prediction as text: what goes in, what each stage takes, what it costs, what is uncertain."""

from massivetext.pipelines.estimate.predict import (
    Prediction,
    local_memory,
    wall_seconds,
)
from massivetext.pipelines.estimate.prices import Prices

_UNSURE = (
    "Not in the table: a job's start on a remote runner (2 to 3 minutes each, seven jobs), retries,"
    " reading across regions.",
    "Near copies grow faster than a sample shows them: a document meets its copies only where both"
    " are drawn. Expect up to twice the duplicates stage where much is mirrored.",
    "CPU seconds are of a core of the machine that measured; others are 0.7 to 1.5 times as fast.",
)


def tell(prediction: Prediction, prices: Prices, workers: int, measured: bool) -> str:
    """Returns the lines of a prediction."""
    return "\n".join(
        [
            *_inputs(prediction),
            "",
            *_stages(prediction, workers),
            "",
            *_money(prediction, prices, workers),
            "",
            *_shortage(prediction),
            *_uncertain(prediction, measured),
        ]
    )


def size(number: float) -> str:
    """Returns bytes in a unit that suits them.

    >>> size(999), size(12_340_000), size(10.5e12)
    ('999 B', '12.3 MB', '10.5 TB')
    """
    for unit, factor in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return f"{number:,.0f} B"


def duration(seconds: float) -> str:
    """Returns a time in a unit that suits it.

    >>> duration(3), duration(4_000), duration(400_000)
    ('3 s', '1.1 h', '4.6 days')
    """
    for unit, factor in (("days", 86_400 * 3), ("h", 3_600), ("min", 120)):
        if seconds >= factor:
            per = {"days": 86_400, "h": 3_600, "min": 60}[unit]
            return f"{seconds / per:,.1f} {unit}"
    return f"{seconds:,.0f} s"


def work(seconds: float) -> str:
    """Returns the work of one core.

    >>> work(90), work(90_000)
    ('90 s', '25 h')
    """
    return f"{seconds:,.0f} s" if seconds < 3_600 else f"{seconds / 3_600:,.0f} h"


def _inputs(prediction: Prediction) -> list[str]:
    lines = [f"{'input':<28}{'files':>9}{'bytes':>11}{'records':>16}{'kept':>16}{'text':>11}"]
    for found in prediction.amounts:
        counts = f"{found.records:>16,}{found.kept:>16,}{size(found.text_bytes):>11}"
        lines.append(f"{found.name:<28}{found.files:>9,}{size(found.input_bytes):>11}{counts}")
    kept, text = (sum(getattr(f, n) for f in prediction.amounts) for n in ("kept", "text_bytes"))
    lines.append(f"{'all':<28}{'':>9}{'':>11}{'':>16}{kept:>16,}{size(text):>11}")
    passes = ", ".join(f"{source} {value:.2f}" for source, value in prediction.passes.items())
    return [*lines, f"{prediction.tokens:,} training tokens encoded; passes: {passes}"]


def _stages(prediction: Prediction, workers: int) -> list[str]:
    wall = f"at {workers:,} workers"
    lines = [f"{'stage':<12}{'CPU':>12}{wall:>20}{'shuffled':>12}{'written':>12}{'a worker':>11}"]
    for stage in prediction.stages:
        row = f"{stage.name:<12}{work(stage.cpu):>12}"
        row += f"{duration(wall_seconds(stage, workers)):>20}{size(stage.shuffled_bytes):>12}"
        lines.append(row + f"{size(stage.output_bytes):>12}{size(stage.memory_bytes):>11}")
    total = work(sum(stage.cpu for stage in prediction.stages))
    seconds = sum(wall_seconds(stage, workers) for stage in prediction.stages)
    shuffled, written = _bytes(prediction)
    last = f"{'all':<12}{total:>12}{duration(seconds):>20}{size(shuffled):>12}"
    local = (
        f"a local build with one worker would hold {size(local_memory(prediction, 1))} in memory"
    )
    return [*lines, last + f"{size(written):>12}", local]


def _bytes(prediction: Prediction) -> tuple[int, int]:
    stages = prediction.stages
    return sum(s.shuffled_bytes for s in stages), sum(s.output_bytes for s in stages)


def _money(prediction: Prediction, prices: Prices, workers: int) -> list[str]:
    """Returns the cost, workers that wait for the last part of a stage paid for, too."""
    hours = sum(
        wall_seconds(s, workers) * (1 if s.name == "vocabulary" else min(workers, s.parts)) / 3600
        for s in prediction.stages
    )
    shuffled, written = _bytes(prediction)
    rows = {
        "vCPUs": hours * prices.vcpu_hour,
        "memory": hours * prices.memory_gb_of_vcpu * prices.memory_gb_hour,
        "shuffle": shuffled / 1e9 * prices.shuffled_gb,
        "storage of all stages, a month": written / 1e9 * prices.stored_gb_month,
    }
    words = ", ".join(f"{name} ${cost:,.2f}" for name, cost in rows.items())
    return [f"cost: ${sum(rows.values()):,.2f} ({words})"]


def _shortage(prediction: Prediction) -> list[str]:
    if not prediction.short:
        return []
    return [
        f"By these rates the build would stop, and what all sources give is foreseen instead:"
        f" {prediction.short}"
    ]


def _uncertain(prediction: Prediction, measured: bool) -> list[str]:
    if not measured:
        first = (
            "Rates are of our own test data: expect half to twice; --measure takes them from yours."
        )
        return [first, *_UNSURE]
    known = [f"{f.name} ±{2 * f.spread:.0%}" for f in prediction.amounts if f.spread < 1]
    rest = len(prediction.amounts) - len(known)
    if not known:
        return ["The sample has too few parts to tell how far its amounts are off.", *_UNSURE]
    text = f"Text a byte of input, from the spread of the sample's parts: {', '.join(known)}"
    more = f"; of {rest} kinds of input too few parts to tell" if rest else ""
    return [f"{text}{more}.", *_UNSURE]
