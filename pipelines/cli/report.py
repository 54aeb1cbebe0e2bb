"""Writing and printing the report of a build."""

import argparse
import sys
from typing import Any

from massivetext.corpus.page import as_html
from massivetext.corpus.report import as_text, report_tables
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.file_names import MANIFEST, REPORT
from massivetext.storage.files import write_bytes
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join


def write_report(output: str, manifest: dict[str, Any]) -> None:
    """Writes ``report/index.html`` and prints its tables."""
    renew_report(output, manifest)
    for table in report_tables(manifest):
        sys.stdout.write(as_text(table) + "\n\n")


def renew_report(output: str, manifest: dict[str, Any]) -> None:
    """Writes ``report/index.html``."""
    write_bytes(join(output, REPORT), as_html(manifest).encode())


def tell_places(output: str, shards: bool = True) -> None:
    """Prints where the text and the report of a build are, and its shards if it came so far."""
    if shards:
        sys.stdout.write(f"shards  {join(output, 'sequences')}\n")
    sys.stdout.write(
        f"text    {join(output, 'documents')}; massivetext export-text {output} -o TEXT writes what"
        " is left\n"
        f"report  {join(output, 'report', 'index.html')}\n"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext report``."""
    parser.add_argument("output", metavar="DIR", help="the output of a build")


def main(arguments: argparse.Namespace) -> int:
    """Writes and prints the report of the build in a folder."""
    output = arguments.output.rstrip("/")
    manifest = read_json(join(output, MANIFEST))
    if manifest is None:
        raise ConfigError(f"no build in {output}: it has no {MANIFEST}")
    write_report(output, manifest)
    sys.stdout.write(f"report  {join(output, 'report', 'index.html')}\n")
    return 0
