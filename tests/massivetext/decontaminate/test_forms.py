import pytest

from massivetext.decontaminate.forms import SHORT, forms_of, phrase_words
from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.task_items import Asked

CHOICES = ("the red one", "the blue one", "the green one", "none")


def words(count):
    return " ".join(f"w{i}" for i in range(count))


def asked(question, choices=(), right=()):
    return Item("1", "\n".join([question, *choices]), asked=Asked(question, choices, right))


def test_a_long_question_is_sought_by_itself():
    assert forms_of(asked(words(16), CHOICES, CHOICES[:1]), 8) == ((words(16),), ())


def test_a_question_of_fewer_words_also_with_choices_and_answer():
    forms = forms_of(asked(words(15), CHOICES, CHOICES[:1]), 8)
    assert forms.texts[0] == words(15)
    assert "A the red one\nB the blue one" in forms.texts[2]
    assert "1 the red one\n2 the blue one" in forms.texts[3]
    answers = f"{words(15)}\nAnswer\nthe red one", f"{words(15)}\nthe red one"
    assert set(answers) < set(forms.texts)
    assert len(forms.texts) == 6
    assert not forms.phrases


def test_a_short_question_with_a_long_answer():
    assert f"{words(7)}\n{words(40)}" in forms_of(asked(words(7), right=(words(40),)), 8).texts


@pytest.mark.parametrize(("length", "answer", "phrases"), [(4, "x", 1), (3, "x", 0), (7, "x", 0)])
def test_short_questions_are_phrases_with_their_answer(length, answer, phrases):
    """From five words on; with n words it has an n-gram, which the other rules look for."""
    forms = forms_of(asked(words(length), right=(answer,)), 8)
    assert len(forms.phrases) == phrases
    assert forms.findable is (length + 1 >= SHORT)
    assert bool(forms.texts) is (length + 2 >= 8)


@pytest.mark.parametrize("text", ["", "one two three", words(7)])
def test_short_texts_without_an_answer_cannot_be_found(text):
    assert not forms_of(Item("1", text), 8).findable
    assert not forms_of(asked(text), 8).findable


def test_many_spellings_of_an_answer_are_bounded():
    forms = forms_of(asked(words(6), right=tuple(f"a{i}" for i in range(500))), 8)
    assert len(forms.texts) + len(forms.phrases) <= 16


def test_a_passage_with_a_question_is_sought_by_both():
    item = Item("1", "", asked=Asked(words(20), passage="passage " + words(30)))
    assert set(forms_of(item, 13).texts) == {words(20), "passage " + words(30)}


def test_phrases_are_whole_words():
    assert phrase_words("Oslo, 1905") in phrase_words("(in OSLO: 1905)")
    assert phrase_words("Oslo, 1905") not in phrase_words("Oslo 19051")
