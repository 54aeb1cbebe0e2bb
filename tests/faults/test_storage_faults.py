"""Storage that fails, lags and lists what is gone: the same bytes, or a failure to be rerun."""

import os
import random
import time
from pathlib import Path

import pytest

from massivetext.pipelines.folder import lock
from massivetext.pipelines.folder.lock import Lease
from massivetext.storage import stores
from tests.faults.faulty_store import NONE, Faults, FaultyStore, new_store
from tests.support.commands import json_lines, one_line, run, write_recipe

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]
SEEDS = int(os.environ.get("MASSIVETEXT_STORAGE_SEEDS", "50"))
OUTPUT = "faulty://bucket/out"
FAULTS = Faults(failing=0.05, slow=0.02, stale=0.05)
RUNS = 8  # with faults; then the storage is sound, and one more must end it
SHARDS = "sequences/massivetext"


@pytest.fixture(autouse=True)
def scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths that begin with ``faulty://`` lead to the faulty store; leases take no time."""
    kind = stores._KINDS["s3"]._replace(module="tests.faults.faulty_store", variables=("none",))
    monkeypatch.setitem(stores._KINDS, "faulty", kind)
    only_run = lock.only_run
    quick = Lease(lasts=2.0, renewed_every=0.2, settles=0.01)
    monkeypatch.setattr("massivetext.pipelines.build.only_run", lambda out: only_run(out, quick))


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe of two sources of one file each."""
    folder = tmp_path_factory.mktemp("faults")
    for source, first in (("c4", 0), ("news", 100)):
        (folder / f"{source}.jsonl").write_bytes(json_lines(*range(first, first + 12)))
    files = {"c4": "c4.jsonl", "news": "news.jsonl"}
    return write_recipe(folder / "recipe.toml", files, tokens=4_000, length=64)


def shards(store: FaultyStore) -> dict[str, bytes]:
    return {name: data for name, data in store.content(f"{OUTPUT}/").items() if "tfrecord" in name}


@pytest.fixture(scope="module")
def expected(recipe: Path) -> dict[str, bytes]:
    """The shards of a build on sound storage of this machine."""
    finished = run("build", recipe, "--output", recipe.parent / "sound")
    assert finished.code == 0, finished.err
    found = (recipe.parent / "sound/sequences").glob("*tfrecord*")
    return {f"sequences/{path.name}": path.read_bytes() for path in found}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_faults_never_change_a_byte(
    recipe: Path, expected: dict[str, bytes], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, draw = new_store(), random.Random(seed)
    if seed % 2:  # something else was built there before
        other = run("build", recipe, "--output", OUTPUT, "--set", "seed=7")
        assert other.code == 0, other.err
    for number in range(RUNS + 1):
        store.inject(FAULTS if number < RUNS else NONE, seed * 100 + number)
        clock, skew = time.time, draw.choice((-3600.0, 0.0, 3600.0))
        with monkeypatch.context() as patch:
            patch.setattr(lock.time, "time", lambda c=clock, s=skew: c() + s)
            finished = run("build", recipe, "--output", OUTPUT, "--replace")
        failed = store.failed
        store.inject(NONE, 0)
        if finished.code == 0:
            break
        assert finished.code in (1, 2), finished.err
        one_line(finished)
        assert failed or "lists" in finished.err or number, finished.err
        explained = run("build", recipe, "--output", OUTPUT, "--explain")
        done = explained.out.decode().count("up to date")
        damaged = run("verify", OUTPUT)
        assert damaged.code == 0 or done < 6, damaged.out
    assert finished.code == 0, finished.err
    assert shards(store) == expected
    assert run("verify", OUTPUT).code == 0
    assert not [name for name in store.content(OUTPUT) if ".tmp-" in name]


@pytest.mark.parametrize("skew", [-3600.0, 3600.0])
def test_a_live_lease_is_respected_by_a_clock_an_hour_off(
    monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    new_store()
    lease = Lease(lasts=2.0, renewed_every=0.1, settles=0.01)
    with lock.only_run(OUTPUT, lease):
        clock = time.time
        monkeypatch.setattr(lock.socket, "gethostname", lambda: "another machine")
        monkeypatch.setattr(lock.time, "time", lambda: clock() + skew)
        with pytest.raises(lock.ConfigError, match="another run"), lock.only_run(OUTPUT, lease):
            pass


def test_a_dead_lease_is_taken_whatever_the_clocks_say(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store()
    lease = Lease(lasts=0.3, renewed_every=0.05, settles=0.01)
    dead = b'{"token": "x", "renewed": %d, "process": 1, "host": "elsewhere"}'
    for renewed in (time.time() - 3600, time.time() + 3600):
        store._change(f"{OUTPUT}/run.lock", dead % renewed)
        with lock.only_run(OUTPUT, lease):
            pass
