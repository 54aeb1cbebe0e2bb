"""Functions of the user's own: loaded alone, carried as text, checked at every call."""

import pickle
import sys
from pathlib import Path

import pytest

from massivetext.config.recipe import Filters
from massivetext.document import Document, Origin
from massivetext.errors import ConfigError, RecordError
from massivetext.filters.judge import Models, judge
from massivetext.filters.measure import measure
from massivetext.filters.own.call import MAX_REASONS, TAKEN, OwnFunction, load_all
from massivetext.filters.own.code import OwnCode, load_own, read_own
from massivetext.filters.safety.explicit import DomainList
from massivetext.reasons import Reason
from tests.support.commands import prose

PAGE = Document(Origin("github", "a").document_id(0), "github", prose(1))


def own(folder: Path, text: str, function: str = "f", name: str = "rules.py") -> OwnCode:
    (folder / name).write_text(text)
    return read_own(f"{folder / name}:{function}")


def reason(code: OwnCode) -> str | None:
    return OwnFunction(code).reason(PAGE, measure(PAGE.text))


def test_the_text_travels_not_the_file(tmp_path: Path) -> None:
    code = own(tmp_path, "def f(document, measures): return 'mine' if measures.words else None\n")
    sent = pickle.dumps(code)
    (tmp_path / "rules.py").unlink()
    assert reason(pickle.loads(sent)) == "mine"


def test_a_file_is_loaded_by_its_path_alone(tmp_path: Path) -> None:
    before = list(sys.path)
    text = """
from __future__ import annotations
from dataclasses import dataclass
import json

@dataclass
class Bound:
    most: int | None = 3

def f(document, measures):
    return json.loads('"of_json"') if Bound().most else None
"""
    code = own(tmp_path, text, name="json.py")
    assert reason(code) == "of_json"  # its own name hides no module
    assert load_own(code).__module__ not in ("json", "__main__")
    assert sys.path == before


def test_two_files_of_one_text_or_one_name_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    text = (
        "calls = []\ndef f(document, measures):\n    calls.append(1)\n    return 'x' * len(calls)\n"
    )
    one, two = own(tmp_path, text), own(tmp_path / "deep", text)
    assert [reason(one), reason(one), reason(two)] == ["x", "xx", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:\n", "rules.py, line 1: "),
        ("import os\nimport helpers\n", "rules.py, line 2: ModuleNotFoundError: No module named"),
        ("\n\nraise SystemExit(3)\n", "rules.py, line 3: SystemExit: 3; a rule's file must load"),
        ("g = 1\n", "rules.py has no function 'f'; it has none"),
        ("f = 1\ndef g(): pass\n", "rules.py has no function 'f'; it has g"),
        ("def f(a):\n    return '\0'\n", "rules.py"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["True", "1", "b'x'", "['x']", "''", "'Two words'", "'x' * 49"])
def test_what_is_no_reason_is_an_error(tmp_path: Path, value: str) -> None:
    code = own(tmp_path, f"def f(document, measures): return {value}\n")
    with pytest.raises(ConfigError, match=r"rules.py:f returned .*, which is no reason"):
        reason(code)


def test_reasons_are_names_of_rules_not_of_documents(tmp_path: Path) -> None:
    text = "n = 0\ndef f(document, measures):\n    global n\n    n += 1\n    return f'r{n}'\n"
    rule = OwnFunction(own(tmp_path, text))
    measures = measure(PAGE.text)
    assert [rule.reason(PAGE, measures) for _ in range(MAX_REASONS)][-1] == f"r{MAX_REASONS}"
    with pytest.raises(ConfigError, match="gave 101 different reasons, the last 'r101'"):
        rule.reason(PAGE, measures)


@pytest.mark.parametrize("name", [*map(str, Reason), "broken", "kept"])
def test_no_name_of_the_filters_is_a_reason(tmp_path: Path, name: str) -> None:
    assert name in TAKEN
    code = own(tmp_path, f"def f(document, measures): return {name!r}\n")
    with pytest.raises(ConfigError, match="has a meaning already"):
        reason(code)


RAISING = {
    "def f(d, m):\n    return 1 / 0\n": "line 2: ZeroDivisionError: division by zero",
    "def g(x):\n    return x[9]\n\ndef f(d, m):\n    return g([])\n": "line 2: IndexError",
    "import json\ndef f(d, m):\n    return json.loads('{')\n": "line 3: JSONDecodeErr",
    "def f(document, measures):\n    return f(document, measures)\n": "line 2: RecursionError",
    "def f(document):\n    return None\n": "no line of its own: TypeError",
    "import sys\ndef f(document, measures):\n    sys.exit('so')\n": "line 3: SystemExit: so",
    "class E(Exception):\n  def __str__(self): raise self\ndef f(d, m):\n  raise E\n": "line 4: E",
}


@pytest.mark.parametrize("text", RAISING)
def test_what_a_rule_raises_costs_one_document(tmp_path: Path, text: str) -> None:
    code = own(tmp_path, text)
    with pytest.raises(RecordError) as caught:
        reason(code)
    assert str(caught.value).startswith(f"rules.py:f, {RAISING[text]}")
    assert str(caught.value).endswith(f"(document {PAGE.id})")


def test_ctrl_c_in_a_rule_is_no_error_of_the_rule(tmp_path: Path) -> None:
    code = own(tmp_path, "def f(document, measures):\n    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        reason(code)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [("7", ConfigError, "no text"), ("None", ConfigError, "no text"),
     ("'\\ud800'", RecordError, "lone surrogate")],
)  # fmt: skip
def test_what_is_no_text_is_an_error(
    tmp_path: Path, value: str, kind: type[Exception], message: str
) -> None:
    code = own(tmp_path, f"def f(text): return {value}\n")
    with pytest.raises(kind, match=message):
        OwnFunction(code).text(PAGE)


