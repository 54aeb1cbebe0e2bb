"""A model card written from the run itself: what it is, saw, cost and scored."""

from massivetext.train.config.config import TrainConfig
from massivetext.train.config.quantities import spell_count, spell_time
from massivetext.train.data.dataset import Dataset
from massivetext.train.evaluation.loss_by_source import Score
from massivetext.train.model.model import count_parameters
from massivetext.train.run.spent import Spent

CARD = "model-card.md"


def write_card(
    config: TrainConfig, dataset: Dataset, spent: Spent, scores: dict[str, Score], part: str
) -> str:
    """Returns the card in Markdown. Nothing in it is claimed that the run did not record."""
    size = count_parameters(config.model)
    parts = [
        f"# {config.name}",
        f"A decoder of the Gopher family with {spell_count(size)} parameters ({size:,}), trained "
        f"on {spell_count(spent.tokens)} tokens by `massivetext train`.",
        "## Model",
        _list(_model(config)),
        "## Data",
        _list(_data(config, dataset)),
        "## Training",
        _list(_training(config, spent)),
        "## Held-out text",
        _scores(scores, part),
        "## Limits",
        "The card is written by the trainer and knows its run alone. Whether the texts are licensed"
        " for a use, what they say of people, and how the model behaves in a conversation were not"
        " looked at. The model completes text; it was not taught to follow instructions or to be"
        " safe.",
    ]
    return "\n\n".join(parts) + "\n"


def _list(facts: dict[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def _model(config: TrainConfig) -> dict[str, str]:
    model = config.model
    return {
        "layers, heads x key size, width": (
            f"{model.layers}, {model.heads} x {model.key_size}, {model.width}"
        ),
        "vocabulary, context": f"{model.vocabulary:,} pieces, {model.context:,} tokens",
        "positions": "relative (Transformer-XL)",
        "attention": "inside a document" if model.document_mask else "over packed documents",
        "precision": f"parameters {model.parameters}, activations {model.compute}",
    }


def _data(config: TrainConfig, dataset: Dataset) -> dict[str, str]:
    sequences = sum(len(records) for records in dataset.train.values())
    facts = {
        "shards": f"{sequences:,} training sequences, key {dataset.key or 'not known'}",
        "vocabulary": f"SHA-256 {dataset.vocabulary_sha256}",
        "sources held out": ", ".join(dataset.validation) or "none",
    }
    if config.data.weights:
        facts["weights"] = ", ".join(f"{name} {w:g}" for name, w in config.data.weights.items())
    return facts


def _training(config: TrainConfig, spent: Spent) -> dict[str, str]:
    optimizer = config.optimizer
    facts = {
        "optimizer": f"{optimizer.kind}, learning rate {optimizer.learning_rate:g}, "
        f"{optimizer.warmup_steps:,} steps of warm-up, {optimizer.schedule}",
        "batches": " then ".join(f"{tokens:,} tokens" for tokens in config.run.batch_tokens),
        "steps, tokens, seed": f"{spent.steps:,}, {spent.tokens:,}, {config.run.seed}",
        "compute": f"{spent.flops:.3g} FLOPs (6 N and attention for each token)",
        "time": f"{spell_time(spent.seconds)}, {spent.device_hours:.3g} device hours of "
        f"{spent.devices}; compiling, evaluating and saving are in it",
    }
    if spent.mfu is not None:
        facts["MFU over all that time"] = f"{spent.mfu:.1%}"
    energy = "not estimated: the device's power is not known (run.device_watts tells it)"
    if spent.kilowatt_hours is not None:
        energy = f"about {spent.kilowatt_hours:.3g} kWh: rated power, without host and cooling"
    return facts | {"energy": energy}


def _scores(scores: dict[str, Score], part: str) -> str:
    if not scores:
        return "No text was held out."
    rows = [
        f"| {name} | {s.loss:.4f} | {s.bits_per_byte:.4f} | {s.unigram:.4f} | {s.tokens:,} |"
        for name, s in scores.items()
    ]
    head = [
        "| source | nats a token | bits a byte | unigram entropy | tokens |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + f"\n\nTaken {part}."
