"""What a pattern of a recipe means: folders, globs, hidden files and markers."""

from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.pipelines.folder.source_files import is_hidden, is_wild, may_mean, source_files

FILES = (
    "a.jsonl", "_pages.jsonl", "deep/b.jsonl", "deep/er/c.jsonl", ".hidden.jsonl", "_SUCCESS",
    "deep/.git/d.jsonl", "deep/_temporary/0/e.jsonl", "deep/b.jsonl.crc", "__MACOSX/a.jsonl",
    "Thumbs.db", "deep/_delta_log/0.json", "SHA256SUMS", "a.jsonl.md5", "_committed_17",
)  # fmt: skip
SHOWN = ["_pages.jsonl", "a.jsonl", "deep/b.jsonl", "deep/er/c.jsonl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("in", SHOWN),
        ("in/", SHOWN),
        ("in/**", SHOWN),
        ("in/**/*.jsonl", SHOWN),
        ("in/*", SHOWN[:2]),
        ("in/*.jsonl", SHOWN[:2]),
        ("in/deep", ["b.jsonl", "er/c.jsonl"]),
        ("in/de*/*.jsonl", ["deep/b.jsonl"]),
        ("in/deep/**/*.jsonl", ["b.jsonl", "er/c.jsonl"]),
        ("in/.hidden.jsonl", [".hidden.jsonl"]),  # named as it is
        ("in/deep/.git/*", ["d.jsonl"]),
        ("in/a.jsonl.md5", ["a.jsonl.md5"]),
    ],
)
def test_the_files_of_a_pattern(folder: Path, pattern: str, names: list[str]) -> None:
    found = source_files(f"{folder}/{pattern}", "sources.web.files")
    assert [name for name, _ in found] == names
    for name, info in found:
        assert info.path.endswith(f"/{name}")
        assert Path(info.path).is_file()


@pytest.mark.parametrize("pattern", ["in/x", "in/*.txt", "in/_temporary", "in/x/**", "none/"])
def test_no_file_is_one_line(folder: Path, pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"sources\.web\.files: no file matches"):
        source_files(f"{folder}/{pattern}", "sources.web.files")


def test_a_relative_pattern_says_below_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as relative:
        source_files("./none/*.jsonl", "sources.web.files")
    with pytest.raises(ConfigError) as absolute:
        source_files(f"{tmp_path}/none/*.jsonl", "sources.web.files")
    assert str(relative.value).endswith(f"; relative paths are below {tmp_path}: give root")
    assert str(absolute.value).endswith("none/*.jsonl'")


def test_what_is_looked_for(folder: Path) -> None:
    wild = {"in": True, "in/": True, "in/*": True, "in/a.jsonl": False, "gs://b/x": False}
    paths = {name: name if "://" in name else f"{folder}/{name}" for name in wild}
    assert {name: is_wild(path) for name, path in paths.items()} == wild
    assert not is_hidden("part-_SUCCESS.jsonl")
    assert not is_hidden("_SUCCESSES/a.jsonl")


@pytest.mark.parametrize(
    ("pattern", "means"),
    [
        ("in/**", True),
        ("in", True),
        ("in/", True),
        ("**", True),
        ("in/**/*.parquet", True),
        ("in/out/documents/part-*", True),
        ("link/**", True),
        ("in/*", False),
        ("in/*/*", False),
        ("in/**/*.jsonl", False),
        ("in/out/documents/part-0.parquet", False),
        ("in/out/other/**", False),
        ("i", False),
    ],
)
def test_what_a_glob_may_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, means: bool
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "i").mkdir()
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    path = "in/out/documents/part-0.parquet"
    for absolute in ("", f"{tmp_path}/"):
        assert may_mean(absolute + pattern, path) is means
        assert may_mean(absolute + pattern, f"{tmp_path}/{path}") is means
    assert not may_mean(pattern, "in/.out/documents/part-0.parquet")
    assert may_mean("gs://b/in/**", "gs://b/in/out/part-0.parquet")
    assert not may_mean("gs://b/in/**", "gs://b/inner/out/part-0.parquet")


@pytest.mark.parametrize("name", ["a [1].jsonl", "what?.jsonl", "*.jsonl", "a[b]c.jsonl"])
def test_a_file_whose_name_looks_like_a_glob_is_found_by_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    found = source_files(str(tmp_path / name), "sources.web.files")
    assert [(short, info.path) for short, info in found] == [(name, str(tmp_path / name))]
