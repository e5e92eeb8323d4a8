"""Small tables for the uncertainty reports, drawn as text; only the columns that the reports read."""

import numpy as np
import polars as pl

from attribution.money import AMOUNT, TOTAL
from attribution.schemas.conversions import Conversions
from attribution.schemas.credits import Credits
from attribution.schemas.qr_codes import QrCodes
from attribution.schemas.scan_sessions import ScanSessions
from attribution.schemas.scans import Scans
from tests.stages.drawn import typed

COST = {"qr_code_id": pl.String(), "campaign": pl.String(), "cost": TOTAL}


def sessions(drawing: str) -> pl.LazyFrame:
    """Scan sessions, by default with an event and in the scan export."""
    rows = [
        {"event_count": 1, "scanned_at_source": "scan_export"} | row for row in typed(drawing, ScanSessions.dtypes())
    ]
    return pl.LazyFrame(rows, schema=ScanSessions.dtypes(), orient="row")


def conversions(drawing: str) -> pl.LazyFrame:
    """Conversions, by default attributed purchases."""
    rows = [{"is_refund": False} | row for row in typed(drawing, Conversions.dtypes())]
    return pl.LazyFrame(rows, schema=Conversions.dtypes(), orient="row")


def credits_of(drawing: str) -> pl.LazyFrame:
    """Credits, by default whole ones of the model `m`."""
    rows = [{"model": "m", "credit": 1} | row for row in typed(drawing, Credits.dtypes())]
    return pl.LazyFrame(rows, schema=Credits.dtypes(), orient="row")


def codes(drawing: str = "qr_code_id") -> pl.LazyFrame:
    """QR codes."""
    return pl.LazyFrame(typed(drawing, QrCodes.dtypes()), schema=QrCodes.dtypes(), orient="row")


def scans_of(scan_sessions: pl.LazyFrame) -> pl.LazyFrame:
    """The scan export of these sessions."""
    return scan_sessions.select("scan_session_id", "qr_code_id").cast(
        {name: Scans.dtypes()[name] for name in ("scan_session_id", "qr_code_id")}
    )


def costs(drawing: str = "qr_code_id") -> pl.LazyFrame:
    """Costs of QR codes and campaigns."""
    return pl.LazyFrame(typed(drawing, COST), schema=COST, orient="row")


World = tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]
"""`credits, conversions, scan_sessions, qr_codes, spend_costs`."""


def random_world(seed: int, people: int = 400, number_of_codes: int = 4, chance: float = 0.3) -> World:
    """Random tables: people of one to three scans, buyers with one or two amounts, three models; some refunds."""
    rng = np.random.default_rng(seed)
    scans = rng.integers(1, 4, people)
    person = np.repeat(np.arange(people), scans)
    code = rng.integers(0, number_of_codes, len(person))
    buyers = np.flatnonzero(rng.random(people) < chance)
    who = np.concatenate([buyers, buyers[: len(buyers) // 4]])
    cents = np.rint(rng.lognormal(3, 0.8, len(who)) * 100).astype(int) * np.where(rng.random(len(who)) < 0.1, -1, 1)
    last = np.cumsum(scans) - 1
    shares = pl.DataFrame({"who": who, "conversion_id": np.arange(len(who)), "cents": cents})
    parts = []
    for model, touch, part in (
        ("first", last - scans + 1, 2),
        ("last", last, 2),
        ("both", last, 1),
        ("both", last - scans + 1, 1),
    ):
        amount = (pl.col("cents") * part // 2).cast(AMOUNT)
        parts.append(
            shares.select(
                pl.col("conversion_id").cast(pl.String),
                model=pl.lit(model),
                qr_code_id="q" + pl.Series(code[touch[who]]).cast(pl.String),
                amount_reporting=(amount / pl.lit(100).cast(AMOUNT)).cast(AMOUNT),
            )
        )
    tied = shares.select(
        pl.col("conversion_id").cast(pl.String),
        person_id="p" + pl.col("who").cast(pl.String),
        scan_session_id="s" + pl.Series(last[who]).cast(pl.String),
        is_refund=pl.col("cents") < 0,
        unattributed_reason=pl.lit(None, pl.String),
    )
    scanned = pl.DataFrame({"number": np.arange(len(person)), "person": person, "code": code}).select(
        scan_session_id="s" + pl.col("number").cast(pl.String),
        person_id="p" + pl.col("person").cast(pl.String),
        qr_code_id="q" + pl.col("code").cast(pl.String),
        event_count=1,
        scanned_at_source=pl.lit("scan_export"),
    )
    listed = pl.DataFrame(
        {
            "qr_code_id": [f"q{n}" for n in range(number_of_codes)],
            "campaign": [f"c{n % 2}" for n in range(number_of_codes)],
        }
    )
    spent = costs("qr_code_id | campaign | cost\nq0 | - | 50\n- | c1 | 70")
    return pl.concat(parts).lazy(), tied.lazy(), scanned.lazy(), listed.lazy(), spent
