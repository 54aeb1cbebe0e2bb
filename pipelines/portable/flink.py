"""A Flink cluster, asked at its REST address: its slots and memory, and its jobs by name."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from massivetext.errors import ConfigError

_SECONDS = 10.0
_LIVE = ("INITIALIZING", "CREATED", "RUNNING", "FAILING", "RESTARTING", "CANCELLING", "SUSPENDED")
# Network memory that the duplicates stage was seen to take of a slot, the only one that takes much:
# 4,121 buffers of 32 KiB with 512 (Flink's default) for each sorting shuffle that is written.
SLOT_BUFFERS, DEFAULT_MIN_BUFFERS, BUFFER_BYTES = 4_121, 512, 32 << 10
LEAST_BYTES = 64 << 20  # Flink's own least for a TaskManager


class Cluster(NamedTuple):
    """What a cluster has to offer."""

    task_managers: int
    slots: int
    slots_of_one: int  # of the largest TaskManager
    network_bytes: int  # of the TaskManager that has least a slot; 0: it does not tell


def ask(master: str, path: str, method: str = "GET") -> Any:
    """Returns what a cluster answers, as JSON.

    Raises:
      ConfigError: nothing answers there, or it is no Flink cluster.
    """
    request = urllib.request.Request(f"{master.rstrip('/')}/{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
            return json.loads(reply.read() or b"{}")
    except (OSError, ValueError) as error:  # urllib's errors are OSError
        raise ConfigError(
            f"--flink_master={master}: no Flink cluster answers there ({_reason(error)}); start it,"
            " or name the host and port of its REST address"
        ) from error


def _reason(error: Exception) -> str:
    return str(error.reason) if isinstance(error, urllib.error.URLError) else str(error)


def cluster(master: str) -> Cluster:
    """Returns what a cluster has; a TaskManager is asked for its memory.

    Raises:
      ConfigError: nothing answers, or no TaskManager has come.
    """
    managers = ask(master, "taskmanagers").get("taskmanagers", [])
    if not managers:
        raise ConfigError(
            f"--flink_master={master}: the cluster has no TaskManager; start one, or look into its"
            " log for why it does not register"
        )
    slots = [int(manager["slotsNumber"]) for manager in managers]
    memory = [_network_bytes(master, manager["id"]) for manager in managers]
    shares = [size // number for size, number in zip(memory, slots, strict=True) if number]
    least = shares.index(min(shares)) if shares else 0
    return Cluster(len(managers), sum(slots), max(slots), memory[least])


def _network_bytes(master: str, manager: str) -> int:
    told = ask(master, f"taskmanagers/{manager}").get("memoryConfiguration", {})
    return int(told.get("networkMemory") or 0)


def min_buffers(master: str) -> int:
    """Returns the buffers that a cluster gives to each sorting shuffle that is written."""
    told = {item["key"]: item["value"] for item in ask(master, "jobmanager/config")}
    name = "taskmanager.network.sort-shuffle.min-buffers"
    return int(told.get(name, DEFAULT_MIN_BUFFERS))


def network_bytes_needed(slots: int, buffers: int) -> int:
    """Returns the network memory that a TaskManager of so many slots needs for duplicates.

    >>> network_bytes_needed(1, 512) >> 20, network_bytes_needed(4, 64) >> 20
    (128, 64)
    """
    return max(LEAST_BYTES, slots * SLOT_BUFFERS * BUFFER_BYTES * buffers // DEFAULT_MIN_BUFFERS)


def live_jobs(master: str, name: str) -> list[str]:
    """Returns the ids of a cluster's live jobs of a name."""
    jobs = ask(master, "jobs/overview").get("jobs", [])
    return [job["jid"] for job in jobs if job["name"] == name and job["state"] in _LIVE]


def cancel_jobs(master: str, name: str) -> list[str]:
    """Asks a cluster to cancel its live jobs of a name; returns their ids."""
    found = live_jobs(master, name)
    for number in found:
        ask(master, f"jobs/{number}?mode=cancel", "PATCH")
    return found
