"""Invented prose, the same on every run: no text of others, and no two sentences alike.

Sentences are put together from short lists, so that any eight words in a row are all but unique and
yet are words that clean pages use as well.
"""

import random

_PLACES = (
    "Brelmont", "Quarrow", "Tessaly", "Ostrand", "Vellmark", "Dunmoor", "Harrowgate", "Linfell",
    "Marsden", "Orrick", "Pellworth", "Ravensby", "Selwick", "Thornby", "Umberton", "Wexley",
    "Ardenfeld", "Corrobin", "Eastmere", "Falkirk Bay", "Glenholm", "Ivyford", "Jorvale", "Kestrel",
)  # fmt: skip
_NAMES = (
    "Adela Moss", "Bertram Quill", "Celia Hart", "Dorian Vance", "Edda Lorne", "Felix Arden",
    "Greta Nowak", "Hugo Brandt", "Ines Calder", "Jonas Wray", "Klara Finch", "Ludo Marsh",
    "Mina Sorrel", "Niels Okoro", "Olga Pratt", "Piers Hallam", "Runa Dale", "Sven Corrigan",
)  # fmt: skip
_ADJECTIVES = (
    "narrow", "brittle", "northern", "copper", "silent", "painted", "shallow", "crooked", "amber",
    "foreign", "hollow", "patient", "distant", "woven", "rusty", "solemn", "tidal", "gentle",
    "marble", "bitter", "faded", "hidden", "royal", "stony", "twisted", "upper", "vivid", "weary",
)  # fmt: skip
_NOUNS = (
    "bridge", "harbor", "ledger", "orchard", "lantern", "canal", "furnace", "archive", "quarry",
    "market", "glacier", "compass", "granary", "chapel", "telegraph", "viaduct", "meadow", "loom",
    "observatory", "ferry", "parchment", "reservoir", "signal", "treaty", "vineyard", "workshop",
    "engine", "garden", "island", "kiln", "mill", "pump", "railway", "statue", "tunnel", "valve",
)  # fmt: skip
_VERBS = (
    "crossed", "measured", "repaired", "abandoned", "painted", "described", "flooded", "inherited",
    "borrowed", "surveyed", "dismantled", "guarded", "purchased", "mapped", "restored", "opened",
    "sketched", "lost", "visited", "rebuilt", "weighed", "counted", "buried", "praised", "closed",
)  # fmt: skip
_LINKS = (
    "beside", "after", "before", "beyond", "without", "against", "near", "behind", "under", "above",
    "while", "because", "although", "until", "since", "unless", "where", "whenever",
)  # fmt: skip
_TIMES = (
    "in the spring", "at dawn", "for nine years", "during the war", "twice a week", "last winter",
    "by moonlight", "on market days", "before the census", "after a long drought", "in 1843",
    "in 1911", "at low tide", "within a month", "every autumn", "over three summers",
)  # fmt: skip


class Writer:
    """Writes invented sentences from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def name(self) -> str:
        """Returns a person or a place."""
        return self.rng.choice((*_NAMES, *_PLACES))

    def thing(self) -> str:
        """Returns a thing, with an adjective."""
        return f"the {self.rng.choice(_ADJECTIVES)} {self.rng.choice(_NOUNS)}"

    def clause(self) -> str:
        """Returns who did what, five words or more."""
        return f"{self.name()} {self.rng.choice(_VERBS)} {self.thing()} of {self.name()}"

    def sentence(self) -> str:
        """Returns a sentence of 14 words or more."""
        link, time = self.rng.choice(_LINKS), self.rng.choice(_TIMES)
        orders = (
            f"{self.clause()} {link} {self.thing()}, {time}, and {self.clause()}.",
            f"{time.capitalize()} {self.clause()}; {self.thing()} stood {link} {self.thing()}.",
            f"{link.capitalize()} {self.thing()} {self.clause()}, {self.clause()} {time}.",
        )
        return self.rng.choice(orders)

    def prose(self, words: int) -> str:
        """Returns paragraphs of at least so many words."""
        paragraphs, count = list[str](), 0
        while count < words:
            paragraph = " ".join(self.sentence() for _ in range(self.rng.randint(2, 5)))
            paragraphs.append(paragraph)
            count += len(paragraph.split())
        return "\n\n".join(paragraphs)
