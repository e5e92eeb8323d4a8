"""How often the intervals hold the truth, over simulated worlds whose truth is known.

    python benchmarks/coverage.py                # 1,000 worlds, under a minute on two cores
    python benchmarks/coverage.py --worlds 100

What "the truth" is: a world is a sample of people drawn from an endless population, each with scans, a chance to
convert and amounts. The truth of a QR code's revenue is what as many people bring it on average over all samples, in
closed form, not what they brought in this world (that is known exactly and needs no interval). An interval is right if
it holds the average.

A person scans 1 + Poisson(0.4) times; each scan is of a code by its share; the last scan's code decides whether the
person buys and at what price; amounts are lognormal (sigma 0.8) in cents, one buyer in 5 buys twice, one first purchase
in 20 is refunded. Models: `last_touch` (all to the last scan), `first_touch`, `linear` (equal shares). Six codes of 4 %
to 30 % of the scans, in two campaigns; at 3,000 people a code has 3 to 60 buyers.

Printed: the share of intervals that hold the truth (target 93 to 97 %), how often the truth lies below and above, for
revenue, ROAS and rates; rows flagged `too_few` apart. Then, over worlds in which all codes are alike, how often any
verdict of `code_comparison` claims a difference (target: at most 5 %), and over the first worlds how often a claim
has the wrong sign.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl

from attribution.money import AMOUNT, TOTAL
from attribution.reports import code_comparison as comparison
from attribution.reports.code_comparison import code_comparison
from attribution.reports.conversion_rates import conversion_rates
from attribution.reports.revenue_intervals import revenue_intervals
from attribution.uncertainty import bounds

MORE_SCANS: Final = 0.4
TWICE, REFUNDED, SIGMA = 0.2, 0.05, 0.8
MODELS: Final = ("last_touch", "first_touch", "linear")
COST: Final = 100
DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When all converts: no rate or interval depends on it."""


@dataclass(frozen=True)
class Codes:
    """What the population does at each code: share of scans, chance to convert, mean amount."""

    share: np.ndarray
    chance: np.ndarray
    price: np.ndarray

    def truth(self, people: int) -> dict[tuple[str, str], float]:
        """Expected revenue by model and id of QR code or campaign."""
        value = self.chance * self.price * (1 + TWICE - REFUNDED)
        average = self.share @ value
        alone = {
            "last_touch": 1.0,
            "first_touch": math.exp(-MORE_SCANS),
            "linear": (1 - math.exp(-MORE_SCANS)) / MORE_SCANS,
        }
        found: dict[tuple[str, str], float] = defaultdict(float)
        for model, own in alone.items():
            for code, revenue in enumerate(people * self.share * (own * value + (1 - own) * average)):
                found[model, name(code)] += revenue
                found[model, campaign(code)] += revenue
        return found


DIFFERENT: Final = Codes(
    np.array([0.30, 0.25, 0.20, 0.13, 0.08, 0.04]),
    np.array([0.05, 0.08, 0.03, 0.06, 0.05, 0.03]),
    np.array([30.0, 20.0, 50.0, 35.0, 25.0, 40.0]),
)
ALIKE: Final = Codes(DIFFERENT.share, np.full(6, 0.05), np.full(6, 30.0))


def name(code: int) -> str:
    """The QR code's id."""
    return f"q{code}"


def campaign(code: int) -> str:
    """The QR code's campaign."""
    return "even" if code % 2 == 0 else "odd"


