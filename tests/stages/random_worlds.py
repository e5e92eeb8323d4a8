"""Small random tables in which ids collide often, for the laws."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from attribution import terms
from tests.stages.drawn import Row, event, event_rows, fx, moment, qr_codes, scans, spend

SESSIONS = ("s1", "s2", "s3", "s4")
CODES = ("q1", "q2", "q3")
MINUTES = (0, 1, 29, 30, 31, 60, 61, 100, 60 * 24, 60 * 24 * 60 + 540, 60 * 24 * 61)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "source": st.sampled_from([terms.BROWSER, terms.BROWSER, terms.SERVER]),
    "event_id": st.sampled_from([f"e{number}" for number in range(20)]),
    "site_id": st.sampled_from(["one", "one", "two", None]),
    "scan_session_id": st.sampled_from([*SESSIONS, "unseen", None]),
    "web_session_id": st.sampled_from(["w1", "w2", "w3", None, None]),
    "visitor_id": st.sampled_from(["v1", "v2", None]),
    "email_hash": st.sampled_from(["h1", "h2", "h3", None, None, None]),
    "qr_code_id": st.sampled_from([*CODES, None, None, None]),
    "event_type": st.sampled_from(["page_view", "pageview", "cta_click"]),
    "event_name": st.sampled_from(["purchase", "lead", "refund", "shipped"]),
    "occurred_at": st.sampled_from(MINUTES).map(lambda minutes: moment("09:50") + timedelta(minutes=minutes)),
    "received_at": st.sampled_from([None, moment("10:00"), moment("10:01"), moment("+90d")]),
    "amount": st.sampled_from([None, Decimal(3), Decimal("-2.5"), Decimal("0.125"), Decimal("19.99")]),
    "currency": st.sampled_from(["USD", "EUR", "CHF"]),
    "order_id": st.sampled_from(["o1", "o2", None]),
    "consent": st.sampled_from(terms.CONSENT_STATES),
    "country_code": st.sampled_from(["US", "DE", None]),
    "city": st.sampled_from(["Ulm", None]),
    "is_duplicate": st.sampled_from([False, False, False, True]),
    "exclusion": st.sampled_from([None, None, None, terms.TEST, terms.FRAUD]),
}
ROWS = st.lists(st.fixed_dictionaries(COLUMNS), max_size=30)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, pl.LazyFrame]:
    """What ingest could have written: events, and some of the tables beside them."""
    scanned = draw(st.dictionaries(st.sampled_from(SESSIONS), st.sampled_from([*CODES, "-"])))
    return {
        "events": as_events(draw(ROWS)),
        "scans": scans(
            "scan_session_id | qr_code_id\n" + "\n".join(f"{one} | {code}" for one, code in scanned.items())
        ),
        "qr_codes": qr_codes(
            "qr_code_id | campaign | cost | currency\nq1 | a | 5 | EUR\nq2 | b | - | -\nq9 | b | - | -"
        ),
        "spend": spend(
            "qr_code_id | campaign | amount | currency\n- | a | 7 | -\nq2 | - | 1.10 | EUR\n- | b | 3 | USD"
        ),
        "fx": fx("currency | date | rate\nEUR | +0d | 1.0837\nEUR | +40d | 1.1"),
    }


def as_events(rows: list[Row], first: int = 1) -> pl.LazyFrame:
    """Events of random rows."""
    return event_rows([event(row, number) for number, row in enumerate(rows, first)])
