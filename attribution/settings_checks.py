"""What a single setting may be, where its type does not say it. A refused value is told what it must be."""

from collections.abc import Callable
from typing import Any, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator

from attribution import terms
from attribution.money import currencies

NO_ZONES: Final = frozenset({"Factory", "localtime"})
"""Names in the zones' database that stand for no zone of a place, and that no other library knows."""


def _must(do: str, does: Callable[[Any], bool]) -> AfterValidator:
    """A check that gives back the value which it holds for, and refuses every other, saying what it must do."""

    def checked(value: object) -> object:
        if not does(value):
            message = f"must {do}"
            raise ValueError(message)
        return value

    return AfterValidator(checked)


def _column(name: str) -> str:
    """A column under the name that the rules have for it. Readers are imported by who gives one: they take a while."""
    from attribution.sources.aliases import COLUMNS

    read = {column for columns in COLUMNS.values() for column in columns}
    if name not in read:
        message = f"must be a column that is read: {', '.join(sorted(read))}"
        raise ValueError(message)
    return name


def _is_locale(name: str) -> bool:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _are_different(names: list[str]) -> bool:
    return len({*names}) == len(names)


def _are_steps(names: list[str]) -> bool:
    return bool(names) and _are_different([terms.SAME_STEP.get(name, name) for name in names])


CURRENCY: Final = _must("be an ISO 4217 code, such as USD or EUR", lambda code: code in currencies())
TIME_ZONE: Final = _must(
    "be an IANA time zone, such as UTC or Europe/Berlin",
    lambda name: name in available_timezones() and name not in NO_ZONES,
)
LOCALE: Final = _must("be a locale, such as en_US or de_DE", _is_locale)
EACH_ONCE: Final = _must("name each once", _are_different)
CANONICAL: Final = AfterValidator(_column)
FUNNEL_STEPS: Final = _must(
    f"name at least one step, and each once ({terms.PAGEVIEW} is {terms.PAGE_VIEW})", _are_steps
)
