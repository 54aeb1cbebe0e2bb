"""Everything a training run can be told, as frozen dataclasses; presets fill them."""

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

from massivetext import paper
from massivetext.errors import ConfigError

Dtype = Literal["float32", "bfloat16", "float64"]


@dataclass(frozen=True)
class ModelConfig:
    """Shape and arithmetic of one decoder. Feed-forward width is four times `width`."""

    layers: int
    heads: int
    key_size: int
    width: int
    vocabulary: int = paper.VOCABULARY_SIZE  # 0: the size of the data's vocabulary
    context: int = paper.SEQUENCE_LENGTH  # tokens; must divide the shards' sequence length
    activation: Literal["gelu", "relu", "silu"] = "gelu"  # ASSUMED: the counts only say "not gated"
    input_scale: Literal["root", "width"] = (
        "root"  # of the width; what embeddings are multiplied by
    )
    parameters: Dtype = "float32"  # bfloat16 parameters are rounded stochastically
    compute: Dtype = "bfloat16"  # activations; softmax and loss are float32 or wider always
    remat: Literal["auto", "full", "dots", "none"] = (
        "full"  # what the backward pass computes again;
    )
    # auto: by a GPU's memory, elsewhere full
    kernels: Literal["auto", "on", "off"] = "auto"  # a GPU's own attention, loss and embedding
    scan: bool = True  # one compiled layer instead of `layers` copies
    shard_time: bool = False  # residual stream split in time over the model axis, between blocks
    document_mask: bool = False  # attention stays inside a document; the paper's sees all before it


@dataclass(frozen=True)
class OptimizerConfig:
    """Update rule and learning rate; the defaults are the paper's (section 3.1)."""

    kind: Literal["adam", "adafactor", "muon"] = "adam"
    schedule: Literal["cosine", "wsd"] = "cosine"  # wsd: warm-up, stable, then a linear decay
    decay_share: float = 0.2  # of all steps, that wsd's decay takes
    float32_copy: bool = False  # of bfloat16 parameters, in the optimizer's state (appendix C)
    learning_rate: float = 6e-4  # the largest
    warmup_steps: int = paper.WARMUP_STEPS
    warmup_learning_rate: float = paper.WARMUP_LEARNING_RATE
    decay: float = paper.LEARNING_RATE_DECAY
    clip: float = 1.0  # global gradient norm
    beta1: float = paper.ADAM_BETAS[0]
    beta2: float = paper.ADAM_BETAS[1]
    epsilon: float = paper.ADAM_EPSILON


@dataclass(frozen=True)
class DataConfig:
    """Which sequences, in which proportions."""

    weights: dict[str, float] = field(default_factory=dict)  # by source; needs by-source shards
    verify: bool = True  # checksum of every record
    shuffle: bool = False  # the first pass in an order of the seed's too, not as the shards lie
    repeats: int = 0  # no gradient of sequences with an n-gram so often in a row; 0: of all
    validation_sequences: int = 64  # windows a source that an evaluation during training reads


@dataclass(frozen=True)
class MeshConfig:
    """Devices along each axis. 0 for `data`: all that the other two leave."""

    data: int = 0  # batch; optimizer state is partitioned over it too
    fsdp: int = 1  # batch and parameters
    model: int = 1  # heads, feed-forward width, vocabulary
    slices: int = 1  # TPU slices, joined on the data axis


@dataclass(frozen=True)
class RunConfig:
    """How long, how much at once, what is written when. Counts are in optimizer steps."""

    steps: int = 0  # 0: of the next line
    tokens_per_parameter: float = 0.0  # 0: the paper's 300 billion tokens
    batch_tokens: tuple[int, ...] = (1 << 18,)  # several: each is used for an equal share of tokens
    micro_batch: int = 0  # sequences a replica takes at once; 0: its whole share of the batch;
    # -1: by a GPU's memory, elsewhere 1
    seed: int = 0
    deterministic: bool = False  # a GPU that repeats a run bit for bit, at a cost; others always do
    checkpoint_every: int = 500
    keep_checkpoints: int = 3
    evaluate_every: int = 500  # 0: only at the end
    log_every: int = 10
    device_watts: float = 0.0  # for the energy estimate; 0: the rated power of the device's kind
    profile_steps: int = 0  # steps traced by jax.profiler, from the tenth on


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    name: str
    model: ModelConfig
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = field(default_factory=DataConfig)
    mesh: MeshConfig = MeshConfig()
    run: RunConfig = RunConfig()


