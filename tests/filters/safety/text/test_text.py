"""The classifier of explicit text: features, training, files, labels, and its rule."""

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivetext.config.filter_rules import Filters, LanguageRules, SafetyRules
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.filters.explain.explain import explain
from massivetext.filters.judge import Models, judge
from massivetext.filters.safety.explicit import DomainList
from massivetext.filters.safety.text.features import SAMPLE_CHARACTERS, buckets, sample
from massivetext.filters.safety.text.model import (
    MAGIC,
    SHIPPED,
    SafetyModel,
    load_safety_model,
    parse_safety_model,
)
from massivetext.filters.safety.text.rows import Labelled, read_labelled
from massivetext.filters.safety.text.train import (
    Settings,
    choose_threshold,
    train,
)
from massivetext.reasons import Reason
from massivetext.text.kernels import find_kernels
from tests.support.commands import one_line, run

needs_kernels = pytest.mark.skipif(find_kernels() is None, reason="no native kernels")
SMALL = Settings(bits=12, epochs=4)
BAD, GOOD, HARD = "wobble frick", "river stone", "wobble medicine"


def rows(bad: int = 60, good: int = 120, hard: int = 30) -> list[Labelled]:
    found = [Labelled(f"{BAD} number {n}", "explicit", f"a{n}.example") for n in range(bad)]
    found += [Labelled(f"{GOOD} number {n}", "safe", f"b{n}.example") for n in range(good)]
    return found + [Labelled(f"{HARD} number {n}", "hard", f"c{n}.example") for n in range(hard)]


@pytest.fixture(scope="module")
def model() -> SafetyModel:
    return train(rows(), SMALL).model


@needs_kernels
@given(st.text(max_size=300), st.sampled_from([1, 10, 18, 24]))
@example("It's A-B; é É ÀB 日本 1a2 \x80\x7f\x00", 18)
@example("", 18)
def test_the_kernel_finds_the_buckets_of_the_definition(text: str, bits: int) -> None:
    kernel = find_kernels()
    clean = text.encode("utf-8", "replace").decode()
    found = kernel.safety_buckets(clean, bits)
    assert list(memoryview(found).cast("I")) == buckets(clean, bits)


@needs_kernels
@given(st.text(max_size=5_000))
def test_scores_are_those_of_the_definition(model: SafetyModel, text: str) -> None:
    found = buckets(sample(text), model.bits)
    assert model.score(text) == model.probability(int(model.weights[found].sum()), len(found))
    assert 0 <= model.score(text) <= 1


@given(st.text(max_size=4 * SAMPLE_CHARACTERS))
def test_a_sample_is_bounded(text: str) -> None:
    assert len(sample(text)) <= SAMPLE_CHARACTERS + 2
    if len(text) <= SAMPLE_CHARACTERS:
        assert sample(text) == text


def test_case_and_punctuation_do_not_count() -> None:
    assert buckets("Stone, RIVER!", 18) == buckets("stone river", 18)
    assert len(buckets("a b c", 18)) == 5
    assert buckets("", 18) == buckets(" .,;", 18) == []


def test_a_model_tells_what_it_was_taught(model: SafetyModel) -> None:
    assert model.score(BAD) > model.threshold > model.score(GOOD)
    assert model.score(HARD) <= model.threshold
    assert model.score("") == 0
    assert model.header["texts"] == {"safe": 120, "hard": 30, "explicit": 60}
    assert model.header["called_explicit"]["safe"] <= 0.01
    assert model.header["called_explicit"]["explicit"] == 1


def test_training_twice_gives_the_same_bytes(model: SafetyModel) -> None:
    assert train(rows(), SMALL).model.to_bytes() == model.to_bytes()


def test_texts_of_a_host_are_held_out_together() -> None:
    one = [Labelled(f"text {n}", "safe", "one.example") for n in range(50)]
    assert len({row.fold(5) for row in one}) == 1
    assert {row.fold(5) for row in rows()} == set(range(5))


