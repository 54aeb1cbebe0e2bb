"""A build from and to an object store, reached by flags alone, has a local build's shards."""

import os
import subprocess
import sys
from pathlib import Path

from massivetext.storage.files import list_names, read_bytes, upload
from tests.builds.conftest import s3_flags


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
