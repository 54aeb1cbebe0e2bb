r"""EleutherAI's lm-eval asks, our model answers: the adapter.

Run as a module it is lm-eval's own command, which then knows `massivetext` by name:

    python -m massivetext.train.evaluation.lm_eval_model run --model massivetext \
        --model_args path=out/nano --tasks lambada_openai
"""

from typing import Any

from lm_eval.__main__ import cli_evaluate
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

from massivetext.train.evaluation.score import Scorer
from massivetext.train.inference.model_folder import load_model


class HarnessModel(LM):  # type: ignore[misc]
    """A trained model as lm-eval's `LM`."""

    def __init__(self, scorer: Scorer) -> None:
        """Takes the model's scorer."""
        super().__init__()
        self._scorer = scorer

    def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
        """Returns (natural logarithm of the probability, whether greedy) of each continuation."""
        found = self._scorer.continuations([request.args for request in requests])
        return [(likelihood.nats, likelihood.greedy) for likelihood in found]

    def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
        """Returns the natural logarithm of each whole text's probability."""
        return [self._scorer.rolling(request.args[0]) for request in requests]

    def generate_until(self, requests: list[Any]) -> list[str]:
        """Returns each greedy continuation, up to the first of its stop words."""
        return [self._write(*request.args) for request in requests]

    def _write(self, prefix: str, options: dict[str, Any]) -> str:
        text = self._scorer.write(prefix, int(options.get("max_gen_toks", 32)))
        for stop in options.get("until", []):
            text = text.split(stop)[0] if stop else text
        return text


class FolderModel(HarnessModel):
    """The newest model in a run's folder, by its name for lm-eval's command."""

    def __init__(self, path: str, context: int = 0, **_: Any) -> None:
        """Takes the folder of a training run; lm-eval's batch size and device are not ours."""
        super().__init__(Scorer(load_model(path), int(context)))


if __name__ == "__main__":
    register_model("massivetext")(FolderModel)
    cli_evaluate()
