"""A Flink session cluster of this machine: a JobManager and TaskManagers, from Maven's jars."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "build" / "flink"
JAR = BUILT / "job-server.jar"
_OPENS = ["lang", "net", "io", "nio", "lang.reflect", "text", "time", "util"]
_OPENS += ["util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"]
OPENS = [*(f"java.base/java.{name}" for name in _OPENS), "java.base/sun.nio.ch"]
SETTINGS = {
    "jobmanager.rpc.address": "localhost",
    "jobmanager.memory.heap.size": "512m",
    "rest.address": "localhost",
    "taskmanager.host": "localhost",
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.numberOfTaskSlots": "1",
    "taskmanager.memory.task.heap.size": "384m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.network.min": "128m",
    "taskmanager.memory.network.max": "128m",
    "taskmanager.memory.managed.size": "256m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "128m",
    "taskmanager.memory.jvm-overhead.max": "128m",
    "taskmanager.network.sort-shuffle.min-buffers": "64",
    "heartbeat.interval": "2000",
    "heartbeat.timeout": "10000",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "5",
    "restart-strategy.fixed-delay.delay": "3s",
}


def build_equipment() -> None:
    """Fetches the jars by their coordinates and compiles the job service, once."""
    if JAR.exists():
        return
    lib, classes = BUILT / "lib", BUILT / "classes"
    copy = f"-DoutputDirectory={lib}"
    maven = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", copy]
    subprocess.run(maven, check=True, timeout=900)
    sources = [str(path) for path in sorted((HERE / "java").rglob("*.java"))]
    classes.mkdir(parents=True, exist_ok=True)
    compile_ = ["javac", "-nowarn", "-d", str(classes), "-cp", f"{lib}/*", *sources]
    subprocess.run(compile_, check=True, timeout=300)
    _write_jar(lib, classes)


def _write_jar(lib: Path, classes: Path) -> None:
    """Writes a jar that names its class path: what `--flink_job_server_jar` is given."""
    path = " ".join([f"{classes}/", *sorted(str(jar) for jar in lib.glob("*.jar"))])
    lines = ["Main-Class: jobserver.Server", f"Add-Opens: {' '.join(OPENS)}", f"Class-Path: {path}"]
    manifest = BUILT / "manifest.txt"
    manifest.write_text("".join(_folded(line) for line in lines))
    jar = ["jar", "cfm", str(JAR.with_suffix(".new")), str(manifest)]
    subprocess.run(jar, check=True, timeout=60)
    JAR.with_suffix(".new").replace(JAR)


def _folded(line: str) -> str:
    """Returns a line of a manifest, which holds 72 bytes; what follows begins with a space."""
    first, rest = line[:70], line[70:]
    pieces = [rest[i : i + 69] for i in range(0, len(rest), 69)]
    return "\n ".join([first, *pieces]) + "\n"


def free_port() -> int:
    """Returns a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """The processes of a cluster, each of which a test may kill."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port, rpc = folder, free_port(), free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        ports = {"rest.port": str(self.port), "jobmanager.rpc.port": str(rpc)}
        places = {"io.tmp.dirs": str(folder / "tmp")}
        chosen = SETTINGS | ports | places | settings
        lines = [f"{name}: {value}\n" for name, value in chosen.items()]
        (folder / "config.yaml").write_text("".join(lines))

    @property
    def master(self) -> str:
        """Returns the REST address, as `--flink_master` takes it."""
        return f"localhost:{self.port}"

    def start(self, name: str) -> None:
        """Starts the JobManager, ``jm``, or a TaskManager, such as ``tm1``."""
        kind = "entrypoint.StandaloneSessionClusterEntrypoint"
        own = ["-Xmx512m"]
        more: list[str] = []
        if name != "jm":
            kind = "taskexecutor.TaskManagerRunner"
            own = ["-Xmx512m", "-XX:MaxDirectMemorySize=900m"]
            more = [f"-Dtaskmanager.resource-id={name}"]
        opens = [f"--add-opens={place}=ALL-UNNAMED" for place in OPENS]
        path = f"{BUILT / 'classes'}:{BUILT / 'lib'}/*"
        main = [f"org.apache.flink.runtime.{kind}", "--configDir", str(self.folder)]
        command = ["java", *own, "-XX:+UseSerialGC", *opens, "-cp", path, *main, *more]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True
            )

    def wait_for(self, managers: int, seconds: float = 90.0) -> None:
        """Waits until so many TaskManagers have registered."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = self.ask("taskmanagers")["taskmanagers"]
                if len(found) >= managers:
                    return
            except OSError:
                pass
            time.sleep(0.3)
        raise TimeoutError(f"no {managers} TaskManagers: {self.folder}")

    def ask(self, path: str) -> Any:
        """Returns what the cluster answers at a REST path."""
        with urllib.request.urlopen(f"http://{self.master}/{path}", timeout=10) as reply:
            return json.loads(reply.read())

    def live_jobs(self) -> list[str]:
        """Returns the names of the jobs that have not ended."""
        ended = ("FINISHED", "CANCELED", "FAILED")
        jobs = self.ask("jobs/overview")["jobs"]
        return [job["name"] for job in jobs if job["state"] not in ended]

    def kill(self, name: str) -> None:
        """Kills a process of the cluster (SIGKILL); its Python workers end by themselves."""
        process = self.processes.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def workers(self) -> list[int]:
        """Returns the Python workers of the TaskManagers."""
        ours = {process.pid for process in self.processes.values()}
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if b"massivetext-worker" in words and parent in ours:
                found.append(int(folder.name))
        return found

    def stop(self) -> None:
        """Ends all processes."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes.clear()


@contextmanager
def session(folder: Path, managers: int = 2, **settings: str) -> Iterator[Cluster]:
    """Yields a cluster with its TaskManagers registered, and ends it."""
    cluster = Cluster(folder, **settings)
    try:
        for name in ("jm", *(f"tm{n}" for n in range(1, managers + 1))):
            cluster.start(name)
        cluster.wait_for(managers)
        yield cluster
    finally:
        cluster.stop()


def has_tools() -> bool:
    """Returns whether Java and Maven are here."""
    return all(shutil.which(tool) for tool in ("java", "javac", "jar", "mvn"))
