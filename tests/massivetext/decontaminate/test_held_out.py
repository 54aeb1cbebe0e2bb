import gzip
import io
import json
import tarfile

import pytest

from massivetext.decontaminate.held_out import Item, join_tokens, read_test_set, title_key
from massivetext.decontaminate.index import SetRules, build_index
from massivetext.dedup.signature import jaccard, shingle_hashes
from massivetext.errors import ConfigError


def read(data, form):
    return list(read_test_set(io.BytesIO(data), form))


def test_json_lines_plain_and_compressed():
    data = b'{"text": "a b"}\n\n{"id": 7, "text": "c"}\n'
    items = read(data, "jsonl")
    assert items == [Item("0", "a b"), Item("7", "c")]
    assert read(gzip.compress(data), "jsonl") == items


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b'{"txt": "a"}',
        b'{"text": 1}',
        b"{",
        b'{"text": "\xff"}',
        gzip.compress(b"x", mtime=0)[:-9],
        b"[" * 100_000,
        b'{"text": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"text": "a", "id": ' + b"9" * 5_000 + b"}",
        b'{"question": "a", "choices": 5}',
        b'{"question": "a", "choices": "abcd"}',
        b'{"question": "a", "choices": {"text": ["b"], "label": ["A"]}}',
        b'{"question": "a", "choices": [["b"]]}',
        b'{"question": "a", "answer": {"value": "b"}}',
        b'{"question": "a", "answer": [null]}',
        b'{"question": "a", "choices": ["b"], "answer": 1}',
        b"",
        b" \n\n",
        gzip.compress(b"", mtime=0),
    ],
)
def test_what_is_not_json_lines_is_refused(data):
    with pytest.raises(ConfigError, match="form jsonl") as refused:
        read(data, "jsonl")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("72", "72"),
        ("7.5", "7.5"),
        ("true", "True"),
        ('"B"', "B"),
        ('["x", 5]', "x"),
        ("null", None),
    ],
)
def test_answers_of_any_kind(answer, right):
    (item,) = read(f'{{"question": "How many?", "answer": {answer}}}'.encode(), "jsonl")
    assert next(iter(item.asked.right), None) == right


@pytest.mark.parametrize(
    ("choices", "answer", "right"),
    [
        (["w", "x", "y"], "B", "x"),
        (["w", "x", "y"], " c", "y"),
        (["w", "x", "y"], "D", "D"),
        (["C", "B", "A"], "C", "C"),
        ([1, 2.5], 1, "2.5"),
        (["w", "x"], True, "True"),
    ],
)
def test_a_letter_names_a_choice_unless_it_is_one(choices, answer, right):
    record = {"question": "Which?", "choices": choices, "answer": answer}
    (item,) = read(json.dumps(record).encode(), "jsonl")
    assert item.asked.right == (right,)


@pytest.mark.parametrize(
    "record",
    [
        r'{"text": "a \ud800 b", "id": "\udc00"}',
        r'{"question": "a \ud800 b", "choices": ["\ud800"], "answer": "\ud800"}',
    ],
)
def test_lone_surrogates_cost_no_set(record):
    (item,) = read(record.encode(), "jsonl")
    index, _ = build_index([SetRules("x")], [(0, item)])
    assert item.text.startswith("a ? b")
    assert "".join([index.names[0][1], *index.phrase_words]).encode()
    assert f"{item}".encode()


@pytest.mark.parametrize("form", ["mmlu", "suite:piqa", "suite:mmlu"])
def test_a_set_of_nothing_is_refused(form):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w"):
        pass
    with pytest.raises(ConfigError, match="holds no item"):
        read(archive.getvalue() if form == "mmlu" else b"\n", form)


WIKITEXT = "\n".join(
    [
        " ",
        " = Exit ( film ) = ",
        " ",
        " A well @-@ known film of 1 @,@ 000 <unk> .",
        " = = Plot = = ",
        " He did n't .",
        " = 1 henry and capacitance C = ",
        " of the circuit , where ",
        "",
        " = not a title either = ",
        " since text follows .",
        " ",
        " = The <unk> = ",
        "",
        " ",
        " = E = mc ² ( album ) = ",
        " ",
        " Text . ",
    ]
)


