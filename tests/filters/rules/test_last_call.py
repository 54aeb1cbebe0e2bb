"""What is remembered is what the function gives."""

from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.recipe import Filters
from massivetext.filters.rules.bounds import source_bounds
from massivetext.filters.rules.last_call import remember_last
from massivetext.paper import QualityRules

CALLS = st.lists(st.lists(st.sampled_from(("a", "b", 1, 1.0, True)), max_size=3), max_size=9)


@given(CALLS)
def test_any_calls_give_what_the_function_gives(calls: list[list[object]]) -> None:
    """Also those of more or fewer arguments, and of equal ones of another type."""
    remembered = remember_last(lambda *values: [repr(value) for value in values])
    for values in calls:
        assert remembered(*values) == [repr(value) for value in values]


def test_the_same_objects_are_not_asked_for_again() -> None:
    asked: list[Filters] = []
    remembered = remember_last(lambda filters: asked.append(filters) or len(asked))
    same, equal = Filters(), Filters()
    found = [remembered(filters) for filters in (same, same, equal, same)]
    assert (found, same == equal) == ([1, 1, 2, 3], True)


def test_it_is_laid_over_a_cache_of_equal_keys() -> None:
    assert source_bounds("web", Filters()) is source_bounds("web", Filters())


def test_bounds_follow_the_filters_that_are_asked_for() -> None:
    """Turn by turn, as a build of several sources asks."""
    strict, loose = Filters(quality=QualityRules(min_words=90)), Filters()
    found = [source_bounds("web", filters) for filters in (strict, loose, strict, loose)]
    assert found[0] == found[2] != found[1] == found[3]
    assert source_bounds("books", loose) != source_bounds("web", loose)
