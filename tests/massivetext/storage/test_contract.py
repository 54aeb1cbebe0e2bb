"""One contract on every file system: this machine, `gs://` and `s3://` on emulators."""

import errno
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from massivetext.errors import ConfigError
from massivetext.storage.files import (
    check_bucket,
    delete_files,
    exists,
    file_size,
    find_file,
    list_files,
    list_names,
    new_file,
    open_file,
    read_bytes,
    upload,
    write_bytes,
)
from massivetext.storage.json_files import read_json, require_json, write_json
from massivetext.storage.paths import is_local, join, local_path

DATA = bytes(range(256)) * 40
NAMES = (
    "plain.txt",
    "with space.txt",
    "größe-日本語-🙂.txt",
    "e\u0301.txt",  # not composed, and must stay so
    "100%.txt",
    "%2F.txt",
    "a+b&c=d.txt",
    "#1.txt",
    "q?.txt",
    "star*.txt",
    "[1].txt",
    "back\\slash.txt",
    "'quotes\".txt",
    ".hidden",
)


def test_a_file_appears_whole_and_is_read_back(folder: str) -> None:
    path = join(folder, "new", "a.bin")
    write_bytes(path, DATA)
    assert read_bytes(path) == DATA
    assert file_size(path) == len(DATA)
    assert exists(path)
    assert find_file(path) == list_files(path)[0]
    assert list_names(join(folder, "new")) == ["a.bin"]


def test_an_empty_file_is_a_file(folder: str) -> None:
    path = join(folder, "empty")
    write_bytes(path, b"")
    assert exists(path)
    assert file_size(path) == 0
    assert [read_bytes(path, *span) for span in ((), (0, 1), (0, 0), (5, 9), (5,))] == [b""] * 5
    with open_file(path) as file:
        assert (file.read(), file.seek(0, 2), file.read(1)) == (b"", 0, b"")
    assert [(f.path, f.size) for f in list_files(join(folder, "*"))] == [(path, 0)]
    with new_file(path):
        pass
    assert read_bytes(path) == b""


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, None), (0, 0), (0, 1), (1, None), (5, 9), (7, 7), (0, 10**6), (10_239, 10_240),
     (10_239, None), (10_240, 10_241), (10_240, None), (10**6, 10**7), (10**6, None)],
)  # fmt: skip
def test_ranges_are_slices(folder: str, start: int, end: int | None) -> None:
    path = join(folder, "a.bin")
    write_bytes(path, DATA)
    assert read_bytes(path, start, end) == DATA[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, None), (-2, -1), (5, 4)])
def test_ranges_that_cannot_be_are_refused(folder: str, start: int, end: int | None) -> None:
    path = join(folder, "a.bin")
    write_bytes(path, DATA)
    with pytest.raises(ValueError, match="no range"):
        read_bytes(path, start, end)


def test_an_open_file_is_seekable_and_raw(folder: str) -> None:
    path = join(folder, "a.gz")
    write_bytes(path, b"\x1f\x8bnot expanded" + DATA)
    with open_file(path) as file:
        assert file.seekable()
        assert file.readable()
        assert not file.writable()
        assert file.read(14) == b"\x1f\x8bnot expanded"
        file.seek(-3, 2)
        assert file.read() == bytes([253, 254, 255])
        file.seek(10**6)
        assert file.read(3) == b""
        with pytest.raises((OSError, ValueError)):
            file.seek(-1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 12_000)),
        st.tuples(st.just("start"), st.integers(0, 11_000)),
        st.tuples(st.just("end"), st.integers(-10_240, 100)),
    ),
    max_size=12,
)


def test_an_open_file_reads_as_one_in_memory(folder: str) -> None:
    path = join(folder, "a.bin")
    write_bytes(path, DATA)

    @given(STEPS)
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def same(steps: list[tuple[str, int]]) -> None:
        expected = io.BytesIO(DATA)
        with open_file(path) as file:
            for kind, number in steps:
                if kind == "read":
                    assert file.read(number) == expected.read(number)
                else:
                    whence = 0 if kind == "start" else 2
                    assert file.seek(number, whence) == expected.seek(number, whence)
                assert file.tell() == expected.tell()

    same()


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_written_read_listed_and_deleted(folder: str, name: str) -> None:
    path = join(folder, "inner", name)
    write_bytes(path, b"data")
    assert read_bytes(path) == b"data"
    assert file_size(path) == 4
    assert list_names(join(folder, "inner")) == [name]
    assert [f.path for f in list_files(join(folder, "inner", "*"))] == [path]
    assert [f.path for f in list_files(join(folder, "*", "*"))] == [path]
    delete_files([path])
    assert not exists(path)