def world(codes: Codes, people: int, seed: int) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """`credits, conversions, scan_sessions` of one sample of people, with the columns that the reports read."""
    rng = np.random.default_rng(seed)
    scans = 1 + rng.poisson(MORE_SCANS, people)
    person = np.repeat(np.arange(people), scans)
    code = rng.choice(len(codes.share), len(person), p=codes.share)
    last = np.cumsum(scans) - 1
    buyers = np.flatnonzero(rng.random(people) < codes.chance[code[last]])
    again, back = buyers[rng.random(len(buyers)) < TWICE], rng.random(len(buyers)) < REFUNDED
    who = np.concatenate([buyers, again])
    amount = np.rint(codes.price[code[last[who]]] * rng.lognormal(-(SIGMA**2) / 2, SIGMA, len(who)) * 100).astype(int)
    who, amount = np.concatenate([who, buyers[back]]), np.concatenate([amount, -amount[: len(buyers)][back]])
    sessions = pl.DataFrame({"scan_session_id": np.arange(len(person)), "person_id": person, "code": code}).select(
        pl.col("scan_session_id", "person_id").cast(pl.String),
        qr_code_id=pl.format("q{}", "code"),
        event_count=1,
        scanned_at_source=pl.lit("scan_export"),
    )
    conversions = pl.DataFrame({"person_id": who, "scan_session_id": last[who]}).select(
        pl.all().cast(pl.String),
        conversion_id=pl.int_range(pl.len()).cast(pl.String),
        is_refund=pl.Series(amount < 0),
        unattributed_reason=pl.lit(None, pl.String),
        converted_at=pl.lit(DAY),
    )
    credited = _credits(scans, code, who, amount)
    return credited.lazy(), conversions.lazy(), sessions.lazy()


