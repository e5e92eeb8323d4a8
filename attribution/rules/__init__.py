"""Every rule that an incoming event row can break. A rule's name is the reason code in `rejects` and `findings`.

A rule is an expression that is true where the row breaks it, over the prepared columns that
`attribution.ingest` makes: the canonical raw columns as text, and the parsed values beside them.
What becomes of the row depends on its shape: the platform would have refused a raw payload, while a
stored row is kept where its meaning is clear. A rule stands in the module of the fields that it looks at.
"""

from attribution.rules import free_objects, identifiers, identity, marks, money, times
from attribution.rules.rule import RULES, Rule

__all__ = ["RULES", "Rule", "free_objects", "identifiers", "identity", "marks", "money", "rejecting_rules", "times"]


def rejecting_rules(shape: str) -> list[Rule]:
    """The rules that send a row of this shape to `rejects`."""
    return [rule for rule in RULES.values() if rule.outcome(shape) == "reject"]
