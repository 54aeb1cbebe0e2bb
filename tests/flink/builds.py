"""Builds of the sample on Flink: their words, and whether they equal the local one."""

from pathlib import Path

from tests.faults.building import digests
from tests.flink.cluster import JAR, Cluster
from tests.support.commands import check_conserved


def words(folder: Path, output: Path, *flags: str) -> list[str]:
    """Returns the words of a build of the sample."""
    root = f"root={folder / 'input'}"
    return ["build", "sample.toml", "--output", str(output), "--set", root, *flags]


def on(cluster: Cluster, *flags: str) -> list[str]:
    """Returns the flags of a build on a session cluster."""
    return [
        "--runner=FlinkRunner",
        f"--flink_master={cluster.master}",
        f"--flink_job_server_jar={JAR}",
        "--environment_type=PROCESS",
        "--parallelism=2",
        "--shared-filesystem",
        *flags,
    ]


def same(folder: Path, output: Path) -> None:
    """Checks that a build has the local one's bytes, and its account."""
    assert digests(output) == digests(folder / "local")
    check_conserved(output)
    assert not list(output.rglob("*.tmp-*"))