def test_wikitext_is_cut_at_its_headings():
    items = read(WIKITEXT.encode(), "wikitext")
    assert [(item.id, item.article, item.unknown) for item in items] == [
        ("0", "Exit ( film )", False),
        ("1", "", True),
        ("2", "E = mc ² ( album )", False),
    ]
    assert "not a title either" in items[0].text
    assert "well-known film of 1,000 <unk>" in items[0].text
    assert "didn't" in items[0].text
    assert "Plot" in items[0].text
    with pytest.raises(ConfigError, match="no article heading"):
        read(b"text", "wikitext")


SAVED = {
    "on Windows": "\ufeff" + WIKITEXT.replace("\n", "\r\n"),
    "by an editor": "\n".join(line.rstrip() for line in WIKITEXT.split("\n")),
    "by a loader": "\n".join(line.strip() for line in WIKITEXT.split("\n")),
    "in two pieces": WIKITEXT.replace("\n = The", "\n\ufeff = The"),
}


@pytest.mark.parametrize("how", SAVED)
def test_wikitext_is_the_same_however_it_was_saved(how):
    expected = [
        (item.id, item.article, item.unknown) for item in read(WIKITEXT.encode(), "wikitext")
    ]
    items = read(SAVED[how].encode(), "wikitext")
    assert [(item.id, item.article, item.unknown) for item in items] == expected
    assert not any("\r" in item.text or "\ufeff" in item.text for item in items)


def test_json_lines_and_questions_of_windows():
    assert read(b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n', "jsonl") == [
        Item("0", "a"), Item("1", "b"),
    ]  # fmt: skip
    (item,) = read(archive({"a.csv": b'\xef\xbb\xbf"Which, one?",a,b,c,d,B\r\n'}), "mmlu")
    assert (item.text, item.asked.right) == ("Which, one?\na\nb\nc\nd", ("b",))


def test_joined_tokens_have_the_shingles_of_the_text():
    text = "It's a well-known fact (of 1,000.5 facts) that they didn't see \"the\" dogs' bone."
    tokens = (
        "It 's a well @-@ known fact ( of 1 @,@ 000 @.@ 5 facts ) that they did n't see \" the \""
        " dogs ' bone ."
    )
    assert jaccard(shingle_hashes(text), shingle_hashes(join_tokens(tokens))) == 1.0


def archive(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_questions_with_their_choices():
    rows = b'question,choice0,choice1,choice2,choice3,answer\n"Which, one?",a,b,c,d,1\n'
    items = read(archive({"x/law_dev.csv": rows, "x/README": b"no"}), "mmlu")
    assert [(item.id, item.text) for item in items] == [("law_dev/1", "Which, one?\na\nb\nc\nd")]


@pytest.mark.parametrize("data", [b"", b"no archive", archive({"a.csv": b"\xff"})])
def test_what_is_no_archive_of_questions_is_refused(data):
    with pytest.raises(ConfigError):
        read(data, "mmlu")


def test_titles():
    assert title_key("a B") == title_key("A_B") != title_key("a b")
    assert title_key("Ireland 's ( film )") == title_key("Ireland's (film)")
    assert title_key("") == ""


def test_real_sets(real_data):
    folder = real_data / "decontamination"
    with (folder / "lambada/lambada_test.sample.jsonl").open("rb") as file:
        lambada = list(read_test_set(file, "jsonl"))
    assert len(lambada) == 1_044
    with (folder / "wikitext-2/wiki.valid.tokens").open("rb") as file:
        articles = list(read_test_set(file, "wikitext"))
    assert len(articles) == 60
    assert "Tim Richmond" in {item.article for item in articles}
    with (folder / "mmlu/dev.tar.gz").open("rb") as file:
        questions = list(read_test_set(file, "mmlu"))
    assert len(questions) == 285  # the 342 rows include 57 headings
    assert all(len(item.text) > 10 for item in lambada + articles + questions)
