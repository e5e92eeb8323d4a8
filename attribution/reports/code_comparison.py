"""Does one QR code truly earn more per scan than another?"""

from itertools import combinations
from typing import Final

import polars as pl

from attribution.keys import expr_key
from attribution.money import SCALE, TOTAL, expr_per
from attribution.row_kinds import has_events, is_scan
from attribution.schemas.code_comparison import (
    CANNOT_SAY,
    CODE,
    LESS,
    MORE,
    PER_SCAN,
    PER_SESSION,
    REST,
    TOO_FEW,
    CodeComparison,
)
from attribution.uncertainty.contributions import buyers, credited
from attribution.uncertainty.intervals import FEW
from attribution.uncertainty.per_scan import MONEY, SCANS, Earnings, difference, earnings
from attribution.uncertainty.resample import GROUPS, Floats
from attribution.uncertainty.significance import holm, share_above, two_sided
from attribution.uncertainty.wilson import LEVEL

CODES_IN_PAIRS: Final = 15
"""With more QR codes than this (105 pairs) each is compared with all the others together only."""
_COMPARED: Final = {
    "qr_code_id": pl.String,
    "other_qr_code_id": pl.String,
    "revenue": pl.Float64,
    "scans": pl.Float64,
    "other_revenue": pl.Float64,
    "other_scans": pl.Float64,
    "probability_more": pl.Float64,
    "p_value": pl.Float64,
    "difference": pl.Float64,
    "is_few": pl.Boolean,
}


def code_comparison(
    credits: pl.LazyFrame,  # noqa: A002 - the table's name
    conversions: pl.LazyFrame,
    scan_sessions: pl.LazyFrame,
    *,
    model: str,
    currency: str,
    seed: int,
    has_scans: bool,
    replicates: int = 2_000,
    level: float = LEVEL,
) -> pl.LazyFrame:
    """Compares what QR codes earned per scan by a bootstrap over the people of the period.

    Args:
        credits, conversions, scan_sessions: The tables of these names.
        model: The attribution model whose credits are compared; all models' are ranked.
        currency: The reporting currency.
        seed: Of the resamples; the same tables, in any row order, give the same result for a seed.
        has_scans: Whether there is a scan export; without one revenue is per scan session.
        replicates: How many resamples.
        level: 1 - the chance that any verdict of one kind is wrong where there is no difference.

    Returns:
        As `schemas.code_comparison`, each QR code against the rest first, then pairs, both by revenue per scan. A
        verdict is `too_few` where one of the two has fewer than 10 effective people. Reads its tables.
    """
    counted, per = _counted(scan_sessions, has_scans=has_scans)
    codes = counted.select(pl.col("qr_code_id").unique().sort()).with_row_index("column").collect(engine="streaming")
    persons = buyers(conversions).collect().lazy()
    person = _person(persons.select(pl.col("rank").n_unique()).collect().item())
    with_code = counted.join(codes.lazy(), on="qr_code_id", build_side="force_right")
    scans = with_code.group_by(person, "column").agg(scans=pl.len()).collect(engine="streaming")
    money = credited(credits, persons)
    of_code = money.filter(pl.col("model") == model).join(codes.lazy(), on="qr_code_id", build_side="force_right")
    earned = of_code.group_by(person, "column").agg(pl.col("units").sum(), pl.col("person_id").min()).collect()
    found = earnings(scans, earned, codes, seed=seed, replicates=replicates)
    ranks = _ranks(money, _per_code(scans, codes), model).collect()
    best_first = [found.codes.index(code) for code in ranks.sort("rank", "qr_code_id")["qr_code_id"]]
    paired = best_first if len(best_first) <= CODES_IN_PAIRS else []
    rest = [_compared(found, found.rest, code, code) for code in best_first if len(best_first) > 1]
    pairs = [_compared(found, found.sums, code, other) for code, other in combinations(paired, 2)]
    rows = pl.concat([_judged(rest, REST, level), _judged(pairs, CODE, level)])
    named = rows.lazy().with_columns(model=pl.lit(model), per=pl.lit(per), currency=pl.lit(currency))
    return CodeComparison.shaped(named.join(ranks.lazy(), on="qr_code_id", how="left", maintain_order="left"))


