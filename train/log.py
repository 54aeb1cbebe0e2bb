"""What a run writes while it goes: a progress line, ``log.jsonl`` and TensorBoard events."""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import jax
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from train.config import TrainConfig
from train.evaluate import Score
from train.flops import peak_flops, utilisation

LOG = "log.jsonl"


def say(text: str) -> None:
    """Writes a line for people, from the first host only."""
    if jax.process_index() == 0:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Returns the entries of a run's log; a last line that a kill has cut is left out."""
    path = folder / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    entries = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return entries


class Log:
    """One run's log. After a resume, entries beyond the restored step are dropped."""

    def __init__(self, config: TrainConfig, folder: Path, step: int, steps: int) -> None:
        """Opens the log at `step` of `steps`."""
        self._config, self._folder, self._steps = config, folder, steps
        self._first = jax.process_index() == 0
        self._clock, self._tokens, self._step = time.monotonic(), 0, step
        if self._first:
            folder.mkdir(parents=True, exist_ok=True)
            kept = [entry for entry in read_log(folder) if entry["step"] <= step]
            text = "".join(json.dumps(entry) + "\n" for entry in kept)
            (folder / LOG).write_text(text, encoding="utf-8")
            self._events = EventFileWriter(str(folder / "tensorboard"))

    def restart_clock(self) -> None:
        """Forgets the time so far: compiling, evaluating and saving say nothing of speed."""
        self._clock, self._tokens = time.monotonic(), 0

    def count(self, tokens: int) -> None:
        """Adds trained tokens to the current interval."""
        self._tokens += tokens

    def train(self, step: int, loss: float, gradient_norm: float, rate: float) -> None:
        """Writes the entry of a training step."""
        seconds = max(time.monotonic() - self._clock, 1e-9)
        speed = self._tokens / seconds
        used = utilisation(self._config.model, speed)
        steps = step - self._step
        left = (self._steps - step) * seconds / max(steps, 1)
        entry = {"loss": loss, "gradient_norm": gradient_norm, "learning_rate": rate}
        extra = {"tokens_per_second": speed} | ({} if used is None else {"mfu": used})
        self._write(step, {**entry, **extra})
        say(
            f"step {step}/{self._steps}  loss {loss:.4f}  {speed:,.0f} tokens/s{_spell_mfu(used)}"
            f"  {_spell_time(left)} left"
        )
        self._step = step
        self.restart_clock()

    def evaluation(self, step: int, scores: dict[str, Score]) -> None:
        """Writes the entry of an evaluation."""
        for name, score in scores.items():
            self._write(step, {f"validation/{name}/{k}": v for k, v in score._asdict().items()})

    def close(self) -> None:
        """Writes what waits."""
        if self._first:
            self._events.close()

    def _write(self, step: int, values: dict[str, float]) -> None:
        if not self._first:
            return
        with (self._folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        points = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        event = Event(step=step, wall_time=time.time(), summary=Summary(value=points))
        self._events.add_event(event)


def _spell_mfu(used: float | None) -> str:
    if used is None:
        return ""
    peak = peak_flops(jax.devices()[0].device_kind) or math.nan
    return f"  MFU {used:.1%} of {peak / 1e12:g} TFLOP/s x {jax.device_count()}"


def _spell_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"
