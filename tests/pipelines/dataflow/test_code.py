"""Our code on workers: the requirements say what this environment has; the image is of its Beam."""

import re
from importlib.metadata import version
from pathlib import Path

from packaging.utils import canonicalize_name

from massivetext.pipelines.dataflow.code import requirements
from tests.pipelines.dataflow.service.commands import docker_steps

REPOSITORY = Path(__file__).parents[3]


def pinned(path: Path) -> dict[str, str]:
    pairs = (line.split("==") for line in path.read_text().split())
    return {canonicalize_name(name): number for name, number in pairs}


def test_requirements_are_the_pins_and_leave_beam_and_the_trainer_out() -> None:
    lines = dict(line.split("==") for line in requirements())
    pins = pinned(REPOSITORY / "constraints.txt")
    assert {name: pins[name] for name in lines} == lines
    for name in ("numpy", "pyarrow", "sentencepiece", "fastwarc", "fasttext-community", "scipy"):
        assert name in lines
    for name in ("apache-beam", "grpcio", "jax", "optax", "pytest", "massivetext"):
        assert name not in lines


def test_the_image_is_of_this_beam() -> None:
    text = (REPOSITORY / "Dockerfile").read_text()
    assert re.search(r"^ARG BEAM=(.+)$", text, re.MULTILINE)[1] == version("apache-beam")  # type: ignore[index]
    last = docker_steps(REPOSITORY / "Dockerfile")[-1]
    assert ("ENTRYPOINT", '["/opt/apache/beam/boot"]') in last