@pytest.mark.parametrize(("share", "above"), [(0.0, 0), (0.1, 2), (0.5, 10), (0.05, 1)])
def test_the_threshold_lets_so_many_benign_texts_pass(share: float, above: int) -> None:
    import numpy as np

    texts = [Labelled(str(n), "safe", str(n)) for n in range(20)]
    scores = np.arange(20) / 20
    settings = SMALL._replace(false_positives=share)
    assert int((scores > choose_threshold(texts, scores, settings)).sum()) == above


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (rows(0), "no text has the label 'explicit'"),
        (rows(5, 0), "no text has the label 'safe'"),
        (rows(5, 19), "19 safe texts are too few"),
    ],
)
def test_labels_of_one_kind_are_refused(texts: list[Labelled], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        train(texts, SMALL)


def test_a_model_goes_through_its_file_and_through_pickle(
    model: SafetyModel, tmp_path: Path
) -> None:
    (tmp_path / "m.bin").write_bytes(model.to_bytes())
    for other in (load_safety_model(str(tmp_path / "m.bin")), pickle.loads(pickle.dumps(model))):
        assert other.score(BAD) == model.score(BAD)
        assert other.threshold == model.threshold
        assert other.to_bytes() == model.to_bytes()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no safety model"),
        (b"\x1f\x8b not a model", "is no safety model"),
        (MAGIC, "is damaged"),
        (MAGIC + b'{"bits": 12}\n' + b"\0" * 4096, "is damaged"),
    ],
)
def test_foreign_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_safety_model(data, "m.bin")


