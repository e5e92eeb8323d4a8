"""What the page's HTML says, where no browser is needed to see it."""

from typing import Any

import polars as pl
import pytest

from attribution.page.report_page import page
from attribution.settings import Report, Settings

Reports = dict[str, pl.DataFrame]


@pytest.mark.parametrize("locale", ["de_DE", "fil_PH"])
def test_english_text_is_marked_as_english_whatever_the_locale(
    reports: Reports, ledger: dict[str, Any], locale: str
) -> None:
    shown = page(reports, ledger, Settings(report=Report(locale=locale)))
    assert '<html lang="en">' in shown
