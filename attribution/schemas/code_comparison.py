"""`code_comparison`: one row per pair of QR codes, and per QR code and all the others."""

import pandera.polars as pa
import polars as pl
from pandera.typing.polars import Series

from attribution.schemas.contract import Table
from attribution.schemas.events import SUM

PER_SCAN, PER_SESSION = "scan", "scan_session"
CODE, REST = "code", "rest"
MORE, LESS, CANNOT_SAY, TOO_FEW = "more", "less", "cannot_say", "too_few"


class Compared(Table):
    """What a comparison says of the two that it compares, whatever they are; shared by the contracts of comparisons."""

    model: Series[str] = pa.Field(description="The attribution model whose credits count")
    per: Series[str] = pa.Field(
        isin=[PER_SCAN, PER_SESSION],
        description="What revenue is divided by: scans, or sessions where no scans were exported",
    )
    revenue_per_scan: Series[SUM] = pa.Field(description="Of the first of the two, in `currency`")
    other_revenue_per_scan: Series[SUM] = pa.Field(description="Of what it is compared with, in `currency`")
    currency: Series[str] = pa.Field(description="The reporting currency, ISO 4217")
    probability_more: Series[float] = pa.Field(
        ge=0, le=1, description="Share of resamples in which the first earns more per scan; ties half; 0 to 1"
    )
    p_value: Series[float] = pa.Field(ge=0, le=1, description="Two-sided p-value of this comparison alone, 0 to 1")
    p_value_adjusted: Series[float] = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="The same, adjusted for all comparisons of this kind (Holm); null: too few",
    )
    verdict: Series[str] = pa.Field(
        isin=[MORE, LESS, CANNOT_SAY, TOO_FEW],
        description="What the first truly earns per scan compared with the other",
    )
    rank: Series[pl.Int64] = pa.Field(description="The place of the first by revenue per scan, 1 = most; ties share it")
    rank_min: Series[pl.Int64] = pa.Field(description="Its best place under any model")
    rank_max: Series[pl.Int64] = pa.Field(description="Its worst place under any model")
    ranking_depends_on_model: Series[bool] = pa.Field(description="Its place is not the same under every model")


class ComparedCodes(Table):
    """Which QR codes are compared: the columns that come first."""

    versus: Series[str] = pa.Field(
        isin=[CODE, REST], description="Compared with one other code (code), or with all the others (rest)"
    )
    qr_code_id: Series[str] = pa.Field(description="The QR code; has scans")
    other_qr_code_id: Series[str] = pa.Field(nullable=True, description="The other QR code; null: all the others")


class CodeComparison(Compared, ComparedCodes):
    """One row per QR code and what it is compared with: all other QR codes together and, where there are few enough,
    each QR code that earns less per scan. Says whether the difference is more than chance, allowing for the number compared.
    """
