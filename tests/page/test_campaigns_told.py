"""What the page says of campaigns beside each other."""

import polars as pl
import pytest

from attribution.page.campaigns_told import verdicts

Reports = dict[str, pl.DataFrame]


def told(reports: Reports, **verdict: str) -> str:
    """The paragraph, without its marks, where the campaigns have these verdicts."""
    compared = pl.DataFrame(
        {"versus": "rest", "campaign": [*verdict], "verdict": [*verdict.values()]},
        schema={"versus": pl.String, "campaign": pl.String, "verdict": pl.String},
    )
    said = verdicts(reports | {"campaign_comparison": compared}, "en_US")
    for mark in ("<p>", "</p>", "<b>", "</b>", "<bdi>", "</bdi>"):
        said = said.replace(mark, "")
    return said


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            {"a": "more", "b": "less", "c": "cannot_say", "d": "too_few"},
            (
                "Beyond chance, a earns more per scan than the others; b earns less per scan than the others; "
                "c is not clearly different; d has too few buyers to say."
            ),
        ),
        ({"a": "more", "b": "more"}, "Beyond chance, a and b earn more per scan than the others."),
        (
            {"few": "less"} | dict.fromkeys("abcdef", "cannot_say"),
            "Beyond chance, few earns less per scan than the others; a, b, c and 3 more are not clearly different.",
        ),
        (
            {"a": "cannot_say", "b": "too_few"},
            "No campaign is known to earn more or less per scan than the others: the differences may be chance.",
        ),
        (
            {"a": "too_few", "b": "too_few"},
            "Too few people bought to say whether one campaign earns more per scan than another.",
        ),
        ({}, ""),
    ],
    ids=["each verdict", "two of one", "many of one", "no difference", "too few", "no two campaigns"],
)
def test_campaigns_are_called_by_their_verdict(reports: Reports, verdict: dict[str, str], sentence: str) -> None:
    assert told(reports, **verdict) == sentence


def test_pairs_are_not_told_and_a_name_is_no_markup(reports: Reports) -> None:
    rows = {"versus": ["rest", "campaign"], "campaign": ["<i>", "other"], "verdict": ["more", "less"]}
    said = verdicts(reports | {"campaign_comparison": pl.DataFrame(rows)}, "en_US")
    assert "&lt;i&gt;" in said
    assert "other" not in said.replace("others", "")
