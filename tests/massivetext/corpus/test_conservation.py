"""Accounts: nothing is lost and nothing is counted twice."""

from typing import Any

import pytest

from massivetext.corpus.conservation import account, check_bad, check_records, check_tokens
from massivetext.errors import StageError

SUMMARIES: list[dict[str, Any]] = [
    {
        "part": 0,
        "source": "web",
        "records": 5,
        "kept": 2,
        "dropped": {"empty": 2},
        "errors": 1,
        "first_error": "a at 7: cut",
    },
    {"part": 1, "source": "web", "records": 4, "kept": 1, "dropped": {"near": 3}, "errors": 0},
    {"part": 2, "source": "c4", "records": 1, "kept": 1, "dropped": {}, "errors": 0},
]


def test_sums_by_source() -> None:
    assert account(SUMMARIES) == {
        "web": {
            "parts": 2, "records": 9, "kept": 3, "dropped": {"empty": 2, "near": 3}, "errors": 1,
            "first_error": "a at 7: cut",
        },
        "c4": {"parts": 1, "records": 1, "kept": 1, "dropped": {}, "errors": 0},
    }  # fmt: skip


def test_balanced_accounts_pass() -> None:
    check_records("documents", account(SUMMARIES))


@pytest.mark.parametrize("kept", [1, 3])
def test_a_lost_or_doubled_record_is_found(kept: int) -> None:
    with pytest.raises(StageError, match="web read 9 records but accounts for"):
        check_records("documents", account([SUMMARIES[0] | {"kept": kept}, *SUMMARIES[1:]]))


def test_bad_fraction_on_both_sides() -> None:
    totals = account(SUMMARIES)
    check_bad(totals, 1 / 9)
    with pytest.raises(StageError, match=r"1 of 9 records of web cannot .* first is a at 7: cut;"):
        check_bad(totals, 0.11)


def test_tokens_balance() -> None:
    totals = {"web": {"sequences": 3, "tail": 2, "tokens": 32}}
    check_tokens(totals, 10)
    with pytest.raises(StageError, match="web encoded 32 but packed 35"):
        check_tokens(totals, 11)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("a at 7: no key 'text'; the row has a", "name its keys (sources.web.text_key, id_key"),
        ("a at 0: unreadable Parquet file: no column text; the file has a", "name its keys ("),
        ("a at 7: rules.py:judge, line 3: KeyError: 'a' (document 9)", "fix the function or"),
        ("a at 7: invalid JSON: unexpected character", "fix the input or raise"),
        ("a at 7: key 'id' holds a list, where every row must have a text", "fix the input or"),
    ],
)
def test_the_advice_fits_the_error(error: str, advice: str) -> None:
    total = {"records": 2, "errors": 1, "first_error": error}
    with pytest.raises(StageError) as caught:
        check_bad({"web": total}, 0.1)
    assert advice in str(caught.value)


def test_what_a_function_raised_is_no_missing_key_of_a_row() -> None:
    first = "a at 0: r.py:f, line 3: KeyError: no key 'x' (document 1)"
    totals = {"web": {"errors": 1, "records": 1, "first_error": first}}
    with pytest.raises(StageError, match=r"; fix the function or raise max_bad_fraction"):
        check_bad(totals, 0)
