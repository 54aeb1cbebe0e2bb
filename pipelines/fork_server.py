"""The process that local workers are forked from: it imports Beam once, beside its parent."""

import multiprocessing
from multiprocessing import forkserver
from typing import Final

CONTEXT: Final = multiprocessing.get_context("forkserver")


# Beam imports its local runner only when a pipeline runs: 0.1 s in every process of every stage.
_IMPORTS = ["pipelines.build", "apache_beam.runners.portability.fn_api_runner.fn_runner"]


def start_server() -> None:
    """Starts the server; it imports what workers need while its parent does the same."""
    CONTEXT.set_forkserver_preload(_IMPORTS)
    forkserver.ensure_running()
