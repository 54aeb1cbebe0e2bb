"""The line of progress: what it counts, what it foretells, and that it fits."""

import io
import os
import pty
import sys
import termios
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.pipelines.engine.progress import Seen, _Watch, progress, progress_line
from massivetext.pipelines.folder.stage import Stage

STEMS = {"part-c422402276e4c763": 300, "part-00000aa276e4c763": 100}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage("documents", str(tmp_path), "key")


def finish(folder: Path, stem: str) -> None:
    (folder / f"{stem}.json").write_text('{"records": 7, "text_bytes": 5}')


def test_parts_are_counted_by_their_work_from_the_start(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    (tmp_path / "errors-part-c422402276e4c763.jsonl").touch()
    with progress(stage, STEMS):
        while not out.getvalue():
            time.sleep(0.001)
        finish(tmp_path, next(iter(STEMS)))
    first, last = out.getvalue().splitlines()
    assert first.startswith("documents     0 %  0/2 parts  ? left  0 s")
    assert last.startswith("documents    75 %  1/2 parts  ")
    assert last.count(" left  ") == 1
    assert "  7 documents  " in last


def test_what_was_done_before_tells_nothing_of_the_pace(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(tmp_path, next(iter(STEMS)))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress(stage, STEMS):
        pass
    assert "75 %  1/2 parts  ? left  0 s  (1 were done)" in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert Seen(4, 2, 1, 0.5, 0.25, 30.0).seconds_left() == 60.0
    assert Seen(4, 1, 1, 0.25, 0.25, 30.0).seconds_left() is None
    assert Seen(4, 4, 1, 1.0, 0.25, 30.0).seconds_left() == 0.0


def test_what_is_done_within_parts_counts_and_never_falls(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that is done counts whole, and a step that is told stands in the line."""
    first, second = STEMS
    told = iter([{first: 0.5}, {first: 0.25, second: 0.5, "part-of-another": 1.0}, {first: 0.75}])
    watch = _Watch(stage, STEMS, "parts", lambda: next(told))
    shares = [watch._seen().share]
    for stem in ("", first, ""):
        if stem:
            finish(tmp_path, stem)
        watch._look()
        shares.append(watch._seen().share)
    assert shares == [0.0, 0.375, 0.75 + 0.125, 0.75 + 0.125]
    watch.tell("near copies")
    assert "  near copies  " in progress_line("documents", "parts", watch._seen())


@given(
    st.builds(
        Seen,
        total=st.integers(1, 10**6),
        done=st.integers(0, 10**6),
        before=st.integers(0, 10**6),
        share=st.floats(0, 1),
        share_before=st.floats(0, 1),
        seconds=st.floats(0, 10**8),
        documents=st.integers(0, 10**12),
        bytes=st.integers(0, 10**15),
    ),
    st.integers(0, 200),
)
def test_a_line_fits_and_is_the_beginning_of_the_whole(seen: Seen, columns: int) -> None:
    whole = progress_line("sequences", "shards", seen)
    line = progress_line("sequences", "shards", seen, columns)
    assert len(line) <= columns
    assert whole.startswith(line)
    assert (line == whole) == (len(whole) <= columns)


@pytest.mark.parametrize("columns", [5, 24, 40, 80, 200])
def test_a_terminal_of_any_width_keeps_one_line(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    main, end = pty.openpty()
    termios.tcsetwinsize(end, (24, columns))
    with os.fdopen(end, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress(stage, STEMS):
            for stem in STEMS:
                finish(tmp_path, stem)
        monkeypatch.undo()
    written = ""
    while "\n" not in written:
        written += os.read(main, 1 << 16).decode()
    os.close(main)
    *begun, last = written.rstrip("\r\n").split("\r\x1b[K")[1:]
    assert written.count("\n") == 1
    assert all(len(line) < columns for line in (*begun, last))
    assert last.startswith("documents   100 %"[: columns - 1])
