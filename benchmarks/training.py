"""Speed of the 44M training step against this machine's own matrix products, in CPU seconds.

python -m benchmarks.training

Both are measured in turns in one process, so that other load changes them alike. On an accelerator
the step of the paper's first four sizes is measured in wall time and given as tokens/s and MFU:
with what is chosen for the device, and with plain attention and one sequence at a time.
"""

import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from massivetext.train.config.config import TrainConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.sharding import make_mesh
from massivetext.train.model.step import init_state, make_step
from massivetext.train.run.environment import prepare
from massivetext.train.run.flops import flops_per_token, peak_flops
from massivetext.train.run.memory import fit

ROUNDS, SIZE = 5, 2_048
SIZES = ("44m", "117m", "417m", "1.4b")
PLAIN = ("model.kernels=off", "run.micro_batch=1", "model.remat=full")


def measure(clock: Callable[[], float], work: Callable[[], object]) -> float:
    """Returns the seconds that `work` takes on a clock."""
    start = clock()
    jax.block_until_ready(work())
    return clock() - start


def make_work(config: TrainConfig, sequences: int) -> Callable[[], object]:
    """Returns a function that takes one training step, compiled and warm."""
    mesh = make_mesh(config.mesh)
    step = make_step(config, mesh, sequences)
    state = [init_state(config, mesh)]
    shape = (sequences, config.model.context + 1)
    tokens = np.random.default_rng(0).integers(0, config.model.vocabulary, shape, np.int32)

    def work() -> object:
        state[0], metrics = step(state[0], tokens)
        return metrics

    jax.block_until_ready(work())
    return work


def on_cpu() -> str:
    """Returns the step's FLOP/s as a share of a float32 matrix product's, both a CPU second."""
    sequences = 4
    settings = ("model.context=512", "model.compute=float32", "model.remat=none")
    config = load_config("44m", (*settings, "run.micro_batch=0", "run.batch_tokens=[2048]"))
    a = jax.random.normal(jax.random.key(0), (SIZE, SIZE))
    multiply = jax.jit(jnp.matmul)
    jax.block_until_ready(multiply(a, a))
    work = make_work(config, sequences)
    product, step = [], []
    for _ in range(ROUNDS):
        product.append(measure(time.process_time, lambda: [multiply(a, a) for _ in range(8)]) / 8)
        step.append(measure(time.process_time, work))
    peak = 2 * SIZE**3 / float(np.median(product))
    tokens = sequences * config.model.context
    speed = tokens / float(np.median(step))
    share = speed * flops_per_token(config.model) / peak
    return (
        f"44m, context 512: {speed:.0f} tokens a CPU second, {share:.1%} of the "
        f"{peak / 1e9:.0f} GFLOP/s a CPU second of a {SIZE} x {SIZE} float32 product"
    )


def on_accelerator(name: str, sequences: int, *settings: str) -> str:
    """Returns tokens/s and MFU of one preset at a context of 2,048."""
    device = jax.devices()[0].device_kind
    tokens = sequences * 2_048
    config = load_config(name, (f"run.batch_tokens=[{tokens}]", *settings))
    config = fit(config, make_mesh(config.mesh))
    work = make_work(config, sequences)
    seconds = float(np.median([measure(time.perf_counter, work) for _ in range(ROUNDS)]))
    speed, peak = tokens / seconds, peak_flops(device)
    used = (
        f"{speed * flops_per_token(config.model) / peak:.1%} of {peak:.3g}" if peak else "unknown"
    )
    how = f"{sequences} sequences, {config.run.micro_batch} at once, remat {config.model.remat}"
    return (
        f"{name}, {device}{' plain' if settings else ''}: {how}, {speed:,.0f} tokens/s, MFU {used}"
    )


def main() -> None:
    """Prints one line a measurement."""
    prepare(deterministic=False)
    if jax.default_backend() == "cpu":
        lines = iter([on_cpu()])
    else:
        lines = (on_accelerator(name, 128, *how) for name in SIZES for how in ((), PLAIN))
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
