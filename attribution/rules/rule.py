"""What a rule is, and the list that every rule of this package puts itself on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from attribution import terms

Outcome = Literal["reject", "error", "warning", "info"]
"""`reject` sends the row to `rejects`; the others keep it and note a finding of that severity."""


@dataclass(frozen=True)
class Rule:
    """One rule: where it looks, when a row breaks it, and what becomes of such a row."""

    name: str
    column: str
    raw: Outcome
    stored: Outcome
    broken: Callable[[], pl.Expr]
    among: Callable[[], pl.Expr] | None = None
    """Only rows for which this is true can break it: a cheap look before a dear one."""

    @property
    def meaning(self) -> str:
        """What a row that breaks it is like, in words for people: as the rule says itself."""
        return " ".join((self.broken.__doc__ or "").replace("`", "").split())

    def outcome(self, shape: str) -> Outcome:
        """What becomes of a row of this shape that breaks the rule."""
        return self.raw if shape == terms.RAW else self.stored


RULES: Final[dict[str, Rule]] = {}


def rule(
    column: str, *, raw: Outcome, stored: Outcome, among: Callable[[], pl.Expr] | None = None
) -> Callable[[Callable[[], pl.Expr]], Callable[[], pl.Expr]]:
    """Register the decorated expression under its own name; its docstring is what people read of it in reports."""

    def register(broken: Callable[[], pl.Expr]) -> Callable[[], pl.Expr]:
        RULES[broken.__name__] = Rule(broken.__name__, column, raw, stored, broken, among)
        return broken

    return register
