"""An experiment on data from its plan to its answers; what is done already is not done again."""

import json
from pathlib import Path

from massivetext.tokenizer.encode import Encoder
from massivetext.train.data.dataset import Dataset
from massivetext.train.laboratory.corpora import build_corpora
from massivetext.train.laboratory.differences import Scores
from massivetext.train.laboratory.held_out import HeldOut, check_files, hold_out
from massivetext.train.laboratory.models import config_of, score_recipe
from massivetext.train.laboratory.overlap import check_held_out
from massivetext.train.laboratory.plan import Plan
from massivetext.train.laboratory.plot import plot_answers
from massivetext.train.laboratory.tables import answers, as_json, format_results


def ablate(plan: Plan, output: Path) -> str:
    """Returns the tables, and writes them, the plot and the numbers into `output`.

    Raises:
      ConfigError: recipes differ in vocabulary, or held-out text stands in a training set.
      StageError: a build failed.
      Stopped: told to stop; rerun the same command to continue.
    """
    configs = [config_of(plan, seed) for seed in plan.seeds]
    check_files(plan)  # what is wrong is told before the first build
    corpora = build_corpora(plan, output)
    held_out = hold_out(plan, next(iter(corpora.values())))
    overlap = _check(plan, corpora, held_out)
    scores: Scores = {
        name: score_recipe(plan, name, corpus, held_out, output) for name, corpus in corpora.items()
    }
    text = format_results(plan, configs[0], corpora, scores)
    (output / "ablation.md").write_text(text, encoding="utf-8")
    numbers = json.dumps(as_json(plan, scores, overlap), indent=1)
    (output / "ablation.json").write_text(numbers + "\n", encoding="utf-8")
    found = answers(plan, scores)
    whole = [d for d in found if d.source == found[0].source]
    plot_answers(whole, plan.title, output / "ablation.png")
    return text


def _check(
    plan: Plan, corpora: dict[str, Dataset], held_out: HeldOut
) -> dict[str, dict[str, float]]:
    texts = held_out.tokens()
    found = {}
    for name, corpus in corpora.items():
        encoder, training = Encoder(corpus.vocabulary), list(corpus.train.values())
        marks = encoder.bos, encoder.eos
        found[name] = check_held_out(name, texts, training, plan.max_overlap, marks)
    return found
