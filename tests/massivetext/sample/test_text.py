import pytest

from massivetext.sample.material.comments import documentation, plain
from massivetext.sample.material.packages import Module, read_modules
from massivetext.sample.material.text import (
    MAX_WORDS,
    MIN_WORDS,
    passages_of,
    read_passages,
)


@pytest.fixture(scope="module")
def passages():
    return read_passages(module for module in read_modules() if not module.is_test)


def test_there_is_enough_prose_and_most_origins_are_many(passages):
    assert sum(len(passage.text) for passage in passages) > 1_700_000
    assert len({passage.origin for passage in passages}) > 500


def test_passages_are_single_lines_of_bounded_length(passages):
    for passage in passages:
        assert MIN_WORDS <= len(passage.text.split()) <= MAX_WORDS
        assert passage.text == " ".join(passage.text.split())


def test_no_passage_comes_twice(passages):
    assert len({passage.text for passage in passages}) == len(passages)


def test_docstrings_and_comments_become_passages():
    words = " ".join(f"word{number} of the" for number in range(8))
    source = f'"""Short.\n\n{words} lamp.\n"""\n' + "".join(f"# {words} {n}\n" for n in "abc")
    found = passages_of(documentation(Module("lamp/post.py", source)))
    assert {passage.origin for passage in found} == {"lamp.post"}
    texts = [passage.text for passage in found]
    assert texts[0] == f"{words} lamp."
    assert texts[1:] == []  # the comment says the same again


@pytest.mark.parametrize(
    "source",
    [
        "/// A lamp that stands\n/// on the stair.\nint a;\n",
        "  // A lamp that stands\n  // on the stair.\nint a;\n",
        "/* A lamp that stands\n * on the stair. */ int a;\n",
        "/** A lamp that stands\n *  on the stair.\n */\nint a;\n",
    ],
)
def test_comments_of_c_are_read_in_all_their_forms(source):
    (found,) = documentation(Module("lamp/include/post.h", source))
    assert (found[0], found[1].split()) == (
        "lamp.include.post",
        ["A", "lamp", "that", "stands", "on", "the", "stair."],
    )


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("see :func:`~numpy.sum` and :class:`Lamp <lamps.Lamp>`", "see numpy.sum and Lamp"),
        ("``None`` or `links <https>`_", "None or links <https>"),
        ("is *not* a **lamp**, and 2 * 3 * 4", "is not a lamp, and 2 * 3 * 4"),
        ("\\brief A lamp. \\param[in] wick of it", "A lamp. wick of it"),
    ],
)
def test_markup_is_left_out(marked, text):
    assert " ".join(plain(marked).split()) == text


def test_short_sentences_stand_together_and_no_code_is_among_them():
    texts = ["Return the lamp of the stair.", "lamp = Lamp()", "Light it when the night has come.",
             "Examples", "Put it out when the day has come"]  # fmt: skip
    (found,) = passages_of(("lamp", text) for text in texts)
    assert found.text == (
        "Return the lamp of the stair. Light it when the night has come."
        " Put it out when the day has come."
    )


def test_the_names_and_types_of_parameters_divide_paragraphs():
    prose = "The lamp that is to be lit when the night has come, and put out when it has gone."
    text = f"Parameters\n----------\nwick : str, optional\n    {prose}\noil : int\n    Its oil.\n"
    (found,) = passages_of([("lamp", text)])
    assert found.text == prose
