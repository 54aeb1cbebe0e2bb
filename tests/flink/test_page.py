"""docs/flink.md, followed to the letter on a cluster of this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flink.builds import same
from tests.flink.cluster import JAR, Cluster
from tests.pipelines.dataflow.service.commands import shell_blocks

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "flink.md"
# What a reader's shell does, but that the environment is there, and so is the job server.
PRELUDE = """
set -euo pipefail
make() { command make -C "$REPOSITORY" -o "$VENV/installed" VENV="$VENV" "$@"; }
massivetext() {
  case "$*" in *FlinkRunner*) set -- "$@" "--flink_job_server_jar=$JAR";; esac
  command massivetext "$@"
}
"""


def test_the_page_has_both_ways() -> None:
    commands = "".join(shell_blocks(PAGE))
    for words in ("make prism", "--runner=PrismRunner", "--runner=FlinkRunner"):
        assert words in commands


@pytest.mark.heavy
@pytest.mark.xdist_group("flink")
@pytest.mark.timeout(1800)
def test_the_page_can_be_followed(local: Path, cluster: Cluster, tmp_path: Path) -> None:
    if not shutil.which("go") and not (Path(sys.prefix) / "bin" / "prism").exists():
        pytest.skip("needs Go, for Prism")
    commands = "".join(shell_blocks(PAGE))
    assert commands.count("/shared/") == 2
    assert commands.count("localhost:8081") == 1
    assert commands.count("--parallelism=8") == 1
    commands = commands.replace("/shared/", f"{tmp_path}/shared/")
    commands = commands.replace("localhost:8081", cluster.master)
    commands = commands.replace("--parallelism=8", "--parallelism=2")  # the slots that there are
    (tmp_path / "page.sh").write_text(PRELUDE + commands)
    for name in ("shared/input", "out/sample/input"):
        shutil.copytree(local / "input", tmp_path / name)
    environment = os.environ | {
        "REPOSITORY": str(REPOSITORY),
        "VENV": sys.prefix,
        "JAR": str(JAR),
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
    }
    script = ["bash", str(tmp_path / "page.sh")]
    done = subprocess.run(
        script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    same(local, tmp_path / "out/prism")
    same(local, tmp_path / "shared/out")
