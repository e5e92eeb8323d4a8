"""Readings of the same facts: ours, and the ways to depart from it, each with the rule that it breaks."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

import polars as pl

from attribution import terms
from attribution.platform_summary.facts import COPY
from attribution.row_kinds import is_browser

Reading = frozenset[str]
"""Names of departures; none: our reading."""
OURS: Final[Reading] = frozenset()

ALL_COPIES, UNFLAGGED_COPIES = "copies_counted", "unflagged_copies_counted"
FRAUD, TEST, REJECTS = "fraud_counted", "test_traffic_counted", "refused_rows_counted"
BROWSER_SESSIONS = "browser_sessions_only"
REFUNDS_CONVERT, NO_REFUNDS = "refunds_are_conversions", "refunds_not_subtracted"
TIED, ATTRIBUTED = "known_scans_only", "attributed_only"
REPORTING, ADDED_UP = "converted_to_reporting_currency", "currencies_added_up"
UTC_DAYS, RECEIVED_DAYS, SENT_NAMES = "days_in_utc", "days_of_receipt", "names_as_sent"
ANY_ORDER = "steps_in_any_order"

WORDS: Final = {
    ALL_COPIES: "they count copies, also those that they marked as such",
    UNFLAGGED_COPIES: "they count the copies that they did not mark; we drop them by event_id",
    FRAUD: "they count what they marked as fraud",
    TEST: "they count test traffic",
    REJECTS: "they count the rows that we refused (reports/data_quality says why)",
    BROWSER_SESSIONS: "they count only scan sessions with a browser event",
    REFUNDS_CONVERT: "they count a refund as a conversion",
    NO_REFUNDS: "they do not subtract refunds",
    TIED: "they leave out conversions whose scan is not known",
    ATTRIBUTED: "they leave out what we could not attribute (reports/unattributed_revenue says why)",
    REPORTING: "they convert every currency into the reporting currency",
    ADDED_UP: "they add up amounts of different currencies as if they were one",
    UTC_DAYS: "they cut days in UTC, not in the reporting time zone",
    RECEIVED_DAYS: "they count on the day of receipt, not on that of the event",
    SENT_NAMES: "they take names as sent; for us pageview is page_view",
    ANY_ORDER: "they count the sessions of each step whatever came before it",
}
ROWS: Final = ((ALL_COPIES, UNFLAGGED_COPIES), (FRAUD,), (TEST,))
WHERE: Final = ((UTC_DAYS, RECEIVED_DAYS), (SENT_NAMES,))
CHOICES: Final = {
    "total_events": (*ROWS, (REJECTS,), *WHERE),
    "unique_sessions": (*ROWS, (BROWSER_SESSIONS,), *WHERE),
    "conversions": (*ROWS, (REFUNDS_CONVERT,), (TIED, ATTRIBUTED), *WHERE),
    "revenue": (*ROWS, (NO_REFUNDS,), (TIED, ATTRIBUTED), (REPORTING, ADDED_UP), *WHERE),
    "sessions": ((ANY_ORDER,),),
}
"""Measure -> the departures that may change it, in groups; a reading takes at most one of each group."""
MOST: Final = 3
"""Most departures in one reading: with more, some reading would fit anything."""


def departures(measure: str) -> Iterator[Reading]:
    """Every reading but ours, those with the fewest departures first, in a fixed order."""
    groups = CHOICES[measure]
    for size in range(1, MOST + 1):
        for chosen in combinations(groups, size):
            yield from map(frozenset, product(*chosen))


def day(reading: Reading) -> str:
    """The column of the facts that holds the day."""
    return "utc_day" if UTC_DAYS in reading else "received_day" if RECEIVED_DAYS in reading else "day"


def event(reading: Reading) -> str:
    """The column of the facts that holds the event's name."""
    return "sent_event" if SENT_NAMES in reading else "event"


def counts(reading: Reading) -> pl.Expr:
    """The row is counted, as no copy and not excluded, or because the reading counts such rows."""
    copy, exclusion = pl.col(COPY), pl.col("exclusion")
    no_copy = copy.is_null() | (
        pl.lit(ALL_COPIES in reading) | (pl.lit(UNFLAGGED_COPIES in reading) & (copy == terms.REPEATED_ID))
    )
    kept = [word for name, word in ((FRAUD, terms.FRAUD), (TEST, terms.TEST)) if name in reading]
    return no_copy & (exclusion.is_null() | exclusion.is_in(kept))


def has_session(reading: Reading) -> pl.Expr:
    """The row's scan session counts under the reading."""
    return is_browser() | pl.lit(BROWSER_SESSIONS not in reading)


def converts(reading: Reading) -> pl.Expr:
    """The row, a conversion or a refund, is counted as a conversion."""
    return (~pl.col("is_refund") | pl.lit(REFUNDS_CONVERT in reading)) & _known(reading)


def money(reading: Reading, currency: str) -> pl.Expr:
    """What the row adds to revenue; null: nothing."""
    amount = (
        pl.col("amount_reporting")
        if REPORTING in reading
        else pl.when((pl.col("currency") == currency) | pl.lit(ADDED_UP in reading)).then("amount")
    )
    return pl.when((~pl.col("is_refund") | pl.lit(NO_REFUNDS not in reading)) & _known(reading)).then(amount)


def _known(reading: Reading) -> pl.Expr:
    return (pl.col("is_tied") | pl.lit(TIED not in reading)) & (
        pl.col("is_attributed") | pl.lit(ATTRIBUTED not in reading)
    )
