"""The loader of the native module: off, missing, from many threads; and the same results."""

import os
import subprocess
import sys
import threading

import pytest

from massivetext.text import kernels
from massivetext.text.kernels import find_kernels

DIGEST = """
import hashlib
from massivetext.filters.measure import measure_and_sign
from massivetext.text.kernels import find_kernels
from massivetext.dedup.signature import shingle_hashes
texts = ["", "The cat, the…\\n\\n- e\\u0301t\\u00e9 #1 ...\\n" * 9, "a b " * 50, "\\u4e2d\\u3000c"]
results = [(measure_and_sign(text), shingle_hashes(text).tobytes()) for text in texts]
print(find_kernels() is None, hashlib.sha256(repr(results).encode()).hexdigest())
"""
HIDDEN = "import sys; sys.modules['massivetext._kernels'] = None\n"


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=variables)


def test_off_gives_the_same_results_silently():
    off = run(DIGEST, MASSIVETEXT_KERNELS="off")
    assert off.stdout.startswith("True")
    assert off.stderr == ""
    assert run(DIGEST, MASSIVETEXT_KERNELS="").stdout.split()[1] == off.stdout.split()[1]


def test_missing_module_is_told_once_and_is_no_error():
    missing = run(HIDDEN + DIGEST, MASSIVETEXT_KERNELS="")
    assert missing.stderr.count("no native kernels") == 1
    assert missing.stderr.count("\n") == 1
    assert missing.stdout.split()[1] == run(DIGEST).stdout.split()[1]


def test_threads_get_the_same_module():
    found = []
    threads = [threading.Thread(target=lambda: found.append(find_kernels())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [find_kernels()] * 16


@pytest.mark.skipif(find_kernels() is None, reason="the kernels are off or not built")
def test_native_module_refuses_what_is_no_text():
    module = find_kernels()
    signing = (module.sign, module.measure_and_sign, module.shingle_hashes)
    for function, rules in (
        (module.measure, ()),
        *((found, (13, True, False)) for found in signing),
    ):
        with pytest.raises(TypeError):
            function(b"bytes", *rules)
        with pytest.raises(TypeError):
            function(None, *rules)
        with pytest.raises(UnicodeEncodeError):
            function("\ud800", *rules)
    for function in signing:
        with pytest.raises(ValueError, match="no words"):
            function("text", 0, True, False)
    with pytest.raises(ValueError, match="Unicode"):
        module.load((b"", b"", b"", b"", b""), ())


def test_tables_are_rows_of_numbers():
    assert len(kernels.properties()) == 0x110000
    assert len(kernels.decompositions()) % 20 == 0
    assert len(kernels.compositions()) % 12 == 0
