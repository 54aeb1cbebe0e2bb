"""A `TrainConfig` from a preset's name or a TOML file, and from ``section.key=value`` overrides."""

import difflib
import re
from pathlib import Path
from typing import Any

from massivetext import paper
from massivetext.config.dataclass_toml import build, override, parse_toml
from massivetext.errors import ConfigError
from massivetext.train.config.config import TrainConfig, batch_sequences

PRESETS = Path(__file__).parent / "presets"
_DIAL = re.compile(r"d([1-9]\d{0,2})\Z")  # of a model with so many layers
DIAL_HEAD, DIAL_TOKENS = 64, 20.0  # width of a layer more, and of a head; tokens a parameter
DIAL_WARMUP = 150  # steps: the smallest models have some hundred
DIAL_RATE = 0.3072  # times 1/width: 44M's 6e-4 at a width of 512, and 417M's 2e-4 at 1,536
MODEL_AXIS = {"7.1b": 8, "280b": 128}  # cores that share one copy of the parameters, on TPUv3
Table = dict[str, Any]


def preset_names() -> list[str]:
    """Returns the names that `load_config` knows: the paper's six, then ours."""
    return [row.name for row in paper.FAMILY] + sorted(file.stem for file in PRESETS.glob("*.toml"))


def load_config(source: str, assignments: tuple[str, ...] = ()) -> TrainConfig:
    """Returns the configuration of a preset or a TOML file, changed by ``section.key=value``.

    A TOML file may name a preset to start from: ``preset = "44m"``. The model is named after the
    file, unless the file has a ``name``.

    Raises:
      ConfigError: the source is neither, or a key or value is wrong.

    >>> load_config("44m", ("run.steps=100",)).run.steps
    100
    """
    table = _read(source)
    for assignment in assignments:
        override(table, assignment)
    try:
        config = build(TrainConfig, table)
        check(config)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from error
    return config


def check(config: TrainConfig) -> None:
    """Checks what types cannot say.

    Raises:
      ConfigError: a count that must be positive is not, or a batch is no whole number of sequences.
    """
    model, run = config.model, config.run
    positive = {
        "model.layers": model.layers,
        "model.heads": model.heads,
        "model.key_size": model.key_size,
        "model.width": model.width,
        "model.context": model.context,
        "run.log_every": run.log_every,
        "run.checkpoint_every": run.checkpoint_every,
        "run.keep_checkpoints": run.keep_checkpoints,
        "optimizer.learning_rate": config.optimizer.learning_rate,
        "optimizer.clip": config.optimizer.clip,
        "optimizer.epsilon": config.optimizer.epsilon,
        "optimizer.decay": config.optimizer.decay,
        "data.validation_sequences": config.data.validation_sequences,
        "len(run.batch_tokens)": len(run.batch_tokens),
    }
    for key, value in positive.items():
        if value <= 0:
            raise ConfigError(f"{key} must be positive, not {value}")
    if not config.name.isprintable() or config.name in ("", ".", "..") or "/" in config.name:
        raise ConfigError(f"name: {config.name!r} names no folder; take letters, digits and dashes")
    _check_counts(config)
    _check_optimizer(config)
    batch_sequences(config)


def _check_counts(config: TrainConfig) -> None:
    model, run = config.model, config.run
    if model.width % 2:
        raise ConfigError(f"model.width must be even, not {model.width}")
    counts = {
        "run.steps": run.steps,
        "data.repeats": config.data.repeats,
        "run.tokens_per_parameter": run.tokens_per_parameter,
        "run.profile_steps": run.profile_steps,
        "run.evaluate_every": run.evaluate_every,
        "run.seed": run.seed,
        "optimizer.warmup_steps": config.optimizer.warmup_steps,
    }
    if config.data.repeats == 1:
        raise ConfigError("data.repeats must be 0 or at least 2: once is no repetition")
    if run.micro_batch < -1:
        raise ConfigError(f"run.micro_batch must be at least -1, not {run.micro_batch}")
    for key, value in counts.items():
        if not 0 <= value < 1 << 31:
            raise ConfigError(f"{key} must be between 0 and {(1 << 31) - 1:,}, not {value}")


