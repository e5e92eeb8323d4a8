"""The simulated world: same seed same bytes, an honest truth, dials that do what they say, valid payloads."""

import gzip
import hashlib
import json
from collections import Counter
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from attribution.simulate import Defects, Truth, World, simulate

MUCH = World(
    seed=5, events=12_000, days=40, conversion_rate=0.3, defects=Defects.all(0.05), currencies=("USD", "EUR", "JPY")
)
OUTPUTS = [
    ("stored", "parquet", "none"),
    ("stored", "csv", "gzip"),
    ("stored", "ndjson", "zstd"),
    ("stored", "json", "none"),
    ("raw", "ndjson", "gzip"),
    ("raw", "json", "none"),
]


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def lines(folder: Path) -> list[str]:
    """The lines of every event file, header and brackets left out."""
    found: list[str] = []
    for path in sorted([*folder.glob("events-*"), *folder.glob("browser-*"), *folder.glob("server-*")]):
        text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
        rows = text.splitlines()[".csv" in path.name :]
        found += [row.removesuffix(",") for row in rows if row not in {"[", "]"}]
    return found


def rows_on_disk(folder: Path) -> int:
    tables = [pl.read_parquet(path).height for path in folder.glob("*.parquet")]
    texts = [pl.scan_lines(path).collect().height for path in folder.glob("*.zst")]
    return sum(tables) + sum(texts) if tables or texts else len(lines(folder))


@pytest.mark.parametrize(("shape", "file_format", "compress"), OUTPUTS)
def test_rows_on_disk_are_the_rows_of_the_truth(tmp_path: Path, shape: str, file_format: str, compress: str) -> None:
    truth = simulate(tmp_path, MUCH, shape=shape, format=file_format, compress=compress)  # type: ignore[arg-type]
    rows = truth.rows
    assert rows_on_disk(tmp_path) == rows.read
    assert (
        rows.read == rows.malformed + rows.quarantined + rows.duplicates + sum(rows.excluded.values()) + rows.analysed
    )
    assert truth == Truth.load(tmp_path)


@pytest.mark.parametrize(("shape", "file_format", "compress"), [OUTPUTS[0], OUTPUTS[1], OUTPUTS[4]])
def test_same_world_same_bytes_also_over_an_earlier_world(
    tmp_path: Path, shape: str, file_format: str, compress: str
) -> None:
    for folder in ("a", "b"):
        simulate(tmp_path / folder, MUCH, shape=shape, format=file_format, compress=compress)  # type: ignore[arg-type]
    first = digests(tmp_path / "a")
    assert first == digests(tmp_path / "b")
    simulate(tmp_path / "b", replace(MUCH, seed=6, days=100))
    simulate(tmp_path / "b", MUCH, shape=shape, format=file_format, compress=compress)  # type: ignore[arg-type]
    assert first == digests(tmp_path / "b")


def test_formats_and_shapes_tell_the_same_truth(tmp_path: Path) -> None:
    world = replace(MUCH, defects=replace(MUCH.defects, fraud=0.0))
    truths = [
        simulate(tmp_path / f"{shape}_{file_format}", world, shape=shape, format=file_format, compress=compress)  # type: ignore[arg-type]
        for shape, file_format, compress in OUTPUTS
    ]
    for truth in truths[1:]:
        assert truth.qr_codes == truths[0].qr_codes
        assert truth.unattributed == truths[0].unattributed
        assert (truth.revenue, truth.ties) == (truths[0].revenue, truths[0].ties)
    stored = {truth.rows.read - truth.rows.malformed for truth in truths[:4]}
    assert len(stored) == 1


def test_a_dial_at_zero_plants_none(tmp_path: Path) -> None:
    world = replace(MUCH, defects=Defects.none())
    truth = simulate(tmp_path, world)
    assert set(truth.planted.values()) == {0}
    assert truth.rows.read == truth.rows.analysed
    assert abs(truth.rows.read - world.events) < world.events / 100
    assert (truth.leaks, truth.emails) == (0, 0)
    assert sum(entry.conversions for entry in truth.unattributed.values()) == 0


BASE_ROWS = ("resent", "malformed", "invalid", "test_traffic", "email_in_metadata", "clock_skew", "out_of_order")


@pytest.mark.parametrize("dial", [dial.name for dial in fields(Defects) if dial.name != "leak"])
def test_one_dial_plants_its_share_and_nothing_else(tmp_path: Path, dial: str) -> None:
    world = World(seed=3, events=6_000, days=40, conversion_rate=0.3, defects=replace(Defects.none(), **{dial: 0.2}))
    truth = simulate(tmp_path, world, format="csv")
    planted = {name: count for name, count in truth.planted.items() if count and not name.startswith("invalid_")}
    assert set(planted) == {dial}
    if dial in BASE_ROWS:
        assert planted[dial] == pytest.approx(0.2 * world.events, rel=0.15)


