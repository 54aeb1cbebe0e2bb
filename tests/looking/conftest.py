"""A small build that has something of everything that is looked at."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from massivetext.storage.settings import Settings, use
from tests.support.commands import prose, run, write_recipe

STOPLESS = " ".join(f"river{n} mountain \x1b[2Jforest lantern" for n in range(40))
GERMAN = "Der Fluss war gestern sehr ruhig, und wir gingen langsam nach Hause zurück. " * 8
TWIN = 3  # web's prose of this number stands twice, once with a line more
EXACT = 104  # c4's prose of this number stands twice
HELD_OUT = 110  # c4's prose of this number is an item of the test set


def _lines(texts: list[str], **more: str) -> bytes:
    rows = [
        {"text": text, "url": f"https://site{n % 3}.example/{n}"} | more
        for n, text in enumerate(texts)
    ]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def write_inputs(folder: Path) -> Path:
    """Writes inputs of two sources and a held-out set, and the recipe of the build."""
    for name in ("web", "c4", "tests"):
        (folder / name).mkdir(parents=True)
    good = [prose(n) for n in range(40)]
    good.append(prose(TWIN) + prose(999, 1))
    bad = [STOPLESS, "This is too short, I have said.", GERMAN]
    (folder / "web" / "a.jsonl").write_bytes(_lines(good[:20] + bad, timestamp="2024-05-01"))
    (folder / "web" / "b.jsonl").write_bytes(_lines(good[20:], timestamp="2023-11-30"))
    numbers = [*range(100, 125), EXACT]
    (folder / "c4" / "c.jsonl").write_bytes(_lines([prose(n) for n in numbers]))
    item = {"id": "item-1", "text": prose(HELD_OUT)}
    (folder / "tests" / "held.jsonl").write_text(json.dumps(item) + "\n")
    recipe = write_recipe(folder / "small.toml", {"web": "web/*", "c4": "c4/*"})
    held_out = '\n[[overlap.sets]]\nname = "held"\npath = "tests/held.jsonl"\nformat = "jsonl"\n'
    recipe.write_text(recipe.read_text(encoding="utf-8") + held_out, encoding="utf-8")
    return recipe


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the output of a finished build of two sources and three parts."""
    folder = tmp_path_factory.mktemp("looking")
    recipe = write_inputs(folder)
    done = run("build", recipe, "--output", folder / "out")
    assert done.code == 0, done.err
    return folder / "out"


@pytest.fixture
def store() -> Iterator[str]:
    """Yields a folder of an object store that this process can reach."""
    keys = {"aws_access_key_id": "fake", "aws_secret_access_key": "fake"}
    keys["region_name"] = "us-east-1"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", **keys).create_bucket(Bucket="bucket")
    use(Settings(s3=(("endpoint_url", f"http://{host}:{port}"), *keys.items())))
    yield "s3://bucket"
    use(None)
    server.stop()
