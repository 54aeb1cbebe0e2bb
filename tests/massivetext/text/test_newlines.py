from hypothesis import given
from hypothesis import strategies as st

from massivetext.text.newlines import unix_newlines


@given(st.text("\r\na", max_size=12))
def test_line_ends_of_every_system(text):
    before = text
    while "\r\n" in before:
        before = before.replace("\r\n", "\n")
    assert unix_newlines(text) == before.replace("\r", "\n")


def test_runs_cost_as_much_as_they_are_long():
    assert unix_newlines("\r" * 5_000_000) == "\n" * 5_000_000
    assert unix_newlines("\r" * 5_000_000 + "\n") == "\n"
