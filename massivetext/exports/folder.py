"""The folder of an export: its own alone, with a record of what decides its bytes."""

from typing import Any, Final

from massivetext.errors import ConfigError
from massivetext.storage.files import delete_files, list_names
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.local import TEMPORARY
from massivetext.storage.paths import join

RECORD: Final = "export.json"  # what an export holds: a rerun continues only with the same


def start_folder(folder: str, record: dict[str, Any], made_from: str) -> set[str]:
    """Returns the names of the files that are there, in a folder that is this export's.

    Files that an earlier run left unfinished are deleted.

    Args:
      folder: of the export, here or on an object store.
      record: what the export is; its ``key`` decides the bytes.
      made_from: what exports are made from, for the message.

    Raises:
      ConfigError: it holds something else, or another export.
    """
    names, before = set(list_names(folder)), read_json(join(folder, RECORD))
    if before is None and names:
        raise ConfigError(f"{folder} holds other files, as {min(names)}; name an empty folder")
    if before is not None and before.get("key") != record["key"]:
        raise ConfigError(
            f"{folder} holds an export of {made_from}, or with other options; name another folder"
        )
    delete_files([join(folder, name) for name in names if TEMPORARY in name])
    if before is None:
        write_json(join(folder, RECORD), record | {"complete": False})
    return names


def finish_folder(folder: str, record: dict[str, Any]) -> None:
    """Writes that an export is whole."""
    write_json(join(folder, RECORD), record | {"complete": True})
