"""What a single setting may be, where its type does not say it: each takes a value and gives it back, or says what is wrong."""

from typing import Final
from zoneinfo import available_timezones

from attribution import terms
from attribution.money import currencies
from attribution.sources.aliases import COLUMNS

NO_ZONES: Final = frozenset({"Factory", "localtime"})
"""Names in the zones' database that stand for no zone of a place, and that no other library knows."""


def currency(code: str) -> str:
    """A currency's code.

    Raises:
        ValueError: It is none.
    """
    if code not in currencies():
        message = "must be an ISO 4217 code, such as USD or EUR"
        raise ValueError(message)
    return code


def time_zone(name: str) -> str:
    """A zone's name.

    Raises:
        ValueError: It is none.
    """
    if name not in available_timezones() or name in NO_ZONES:
        message = "must be an IANA time zone, such as UTC or Europe/Berlin"
        raise ValueError(message)
    return name


def locale(name: str) -> str:
    """How numbers and money are written, told by language and country.

    Raises:
        ValueError: It is none.
    """
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError) as error:
        message = "must be a locale, such as en_US or de_DE"
        raise ValueError(message) from error
    return name


def each_once(names: list[str]) -> list[str]:
    """Names of which none may come twice.

    Raises:
        ValueError: One does.
    """
    if len({*names}) < len(names):
        message = "must name each once"
        raise ValueError(message)
    return names


def canonical(column: str) -> str:
    """A column under the name that the rules have for it.

    Raises:
        ValueError: It is none.
    """
    known = sorted({name for columns in COLUMNS.values() for name in columns})
    if column not in known:
        message = f"must be a column that is read: {', '.join(known)}"
        raise ValueError(message)
    return column


def funnel_steps(names: list[str]) -> list[str]:
    """At least one step, each once.

    Raises:
        ValueError: There is none, or one comes twice.
    """
    if not names or len({terms.SAME_STEP.get(name, name) for name in names}) < len(names):
        message = f"must name at least one step, and each once ({terms.PAGEVIEW} is {terms.PAGE_VIEW})"
        raise ValueError(message)
    return names
