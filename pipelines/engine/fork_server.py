"""The process that local workers are forked from: it imports Beam once, beside its parent."""

import multiprocessing
from multiprocessing import forkserver
from typing import Final

CONTEXT: Final = multiprocessing.get_context("forkserver")


def start_server() -> None:
    """Starts the server; it imports what workers need while its parent does the same."""
    CONTEXT.set_forkserver_preload(["massivetext.pipelines.cli.preload"])
    forkserver.ensure_running()
