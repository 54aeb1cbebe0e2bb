import pytest

from massivetext.sample.material.text import (
    MAX_WORDS,
    MIN_WORDS,
    Module,
    documentation,
    passages_of,
    read_modules,
    read_passages,
)


@pytest.fixture(scope="module")
def passages():
    return read_passages(read_modules())


def test_there_is_enough_prose_and_most_origins_are_many(passages):
    assert sum(len(passage.text) for passage in passages) > 2_000_000
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


def test_modules_are_sorted_and_hold_no_tests():
    paths = [module.path for module in read_modules()]
    assert paths == sorted(paths, key=lambda path: path.split("/"))
    assert not any("/test/" in f"/{path}" or "site-packages" in path for path in paths)
