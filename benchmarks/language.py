"""Language: documents against fastText's own prediction, in one run, and whether scores agree."""

import time
from collections.abc import Sequence

from benchmarks.encoding import Speed
from benchmarks.stages import MODEL
from massivetext.filters.language.detect import LanguageModel, LanguageScore, measure_language

ROUNDS = 3  # the fastest counts


def measure_languages(texts: Sequence[str]) -> Speed:
    """Returns the row; a text counts whole, though at most a thousand characters are looked at."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    ours, found = _fastest(LanguageModel(str(MODEL)), texts)
    plain, expected = _fastest(LanguageModel(str(MODEL), native=False), texts)
    return Speed("language", megabytes / ours, megabytes / plain, found == expected)


def _fastest(model: LanguageModel, texts: Sequence[str]) -> tuple[float, list[LanguageScore]]:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = [measure_language(model, text) for text in texts]
        times.append(time.process_time() - start)
    return min(times), found
