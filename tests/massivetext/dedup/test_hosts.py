import pytest

from massivetext.dedup.hosts import HostRules, count_hosts, is_rated, pack_counts, rated_hosts

RULES = HostRules(min_pages=5, max_rated=0.5)


def test_pages_are_counted_where_the_reader_saw_a_page():
    kept = ["a", "a", "b", ""]
    dropped = [
        ("a", ["rating", "word_count"]),
        ("a", ["http_status"]),
        ("c", ["rating"]),
        ("c", ["record_type"]),
        ("b", ["language"]),
    ]
    assert count_hosts(kept, dropped) == [("a", 3, 1), ("b", 2, 0), ("c", 1, 1)]


@pytest.mark.parametrize(
    ("pages", "rated", "bad"), [(5, 2, False), (5, 3, True), (6, 3, False), (4, 4, False)]
)
def test_bounds(pages, rated, bad):
    assert is_rated(pages, rated, RULES) is bad


@pytest.mark.parametrize("percent", range(1, 100))
def test_a_share_that_is_the_bound_stays(percent):
    """Whatever binary float is nearest to it: 0.29 * 100 is below 29."""
    rules = HostRules(5, percent / 100)
    for pages in (50, 100, 180, 300):
        most = percent * pages // 100
        assert not is_rated(pages, most, rules)
        assert is_rated(pages, most + 1, rules)


def test_the_rule_can_be_off():
    assert not is_rated(100, 100, HostRules(5, None))


def test_counts_of_all_parts_decide_and_each_part_hears_of_its_hosts():
    blocks = [
        pack_counts(0, count_hosts(["x", "y"], [("x", ["rating"])] * 2)),
        pack_counts(4, count_hosts(["y"], [("x", ["rating"])] * 2)),
        pack_counts(9, count_hosts(["y"], [])),
    ]
    assert rated_hosts(blocks, RULES) == {0: ["x"], 4: ["x"]}
    assert rated_hosts(blocks[::-1], RULES) == {0: ["x"], 4: ["x"]}
    assert rated_hosts(blocks[:1], RULES) == {}


def test_hostile_host_names_are_data():
    name = 'a\n"]],\u2028b'
    blocks = [pack_counts(1, count_hosts([], [(name, ["rating"])] * 5))]
    assert rated_hosts(blocks, RULES) == {1: [name]}