def _check_optimizer(config: TrainConfig) -> None:
    optimizer = config.optimizer
    for key in ("beta1", "beta2"):
        if not 0 <= getattr(optimizer, key) < 1:
            beta = getattr(optimizer, key)
            raise ConfigError(f"optimizer.{key} must be at least 0 and below 1, not {beta}")
    if optimizer.warmup_learning_rate < 0:
        rate = optimizer.warmup_learning_rate
        raise ConfigError(f"optimizer.warmup_learning_rate must be at least 0, not {rate}")
    if not 0 < optimizer.decay_share <= 1:
        share = optimizer.decay_share
        raise ConfigError(f"optimizer.decay_share must be above 0 and at most 1, not {share}")
    if optimizer.float32_copy and config.model.parameters != "bfloat16":
        raise ConfigError(
            "optimizer.float32_copy is for bfloat16 parameters: add --set model.parameters=bfloat16"
        )
    if not 0 <= config.run.device_watts < 1e5:
        watts = config.run.device_watts
        raise ConfigError(f"run.device_watts must be between 0 and 100,000, not {watts}")


def _read(source: str) -> Table:
    if source in preset_names() or _DIAL.match(source):
        return _preset(source)
    path = Path(source)
    if not path.is_file():
        close = difflib.get_close_matches(source, preset_names(), 1)
        known = f"; presets: {preset_names()}, and dN of N layers"
        hint = f"; did you mean {close[0]!r}?" if close else known
        raise ConfigError(f"{source}: no such preset or file{hint}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{source}: not TOML: no UTF-8 text") from error
    table = parse_toml(text, source)
    base = _preset(str(table.pop("preset"))) if "preset" in table else {}
    return _merge({**base, "name": path.stem}, table)


def _preset(name: str) -> Table:
    rows = {row.name: row for row in paper.FAMILY}
    if name in rows:
        return family_table(rows[name])
    if dial := _DIAL.match(name):
        return dial_table(int(dial[1]))
    file = PRESETS / f"{name}.toml"
    if name not in preset_names():
        raise ConfigError(f"preset: {name!r} is not one of {preset_names()}")
    return {"name": name, **parse_toml(file.read_text(encoding="utf-8"), file.name)}


def family_table(row: paper.Preset) -> Table:
    """Returns the paper's settings of one model of Table 1, in the shape of a TOML file."""
    bfloat16 = row.name in paper.BFLOAT16_MODELS
    model = {key: getattr(row, key) for key in ("layers", "heads", "key_size", "width")}
    return {
        "name": row.name,
        "model": {
            **model,
            "parameters": "bfloat16" if bfloat16 else "float32",
            "remat": "auto",
        },
        "optimizer": {"learning_rate": row.max_learning_rate, "clip": row.clip},
        "mesh": {"model": MODEL_AXIS.get(row.name, 1)},
        "run": {"batch_tokens": list(row.batch_tokens), "micro_batch": -1},
    }


def dial_table(layers: int) -> Table:
    """Returns the settings of a model that one number sizes, in the shape of a TOML file.

    Width grows with depth, heads with width; the learning rate falls as 1/width, which the paper's
    own do up to 417M, as a rate found at one size carries over with these initial values; tokens
    grow with the parameters (20 for each: Hoffmann et al. 2022).

    >>> dial_table(8)["model"]["width"], dial_table(8)["optimizer"]["learning_rate"]
    (512, 0.0006)
    """
    width = DIAL_HEAD * layers
    model = {"layers": layers, "heads": layers, "key_size": DIAL_HEAD, "width": width}
    return {
        "name": f"d{layers}",
        "model": {**model, "vocabulary": 0, "remat": "auto"},
        "optimizer": {"learning_rate": DIAL_RATE / width, "warmup_steps": DIAL_WARMUP},
        "run": {"tokens_per_parameter": DIAL_TOKENS, "micro_batch": -1},
    }


def _merge(base: Table, change: Table) -> Table:
    merged = dict(base)
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**merged[key], **value}
        else:
            merged[key] = value
    return merged