def _person(converting_people: int) -> pl.Expr:
    """Who is drawn: a person; of very many, a random group of people."""
    person = expr_key(pl.col("person_id"))
    return (person if converting_people <= GROUPS else person % GROUPS).alias("person")


def _counted(scan_sessions: pl.LazyFrame, *, has_scans: bool) -> tuple[pl.LazyFrame, str]:
    """The scans whose QR code is known and what they are; sessions with an event where no scans were exported."""
    known = scan_sessions.filter(pl.col("qr_code_id").is_not_null())
    if has_scans:
        return known.filter(is_scan()), PER_SCAN
    return known.filter(has_events()), PER_SESSION


def _per_code(scans: pl.DataFrame, codes: pl.DataFrame) -> pl.LazyFrame:
    """`qr_code_id, scans`: one row per code scanned."""
    summed = scans.lazy().group_by("column").agg(pl.col("scans").sum().cast(pl.Int64))
    return summed.join(codes.lazy(), on="column").select("qr_code_id", "scans")


def _ranks(money: pl.LazyFrame, per_code: pl.LazyFrame, model: str) -> pl.LazyFrame:
    """`qr_code_id, rank, rank_min, rank_max`: places by money per scan under the model, and under any."""
    models = pl.concat([money.select("model"), pl.LazyFrame({"model": [model]})]).unique()
    codes = per_code.join(models, how="cross")
    earned = money.group_by("qr_code_id", "model").agg(pl.col("units").cast(pl.Int128).sum())
    per_scan = pl.col("units").fill_null(0) / pl.col("scans")
    placed = codes.join(earned, on=["qr_code_id", "model"], how="left").with_columns(
        rank=per_scan.rank("min", descending=True).over("model").cast(pl.Int64)
    )
    return placed.group_by("qr_code_id").agg(
        pl.col("rank").filter(pl.col("model") == model).first(),
        rank_min=pl.col("rank").min(),
        rank_max=pl.col("rank").max(),
        ranking_depends_on_model=pl.col("rank").min() != pl.col("rank").max(),
    )


def _compared(found: Earnings, others: Floats, code: int, other: int) -> dict[str, object]:
    """A QR code beside another's sums, or beside those of all the others (which stand at its own place)."""
    between = difference(found.sums[:, code], others[:, other], found.more)
    effective = found.effective_people
    of_other = effective.sum() - effective[code] if other == code else effective[other]
    return {
        "qr_code_id": found.codes[code],
        "other_qr_code_id": found.codes[other] if other != code else None,
        "revenue": found.sums[MONEY, code, 0],
        "scans": found.sums[SCANS, code, 0],
        "other_revenue": others[MONEY, other, 0],
        "other_scans": others[SCANS, other, 0],
        "probability_more": share_above(between.by_replicate[1:]),
        "p_value": two_sided(between.distance, between.distances),
        "difference": between.by_replicate[0],
        "is_few": bool(min(effective[code], of_other) < FEW),
    }


def _judged(rows: list[dict[str, object]], versus: str, level: float) -> pl.DataFrame:
    """The rows of one kind with p-values adjusted for all of them that are not too few, and the verdict."""
    frame = pl.DataFrame(rows, schema=_COMPARED)
    judged = frame.filter(~pl.col("is_few"))
    adjusted = judged.select(
        "qr_code_id",
        "other_qr_code_id",
        p_value_adjusted=pl.Series(holm(judged["p_value"].to_numpy()), dtype=pl.Float64),
    )
    is_sure = pl.col("p_value_adjusted") <= 1 - level
    verdict = (
        pl.when("is_few")
        .then(pl.lit(TOO_FEW))
        .when(is_sure & (pl.col("difference") > 0))
        .then(pl.lit(MORE))
        .when(is_sure & (pl.col("difference") < 0))
        .then(pl.lit(LESS))
        .otherwise(pl.lit(CANNOT_SAY))
    )
    key = ["qr_code_id", "other_qr_code_id"]
    return frame.join(adjusted, on=key, how="left", nulls_equal=True, maintain_order="left").with_columns(
        *(
            expr_per(pl.col(f"{whose}revenue").round(SCALE).cast(TOTAL), pl.col(f"{whose}scans").cast(pl.Int64)).alias(
                f"{whose}revenue_per_scan"
            )
            for whose in ("", "other_")
        ),
        verdict=verdict,
        versus=pl.lit(versus),
    )
