"""One run per output on an object store: a lease, refused while it is renewed, taken when not."""

import os
import threading
import time

import pytest

from massivetext.errors import ConfigError
from massivetext.pipelines.folder.lock import Lease, only_run
from massivetext.storage.files import exists
from massivetext.storage.json_files import read_json, write_json
from tests.pipelines.dataflow.conftest import Cloud

OUTPUT = "gs://bucket/locked"
QUICK = Lease(lasts=300.0, renewed_every=0.1, settles=0.1)


def hold(process: int, host: str, seconds_ago: float) -> None:
    held = {"token": "another", "renewed": time.time() - seconds_ago}
    write_json(f"{OUTPUT}/run.lock", held | {"process": process, "host": host})


@pytest.mark.usefixtures("cloud")
def test_it_is_held_while_the_block_lasts_and_gone_after() -> None:
    with only_run(OUTPUT, QUICK):
        held = read_json(f"{OUTPUT}/run.lock")
        assert held is not None
        assert held["process"] == os.getpid()
        with pytest.raises(ConfigError, match=f"another run .* {OUTPUT} .process {os.getpid()} on"):
            only_run(OUTPUT, QUICK).__enter__()
    assert not exists(f"{OUTPUT}/run.lock")


@pytest.mark.usefixtures("cloud")
def test_a_fresh_lease_of_another_machine_is_refused_and_a_stale_one_taken() -> None:
    hold(1, "elsewhere", seconds_ago=290)
    with pytest.raises(ConfigError, match="process 1 on elsewhere"), only_run(OUTPUT, QUICK):
        pass
    hold(1, "elsewhere", seconds_ago=301)
    with only_run(OUTPUT, QUICK):
        pass


@pytest.mark.usefixtures("cloud")
def test_a_dead_process_of_this_machine_is_taken_over_at_once() -> None:
    hold(2**22 + 1, os.uname().nodename, seconds_ago=0)
    with only_run(OUTPUT, QUICK):
        pass


@pytest.mark.usefixtures("cloud")
def test_the_owner_renews_it() -> None:
    with only_run(OUTPUT, QUICK):
        first = (read_json(f"{OUTPUT}/run.lock") or {})["renewed"]
        end = time.monotonic() + 30
        while (read_json(f"{OUTPUT}/run.lock") or {})["renewed"] == first:
            assert time.monotonic() < end


def test_of_two_that_start_together_one_gets_it(cloud: Cloud) -> None:
    won: list[str] = []
    both = threading.Barrier(2)
    done = threading.Event()

    def start() -> None:
        both.wait()
        try:
            with only_run(OUTPUT, QUICK._replace(settles=2.0)):
                won.append("won")
                done.wait(10)
        except ConfigError:
            done.set()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == ["won"]
    assert not list(cloud.storage.list_blobs(cloud.bucket, prefix="locked"))


@pytest.mark.usefixtures("cloud")
def test_a_lease_being_taken_is_alive_to_others_of_the_process() -> None:
    """Who is overwritten while it settles must not take the other's for one of a dead run."""
    both = threading.Barrier(5)
    won: list[int] = []
    done = threading.Event()

    def start(number: int) -> None:
        both.wait()
        try:
            with only_run(OUTPUT, QUICK._replace(settles=1.0)):
                won.append(number)
                done.wait(3)
        except ConfigError:
            pass

    threads = [threading.Thread(target=start, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
