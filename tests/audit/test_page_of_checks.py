"""The auditor's page shows what is broken first, field by field, and what holds in one row a check."""

import polars as pl

from attribution.page.audit_page import check_rows
from tests.stages.drawn import assert_drawn


def test_what_is_broken_stands_first_and_alone() -> None:
    rules = pl.DataFrame(
        [
            ("events", "still_held", "city", 3, 0, False),
            ("events", "still_held", "referrer", 0, 0, True),
            ("events", "still_held", "page_url", 0, 0, True),
            ("sessions", "named", None, 0, 0, True),
        ],
        schema=["stage", "check", "field", "rows", "allowed", "holds"],
        orient="row",
    )
    assert_drawn(
        check_rows(rules),
        """
        check      | field              | rows | holds
        still_held | city               | 3    | no
        still_held | referrer, page_url | 0    | yes
        named      | -                  | 0    | yes
        """,
        in_order=True,
    )
