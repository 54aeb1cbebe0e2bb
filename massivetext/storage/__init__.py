"""Files by path, the same on this machine, on Google Cloud Storage and on S3.

A path is one of this machine, or ``gs://bucket/name`` or ``s3://bucket/name``. A file appears under
its name when it is whole. A file that is not there is a `FileNotFoundError`; whatever else a file
system refuses is an `OSError` with the path, and what a user must set up first is a `ConfigError`.
Beam has file systems too; readers, trainer and users of the library must not need Beam.
"""

from massivetext.storage.files import (
    check_bucket,
    delete_files,
    exists,
    file_size,
    find_file,
    list_files,
    list_names,
    new_file,
    open_file,
    read_bytes,
    upload,
    write_bytes,
    write_file,
)
from massivetext.storage.json_files import read_json, require_json, write_json
from massivetext.storage.local import TEMPORARY
from massivetext.storage.paths import FileInfo, is_local, join, local_path
from massivetext.storage.settings import Settings, settings_from, use
from massivetext.storage.stores import check_scheme

__all__ = [
    "TEMPORARY",
    "FileInfo",
    "Settings",
    "check_bucket",
    "check_scheme",
    "delete_files",
    "exists",
    "file_size",
    "find_file",
    "is_local",
    "join",
    "list_files",
    "list_names",
    "local_path",
    "new_file",
    "open_file",
    "read_bytes",
    "read_json",
    "require_json",
    "settings_from",
    "upload",
    "use",
    "write_bytes",
    "write_file",
    "write_json",
]
