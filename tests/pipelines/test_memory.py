"""A local run that would not fit is refused before it starts."""

import pytest

from massivetext.errors import StageError
from pipelines.memory import check_memory, predicted
from pipelines.runner import Execution


def test_on_both_sides_of_what_is_free() -> None:
    need = predicted(10_000_000, 2)
    check_memory(10_000_000, Execution(workers=2), available=need)
    with pytest.raises(StageError, match=r"would need 45.4 GB .* Flink or Dataflow"):
        check_memory(10_000_000, Execution(workers=2), available=need - 1)


def test_remote_runs_are_not_checked() -> None:
    check_memory(10**12, Execution(("--runner=DataflowRunner",)), available=1)