def batch_sequences(config: TrainConfig) -> tuple[int, ...]:
    """Returns the sequences of one batch, for each phase of the run.

    Raises:
      ConfigError: a batch is no whole number of sequences.
    """
    context = config.model.context
    for tokens in config.run.batch_tokens:
        if tokens <= 0 or tokens % context:
            raise ConfigError(
                f"run.batch_tokens: {tokens} is no multiple of the context, {context}"
            )
    return tuple(tokens // context for tokens in config.run.batch_tokens)


def phase_steps(config: TrainConfig) -> tuple[int, ...]:
    """Returns how many steps each batch size lasts: equal tokens for each, `run.steps` in all.

    >>> model = ModelConfig(2, 2, 8, 16, context=8)
    >>> phase_steps(TrainConfig("", model, run=RunConfig(steps=9, batch_tokens=(16, 32))))
    (6, 3)
    """
    batches = config.run.batch_tokens
    if not config.run.steps:
        return tuple(round(paper.TRAINING_TOKENS / len(batches) / tokens) for tokens in batches)
    shares = [1 / tokens for tokens in batches]
    ends = [
        round(config.run.steps * sum(shares[: i + 1]) / sum(shares)) for i in range(len(batches))
    ]
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def total_steps(config: TrainConfig) -> int:
    """Returns the number of optimizer steps of the whole run."""
    return sum(phase_steps(config))


def batch_at(config: TrainConfig, step: int) -> int:
    """Returns the sequences of the batch of step `step`, counted from 0."""
    sizes = batch_sequences(config)
    for steps, size in zip(phase_steps(config), sizes, strict=True):
        if step < steps:
            return size
        step -= steps
    return sizes[-1]


def tokens_seen(config: TrainConfig, step: int) -> int:
    """Returns the tokens that the first `step` steps train on.

    >>> model = ModelConfig(2, 2, 8, 16, context=8)
    >>> config = TrainConfig("", model, run=RunConfig(steps=9, batch_tokens=(16, 32)))
    >>> [tokens_seen(config, step) for step in (0, 6, 7, 9)]
    [0, 96, 128, 192]
    """
    seen = 0
    for steps, tokens in zip(phase_steps(config), config.run.batch_tokens, strict=True):
        seen += min(step, steps) * tokens
        step = max(0, step - steps)
    return seen + step * config.run.batch_tokens[-1]


def with_vocabulary(config: TrainConfig, size: int) -> TrainConfig:
    """Returns the configuration for a vocabulary of `size` pieces.

    Raises:
      ConfigError: the configuration names another size.
    """
    if config.model.vocabulary not in (0, size):
        raise ConfigError(
            f"model.vocabulary is {config.model.vocabulary}, but the shards were written with a "
            f"vocabulary of {size} pieces; set model.vocabulary=0 to take the size from the data"
        )
    return dataclasses.replace(config, model=dataclasses.replace(config.model, vocabulary=size))


def with_steps(config: TrainConfig, parameters: int) -> TrainConfig:
    """Returns the configuration with the steps that `run.tokens_per_parameter` asks for.

    A larger vocabulary has more to learn, so a small model's run grows with its parameters.

    >>> run = RunConfig(tokens_per_parameter=0.5, batch_tokens=(16,))
    >>> with_steps(TrainConfig("", ModelConfig(2, 2, 8, 16, context=8), run=run), 800).run.steps
    25
    """
    run = config.run
    if run.steps or not run.tokens_per_parameter:
        return config
    tokens = run.tokens_per_parameter * parameters / len(run.batch_tokens)
    steps = max(1, round(sum(tokens / size for size in run.batch_tokens)))
    return dataclasses.replace(config, run=dataclasses.replace(run, steps=steps))
