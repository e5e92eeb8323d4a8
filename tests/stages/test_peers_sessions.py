"""retentioneering's click events: cut after 30 minutes without activity they are its own 3,605 sessions."""

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from attribution.schemas.duplicates import Duplicates
from attribution.schemas.events import Events
from attribution.sessions import session_facts, web_sessions

FOLDER = Path(__file__).parents[1] / "models" / "peers" / "retentioneering"


def test_every_session_of_retentioneering_is_found() -> None:
    clicks = pl.read_csv(FOLDER / "input_events.csv.gz", try_parse_dates=True)
    assert clicks.height == 31_106
    known = clicks.select(
        scan_session_id="user_id",
        occurred_at=pl.col("timestamp").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        event_type="event",
    ).with_row_index("number")
    filled = known.select(
        *(
            known[name].alias(name) if name in known.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in Events.dtypes().items()
        )
    ).with_columns(
        row_id=known["number"].cast(Events.dtypes()["row_id"]),
        source=pl.lit("browser"),
        is_duplicate=pl.lit(value=False),
        is_fraud=pl.lit(value=False),
    )
    found = web_sessions(session_facts(filled.lazy(), Duplicates.no_rows().lazy()), timeout_minutes=30).collect()
    stated = pl.read_csv(FOLDER / "expected_sessions.csv.gz").select(
        "user_id",
        pl.col("session_start", "session_end").str.to_datetime(time_unit="us", time_zone="UTC"),
        "n_events",
    )
    assert stated.height == 3_605
    ours = found.select(
        user_id="scan_session_id", session_start="started_at", session_end="ended_at", n_events="event_count"
    )
    assert_frame_equal(ours, stated, check_row_order=False)