def test_transforms_come_first_and_rules_last(tmp_path: Path) -> None:
    text = """
def upper(text):
    return text.upper()

def twice(text):
    return text + text + "\\0"

def few(document, measures):
    assert document.text == document.text.upper()
    return "few" if measures.characters == len(document.text) else None

def also(document, measures):
    return "few"

def nothing(text):
    return " "
"""
    entries = {f: own(tmp_path, text, f) for f in ("upper", "twice", "few", "also", "nothing")}
    models = Models(None, DomainList(), load_all(entries.values()))

    def verdict(transform: list[str], rules: list[str]) -> tuple[str, tuple[str, ...]]:
        named = [tuple(entries[f].entry for f in functions) for functions in (transform, rules)]
        found = judge(PAGE, Filters(transform=named[0], own=named[1]), models)
        return found.document.text, found.reasons

    assert verdict([], []) == (PAGE.text, ())
    assert verdict(["upper", "twice"], ["few", "also"]) == (PAGE.text.upper() * 2, ("few",))
    assert verdict(["nothing"], ["few"]) == (" ", (Reason.EMPTY,))
    assert models.own[entries["few"].entry].calls == 1


def test_a_function_that_was_not_loaded_is_named() -> None:
    with pytest.raises(ConfigError, match=r"rules.py:f was not loaded"):
        judge(PAGE, Filters(own=("rules.py:f",)), Models(None, DomainList()))


@pytest.mark.parametrize(
    "text",
    [
        "async def f(document, measures): yield None\n",
        "class F:\n async def __call__(self, document, measures): return None\nf = F()\n",
    ],
)
def test_other_forms_of_async_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"rules.py:f is `async`: nobody awaits it"):
        own(tmp_path, text)


def test_an_object_that_is_called_may_be_a_rule(tmp_path: Path) -> None:
    text = "class F:\n def __call__(self, document, measures): return 'mine'\nf = F()\n"
    assert reason(own(tmp_path, text)) == "mine"
