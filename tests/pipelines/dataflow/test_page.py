"""docs/dataflow.md, followed to the letter on this machine; `gcloud` only copies files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import list_files, read_bytes
from tests.pipelines.dataflow.conftest import Cloud
from tests.pipelines.dataflow.service.commands import shell_blocks
from tests.pipelines.dataflow.service.execute import JobServer

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "dataflow.md"

# What a reader's shell does, but for the addresses of our services, and no second installation.
PRELUDE = """
set -euo pipefail
gcloud() { "$PYTHON" "$GCLOUD" "$@"; }
make() {
  command make -o "$VENV/installed" -o models/lid.176.ftz VENV="$VENV" FLAGS="$FLAGS $EXTRA" "$@"
}
massivetext() {
  if [ "$1" = build ]; then command massivetext "$@" $EXTRA; else command massivetext "$@"; fi
}
"""
GCLOUD = """
import sys
from pathlib import Path
from google.cloud import storage

bucket = storage.Client.create_anonymous_client().bucket("bucket")
if sys.argv[1:4] == ["storage", "cp", "--recursive"]:
    source, target = sys.argv[4:]
    if target.startswith("gs://"):
        for path in Path(source).rglob("*"):
            if path.is_file():
                name = f"{target.split('/', 3)[3]}/{path.relative_to(source)}"
                bucket.blob(name).upload_from_filename(path)
    else:
        prefix = source.split("/", 3)[3]
        for blob in bucket.client.list_blobs("bucket", prefix=prefix + "/"):
            path = Path(target) / blob.name.removeprefix(prefix + "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            blob.download_to_filename(path)
"""


def test_the_page_names_every_step_of_a_build() -> None:
    commands = "".join(shell_blocks(PAGE))
    for words in ("massivetext sample", "make dataflow", "massivetext build", "massivetext jobs"):
        assert words in commands


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_the_page_can_be_followed(
    cloud: Cloud, job_server: JobServer, sample: Path, tmp_path: Path
) -> None:
    cloud.service.execute = job_server.execute
    name = "us-central1-docker.pkg.dev"
    commands = "".join(shell_blocks(PAGE)).replace("my-bucket", "bucket")
    commands = commands.replace("$REGION-docker.pkg.dev", f"localhost:{cloud.service.port}")
    assert name not in commands
    cloud.service.images["my-project/massivetext/massivetext"] = {"0.1.0"}
    (tmp_path / "gcloud.py").write_text(GCLOUD)
    (tmp_path / "page.sh").write_text(PRELUDE + commands)
    environment = os.environ | {
        "PYTHON": sys.executable,
        "VENV": sys.prefix,
        "GCLOUD": str(tmp_path / "gcloud.py"),
        "EXTRA": f"--dataflow_endpoint={cloud.service.endpoint} --requirements_cache=skip",
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
    }
    script = ["bash", str(tmp_path / "page.sh")]
    done = subprocess.run(
        script, cwd=checkout(tmp_path), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    remote = list_files("gs://bucket/sample/sequences/*.tfrecord-*")
    assert len(remote) == len(list((sample / "sequences").glob("*.tfrecord-*")))
    for shard in remote:
        local = sample / "sequences" / Path(shard.path).name
        assert read_bytes(shard.path) == local.read_bytes()
    work = len(STAGES) + sum(len(spec.halves) for spec in STAGES)
    names = {job["name"] for job in cloud.service.jobs.values()}
    assert (len(names), len(cloud.service.jobs)) == (work, work + 1)  # the vocabulary takes two


def checkout(folder: Path) -> Path:
    """Returns a copy of the tracked files, links as links, with the language model in it."""
    target = folder / "checkout"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in [*names.decode().split("\0"), "models/lid.176.ftz"]:
        found = REPOSITORY / name
        if name and (found.is_symlink() or found.is_file()):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, target / name, follow_symlinks=False)
    return target
