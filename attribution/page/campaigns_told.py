"""Which campaigns truly earn more or less per scan than the others, in a sentence."""

from collections.abc import Mapping, Sequence

import polars as pl

from attribution.code_names import listed
from attribution.page.how_sure import Reports, visit
from attribution.page.parts import called
from attribution.schemas.code_comparison import CANNOT_SAY, LESS, MORE, REST, TOO_FEW


def verdicts(reports: Reports, locale: str) -> str:
    """A paragraph with the verdict on each campaign against all the others; nothing where there are no two with scans.

    Args:
        reports: Report tables by name.
        locale: How counts are written.
    """
    compared = reports["campaign_comparison"].filter(pl.col("versus") == REST)
    of = {
        verdict: compared.filter(verdict=verdict)["campaign"].to_list() for verdict in (MORE, LESS, CANNOT_SAY, TOO_FEW)
    }
    if not compared.height:
        return ""
    return f"<p>{_told(of, visit(reports), locale)}</p>"


def _told(of: Mapping[str, Sequence[str]], visited: str, locale: str) -> str:
    if not of[MORE] and not of[LESS]:
        if of[CANNOT_SAY]:
            return f"No campaign is known to earn more or less per {visited} than the others: the differences may be chance."
        return f"Too few people bought to say whether one campaign earns more per {visited} than another."
    per = f"per {visited} than the others"
    clauses = [
        _clause(of[MORE], f"earns more {per}", f"earn more {per}", locale),
        _clause(of[LESS], f"earns less {per}", f"earn less {per}", locale),
        _clause(of[CANNOT_SAY], "is not clearly different", "are not clearly different", locale),
        _clause(of[TOO_FEW], "has too few buyers to say", "have too few buyers to say", locale),
    ]
    return f"Beyond chance, {'; '.join(clause for clause in clauses if clause)}."


def _clause(campaigns: Sequence[str], one: str, several: str, locale: str) -> str:
    if not campaigns:
        return ""
    names = listed([called(name) for name in campaigns], locale)
    return f"{names} {one if len(campaigns) == 1 else several}"
