"""A build from and to an object store, reached by flags alone, has a local build's shards."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from massivetext.storage.files import list_names, read_bytes, upload
from tests.builds.conftest import s3_flags
from tests.support.commands import prose, run, write_recipe


@pytest.mark.heavy
def test_shards_on_s3_are_those_on_a_disk(sample: Path, s3: str) -> None:
    upload(sample / "input", "s3://bucket/in")
    flags = s3_flags(s3)
    words = ["build", "sample.toml", "--output", "s3://bucket/out", "--set", "root=s3://bucket/in"]
    command = [sys.executable, "-m", "massivetext", *words, "--workers", "2", *flags]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == 0, done.stderr[-5000:]
    names = [name for name in list_names(str(sample / "sequences")) if "tfrecord" in name]
    found = [name for name in list_names("s3://bucket/out/sequences") if "tfrecord" in name]
    assert found == names
    for name in names:
        here = (sample / "sequences" / name).read_bytes()
        assert read_bytes(f"s3://bucket/out/sequences/{name}") == here
    again = subprocess.run([*command, "--explain"], capture_output=True, text=True, env=bare)
    assert again.stdout.count("up to date") == 6


@pytest.mark.heavy
def test_rejudged_to_and_from_a_store(tmp_path: Path, s3: str) -> None:
    """From a disk to a store and back; the shards are those of the last recipe from the inputs."""
    lines = [json.dumps({"text": prose(n, sentences=5 + n % 8)}) for n in range(40)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    recipe = write_recipe(tmp_path / "recipe.toml", {"web": "a.jsonl"})
    assert run("build", recipe, "--output", tmp_path / "done").code == 0
    there, flags = "s3://bucket/there", s3_flags(s3)
    least = ("--workers", 1, "--set")
    more = (*least, "filters.quality.max_words=200", "--output", there, *flags)
    finished = run("rejudge", tmp_path / "done", *more)
    assert finished.code == 0, finished.err
    back = (*least, "filters.quality.min_words=100", "--output", tmp_path / "back", *flags)
    finished = run("rejudge", there, *back)
    assert finished.code == 0, finished.err
    both = ("--set", "filters.quality.max_words=200", "--set", "filters.quality.min_words=100")
    assert run("build", recipe, "--output", tmp_path / "full", *both).code == 0
    for path in (tmp_path / "full" / "sequences").glob("*tfrecord*"):
        assert (tmp_path / "back" / "sequences" / path.name).read_bytes() == path.read_bytes()
