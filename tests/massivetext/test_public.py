"""The public names: imported when used, the same for programs and type checkers, light."""

import ast
import doctest
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import massivetext
from massivetext import extras
from massivetext.config.recipe import LanguageRules, SafetyRules
from tests.support.commands import model_path, prose

ROOT = Path(massivetext.__file__).resolve().parents[1]
HEAVY = ("apache_beam", "jax", "scipy", "tensorflow_datasets", "datasketch", "google.protobuf")


def python(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def for_type_checkers(package: Any) -> dict[str, str]:
    """Returns the names that a package imports for type checkers alone, with their modules."""
    found = {}
    for node in ast.walk(ast.parse(inspect.getsource(package))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                assert isinstance(line, ast.ImportFrom)
                found |= {alias.asname or "": line.module or "" for alias in line.names}
    return found


def test_programs_and_type_checkers_see_the_same_names() -> None:
    places = {name: f"massivetext.{module}" for name, module in massivetext._PLACES.items()}
    assert for_type_checkers(massivetext) == places
    assert massivetext.__all__ == sorted(places)
    assert set(massivetext.__all__) < set(dir(massivetext))


@pytest.mark.parametrize("name", massivetext.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(massivetext, name))


def test_every_name_is_described() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    assert [
        name for name in massivetext.__all__ if not re.search(rf"`[^`\n]*\b{name}\b", text)
    ] == []


def test_the_examples_of_the_page_are_true() -> None:
    model_path()
    names = {name: getattr(massivetext, name) for name in massivetext.__all__}
    page = re.sub(r"(?m)^```\w*$", "", (ROOT / "docs" / "api.md").read_text())
    examples = doctest.DocTestParser().get_doctest(page, names, "api.md", None, None)
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted) == (0, 4)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'judgement'"):
        _ = massivetext.judgement


def test_importing_the_package_imports_nothing_else() -> None:
    program = (
        "import sys; before = set(sys.modules); import massivetext\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(roots - set(sys.stdlib_module_names), 'massivetext.errors' in sys.modules)"
    )
    assert python(program).strip() == "{'massivetext'} False"


def test_no_public_name_imports_an_extra() -> None:
    program = (
        "import sys, massivetext\n"
        "for name in massivetext.__all__: getattr(massivetext, name)\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    assert python(program).strip() == "[]"


def test_a_rule_without_its_model_is_an_error(tmp_path: Path) -> None:
    program = (
        "import massivetext\n"
        "try: massivetext.judge('some text')\n"
        "except massivetext.ConfigError as error: print(error)\n"
        "print(massivetext.judge('some text', source='github').reasons)"
    )
    if (ROOT / "models").exists():
        program = f"import massivetext.model_files as m; m._folders = lambda: []\n{program}"
    line, github = python(program, MASSIVETEXT_MODELS=str(tmp_path)).splitlines()
    assert line.endswith("`massivetext models` fetches it")
    assert str(tmp_path) in line
    assert github == "()"


def test_judge_takes_texts_and_documents() -> None:
    model_path()
    assert massivetext.judge(prose(1)).reasons == ()
    short = massivetext.Document("id", "web", "The house of the river was found.")
    verdict = massivetext.judge(short)
    assert verdict.reasons[0] is massivetext.Reason.WORD_COUNT
    assert (verdict.document.id, verdict.measures) == ("id", massivetext.measure(short.text))
    assert massivetext.judge(short.text, source="books").reasons == ()
    lenient = massivetext.Filters(quality_sources=(), repetition_sources=())
    assert massivetext.judge(short, lenient).reasons == ()
    assert massivetext.judge("").reasons == (massivetext.Reason.EMPTY,)


def test_explain_gives_the_verdict_of_judge() -> None:
    model_path()
    for text in (prose(1), "The house of the river was found.", "", "Das ist ein Haus."):
        assert massivetext.explain(text).reasons == massivetext.judge(text).reasons
    assert "word_count" in str(massivetext.explain("The house of the river was found."))
    with pytest.raises(massivetext.ConfigError, match="must be one of"):
        massivetext.explain("text", source="mine")


def test_a_source_that_no_rule_knows_is_refused() -> None:
    for given in ("mine", "", "Web"):
        with pytest.raises(massivetext.ConfigError, match="must be one of web, books"):
            massivetext.judge(prose(1), source=given)


def test_domain_lists_are_loaded_or_missed(tmp_path: Path) -> None:
    (tmp_path / "domains").write_text("bad.example\n")
    filters = massivetext.Filters(
        language=LanguageRules(sources=()),
        safety=SafetyRules(domain_lists=(str(tmp_path / "domains"),)),
    )
    page = massivetext.Document("a", "web", prose(1), "http://www.bad.example/")
    assert massivetext.judge(page, filters).reasons == (massivetext.Reason.DOMAIN,)
    lost = massivetext.Filters(
        language=LanguageRules(sources=()), safety=SafetyRules(domain_lists=("nowhere",))
    )
    for call in (lambda: massivetext.judge(page, lost), lambda: massivetext.load_models(lost)):
        with pytest.raises(massivetext.ConfigError, match="no file nowhere"):
            call()


def test_duplicates_are_named_by_their_places() -> None:
    texts = [prose(1), prose(2), prose(1) + "And one more.", prose(2)]
    found = massivetext.find_duplicates(texts)
    assert {frozenset(pair[:2]) for pair in found} == {frozenset((0, 2)), frozenset((1, 3))}
    assert {drop.kind: drop.jaccard == 1 for drop in found} == {"near": False, "exact": True}
    documents = [massivetext.Document(str(n), "web", text) for n, text in enumerate(texts)]
    assert massivetext.find_duplicates(iter(documents)) == found
    assert massivetext.find_duplicates([]) == []
    assert massivetext.find_duplicates(texts, max_jaccard=1)[0].kind == "exact"


def test_documents_of_one_id_are_told_apart() -> None:
    documents = [massivetext.Document("", "web", prose(n)) for n in (1, 2, 1)]
    (found,) = massivetext.find_duplicates(documents)
    assert {found.dropped, found.twin} == {0, 2}


def test_overlap_with_held_out_items() -> None:
    item = prose(7, 3)
    texts = [prose(1), item, prose(2, 40) + item]
    assert [m[:2] for m in massivetext.find_overlap(texts, [prose(9), item])] == [(1, 1)]
    held = list(massivetext.find_overlap(texts, [prose(9), item, ""], max_containment=0.8))
    assert [m[:2] for m in held] == [(1, 1), (2, 1)]
    assert held[0][2:] == (1, 1)
    assert held[1].jaccard < 0.1 < 0.8 < held[1].containment
    assert list(massivetext.find_overlap(texts, [])) == []


def test_a_tokenizer_is_found_in_its_folders(tmp_path: Path) -> None:
    settings = massivetext.Vocabulary(size=420)
    model = massivetext.train_vocabulary([prose(n) for n in range(20)], settings)
    (tmp_path / "vocabulary").mkdir()
    path = tmp_path / "vocabulary" / "vocabulary.model"
    path.write_bytes(model)
    for place in (path, path.parent, str(tmp_path)):
        tokenizer = massivetext.Tokenizer(place)
        ids = tokenizer.encode("the river")
        assert (ids.dtype, len(tokenizer)) == (np.uint16, 420)
        assert tokenizer.encode("the river", ends=True).tolist() == [1, *ids.tolist(), 2]
        assert tokenizer.decode(ids) == "the river"
        assert tokenizer.encode("").shape == (0,)
        assert tokenizer.piece(3) == "\n"
        ids[:] = 0  # it is the caller's own
        assert tokenizer.decode(tokenizer.encode("the river")) == "the river"
    with pytest.raises(massivetext.ConfigError, match="no vocabulary"):
        massivetext.Tokenizer(tmp_path / "none")
    with pytest.raises(ValueError, match="below 420"):
        tokenizer.decode([420])


def test_extras_are_those_of_the_project() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    assert set(extras.EXTRAS) == set(optional) - {"all", "dev"}
    named = optional["all"][0].partition("[")[2].rstrip("]").split(",")
    assert sorted(named) == sorted(extras.EXTRAS)


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("apache_beam.io", "beam"),
        ("psutil", "beam"),
        ("google.cloud.dataflow", "dataflow"),
        ("google.cloud.storage", "gcp"),
        ("google", "dataflow"),
        ("google.api_core.exceptions", "dataflow"),
        ("boto3", "s3"),
        ("datasketch", "similar"),
        ("array_record", "tfds"),
        ("jax", "train"),
        ("jaxy", None),
        ("massivetext.nothing", None),
    ],
)
def test_what_is_missing_is_advised(module: str, extra: str | None) -> None:
    error = extras.advise(ModuleNotFoundError("no", name=module), "this")
    assert (error is None) == (extra is None)
    if extra:
        assert str(error).endswith(f": pip install 'massivetext[{extra}]'")


def test_what_is_required_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    extras.require("beam", "this")
    gone = {"beam": ("Apache Beam", ("no_such_module",)), "gcp": ("it", ("no_such.module",))}
    monkeypatch.setattr(extras, "EXTRAS", gone)
    for extra in gone:
        with pytest.raises(massivetext.ConfigError, match=r"^this needs .*: pip install"):
            extras.require(extra, "this")