@pytest.mark.parametrize("name", ["run[1]", "run*", "größe"])
def test_a_folders_name_is_no_glob(folder: str, name: str) -> None:
    write_bytes(join(folder, name, "a"), b"1")
    write_bytes(join(folder, "run1", "b"), b"1")
    assert list_names(join(folder, name)) == ["a"]
    assert list_names(join(folder, name, "")) == ["a"]


def test_what_is_not_there(folder: str) -> None:
    write_bytes(join(folder, "never", "a"), b"1")  # `never` is a folder, and no file
    for path in (join(folder, "none"), join(folder, "never")):
        assert not exists(path)
        assert find_file(path) is None
        assert list_files(path) == []
        with pytest.raises(ConfigError, match="no such file"):
            file_size(path)
    path = join(folder, "none")
    for read in (open_file, read_bytes, lambda p: read_bytes(p, 0, 0), lambda p: read_bytes(p, 5)):
        with pytest.raises(FileNotFoundError) as caught:
            read(path)
        assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, path)
    assert read_json(path) is None
    with pytest.raises(ConfigError, match="none: missing"):
        require_json(path)
    assert list_names(path) == []
    assert list_files(join(path, "*")) == []
    delete_files([path, path])
    delete_files([])


GLOB_FILES = ("a.txt", "b.txt", "c.bin", "deep/d.txt", "deep/er/e.txt", "deep2/f.txt", ".h.txt")
GLOBS = [
    ("*.txt", [".h.txt", "a.txt", "b.txt"]),
    ("*", [".h.txt", "a.txt", "b.txt", "c.bin"]),
    ("", [".h.txt", "a.txt", "b.txt", "c.bin"]),
    ("?.txt", ["a.txt", "b.txt"]),
    ("[ac].*", ["a.txt", "c.bin"]),
    ("[!ac].*", ["b.txt"]),
    ("[a-b].txt", ["a.txt", "b.txt"]),
    ("*/*.txt", ["deep/d.txt", "deep2/f.txt"]),
    ("deep?/*", ["deep2/f.txt"]),
    ("deep/", ["deep/d.txt"]),
    ("d*/*/*.txt", ["deep/er/e.txt"]),
    ("**.txt", [".h.txt", "a.txt", "b.txt", "deep/d.txt", "deep/er/e.txt", "deep2/f.txt"]),
    ("deep/**", ["deep/d.txt", "deep/er/e.txt"]),
    ("deep/**/*.txt", ["deep/er/e.txt"]),
    ("deep", []),
    ("none*", []),
    ("none/*", []),
    ("a.txt/*", []),
    ("[a", []),
]


def test_globs(folder: str) -> None:
    for name in GLOB_FILES:
        write_bytes(join(folder, name), name.encode())
    for pattern, expected in GLOBS:
        found = list_files(join(folder, pattern))
        assert [(f.path, f.size) for f in found] == [
            (join(folder, name), len(name)) for name in expected
        ], pattern
    assert list_names(folder) == [".h.txt", "a.txt", "b.txt", "c.bin"]


def test_a_failed_write_leaves_nothing_new_and_what_was_there(folder: str) -> None:
    def write_half(path: str) -> None:
        with new_file(path) as file:
            file.write(b"half")
            raise OSError("disk full")

    old, new = join(folder, "old"), join(folder, "new")
    write_bytes(old, b"old")
    for path in (old, new):
        with pytest.raises(OSError, match="disk full"):
            write_half(path)
    assert read_bytes(old) == b"old"
    assert list_names(folder) == ["old"]


def test_a_file_is_not_there_before_its_block_ends(folder: str) -> None:
    path = join(folder, "a")
    with new_file(path) as file:
        file.write(b"data")
        assert not exists(path)
    assert read_bytes(path) == b"data"


