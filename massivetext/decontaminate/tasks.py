"""The paper's 152 evaluation tasks: groups, metrics, shots, data, and Gopher's published figures.

Figures of Gopher 280B are from Hoffmann et al. 2022 (arXiv:2203.15556): Tables A5 (The Pile), A6
(MMLU), A7 (BIG-bench) and section 4.2. That the groups add up to 152 with fact checking in the
place of BoolQ follows from their sizes and is ASSUMED; so are the shots of RACE, fact checking and
BIG-bench, which no source names.
"""

from typing import Literal, NamedTuple

Format = Literal[
    "text", "mmlu", "bigbench", "race", "lambada", "nq", "triviaqa", "hellaswag", "piqa",
    "winogrande", "siqa", "truthfulqa", "fever", "fever2", "multifc",
]  # fmt: skip


class Task(NamedTuple):
    """One task. Its data are one JSON object a line in ``NAME.jsonl``."""

    name: str
    group: str
    metric: Literal["bits_per_byte", "perplexity", "acc", "exact_match"]
    shots: int  # examples before the question, from ``NAME.shots.jsonl``
    format: Format  # of the data, see `massivetext.decontaminate.task_formats`
    lm_eval: str  # the task of lm-eval 0.4.13 with the same data; "ours" where it has none
    data: str  # where the data come from
    gopher: float | None  # Gopher 280B; accuracy in per cent
    description: str = ""  # opens the prompt, before the examples


# The Pile's test split (Gao et al. 2020), bits per byte.
_PILE = {
    "pile-cc": 0.691, "pubmed-abstracts": 0.578, "stackexchange": 0.641, "github": 0.377,
    "openwebtext2": 0.677, "arxiv": 0.662, "uspto": 0.546, "freelaw": 0.513,
    "pubmed-central": 0.525, "dm-mathematics": 1.142, "hackernews": 0.890, "nih-exporter": 0.590,
    "opensubtitles": 0.900, "europarl": 0.938, "books3": 0.712, "philpapers": 0.695,
    "gutenberg": 0.656, "bookcorpus2": 0.741, "ubuntu-irc": 1.090,
}  # fmt: skip

# MMLU (Hendrycks et al. 2020), accuracy, 5 shots.
_MMLU = {
    "abstract_algebra": 25.0, "anatomy": 56.3, "astronomy": 65.8, "business_ethics": 70.0,
    "clinical_knowledge": 67.2, "college_biology": 70.8, "college_chemistry": 45.0,
    "college_computer_science": 49.0, "college_mathematics": 37.0, "college_medicine": 60.1,
    "college_physics": 34.3, "computer_security": 65.0, "conceptual_physics": 49.4,
    "econometrics": 43.0, "electrical_engineering": 60.0, "elementary_mathematics": 33.6,
    "formal_logic": 35.7, "global_facts": 38.0, "high_school_biology": 71.3,
    "high_school_chemistry": 47.8, "high_school_computer_science": 54.0,
    "high_school_european_history": 72.1, "high_school_geography": 76.8,
    "high_school_government_and_politics": 83.9, "high_school_macroeconomics": 65.1,
    "high_school_mathematics": 23.7, "high_school_microeconomics": 66.4,
    "high_school_physics": 33.8, "high_school_psychology": 81.8, "high_school_statistics": 50.0,
    "high_school_us_history": 78.9, "high_school_world_history": 75.1, "human_aging": 66.4,
    "human_sexuality": 67.2, "international_law": 77.7, "jurisprudence": 71.3,
    "logical_fallacies": 72.4, "machine_learning": 41.1, "management": 77.7, "marketing": 83.3,
    "medical_genetics": 69.0, "miscellaneous": 75.7, "moral_disputes": 66.8,
    "moral_scenarios": 40.2, "nutrition": 69.9, "philosophy": 68.8, "prehistory": 67.6,
    "professional_accounting": 44.3, "professional_law": 44.5, "professional_medicine": 64.0,
    "professional_psychology": 68.1, "public_relations": 71.8, "security_studies": 64.9,
    "sociology": 84.1, "us_foreign_policy": 81.0, "virology": 47.0, "world_religions": 84.2,
}  # fmt: skip

