"""What a run writes while it goes: a progress line, ``log.jsonl`` and TensorBoard events.

An object on gs:// cannot be appended to. There these files grow in a temporary folder, and whole
copies go beside the checkpoints; the copies are what a resumed run reads, on whichever machine.
"""

import json
import math
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

import jax
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from massivetext.storage.files import upload
from massivetext.storage.paths import is_local
from massivetext.train.config.config import TrainConfig, tokens_seen, total_steps
from massivetext.train.config.quantities import spell_time
from massivetext.train.evaluation.loss_by_source import Score
from massivetext.train.evaluation.read_log import LOG, read_log
from massivetext.train.run.flops import peak_flops, utilization

SMOOTHED = 100  # steps whose losses are averaged for people: one batch may be one sequence


def say(text: str) -> None:
    """Writes a line for people, from the first host only."""
    if jax.process_index() == 0:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


class Log:
    """One run's log. After a resume, entries beyond the restored step are dropped."""

    def __init__(self, config: TrainConfig, output: str, step: int, devices: int) -> None:
        """Opens the log of a run's folder at `step`; the run computes on `devices` devices."""
        self._config, self._output, self._devices = config, output, devices
        self.folder = Path(output if is_local(output) else tempfile.mkdtemp(prefix="train-"))
        self._first = jax.process_index() == 0
        self._clock = self._entered = time.monotonic()
        self._tokens, self._noted = 0, step
        self._losses: deque[float] = deque(maxlen=SMOOTHED)
        if self._first:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = [entry for entry in read_log(output) if entry["step"] <= step]
            text = "".join(json.dumps(entry) + "\n" for entry in kept)
            (self.folder / LOG).write_text(text, encoding="utf-8")
            self._events = EventFileWriter(str(self.folder / "tensorboard"))

    def restart_clock(self) -> None:
        """Forgets the time so far: compiling, evaluating and saving say nothing of speed."""
        self._clock, self._tokens = time.monotonic(), 0

    def count(self, tokens: int) -> None:
        """Adds a step's tokens to the current interval."""
        self._tokens += tokens

    def note(self, step: int, loss: float) -> None:
        """Keeps a step's loss for the mean that people read; a step counts once."""
        if step > self._noted:
            self._noted = step
            self._losses.append(loss)

    def train(self, step: int, loss: float, gradient_norm: float, rate: float) -> None:
        """Writes the entry of a training step; `loss` is of its batch alone."""
        now = time.monotonic()
        speed = self._tokens / max(now - self._clock, 1e-9) if self._tokens else None
        smoothed = sum(self._losses) / len(self._losses) if self._losses else loss
        entry = {"loss": loss, "smoothed_loss": smoothed, "gradient_norm": gradient_norm}
        entry |= {"learning_rate": rate, "seconds": now - self._entered, "devices": self._devices}
        self._write(step, entry | self._speeds(speed))
        self._report(step, smoothed, speed)
        self._entered = time.monotonic()
        self.restart_clock()

    def _speeds(self, speed: float | None) -> dict[str, float]:
        if speed is None:
            return {}
        used = utilization(self._config.model, speed, self._devices)
        return {"tokens_per_second": speed} | ({} if used is None else {"mfu": used})

    def _report(self, step: int, smoothed: float, speed: float | None) -> None:
        """Says how far the run is; the time left leaves out compiling, evaluating and saving."""
        steps = total_steps(self._config)
        mean = f" (mean of {len(self._losses)} steps)" if len(self._losses) > 1 else ""
        if speed is None:
            seconds = time.monotonic() - self._entered
            rest = f"compiled, with the data's first batch, in {spell_time(seconds)}"
        else:
            left = tokens_seen(self._config, steps) - tokens_seen(self._config, step)
            used = utilization(self._config.model, speed, self._devices)
            rest = f"{speed:,.0f} tokens/s{_spell_mfu(used, self._devices)}"
            rest += f"  {spell_time(left / speed)} left"
        say(f"step {step}/{steps}  loss {smoothed:.4f}{mean}  {rest}")

    def evaluation(self, step: int, scores: dict[str, Score]) -> None:
        """Writes the entry of an evaluation."""
        for name, score in scores.items():
            self._write(step, {f"validation/{name}/{k}": v for k, v in score._asdict().items()})

    def publish(self) -> None:
        """Copies the files to a run's folder on gs://. A failure is told, and ends no run."""
        if not self._first or is_local(self._output):
            return
        self._events.flush()
        try:
            upload(self.folder, self._output)
        except OSError as error:
            what = error.strerror or error
            say(f"{self._output}: the log was not copied, it is in {self.folder}: {what}")

    def close(self) -> None:
        """Writes what waits."""
        if self._first:
            self._events.close()

    def _write(self, step: int, values: dict[str, float]) -> None:
        if not self._first:
            return
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        points = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        event = Event(step=step, wall_time=time.time(), summary=Summary(value=points))
        self._events.add_event(event)


def _spell_mfu(used: float | None, devices: int) -> str:
    if used is None:
        return ""
    peak = peak_flops(jax.devices()[0].device_kind) or math.nan
    return f"  MFU {used:.1%} of {peak / 1e12:g} TFLOP/s x {devices}"
