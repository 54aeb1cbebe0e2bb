"""Arithmetic of MediaWiki's parser functions #expr and #ifexpr."""

import math
import operator
import re
from collections.abc import Callable

MAX_CHARACTERS = 200  # of one expression: what is longer gives nothing
_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?(?:e[-+]?\d{1,3})?|\.\d+)|([a-z]+)|(<=|>=|<>|!=|[-+*/^()<>=]))", re.I
)
_BINARY: dict[str, tuple[int, Callable[[float, float], float]]] = {
    "or": (1, lambda a, b: float(bool(a) or bool(b))),
    "and": (2, lambda a, b: float(bool(a) and bool(b))),
    "=": (3, operator.eq), "!=": (3, operator.ne), "<>": (3, operator.ne), "<": (3, operator.lt),
    ">": (3, operator.gt), "<=": (3, operator.le), ">=": (3, operator.ge),
    "round": (4, lambda a, b: round(a, int(b))),
    "+": (5, operator.add), "-": (5, operator.sub),
    "*": (6, operator.mul), "/": (6, operator.truediv), "div": (6, operator.truediv),
    "mod": (6, math.fmod), "^": (7, math.pow),
}  # fmt: skip
_UNARY: dict[str, Callable[[float], float]] = {
    "-": operator.neg, "+": operator.pos, "not": lambda a: float(not a), "abs": abs,
    "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "sqrt": math.sqrt,
    "exp": math.exp, "ln": math.log, "sin": math.sin, "cos": math.cos, "tan": math.tan,
}  # fmt: skip
_TIGHTEST = 8


def evaluate(text: str) -> float | None:
    """Returns the value of an expression; None if it is none, or has none.

    >>> evaluate("2 + 3 * 4"), evaluate("1 / 0")
    (14.0, None)
    """
    text = text.replace("−", "-").replace("×", "*").strip()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    try:
        value = float(_Reader(text).whole())
    except (ArithmeticError, ValueError, TypeError):
        return None
    return value if math.isfinite(value) else None


def number_text(value: float) -> str:
    """Returns a value as it is shown: whole numbers without a point.

    >>> number_text(25.0), number_text(0.5)
    ('25', '0.5')
    """
    return f"{value:.12g}"


class _Reader:
    """Reads an expression from left to right; what binds more tightly is read deeper."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise ValueError(text)
            self._tokens.append(found.group().strip().lower())
            at = found.end()
        self._tokens.reverse()

    def whole(self) -> float:
        value = self._sum(0)
        if self._tokens:
            raise ValueError(self._tokens)
        return value

    def _sum(self, least: int) -> float:
        value = self._single()
        while self._tokens and (found := _BINARY.get(self._tokens[-1])) and found[0] > least:
            self._tokens.pop()
            value = float(found[1](value, self._sum(found[0])))
        return value

    def _single(self) -> float:
        if not self._tokens:
            raise ValueError("an operand is missing")
        token = self._tokens.pop()
        if token == "(":
            value = self._sum(0)
            if not self._tokens or self._tokens.pop() != ")":
                raise ValueError("a bracket is open")
            return value
        if token in _UNARY:
            return float(_UNARY[token](self._sum(_TIGHTEST)))
        return {"pi": math.pi}.get(token) or float(token)
