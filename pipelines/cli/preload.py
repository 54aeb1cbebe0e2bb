"""What the server of local workers imports before it forks them."""

import signal

from massivetext.pipelines.engine.imports import lasting_imports

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to tell of

with lasting_imports():
    import massivetext.pipelines.build
    from massivetext.readers.formats import READ

    _ = massivetext.pipelines.build, tuple(READ.values())  # each is imported when it is asked for
