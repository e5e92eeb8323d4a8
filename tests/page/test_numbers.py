"""How numbers are written: in one way on a page and in its figures, the locale's."""

import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from attribution import figures
from attribution.figures.drawn import every_figure
from attribution.numbers import format_fixed, format_number, format_percent, separators
from attribution.page.report_page import page
from attribution.settings import Report, Settings

Reports = dict[str, pl.DataFrame]
NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("number", "locale", "written"),
    [
        (0, "en_US", "0"),
        (1234, "en_US", "1,234"),
        (1234, "de_DE", "1.234"),
        (1234, "fr_FR", f"1{NARROW}234"),
        (2_345_678.0, "en_US", "2,345,678"),
        (12.5, "en_US", "12.50"),
        (12.5, "de_DE", "12,50"),
        (-12.346, "en_US", "-12.35"),
        (2.999999, "en_US", "3"),
        (0.0012, "en_US", "0.0012"),
        (-0.00123456, "de_DE", "-0,0012"),
    ],
)
def test_a_number_is_whole_or_has_two_places_or_two_digits_that_count(number: float, locale: str, written: str) -> None:
    assert format_number(number, locale) == written


def test_rates_have_as_many_places_as_they_are_given_and_no_digit_is_lost() -> None:
    assert format_fixed(3, 2, "de_DE") == "3,00"
    assert format_fixed(Decimal("123456789012345678901234.5678"), 4) == "123,456,789,012,345,678,901,234.5678"
    assert (format_percent(1.474), format_percent(-1)) == ("147%", "-100%")
    assert (separators("en_US"), separators("de_DE")) == (".,", ",.")


@pytest.mark.parametrize(
    ("locale", "other"), [("en_US", r"\d\.\d{3}\b|\d,\d\d?\b"), ("de_DE", r"\d,\d{3}\b|\d\.\d\d?\b")]
)
def test_a_page_writes_no_number_as_another_locale_does(
    reports: Reports, ledger: dict[str, Any], locale: str, other: str
) -> None:
    ledger["rows"] |= {"read": 1_234_567, "duplicates": 12_345}
    shown = page(reports, ledger, Settings(report=Report(locale=locale)))
    text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", shown, flags=re.DOTALL)
    assert {"en_US": "1,234,567", "de_DE": "1.234.567"}[locale] in text
    told, _ = text.split("Made by attribution")
    assert re.findall(rf".{{0,40}}(?:{other})", told) == []


def test_every_figure_writes_numbers_as_the_locale_does(reports: Reports) -> None:
    shown = every_figure(reports, Settings(report=Report(locale="de_DE")))
    consent = figures.consent_by_day(reports["consent_shares"].filter(pl.col("dimension") == "day"), "de_DE")
    assert {name: figure.layout.separators for name, figure in (shown | {"consent": consent}).items()} == dict.fromkeys(
        [*shown, "consent"], ",."
    )