def test_a_rewritten_file_has_another_version_and_an_untouched_one_has_not(folder: str) -> None:
    path = join(folder, "a")
    write_bytes(path, b"1")
    before = list_files(path)
    assert list_files(path) == before == list_files(join(folder, "*"))
    write_bytes(path, b"2")
    (after,) = list_files(path)
    assert after.size == before[0].size
    assert after.version != before[0].version
    assert read_bytes(path) == b"2"


def test_json_round_trip_and_what_is_none(folder: str) -> None:
    path = join(folder, "m.json")
    write_json(path, {"b": 1, "a": "ü"})
    assert read_json(path) == require_json(path) == {"b": 1, "a": "ü"}
    assert read_bytes(path) == '{\n "b": 1,\n "a": "ü"\n}\n'.encode()
    for data, words in ((b'{"a": ', "not JSON"), (b"\xff", "not JSON"), (b"[1]", "not a JSON obj")):
        write_bytes(path, data)
        for read in (read_json, require_json):
            with pytest.raises(ConfigError, match=f"m.json: {words}"):
                read(path)


def test_many_files_are_deleted(folder: str) -> None:
    paths = [join(folder, f"{i}") for i in range(40)]
    for path in paths:
        write_bytes(path, b"1")
    delete_files([*paths[:39], join(folder, "never was")])
    assert list_names(folder) == ["39"]


def test_a_file_larger_than_one_request_is_the_same(folder: str) -> None:
    data = DATA * 2048  # 20 MiB: parts on S3, a resumable upload on Cloud Storage
    path = join(folder, "large")
    with new_file(path) as file:
        for start in range(0, len(data), 1 << 20):
            file.write(data[start : start + (1 << 20)])
    assert file_size(path) == len(data)
    assert read_bytes(path) == data
    with open_file(path) as read:
        read.seek(5 << 20)
        assert read.read(9 << 20) == data[5 << 20 : 14 << 20]


def test_a_folder_is_uploaded_over_what_is_there(folder: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("a", "deep/ü b", "empty"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"" if name == "empty" else name.encode())
    write_bytes(join(folder, "a"), b"old")
    write_bytes(join(folder, "other"), b"kept")
    upload(source, folder)
    assert list_names(folder) == ["a", "empty", "other"]
    names = ("a", "empty", "other", "deep/ü b")
    found = [read_bytes(join(folder, name)).decode() for name in names]
    assert found == ["a", "", "kept", "deep/ü b"]


def test_a_bucket_that_is_not_there(remote: str) -> None:
    check_bucket(remote)
    path = remote.partition("://")[0] + "://nowhere/in/a"
    with pytest.raises(ConfigError, match=f"{path}: .*404"):
        check_bucket(path)
    for listing in (list_files, list_names):
        with pytest.raises(ConfigError, match=r"cannot list '.*nowhere/in/a") as caught:
            listing(f"{path}/*" if listing is list_files else path)
        assert "\n" not in str(caught.value)
    assert not exists(path)
    with pytest.raises(FileNotFoundError):
        read_bytes(path)
    with pytest.raises(FileNotFoundError) as missing:
        write_bytes(path, b"1")
    assert missing.value.filename == path
    delete_files([path])


def test_paths_that_name_no_object(remote: str) -> None:
    scheme = remote.partition("://")[0]
    for path in (f"{scheme}://", f"{scheme}:///a"):
        with pytest.raises(ConfigError, match="names no bucket"):
            exists(path)
    for path in (f"{scheme}://bucket", f"{scheme}://bucket/"):
        with pytest.raises(ConfigError, match="names no object"):
            read_bytes(path)
    with pytest.raises(ConfigError, match="must be a path of this machine"):
        local_path(remote)
    assert not is_local(remote)


def test_placeholders_of_folders_are_no_files(remote: str) -> None:
    write_bytes(join(remote, "in", ""), b"")  # as web consoles make for an empty folder
    write_bytes(join(remote, "in", "a"), b"1")
    assert list_names(join(remote, "in")) == ["a"]
    assert [f.path for f in list_files(join(remote, "**"))] == [join(remote, "in", "a")]
    assert [f.path for f in list_files(join(remote, "in", "*"))] == [join(remote, "in", "a")]