@given(st.integers(0, 4_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_refused(model: SafetyModel, place: int, change: bytes) -> None:
    data = bytearray(model.to_bytes())
    data[place : place + len(change)] = change
    if bytes(data) != model.to_bytes():
        with pytest.raises(ConfigError, match=r"is damaged|is no safety model"):
            parse_safety_model(bytes(data), "m.bin")
    with pytest.raises(ConfigError, match=r"is damaged|is no safety model"):
        parse_safety_model(model.to_bytes()[:place], "m.bin")


@pytest.mark.parametrize("change", [{"bits": 40}, {"bits": "18"}, {"scale": None}, {"bias": "x"}])
def test_a_header_that_makes_no_sense_is_refused(model: SafetyModel, change: dict) -> None:
    data = SafetyModel(model.header, model.weights)
    data.header = model.header | change
    with pytest.raises(ConfigError, match="its header has no numbers"):
        parse_safety_model(data.to_bytes(), "m.bin")


def write_lines(path: Path, lines: list[object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_labels_are_read_from_json_lines_and_tables(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "a.jsonl", [{"text": "a b", "label": "safe", "host": "h"}])
    (tmp_path / "b.tsv").write_text('label\ttext\nexplicit\tc "d\n')
    assert read_labelled(str(lines)) == [Labelled("a b", "safe", "h")]
    (row,) = read_labelled(str(tmp_path / "b.tsv"))
    assert (row.text, row.label) == ('c "d', "explicit")
    assert row.group.startswith("text ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"text": "a"}, "row 1: label None is not one of safe, hard, explicit"),
        ({"text": "a", "label": "bad"}, "label 'bad' is not one of"),
        ({"label": "safe"}, "row 1: no text"),
        ({"text": 1, "label": "safe"}, "row 1: no text"),
        ([1], "row 1: no text"),
    ],
)
def test_rows_that_are_no_labels(tmp_path: Path, line: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_labelled(str(write_lines(tmp_path / "a.jsonl", [line])))
    assert message in str(caught.value)


def test_the_command_trains_and_writes_a_card(tmp_path: Path) -> None:
    lines = [{"text": r.text, "label": r.label, "host": r.group} for r in rows()]
    labels = write_lines(tmp_path / "labels.jsonl", lines)
    (tmp_path / "notes.txt").write_text("Texts of our own.")
    words = ("safety", "train", labels, "-o", tmp_path / "m.bin", "--bits", "12")
    done = run(*words, "--notes", tmp_path / "notes.txt")
    assert done.code == 0, done.err
    model = load_safety_model(str(tmp_path / "m.bin"))
    assert model.score(BAD) > model.threshold
    card = (tmp_path / "m.bin.md").read_text()
    assert "| explicit | 60 | 100.00% |" in card
    assert "Texts of our own." in card


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--bits", "3"), "--bits: 3 is not between 10 and 24"),
        (("--epochs", "0"), "--epochs: 0; give at least 1"),
        (("--false-positives", "1.5"), "--false-positives: 1.5 is not a share from 0 to 1"),
        (("--hard-false-positives", "-1"), "--hard-false-positives: -1.0 is not a share"),
    ],
)
def test_mistakes_cost_one_line(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    labels = write_lines(tmp_path / "a.jsonl", [{"text": "a", "label": "safe"}])
    done = run("safety", "train", labels, "-o", tmp_path / "m.bin", *words)
    assert done.code == 2
    assert message in one_line(done)
    missing = run("safety", "train", tmp_path / "none.jsonl", "-o", tmp_path / "m.bin")
    assert "no file" in one_line(missing)


def models(model: SafetyModel | None) -> Models:
    return Models(None, DomainList(), explicit=model)


def filters(**more: object) -> Filters:
    safety = SafetyRules(classifier="m.bin", **more)  # type: ignore[arg-type]
    return Filters(language=LanguageRules(sources=()), safety=safety)


def test_the_rule_drops_what_is_above_the_threshold(model: SafetyModel) -> None:
    bad, good = Document("1", "web", BAD), Document("2", "web", GOOD)
    verdict = judge(bad, filters(), models(model))
    assert verdict.reasons == (Reason.EXPLICIT,)
    assert verdict.explicit == model.score(BAD)
    kept = judge(good, filters(), models(model))
    assert Reason.EXPLICIT not in kept.reasons
    assert kept.explicit == model.score(GOOD)
    at = model.score(BAD)
    assert Reason.EXPLICIT not in judge(bad, filters(max_explicit=at), models(model)).reasons
    below = filters(max_explicit=at - 1e-9)
    assert Reason.EXPLICIT in judge(bad, below, models(model)).reasons


def test_it_holds_for_its_sources_and_only_where_it_is_on(model: SafetyModel) -> None:
    other = judge(Document("1", "c4", BAD), filters(), models(model))
    assert other.explicit is None
    off = Filters(language=LanguageRules(sources=()))
    assert judge(Document("1", "web", BAD), off, models(model)).explicit is None
    with pytest.raises(ConfigError, match="no model was given"):
        judge(Document("1", "web", BAD), filters(), models(None))


def test_explain_says_which_words_weigh_most(model: SafetyModel) -> None:
    told = explain(Document("1", "web", BAD), filters(), models(model))
    (check,) = [check for check in told.checks if check.reason == Reason.EXPLICIT]
    assert check.state == "DROP"
    assert check.value == model.score(BAD)
    assert check.bound == model.threshold
    assert {passage.text for passage in check.evidence} <= {"wobble", "frick", "wobble frick"}
    assert "frick" in {passage.text for passage in check.evidence}


def test_the_shipped_model_is_whole_and_small() -> None:
    shipped = load_safety_model()
    assert Path(SHIPPED).stat().st_size < 1_000_000
    assert 0 < shipped.threshold < 1
    assert shipped.header["called_explicit"]["safe"] <= 0.01
    assert shipped.header["called_explicit"]["hard"] <= 0.08
    benign = "The clinic gives advice on contraception and on the health of gay and trans people."
    assert shipped.score(benign) <= shipped.threshold
    card = Path(f"{SHIPPED}.md").read_text(encoding="utf-8")
    assert hashlib.sha256(Path(SHIPPED).read_bytes()).hexdigest() in card
