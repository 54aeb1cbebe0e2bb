"""A training run: start or resume, step, log, evaluate, save, stop cleanly."""

import dataclasses
import functools
import io
import json
import math
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any, NamedTuple

import jax
import numpy as np
from etils import epath
from jax.sharding import Mesh

from massivetext.errors import CheckpointError, StageError
from massivetext.storage.files import write_bytes
from massivetext.storage.paths import join
from massivetext.train.config.changes import SETTINGS, check_changes
from massivetext.train.config.config import (
    TrainConfig,
    batch_at,
    tokens_seen,
    total_steps,
    with_steps,
    with_vocabulary,
)
from massivetext.train.config.quantities import spell_count, spell_time
from massivetext.train.data.batches import Batches, Indices, Position
from massivetext.train.data.dataset import Dataset, check_marks, open_dataset
from massivetext.train.data.prefetch import Item, prefetch, rows_of_host, to_devices
from massivetext.train.evaluation.loss_by_source import Score, evaluate, format_scores, name_part
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.evaluation.results import add_results, read_results
from massivetext.train.fused.choose import describe_kernels
from massivetext.train.model.checkpoint import About, Checkpoints, about_run
from massivetext.train.model.model import count_parameters
from massivetext.train.model.optimizer import describe_warmup, learning_rate
from massivetext.train.model.out_of_memory import fitting
from massivetext.train.model.sharding import (
    batch_sharding,
    check_mesh,
    describe_idle,
    describe_mesh,
    make_mesh,
)
from massivetext.train.model.step import Metrics, State, abstract_state, init_state, make_step
from massivetext.train.run.card import CARD, write_card
from massivetext.train.run.lock import only_run
from massivetext.train.run.log import Log, say
from massivetext.train.run.memory import advise, check_host, describe_fit, fit
from massivetext.train.run.plot import plot_loss
from massivetext.train.run.spent import Spent, as_results, sum_up
from massivetext.train.run.tune import tune

PROFILE_FROM = 10  # steps of this process, which compile and warm up


class StopRequest:
    """Set by SIGTERM or Ctrl-C: the current step is finished and saved, then the run ends.

    Not where there are several hosts: one that stops alone leaves the others waiting for it. There
    JAX's own preemption service hears SIGTERM and makes all agree on a step.
    """

    def __init__(self) -> None:
        """Listens to both signals."""
        self.asked = False
        numbers = (signal.SIGTERM, signal.SIGINT) if jax.process_count() == 1 else ()
        self._before = {number: signal.signal(number, self._ask) for number in numbers}

    def release(self) -> None:
        """Gives the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)  # a second one ends at once


class Run(NamedTuple):
    """What stays the same from the first step to the last."""

    config: TrainConfig
    dataset: Dataset
    mesh: Mesh
    checkpoints: Checkpoints
    about: About
    output: str
    steps: int


class Taken(NamedTuple):
    """A step that was dispatched; its metrics are looked at while the next one runs."""

    step: int
    item: Item
    metrics: Metrics


def train(config: TrainConfig, data: str, output: str, measured: bool = False) -> bool:
    """Returns True when the run has reached its last step, False when it was told to stop.

    Resumes from the newest checkpoint in `output`. `measured` lets a search choose micro-batch and
    rematerialization.

    Raises:
      ConfigError: data, vocabulary, batch or mesh do not fit, or another run writes to `output`;
        nothing was written.
      CheckpointError: `output` holds another model; nothing was written.
      StageError: a damaged shard, or a loss that is not finite.
    """
    dataset = open_dataset(data, config.data.verify)
    config = with_vocabulary(config, dataset.vocabulary_size)
    check_marks(config.model, dataset)
    config = with_steps(config, count_parameters(config.model))
    mesh = make_mesh(config.mesh)
    check_host(config, mesh)
    config = tune(config, mesh) if measured else fit(config, mesh)
    check_mesh(config, mesh)
    batches = Batches(dataset, config.data, config.model.context, config.run.seed)
    about = about_run(config, dataset)
    with only_run(output):
        checkpoints = Checkpoints(output, config.run.keep_checkpoints)
        run = Run(config, dataset, mesh, checkpoints, about, output, total_steps(config))
        stop = StopRequest()
        try:
            return _run(run, batches, stop)
        finally:
            stop.release()
            checkpoints.close()


def _run(run: Run, batches: Batches, stop: StopRequest) -> bool:
    read_results(run.output)  # before the long work: a file that cannot be read is told now
    state, changed = _start(run, batches)
    step = int(state.step)
    if step >= run.steps and _is_evaluated(run, step):
        say(f"nothing to do: {run.output} is finished at step {step}, {run.steps} were asked for")
        return True
    if step < run.steps:
        _check_batches(run, batches.position, step)
    if changed:
        told = "; ".join(f"{key} was {values}" for key, values in changed.items())
        say(f"resumed with other settings than before: {told}")
    if jax.process_index() == 0:
        _write_settings(run)
    _describe(run, batches, step)
    return _loop(run, batches, state, step, stop)


def _start(run: Run, batches: Batches) -> tuple[State, dict[str, str]]:
    """Returns the state to go on from, and the settings that were others before."""
    if run.checkpoints.latest() is None:
        return init_state(run.config, run.mesh), {}
    changed = check_changes(run.output, run.config)
    state, saved = run.checkpoints.restore(abstract_state(run.config, run.mesh), run.about)
    batches.restore(saved)
    return state, changed


def _check_batches(run: Run, position: Position, step: int) -> None:
    """Raises CheckpointError if the settings say that other batches were read than were."""
    read = position.drawn * run.config.model.context
    counted = tokens_seen(run.config, step)
    if read != counted:
        raise CheckpointError(
            f"{run.output}: its {step:,} steps have read {read:,} tokens, and run.batch_tokens"
            f" makes them {counted:,}, so schedule and sums would be wrong; give the batches that"
            " it began with, or another --output, nothing was changed"
        )


def _describe(run: Run, batches: Batches, step: int) -> None:
    """Says what the run is, and what of its settings may not be meant."""
    config = run.config
    if not run.dataset.validation:
        say(f"{run.dataset.folder}: no held-out sequences, so there will be no held-out loss")
    say(
        f"{config.name}: {count_parameters(config.model):,} parameters on {describe_mesh(run.mesh)}"
        f", step {step} of {run.steps}"
    )
    passes = batches.passes(tokens_seen(config, run.steps) // config.model.context)
    lines = (
        describe_idle(config, run.mesh),
        describe_kernels(config.model, run.mesh),
        describe_fit(config, run.mesh),
        describe_warmup(config),
        f"the run reads its shards {passes:.3g} times" if passes > 1 else "",
    )
    for line in lines:
        if line:
            say(line)


def _is_evaluated(run: Run, step: int) -> bool:
    """Returns whether the run's last evaluation was written, or there is none to make."""
    entries = (entry for entry in read_log(run.output) if entry["step"] == step)
    found = any(key.startswith("validation/") for entry in entries for key in entry)
    return found or not run.dataset.validation


