"""A page's address without what tracking adds to it."""

from typing import Final

import polars as pl

TRACKING: Final = (
    r"scnv|utm_[a-z_]+|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|fbclid|msclkid|ttclid|twclid|li_fat_id|igshid"
    r"|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|yclid|srsltid"
)
"""Query parameters that say how somebody came, not where: names in any letter case."""


def expr_page(url: pl.Expr) -> pl.Expr:
    """The URL without tracking parameters and fragment; other parameters stay, in their order."""
    whole = url.str.replace(r"#.*$", "")
    rest = whole.str.replace_all(rf"(?i)([?&])(?:{TRACKING})(?:=[^&]*)?(&|$)", "${1}${2}")
    again = rest.str.replace_all(rf"(?i)([?&])(?:{TRACKING})(?:=[^&]*)?(&|$)", "${1}${2}")
    return again.str.replace_all(r"([?&])&+", "${1}").str.replace(r"[?&]+$", "")
