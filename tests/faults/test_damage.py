"""Hundreds of flips and cuts, each named and each made again; MASSIVETEXT_DAMAGES says how many."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.faults.damage import (
    READ,
    content,
    cut,
    flip,
    forget_after,
    kinds,
    remarks,
    small_build,
    verified,
)
from tests.support.commands import run

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(7200)]
COUNT = int(os.environ.get("MASSIVETEXT_DAMAGES", "500"))


def test_random_damage(tmp_path: Path) -> None:
    """Kinds come in turn; a file, a flip or a cut, its place and how it is found are drawn."""
    small = small_build(tmp_path)
    copy = Path(shutil.copytree(small.output, tmp_path / "copy"))
    expected = content(small.output)
    for trial in range(COUNT):
        draw = random.Random(trial)
        every = kinds(small.output)
        kind = list(every)[trial % len(every)]
        name, damage = draw.choice(every[kind]), draw.choice((flip, cut))
        damage(copy / name, draw)
        described = (trial, name, damage.__name__)
        assert verified(copy) == [name], described
        words = []
        if damage is flip and kind in READ and draw.random() < 0.5:
            forget_after(copy, name.split("/")[0])
        elif damage is flip:
            words = ["--verify"]
        finished = run("build", small.recipe, "--output", copy, *words)
        assert finished.code == 0, (described, finished.err)
        assert "Traceback" not in finished.err, described
        if "/" in name and not name.startswith("report"):
            assert name in "".join(remarks(finished)), (described, finished.err)
        assert verified(copy) == [], described
        assert content(copy) == expected, described