def _write_settings(run: Run) -> None:
    """Writes what `generate` and a reader need beside the checkpoints."""
    folder = epath.Path(run.checkpoints.folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {**dataclasses.asdict(run.config), "corpus": run.dataset.folder}
    text = json.dumps(settings, indent=1)
    (folder / SETTINGS).write_text(text + "\n")
    (folder / "vocabulary.model").write_bytes(run.dataset.vocabulary)


def _loop(run: Run, batches: Batches, state: State, step: int, stop: StopRequest) -> bool:
    config, log = run.config, Log(run.config, run.output, step, run.mesh.size)
    position, started, waiting = batches.position, step, None
    steps: dict[int, Any] = {}  # compiled, by batch size; a run has one or two
    for item in prefetch(batches, _requests(run, step)):
        size = len(item.tokens)
        fresh = size not in steps
        steps[size] = steps.get(size) or make_step(config, run.mesh, size)
        state, metrics = _take(run, steps[size], state, item)
        step, position = step + 1, item.position
        _settle(run, log, waiting)
        waiting = Taken(step, item, metrics)
        _count(log, waiting, 0 if fresh else size * config.model.context)
        ending = _ending(run, step, stop)
        _profile(config, log, step - started, ending)
        if ending or _due(step, config.run.log_every) or step == started + 1:
            _write_metrics(run, log, waiting)
        if _due(step, config.run.evaluate_every) and not ending:
            _evaluate(run, log, state, step, config.data.validation_sequences)
        if ending or _due(step, config.run.checkpoint_every):
            log.publish()  # before: no checkpoint is without its part of the log
            _save(run, state, position, waiting)
            log.restart_clock()
        if ending:
            break
    _finish(run, log, state, step)
    return step >= run.steps


def _take(run: Run, step: Any, state: State, item: Item) -> tuple[State, Metrics]:
    """Returns the state after one step; a device's memory that does not suffice is one line."""
    with fitting("the step", advise(run.config)):
        result: tuple[State, Metrics] = step(
            state, to_devices(item.tokens, batch_sharding(run.mesh))
        )
    return result


def _count(log: Log, taken: Taken, tokens: int) -> None:
    """Adds a step to the log's interval; one that was compiled for is waited for, not counted."""
    if tokens:
        log.count(tokens)
    else:
        jax.block_until_ready(taken.metrics)
        log.restart_clock()


def _requests(run: Run, step: int) -> Iterator[tuple[int, Indices]]:
    """Yields the size of each batch to come, and the rows of it that this host reads."""
    for later in range(step, run.steps):
        size = batch_at(run.config, later)
        yield size, _host_rows(run.mesh, size)


@functools.lru_cache(maxsize=4)
def _host_rows(mesh: Mesh, size: int) -> Indices:
    return rows_of_host(batch_sharding(mesh), size)


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _ending(run: Run, step: int, stop: StopRequest) -> bool:
    return step == run.steps or stop.asked or run.checkpoints.preempted(step)


def _check(run: Run, taken: Taken | None) -> None:
    """Raises StageError if a step's loss or gradient is not finite, and keeps its batch."""
    if taken is None:
        return
    loss, norm = float(taken.metrics.loss), float(taken.metrics.gradient_norm)
    if math.isfinite(loss) and math.isfinite(norm):
        return
    path = join(run.output, f"bad-batch-step-{taken.step}-host-{jax.process_index()}.npy")
    file = io.BytesIO()
    np.save(file, taken.item.tokens, allow_pickle=False)
    write_bytes(path, file.getvalue())
    newest = run.checkpoints.latest()
    again = f" the same command resumes at step {newest} and comes here;" if newest else ""
    raise StageError(
        f"step {taken.step}: loss {loss}, gradient norm {norm}; the batch is in {path};{again}"
        " lower optimizer.learning_rate, warm up for longer, or look at the batch"
    )


def _settle(run: Run, log: Log, taken: Taken | None) -> None:
    """Checks a step's metrics, for which it waits, and notes its loss."""
    _check(run, taken)
    if taken is not None:
        log.note(taken.step, float(taken.metrics.loss))


def _write_metrics(run: Run, log: Log, taken: Taken) -> None:
    _settle(run, log, taken)
    rate = float(learning_rate(run.config.optimizer, run.steps)(taken.step - 1))
    log.train(taken.step, float(taken.metrics.loss), float(taken.metrics.gradient_norm), rate)


def _evaluate(run: Run, log: Log, state: State, step: int, limit: int | None) -> dict[str, Score]:
    if not run.dataset.validation:
        return {}
    scores = evaluate(run.config.model, state.params, run.dataset, run.mesh, limit)
    log.evaluation(step, scores)
    say(format_scores(scores, name_part(run.dataset, run.config.model.context, limit)))
    log.restart_clock()
    return scores


def _save(run: Run, state: State, position: Position, taken: Taken) -> None:
    _check(run, taken)
    if run.checkpoints.latest() != taken.step:
        run.checkpoints.save(state, position, run.about, taken.step)


def _profile(config: TrainConfig, log: Log, steps: int, ending: bool) -> None:
    """Traces `run.profile_steps` steps from the tenth of this process on, or what there is."""
    count, folder = config.run.profile_steps, log.folder / "profile"
    last = PROFILE_FROM + count
    if count and steps == PROFILE_FROM and not ending:
        jax.profiler.start_trace(str(folder))
    elif count and (steps == last or (ending and PROFILE_FROM < steps < last)):
        jax.profiler.stop_trace()
        say(f"profile: {folder}; look at it with TensorBoard or xprof")
    elif count and ending and steps <= PROFILE_FROM:
        say(f"no profile: it begins behind step {PROFILE_FROM}, and the run ended before")


def _title(run: Run, step: int) -> str:
    size = spell_count(count_parameters(run.config.model))
    tokens = spell_count(tokens_seen(run.config, step))
    return f"{run.config.name}: {size} parameters, {tokens} tokens"


def _finish(run: Run, log: Log, state: State, step: int) -> None:
    run.checkpoints.wait()
    done = step >= run.steps
    limit = run.config.data.validation_sequences
    scores = _evaluate(run, log, state, step, limit) if done else {}
    if jax.process_index() == 0:
        plot = plot_loss(log.folder, _title(run, step))
        log.publish()
        spent = sum_up(run.config, str(log.folder), step)
        if done:
            _keep_results(run, spent, scores)
        ended = "finished" if done else "stopped, resumable,"
        cost = f"{spell_time(spent.seconds)}, {spent.device_hours:.2g} device hours"
        say(f"{ended} at step {step} ({cost}); loss plot: {join(run.output, plot.name)}")
    log.close()


def _keep_results(run: Run, spent: Spent, scores: dict[str, Score]) -> None:
    """Writes what the run cost, and its card, into the output."""
    limit, context = run.config.data.validation_sequences, run.config.model.context
    part = name_part(run.dataset, context, limit) if scores else ""
    add_results(run.output, {"step": spent.steps, "run": as_results(spent)})
    card = write_card(run.config, run.dataset, spent, scores, part)
    write_bytes(join(run.output, CARD), card.encode())
