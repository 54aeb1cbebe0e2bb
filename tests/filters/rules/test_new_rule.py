"""A rule that counts something new: all that it touches, tried on a copy of the package."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import massivetext

SOURCE = Path(massivetext.__path__[0])

# The row and its reason; then the count: its name, how it is counted, and that it is.
ROW = {
    "paper.py": (
        "    min_stop_words: int | None",
        "    max_question_ratio: float | None = at_most(\n"
        "        0.1, Reason.QUESTION_RATIO, _QUALITY, AT.question_marks, AT.words\n"
        "    )\n",
    ),
    "reasons.py": ("    BULLET_LINES =", '    QUESTION_RATIO = "question_ratio"\n'),
}
COUNT = {
    "measures.py": ("    characters: int", "    question_marks: int\n"),
    "filters/rules/quality.py": (
        "def find_bullet_lines(",
        'def count_question_marks(text: str) -> int:\n    return text.count("?")\n\n\n',
    ),
    "filters/measure.py": (
        "        bullet_lines=",
        "        question_marks=quality.count_question_marks(text),\n",
    ),
}
USE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from massivetext import Document, Filters, QualityRules, explain, judge, load_recipe
from massivetext.config.filter_rules import LanguageRules
text = " ".join(["Is the house of the old town that you have seen with them there?"] * 8)
rules = Filters(
    language=LanguageRules(sources=()), repetition_sources=(),
    quality=QualityRules(max_question_ratio=json.loads(sys.argv[2])),
)
document = Document("a", "web", text)
shown = str(explain(document, rules))
lines = [line.split() for line in shown.splitlines() if "question_ratio" in line]
recipe = load_recipe("sample.toml", ("filters.quality.max_question_ratio=off",))
off = recipe.filters.quality.max_question_ratio
print(json.dumps([judge(document, rules).reasons, lines, off]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a copy of the package with the rule."""
    folder = tmp_path_factory.mktemp("new_rule")
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "train", "pipelines", "sample")
    shutil.copytree(SOURCE, folder / "massivetext", ignore=ignored)
    for name, (before, lines) in (ROW | COUNT).items():
        path = folder / "massivetext" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, name
        path.write_text(text.replace(before, lines + before), encoding="utf-8")
    return folder


def use(package: Path, bound: float) -> list[object]:
    """Returns reasons, lines of `explain` and the recipe's value, of a copy without kernels."""
    paths = json.dumps([str(package), *filter(None, sys.path)])
    command = [sys.executable, "-S", "-c", USE, paths, json.dumps(bound)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"MASSIVETEXT_KERNELS": "off"}
    )
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout)
    return found


def test_a_rule_that_counts_anew_touches_one_row_and_one_count(package: Path) -> None:
    # 8 question marks in 112 words
    assert use(package, 0.08)[0] == []
    reasons, lines, off = use(package, 0.07)
    assert reasons == ["question_ratio"]
    assert ["DROP", "question_ratio", "0.071", "at", "most", "0.07", "8", "/", "112"] in lines
    assert off is None


def test_the_lines_that_it_touches_are_few() -> None:
    lines = [added.count("\n") for _, added in (ROW | COUNT).values()]
    assert sum(lines) <= 11
