"""Steps of a Dockerfile and commands of a page, as they stand there."""

import re
from pathlib import Path

from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2 as api
from apache_beam.portability.api import endpoints_pb2


def shell_blocks(page: Path) -> list[str]:
    """Returns the commands of a Markdown page's bash blocks, one block a string."""
    return re.findall(r"^```bash\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def docker_steps(dockerfile: Path) -> list[list[tuple[str, str]]]:
    """Returns the (instruction, arguments) of each stage of a Dockerfile."""
    stages: list[list[tuple[str, str]]] = []
    for line in dockerfile.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                stages.append([])
            if stages:
                stages[-1].append((word, rest))
    return stages


def external(address: str) -> api.Environment:
    """Returns the environment of workers that a worker pool at an address starts."""
    endpoint = endpoints_pb2.ApiServiceDescriptor(url=address)
    payload = api.ExternalPayload(endpoint=endpoint).SerializeToString()
    return api.Environment(urn=common_urns.environments.EXTERNAL.urn, payload=payload)