def test_leaks_are_planted_in_withheld_rows_only(tmp_path: Path) -> None:
    truth = simulate(tmp_path, replace(MUCH, defects=replace(Defects.none(), denied=0.3, pending=0.2, leak=0.5)))
    rows = pl.read_parquet(tmp_path / "events-*.parquet")
    kept = pl.any_horizontal(pl.col("page_url", "referrer", "city", "metadata").is_not_null())
    withheld = rows.filter(pl.col("consent").is_in(["denied", "pending"]))
    assert withheld.select(kept.sum()).item() == truth.leaks == truth.planted["leak"]
    assert truth.leaks == pytest.approx(withheld.height / 2, rel=0.2)


def test_money_and_conversions_add_up(tmp_path: Path) -> None:
    truth = simulate(
        tmp_path, replace(MUCH, defects=replace(MUCH.defects, conflict=0, resent=0, overlapping_exports=0))
    )
    entries = [code.earned for code in truth.qr_codes.values()] + list(truth.unattributed.values())
    assert sum(entry.conversions for entry in entries) == sum(truth.ties.values())
    for currency, revenue in truth.revenue.items():
        assert sum(Decimal(entry.revenue.get(currency, "0")) for entry in entries) == Decimal(revenue)
    rows = pl.read_parquet(tmp_path / "events-*.parquet").filter(
        (pl.col("is_fraud") == 0)
        & pl.col("conversion_value").is_not_null()
        & (pl.col("consent") != "maybe").fill_null(True)
    )
    sound = rows.filter(
        pl.col("event_time").is_not_null()
        & pl.col("event_name").is_not_null()
        & (pl.col("conversion_currency") != "EURO")
        & ~pl.col("metadata").str.contains('"test"', literal=True).fill_null(False)
    )
    value = (
        pl.when(pl.col("event_name") == "refund").then(-pl.col("conversion_value").abs()).otherwise("conversion_value")
    )
    found = dict(sound.group_by("conversion_currency").agg(value.sum()).iter_rows())
    assert found == {currency: Decimal(revenue) for currency, revenue in truth.revenue.items()}


def test_raw_payloads_are_valid_json_of_the_documented_fields(tmp_path: Path) -> None:
    truth = simulate(tmp_path, MUCH, shape="raw", format="ndjson")
    payloads, broken, text = [], 0, lines(tmp_path)
    for line in text:
        try:
            payloads.append(json.loads(line, parse_float=Decimal))
        except ValueError:
            broken += 1
    assert broken == truth.rows.malformed
    browser = [payload for payload in payloads if "event_type" in payload]
    server = [payload for payload in payloads if "event_name" in payload]
    assert len(browser) + len(server) == len(payloads)
    assert browser
    assert server
    assert {"timestamp", "event_time"} <= set().union(*browser)
    assert set(browser[0]["device"]) == {"user_agent", "screen_width", "screen_height", "language"}
    assert all(len(payload["user_identifiers"]["email_hash"]) == 64 for payload in server)
    ids = Counter(payload["event_id"] for payload in payloads)
    assert sum(ids.values()) - len(ids) == truth.rows.duplicates
    assert all(len(json.dumps(payload["metadata"], ensure_ascii=False).encode()) <= 10_000 for payload in browser)
    assert len([line for line in text if "@example.com" in line]) == truth.emails
    everything = "\n".join(text)
    assert truth.email_addresses
    assert all(address in everything for address in truth.email_addresses)


def test_the_heavy_visitor_and_the_skew(tmp_path: Path) -> None:
    world = World(events=5_000, skew=0.6, multi_touch=0, heavy_visitor_events=3_000, defects=Defects.none())
    truth = simulate(tmp_path, world)
    rows = pl.read_parquet(tmp_path / "events-*.parquet")
    assert rows["visitor_id"].value_counts()["count"].max() == 3_000
    assert truth.rows.read == pytest.approx(8_000, rel=0.01)
    scans = [code.scans for code in truth.qr_codes.values()]
    assert scans[0] == pytest.approx(0.6 * sum(scans), rel=0.1)


def test_wrong_settings_are_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="raw request bodies"):
        simulate(tmp_path, World(), shape="raw", format="csv")
    with pytest.raises(ValueError, match="skew"):
        World(skew=2)
    with pytest.raises(ValueError, match="resent"):
        Defects(resent=1.5)
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError):
        simulate(tmp_path, World())