def _credits(scans: np.ndarray, code: np.ndarray, who: np.ndarray, amount: np.ndarray) -> pl.DataFrame:
    first = np.cumsum(scans) - scans
    touches = pl.DataFrame({"conversion_id": np.repeat(np.arange(len(who)), scans[who])}).with_columns(
        position=pl.int_range(pl.len()).over("conversion_id")
    )
    number = touches["conversion_id"].to_numpy()
    place, count = touches["position"].to_numpy(), scans[who][number]
    cents, touched = amount[number], pl.Series(code[first[who][number] + place]).cast(pl.String)
    share = np.sign(cents) * (np.abs(cents) // count + (place < np.abs(cents) % count))
    money = {
        "last_touch": np.where(place == count - 1, cents, 0),
        "first_touch": np.where(place == 0, cents, 0),
        "linear": share,
    }
    parts = [
        touches.select(
            pl.col("conversion_id").cast(pl.String),
            model=pl.lit(model),
            qr_code_id="q" + touched,
            amount_reporting=(pl.Series(units).cast(AMOUNT) / pl.lit(100).cast(AMOUNT)).cast(AMOUNT),
        )
        for model, units in money.items()
    ]
    return pl.concat(parts)


Hits = dict[str, np.ndarray]
"""What -> how many intervals there are, and how many of them have the truth below and above."""


def judged(seed: int, people: int, replicates: int) -> Hits:
    """One world of different codes: where the truth lies relative to its intervals and verdicts."""
    credited, conversions, sessions = world(DIFFERENT, people, seed)
    codes = pl.LazyFrame({"qr_code_id": [name(c) for c in range(6)], "campaign": [campaign(c) for c in range(6)]})
    costs = pl.concat([codes.select("qr_code_id", campaign=pl.lit(None, pl.String)), _campaign_costs()])
    rows = revenue_intervals(
        credited,
        conversions,
        sessions,
        codes,
        costs.with_columns(cost=pl.lit(COST).cast(TOTAL)),
        currency="USD",
        seed=seed,
        replicates=replicates,
    ).collect()
    hits: Hits = defaultdict(lambda: np.zeros(3, int))
    truth = DIFFERENT.truth(people)
    for row in rows.iter_rows(named=True):
        if row["revenue_low"] is None:
            hits["revenue, nobody bought: no interval"] += (1, 0, 0)
            continue
        true = truth[row["model"], row["qr_code_id"] or row["campaign"]]
        few = ", too few" if row["too_few"] else ""
        found = _lies(true, float(row["revenue_low"]), float(row["revenue_high"]))
        hits[f"revenue per {row['scope']}{few}"] += found
        hits[f"revenue, {row['model']}{few}"] += found
        hits[f"roas per {row['scope']}{few}"] += _lies(true / COST, row["roas_low"], row["roas_high"])
        if row["scope"] == "qr_code":
            hits[f"revenue of {row['qr_code_id']}, few or not"] += found
    for row in conversion_rates(sessions, conversions, has_scans=True).collect().iter_rows(named=True):
        rate = DIFFERENT.chance[int(row["qr_code_id"][1:])] / (1 + MORE_SCANS) * 100
        for of in ("sessions", "scans"):
            bounds = (row[f"converting_{of}_pct_{end}"] for end in ("low", "high"))
            hits[f"rate of converting {of}"] += _lies(rate, *bounds)
    _verdicts(hits, code_comparison(credited, conversions, sessions, **_options(seed, replicates)).collect())
    return dict(hits)


def _verdicts(hits: Hits, rows: pl.DataFrame) -> None:
    """Counts claims between two codes, and those of the wrong sign."""
    value = DIFFERENT.chance * DIFFERENT.price
    for row in rows.filter(versus="code").iter_rows(named=True):
        own, other = (value[int(row[of][1:])] for of in ("qr_code_id", "other_qr_code_id"))
        hits[f"verdict {row['verdict']}, of wrong sign"] += (1, row["verdict"] == "more" and own < other, 0)


def claimed(seed: int, people: int, replicates: int) -> Hits:
    """One world of codes that are all alike: whether any verdict claims a difference."""
    rows = code_comparison(*world(ALIKE, people, seed), **_options(seed, replicates)).collect()
    claims = {
        kind: rows.filter(pl.col("verdict").is_in(["more", "less"]), versus=kind).height for kind in ("code", "rest")
    }
    return {f"any claim against a {kind} where all are alike": np.array([1, n > 0, 0]) for kind, n in claims.items()}


def _options(seed: int, replicates: int) -> dict[str, object]:
    return {"model": "last_touch", "currency": "USD", "has_scans": True, "seed": seed, "replicates": replicates}


def _campaign_costs() -> pl.LazyFrame:
    return pl.LazyFrame(
        {"qr_code_id": [None, None], "campaign": ["even", "odd"]}, schema_overrides={"qr_code_id": pl.String}
    )


def _lies(true: float, low: float, high: float) -> tuple[int, int, int]:
    return 1, int(true < low), int(true > high)


def _drawn_in(groups: int | None) -> None:
    """Make this process draw groups wherever there are more buyers than that."""
    if groups:
        bounds.GROUPS = comparison.GROUPS = groups


def main() -> None:
    """Run the worlds and print one line per kind of interval."""
    parser = argparse.ArgumentParser(description="How often the intervals hold the truth.")
    parser.add_argument("--worlds", type=int, default=1_000)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--groups", type=int, help="draw so many random groups of people, as of very many people")
    asked = parser.parse_args()
    started = time.perf_counter()
    sums: Hits = defaultdict(lambda: np.zeros(3, int))
    seeds = range(asked.seed, asked.seed + asked.worlds)
    with ProcessPoolExecutor(asked.processes, initializer=_drawn_in, initargs=(asked.groups,)) as pool:
        for run in (judged, claimed):
            one = partial(run, people=asked.people, replicates=asked.replicates)
            for hits in pool.map(one, seeds, chunksize=5):
                for what, counts in hits.items():
                    sums[what] += counts
    print(f"{asked.worlds} worlds of {asked.people} people, {asked.replicates} replicates, level 95 %")
    print(f"{'':50s}{'rows':>8s}{'holds %':>9s}{'below %':>9s}{'above %':>9s}")
    for what, (rows, below, above) in sorted(sums.items()):
        shares = (100 * (rows - below - above) / rows, 100 * below / rows, 100 * above / rows)
        print(f"{what:50s}{rows:8d}" + "".join(f"{share:9.1f}" for share in shares))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
