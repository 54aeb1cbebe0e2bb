"""Numbers as people read them in titles, cards and progress lines."""

_NAMES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def spell_count(number: float) -> str:
    """Returns a count in two or three digits.

    >>> [spell_count(n) for n in (674, 172_544, 1_372_032, 300e9)]
    ['674', '173 thousand', '1.37 million', '300 billion']
    """
    for size, name in _NAMES:
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number:.3g}"


def spell_time(seconds: float) -> str:
    """Returns a duration in its two largest units.

    >>> [spell_time(s) for s in (5.2, 61, 3_700)]
    ['0m05s', '1m01s', '1h01m']
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"
