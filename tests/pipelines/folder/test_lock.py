"""One run per output; a dead owner's lock is gone with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.pipelines.folder.lock import only_run

HOLD = """
import sys, time
from massivetext.pipelines.folder.lock import only_run
with only_run(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_refused_and_a_dead_owner_is_taken_over(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    refusal = f"another run is writing to .*process {owner.pid} on"
    with pytest.raises(ConfigError, match=refusal), only_run(str(tmp_path)):
        pass
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    with only_run(str(tmp_path)):
        pass
