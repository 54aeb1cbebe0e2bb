"""A recipe built everywhere: seconds, and CPU and peak memory of each kind of process, as a table.

python -m tests.flink.table RECIPE [--set KEY=VALUE …]

Needs what `make flink-test` needs, and `make prism`. Each build must give the first one's bytes.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import psutil

from tests.faults.building import digests
from tests.flink.builds import on
from tests.flink.cluster import JAR, Cluster, build_equipment, session
from tests.scale.peaks import high_water, seconds_of

PAUSE = 0.1  # seconds between looks at the processes
FLINK = ["--runner=FlinkRunner", f"--flink_job_server_jar={JAR}", "--parallelism=2"]
PRISM = ["--runner=PrismRunner"]
WAYS: dict[str, list[str]] = {
    "here, 1 worker": ["--workers=1"],
    "here, 2 workers": ["--workers=2"],
    "Prism, workers as threads": PRISM,
    "Prism, a worker process": [*PRISM, "--environment_type=PROCESS", "--shared-filesystem"],
    "Flink [local]": FLINK,
    "Flink session cluster": [],  # of its own address
}
KINDS = {
    "StandaloneSessionCluster": "JobManager",
    "TaskManagerRunner": "TaskManager",
    "massivetext-worker": "Python worker",
    "job-server": "job server",
    "prism": "Prism",
    "forkserver": "worker",
}


def kind_of(process: psutil.Process, command: int) -> str:
    """Returns what a process is, empty for what only starts others."""
    if process.pid == command:
        return "command"
    words = " ".join(process.cmdline())
    return next((kind for part, kind in KINDS.items() if part in words), "")


def family(roots: list[int]) -> Iterator[psutil.Process]:
    """Yields processes and all that they have started."""
    for root in roots:
        try:
            process = psutil.Process(root)
            yield from [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue


def watch(words: list[str], cluster: Cluster | None) -> tuple[float, dict[str, list[float]]]:
    """Runs a command; returns its seconds, and of each kind of process CPU seconds and peaks."""
    began = time.monotonic()
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    roots = [process.pid, *(p.pid for p in (cluster.processes.values() if cluster else ()))]
    marks: dict[tuple[str, int], tuple[float, int]] = {}
    while process.poll() is None:
        for one in family(roots):
            try:
                kind = kind_of(one, process.pid)
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            if kind and (peak := high_water(one.pid)):
                marks[kind, one.pid] = seconds_of(one.pid), peak
        time.sleep(PAUSE)
    assert process.stderr is not None
    assert process.returncode == 0, process.stderr.read().decode()[-3000:]
    found: dict[str, list[float]] = {}
    for (kind, _), (cpu, peak) in marks.items():
        number, total, most = found.get(kind, [0, 0.0, 0.0])
        found[kind] = [number + 1, total + cpu, max(most, peak)]
    return time.monotonic() - began, found


def main() -> None:
    """Prints a line for each way to build the recipe that the arguments name."""
    build_equipment()
    first: dict[str, str] = {}
    print("| where | s | CPU s in all | each kind of process: CPU s, peak MiB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="flink-table-") as name:
        for way, flags in WAYS.items():
            output = Path(name) / way.replace(" ", "-").replace(",", "")
            of_session = not flags
            with session(Path(name) / "cluster") if of_session else nullcontext() as cluster:
                chosen = on(cluster) if cluster else flags
                words = [sys.executable, "-m", "massivetext", "build", *sys.argv[1:]]
                seconds, found = watch([*words, "--output", str(output), *chosen], cluster)
            first = first or digests(output)
            assert digests(output) == first, way
            cells = [
                f"{f'{n:.0f} × ' if n > 1 else ''}{kind} {cpu:.1f}, {peak / 2**20:.0f}"
                for kind, (n, cpu, peak) in sorted(found.items())
            ]
            total = sum(cpu for _, cpu, _ in found.values())
            print(f"| {way} | {seconds:.0f} | {total:.1f} | {'; '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
