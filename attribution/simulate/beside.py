"""The small files beside the events: scans, QR codes, spend and exchange rates, as CSV."""

from datetime import date, timedelta
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from attribution.simulate import catalog
from attribution.simulate.heavy import heavy_ids
from attribution.simulate.people import QR_UNKNOWN, Codes, Scans, generator, milliseconds
from attribution.simulate.shapes import ISO, look_up, qr_code_ids, times_of, uuid_text
from attribution.simulate.world import World

SCAN_COLUMNS = ("scan_session_id", "qr_code_id", "scanned_at", "country_code", "city", "device_type")
DAYS_BEFORE, DAYS_AFTER = 7, 130
"""Exchange rates begin and end this many days before and after the days of scans, so that every conversion has one."""


class ScanFile:
    """`scans.csv`: one row per scan session whose QR code is known."""

    def __init__(self, folder: Path, world: World) -> None:
        self._file: IO[bytes] = (folder / "scans.csv").open("wb")
        self._codes = qr_code_ids(world)
        self._file.write((",".join(SCAN_COLUMNS) + "\n").encode())
        if world.heavy_visitor_events:
            scan = heavy_ids(world)[:1]
            self._write(scan, *(np.array([value]) for value in (0, milliseconds(world.start), 0, 0)))

    def append(self, scans: Scans) -> None:
        """Appends a chunk's scans in order of time."""
        order = np.argsort(scans.at, kind="stable")
        order = order[scans.kind[order] != QR_UNKNOWN]
        self._write(scans.ids[order], scans.qr[order], scans.at[order], scans.place[order], scans.device[order])

    def close(self) -> None:
        """Ends the file."""
        self._file.close()

    def _write(self, ids: np.ndarray, qr: np.ndarray, at: np.ndarray, place: np.ndarray, device: np.ndarray) -> None:
        places, devices = pl.Series(place), pl.Series(device)
        columns = (
            uuid_text(ids[:, 0], ids[:, 1]), look_up(self._codes, pl.Series(qr)), times_of(pl.Series(at), ISO),
            look_up([p.country_code for p in catalog.PLACES], places),
            look_up([p.city for p in catalog.PLACES], places),
            look_up([d.device_type for d in catalog.DEVICES], devices),
        )  # fmt: skip
        frame = pl.DataFrame(dict(zip(SCAN_COLUMNS, columns, strict=True)))
        frame.write_csv(self._file, include_header=False)


def write_lines(path: Path, lines: list[str]) -> None:
    """Writes lines, each ended by a line feed."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def campaign_names(world: World) -> list[str]:
    """The names of the campaigns."""
    return [f"campaign_{k + 1:02d}" for k in range(world.campaigns)]


def write_qr_codes(folder: Path, world: World) -> None:
    """`qr_codes.csv`: name, campaign, placement; for most codes what printing it cost, in USD."""
    rng = generator(world.seed, 0, "qr_codes_file")
    campaigns, lines = campaign_names(world), ["qr_code_id,name,campaign,placement,cost,currency"]
    for k, code in enumerate(qr_code_ids(world)):
        placement = catalog.PLACEMENTS[k % len(catalog.PLACEMENTS)]
        cents = int(rng.integers(2_000, 40_000))
        cost = f"{cents // 100}.{cents % 100:02d},USD" if rng.random() < 0.7 else ","
        lines.append(f"{code},{placement.capitalize()} {k + 1:02d},{campaigns[k % world.campaigns]},{placement},{cost}")
    write_lines(folder / "qr_codes.csv", lines)


def write_spend(folder: Path, world: World, codes: Codes) -> None:
    """`spend.csv`: one row per campaign and month, in USD, about as large as what campaigns of this world earn."""
    rng = generator(world.seed, 0, "spend_file")
    days = [world.start + timedelta(days=k) for k in range(world.days)]
    months = [day for day in days if day.day == 1 or day == world.start]
    cents_a_month = world.events / 5 * world.conversion_rate * 3_500 / len(months)
    lines = ["campaign,date,amount,currency"]
    for k, campaign in enumerate(campaign_names(world)):
        share = float(codes.shares[k :: world.campaigns].sum())
        for day in months:
            cents = 1_000 + int(cents_a_month * share * rng.uniform(0.3, 1.2))
            lines.append(f"{campaign},{day.isoformat()},{cents // 100}.{cents % 100:02d},USD")
    write_lines(folder / "spend.csv", lines)


def write_rates(folder: Path, world: World) -> None:
    """`fx.csv`: US dollars that one unit of the currency buys, each working day; a random walk of 0.5 % a day."""
    first = world.start - timedelta(days=DAYS_BEFORE)
    days = [first + timedelta(days=k) for k in range(DAYS_BEFORE + world.days + DAYS_AFTER)]
    working: list[date] = [day for day in days if day.weekday() < 5]
    lines = ["date,currency,rate"]
    for code in world.currencies:
        if code == "USD":
            continue
        steps = generator(world.seed, 0, f"rate_{code}").normal(0, 0.005, len(working))
        rates = np.rint(catalog.USD_RATES.get(code, 1.0) * np.exp(np.cumsum(steps)) * 10**8).astype(np.int64)
        lines += [
            f"{day},{code},{rate // 10**8}.{rate % 10**8:08d}"
            for day, rate in zip(working, rates.tolist(), strict=True)
        ]
    write_lines(folder / "fx.csv", lines)