# BIG-bench, accuracy; the names of BIG-bench's own folders.
_BIGBENCH = {
    "hyperbaton": 51.7, "movie_dialog_same_or_different": 50.7, "causal_judgment": 50.8,
    "winowhy": 56.7, "formal_fallacies_syllogisms_negation": 50.7, "movie_recommendation": 50.5,
    "crash_blossom": 63.6, "moral_permissibility": 55.1, "discourse_marker_prediction": 11.7,
    "strategyqa": 61.0, "general_knowledge": 93.9, "nonsense_words_grammar": 61.4,
    "sports_understanding": 54.9, "metaphor_boolean": 59.3, "implicit_relations": 36.4,
    "navigate": 51.1, "penguins_in_a_table": 40.6, "presuppositions_as_nli": 34.0,
    "intent_recognition": 88.7, "temporal_sequences": 19.0,
    "reasoning_about_colored_objects": 49.2, "question_selection": 41.4,
    "logic_grid_puzzle": 35.1, "logical_fallacy_detection": 58.9, "timedial": 50.9,
    "physical_intuition": 59.7, "epistemic_reasoning": 56.4, "physics": 50.9, "ruin_names": 38.6,
    "identify_odd_metaphor": 38.6, "hindu_knowledge": 80.0, "understanding_fables": 39.6,
    "misconceptions": 61.7, "logical_sequence": 36.4, "implicatures": 62.0,
    "mathematical_induction": 57.6, "disambiguation_qa": 45.5, "fantasy_reasoning": 64.1,
    "known_unknowns": 63.6, "snarks": 48.3, "dark_humor_detection": 83.1, "crass_ai": 56.8,
    "analogical_similarity": 17.2, "entailed_polarity": 89.5, "sentence_ambiguity": 69.1,
    "irony_identification": 69.7, "riddle_sense": 68.2,
    "evaluating_information_essentiality": 16.7, "date_understanding": 44.1,
    "phrase_relatedness": 81.8, "analytic_entailment": 53.0, "novel_concepts": 59.1,
    "odd_one_out": 32.5, "empirical_judgments": 52.5, "logical_args": 59.1,
    "figure_of_speech_detection": 52.7, "hhh_alignment": 79.2, "english_proverbs": 57.6,
    "similarities_abstraction": 81.8, "human_organs_senses": 84.8, "anachronisms": 56.4,
    "gre_reading_comprehension": 27.3,
}  # fmt: skip

_READING, _FACTS = "reading comprehension", "fact checking"
_SINGLE = (
    Task("wikitext103", "language modelling", "perplexity", 0, "text", "wikitext",
         "Merity et al. 2016, test split, one article a line", 7.75),
    Task("race_middle", _READING, "acc", 0, "race", "ours", "Lai et al. 2017, middle, test", 75.1),
    Task("race_high", _READING, "acc", 0, "race", "race", "Lai et al. 2017, high, test", 71.6),
    Task("lambada", _READING, "acc", 0, "lambada", "lambada_openai", "Paperno et al. 2016", 74.5),
    Task("fever_2way", _FACTS, "acc", 10, "fever2", "ours", "Thorne et al. 2018, dev", None),
    Task("fever_3way", _FACTS, "acc", 10, "fever", "ours", "Thorne et al. 2018, dev", None),
    Task("multifc", _FACTS, "acc", 10, "multifc", "ours", "Augenstein et al. 2019", None),
    Task("nq", "question answering", "exact_match", 64, "nq", "nq_open",
         "Kwiatkowski et al. 2019, open, validation", 28.2, "Answer these questions:\n\n"),
    Task("triviaqa", "question answering", "exact_match", 64, "triviaqa", "triviaqa",
         "Joshi et al. 2017, unfiltered, validation", 61.3),
    Task("truthfulqa", "question answering", "acc", 0, "truthfulqa", "truthfulqa_mc1",
         "Lin et al. 2021, multiple choice", 29.5),
    Task("hellaswag", "common sense", "acc", 0, "hellaswag", "hellaswag",
         "Zellers et al. 2019, validation", 79.2),
    Task("piqa", "common sense", "acc", 0, "piqa", "piqa", "Bisk et al. 2020, validation", 81.8),
    Task("winogrande", "common sense", "acc", 0, "winogrande", "winogrande",
         "Sakaguchi et al. 2019, xl, validation", 70.1),
    Task("siqa", "common sense", "acc", 0, "siqa", "social_iqa",
         "Sap et al. 2019, validation", 50.6),
)  # fmt: skip


def _exam(subject: str) -> str:
    about = subject.replace("_", " ")
    return f"The following are multiple choice questions (with answers) about {about}.\n\n"


def _tasks() -> tuple[Task, ...]:
    pile = (
        Task(f"pile_{name}", "language modelling", "bits_per_byte", 0, "text", f"pile_{name}",
             "Gao et al. 2020, test split, one document a line", figure)
        for name, figure in _PILE.items()
    )  # fmt: skip
    mmlu = (
        Task(f"mmlu_{name}", "MMLU", "acc", 5, "mmlu", f"mmlu_{name}", "Hendrycks et al. 2020",
             figure, _exam(name))
        for name, figure in _MMLU.items()
    )  # fmt: skip
    bigbench = (
        Task(f"bigbench_{name}", "BIG-bench", "acc", 5, "bigbench",
             f"bigbench_{name}_multiple_choice", "BIG-bench authors 2022", figure)
        for name, figure in _BIGBENCH.items()
    )  # fmt: skip
    return (*pile, *_SINGLE, *mmlu, *bigbench)


TASKS = _tasks()
GROUPS = tuple(dict.fromkeys(task.group for task in TASKS))
