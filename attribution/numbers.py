"""Counts, rates and shares as people write them in a locale; money is written by `attribution.money`."""

from decimal import Decimal


def format_number(number: float, locale: str = "en_US", places: int = 2) -> str:
    """A whole number without decimals, any other with `places`; one too small to show in them in two digits: 0.0012."""
    if 0 < abs(number) < 0.5 / 10**places:
        return _formatted(Decimal(f"{number:.2g}"), "#,##0.############", locale)
    is_whole = round(number, places) == round(number)
    return format_fixed(number, 0 if is_whole else places, locale)


def format_fixed(number: float | Decimal, places: int, locale: str = "en_US") -> str:
    """The number with `places` decimal places."""
    return _formatted(Decimal(f"{number:.{places}f}"), f"#,##0{'.' * (places > 0)}{'0' * places}", locale)


def format_percent(share: float, locale: str = "en_US") -> str:
    """A share, where 1 is all, in whole percent."""
    from babel.numbers import format_percent as written

    return written(Decimal(f"{share:.2f}"), locale=locale)


def separators(locale: str) -> str:
    """The decimal mark and the mark between groups of three, as Plotly takes them."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_decimal_symbol(locale) + get_group_symbol(locale)


def _formatted(number: Decimal, pattern: str, locale: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(number, pattern, locale)
