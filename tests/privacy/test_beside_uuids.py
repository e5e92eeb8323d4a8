"""A UUID in a text is no reason to look at it closely, and hides nothing that stands beside it."""

import polars as pl
import pytest

from attribution.personal_data import FIELDS, redacted
from attribution.privacy import suspect, suspects_beside_uuids

DIGITS = "34694993-6492-4718-9287-051111881234"
"""A UUID whose first groups look like a card number."""


def test_a_uuid_alone_is_suspected_at_a_glance_and_no_more() -> None:
    texts = pl.Series("text", [f"https://shop.example/a?scnv={DIGITS}&utm_source=qr", DIGITS])
    assert texts.to_frame().select(suspect(pl.col("text"), "url")).to_series().any()
    assert suspects_beside_uuids(texts, "url").to_list() == [False, False]


@pytest.mark.parametrize("beside", ["{}&mail=ann@mail.example", "ann@mail.example&scnv={}", "{0}/ann@mail.example/{0}"])
def test_what_stands_beside_a_uuid_is_found(beside: str) -> None:
    url = "https://shop.example/a?x=" + beside.format(DIGITS)
    rows = pl.DataFrame({"row_id": [1], "event_id": ["e"], "page_url": [url]}, schema_overrides={"row_id": pl.UInt64})
    clean, found = redacted(rows, fields={"page_url": FIELDS["page_url"]})
    assert found["rule"].to_list() == ["email_address"]
    assert "ann@" not in clean["page_url"].item()
    assert DIGITS in clean["page_url"].item()
