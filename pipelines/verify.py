"""Reading a whole build through: which of its files are not as they were written."""

from typing import Any, NamedTuple

from massivetext.corpus.page import as_html
from massivetext.errors import ConfigError, DamagedFile
from massivetext.finished.taken_out import check_whole
from massivetext.pipelines.folder.damage import (
    CHECKSUM,
    FOLDER,
    GONE,
    files_written,
    find_damage,
)
from massivetext.pipelines.folder.file_names import INPUTS, MANIFEST, REPORT
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import exists, read_bytes
from massivetext.storage.json_files import parse_json, read_json
from massivetext.storage.paths import join


class Verified(NamedTuple):
    """What a build's files are like."""

    files: int
    bytes: int  # of the stages' files, their manifests not counted
    damaged: list[str]  # names below the build's folder, with how they are damaged
    older: list[str]  # stages that kept no checksums


def verify_build(output: str) -> Verified:
    """Reads every file of the build in a folder and compares it with what was written.

    Raises:
      ConfigError: there is no build, or a take-out of it was stopped.
    """
    check_whole(output)
    stages = [Stage(spec.name, join(output, spec.name), "", spec.names) for spec in STAGES]
    files = size = 0
    damaged, older = dict[str, str](), list[str]()
    for stage in (half for whole in stages for half in (whole, *whole.halves())):
        written, found = files_written(stage), find_damage(stage, read=True)
        has_manifest = exists(stage.path(MANIFEST))
        files += len(written) + has_manifest
        size += sum(file.size for file in written)
        damaged |= {f"{stage.name}/{name}": how for name, how in found}
        older += [stage.name] if has_manifest and not written and not found else []
    has_manifest = exists(join(output, MANIFEST))
    if not files and not has_manifest:
        raise ConfigError(f"no build in {output}: it has no {MANIFEST}")
    damaged = _of_build(output, stages, bool(older)) | damaged
    return Verified(
        files + has_manifest, size, [f"{n}: {how}" for n, how in damaged.items()], older
    )


def _of_build(output: str, stages: list[Stage], older: bool) -> dict[str, str]:
    """Returns what is wrong with the build's own manifest, and with what it tells of."""
    needed = {MANIFEST: stages[-1], INPUTS: stages[0]}  # written by the time these are complete
    hows = {name: _how(join(output, name), stage, older) for name, stage in needed.items()}
    damaged = {name: how for name, how in hows.items() if how}
    manifest = None if hows[MANIFEST] else read_json(join(output, MANIFEST))
    return damaged if manifest is None else damaged | _told(output, stages, manifest)


def _how(path: str, stage: Stage, older: bool) -> str:
    """Returns what is wrong with a file that is there once a stage is complete; empty: nothing.

    Args:
      path: of a JSON object.
      stage: that stage.
      older: whether it may be of a version that kept no checksums.
    """
    try:
        parse_json(read_bytes(path), path, summed=not older)
    except FileNotFoundError:
        return GONE if exists(stage.path(MANIFEST)) and not older else ""
    except IsADirectoryError:
        return FOLDER
    except (DamagedFile, ConfigError):
        return CHECKSUM
    return ""


def _told(output: str, stages: list[Stage], manifest: dict[str, Any]) -> dict[str, str]:
    """Returns what is wrong with what the build's manifest tells of: its stages and its report."""
    complete = (stage for stage in stages if stage.name in manifest.get("stages", ()))
    halves = (half for stage in complete for half in (stage, *stage.halves()))
    lost = {f"{s.name}/{MANIFEST}": GONE for s in halves if not exists(s.path(MANIFEST))}
    path = join(output, REPORT)  # which whoever wants none may delete
    if exists(path) and read_bytes(path) != as_html(manifest).encode():
        lost[REPORT] = "not what `massivetext report` writes"
    return lost
