"""What the server of local workers imports before it forks them."""

import signal

from massivetext.pipelines.engine.imports import lasting_imports

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to tell of

with lasting_imports():
    # Beam imports its local runner only when a pipeline runs: 0.1 s in every worker.
    import apache_beam.runners.portability.fn_api_runner.fn_runner  # noqa: F401

    import massivetext.pipelines.build  # noqa: F401
