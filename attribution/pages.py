"""A page's address without what tracking adds to it."""

from typing import Final

import polars as pl

TRACKING: Final = (
    r"scnv|utm_[a-z_]+|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|fbclid|msclkid|ttclid|twclid|li_fat_id|igshid"
    r"|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|yclid|srsltid"
)
"""Query parameters that say how somebody came, not where: names in any letter case."""

RUN: Final = rf"(?i)([?&])(?:{TRACKING})(?:=[^&]*)?(?:&(?:{TRACKING})(?:=[^&]*)?)*(?:&|$)"
"""Adjacent tracking parameters, with what separates them from the rest."""
NOTHING_ELSE: Final = rf"(?i)^[^?#&]+(?:\?(?:(?:{TRACKING})(?:=[^&#]*)?(?:&|$))*)?$"
"""A URL with no parameters but tracking, or none at all: the page is what comes before them."""


def expr_page(url: pl.Expr) -> pl.Expr:
    """The URL without tracking parameters and fragment; other parameters stay, in their order."""
    has_nothing_else = url.str.contains(NOTHING_ELSE)
    page = url.str.splitn("?", 2).struct.field("field_0")
    return pl.when(has_nothing_else).then(page).otherwise(_without_tracking(pl.when(~has_nothing_else).then(url)))


def _without_tracking(url: pl.Expr) -> pl.Expr:
    whole = url.str.replace(r"#.*$", "")
    return whole.str.replace_all(RUN, "${1}").str.replace_all(r"([?&])&+", "${1}").str.strip_chars_end("?&")
