"""Reading a whole build through: which of its files are not as they were written."""

from typing import NamedTuple

from massivetext.corpus.page import as_html
from massivetext.errors import ConfigError, DamagedFile
from massivetext.pipelines.changes.versions import RECORD
from massivetext.pipelines.folder.damage import CHECKSUM, files_written, find_damage
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import exists, read_bytes
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join

REPORT = ("report", "index.html")


class Verified(NamedTuple):
    """What a build's files are like."""

    files: int
    bytes: int  # of the stages' files, their manifests not counted
    damaged: list[str]  # names below the build's folder, with how they are damaged
    older: list[str]  # stages that kept no checksums


def verify_build(output: str) -> Verified:
    """Reads every file of the build in a folder and compares it with what was written.

    Raises:
      ConfigError: there is no build.
    """
    stages = [Stage(spec.name, join(output, spec.name), "", spec.names) for spec in STAGES]
    files = size = 0
    damaged, older = list[str](), list[str]()
    for stage in (half for whole in stages for half in (whole, *whole.halves())):
        written, found = files_written(stage), find_damage(stage, read=True)
        has_manifest = exists(stage.path(MANIFEST))
        files += len(written) + has_manifest
        size += sum(file.size for file in written)
        damaged += [f"{stage.name}/{name}: {how}" for name, how in found]
        older += [stage.name] if has_manifest and not written and not found else []
    has_manifest = exists(join(output, MANIFEST))
    if not files and not has_manifest:
        raise ConfigError(f"no build in {output}: it has no {MANIFEST}")
    return Verified(files + has_manifest, size, damaged + _of_build(output), older)


def _of_build(output: str) -> list[str]:
    """Returns what is wrong with the build's own manifest and its report, which follows from it."""
    damaged = [f"{name}: {CHECKSUM}" for name in (MANIFEST, RECORD) if _is_damaged(output, name)]
    if f"{MANIFEST}: {CHECKSUM}" in damaged:
        return damaged
    manifest = read_json(join(output, MANIFEST))
    path = join(output, *REPORT)
    if manifest is None or not exists(path) or read_bytes(path) == as_html(manifest).encode():
        return damaged
    return [*damaged, f"{'/'.join(REPORT)}: not what `massivetext report` writes"]


def _is_damaged(output: str, name: str) -> bool:
    try:
        read_json(join(output, name))
    except (DamagedFile, ConfigError):
        return True
    return False
