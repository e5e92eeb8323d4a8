"""devices: what a user agent says, drawn as a table."""

import polars as pl
import pytest

from attribution.devices import WORDS, device_of, expr_device
from attribution.ingest import ingest
from attribution.side_inputs import read_rows

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME} Mobile Safari/537.36",
            ("Mobile", "Chrome Mobile", "Android"),
        ),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {CHROME} Safari/537.36", ("Tablet", "Chrome", "Android")),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) {SAFARI}", ("Mobile", "Mobile Safari", "iOS")),
        (f"Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) {SAFARI}", ("Tablet", "Mobile Safari", "iOS")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", ("Desktop", "Chrome", "Windows")),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("Bot", "Googlebot", None)),
        ("something else", (None, None, None)),
    ],
)
def test_a_user_agent_says(user_agent: str, told: tuple[str | None, ...]) -> None:
    assert tuple(device_of(user_agent).values()) == told


def test_rows_keep_their_order_and_nulls_stay_unknown() -> None:
    rows = pl.DataFrame(
        {"user_agent": ["something else", None, f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36"]}
    )
    told = rows.select(expr_device(pl.col("user_agent"))).unnest("user_agent")
    assert told["device_type"].to_list() == [None, None, "Desktop"]


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_a_word_for_not_known_is_no_word_in_events_and_in_scans(dtype: type[pl.DataType]) -> None:
    """A user agent and the platform's own columns would else tell of unknown browsers in two ways."""
    told = {name: pl.Series(["Other", "Opera", None], dtype=dtype) for name in (*WORDS, "city")}
    event = {"source": "browser", "site_id": "shop", "event_type": "page_view", "event_time": "2026-05-01T10:00:00Z"}
    sent = pl.DataFrame(told).with_row_index("row_number").with_columns(**{k: pl.lit(v) for k, v in event.items()})
    scanned = (
        pl.DataFrame(told).with_row_index("row_number", offset=2).with_columns(scanned_at=pl.lit(event["event_time"]))
    )
    events = ingest(sent, shape="stored", source_id=1).events
    scans = read_rows(scanned.with_columns(scan_session_id=pl.col("row_number").cast(pl.String)), "scans")[0]
    for rows in (events, scans):
        assert rows["city"].to_list() == ["Other", "Opera", None]
        assert [rows[name].to_list() for name in WORDS] == [[None, "Opera", None]] * len(WORDS)
