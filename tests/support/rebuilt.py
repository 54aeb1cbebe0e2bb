"""Whether two builds of the same inputs are the same: every byte, and every account."""

from pathlib import Path

from tests.support.commands import stage

# What tells of a run and not of its output: times, and the versions of the inputs.
_OF_THE_RUN = ("manifest.json", "inputs.json", "run.lock", "index.html")


def files(output: Path) -> dict[str, bytes]:
    """Returns all that a build has written but what tells of the run."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name not in _OF_THE_RUN
    }


def check_same(ours: Path, theirs: Path) -> None:
    """Checks that two builds have the same files, and the same account of each stage."""
    made, wanted = files(ours), files(theirs)
    assert made.keys() == wanted.keys()
    other = [name for name in made if made[name] != wanted[name]]
    assert not other, other
    for name in ("documents", "duplicates", "overlap", "tokens", "sequences"):
        manifests = [stage(output, name) for output in (ours, theirs)]
        for manifest in manifests:
            for fact in ("seconds", "redone_parts", "crc32c"):
                manifest.pop(fact, None)
        assert manifests[0] == manifests[1], name
