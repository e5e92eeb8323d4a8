"""Settings of a simulated world: how big it is, how it behaves, and one dial per defect."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Literal, Self

from attribution.money import currencies as known_currencies
from attribution.money import minor_digits
from attribution.terms import RAW, Shape

Format = Literal["parquet", "ndjson", "csv", "json"]
Compress = Literal["none", "gzip", "zstd"]

RAW_FORMATS = ("ndjson", "json")


@dataclass(frozen=True)
class Defects:
    """One dial per defect, each a share from 0 to 1 of what its comment names. Base rows are those without any defect.

    Dials that share a family exclude each other and are scaled down together when they sum to more than 1:
    (`qr_unknown`, `no_browser_event`, `fraud`), (`orphan`, `web_only`, `late`, `before_scan`),
    (`denied`, `pending`, `consent_missing`).

    Raises:
        ValueError: a dial lies outside 0 to 1.
    """

    resent: float = 0.01
    """of base rows: the same payload once more (stored: half of the copies carry `is_duplicate` = 1)."""
    overlapping_exports: float = 0.01
    """of a month's time: rows written in its last part appear again at the start of the next month's file."""
    conflict: float = 0.002
    """of conversions with an amount: same `event_id`, later, with another amount (raw: another second, same amount)."""
    malformed: float = 0.0005
    """of base rows: a truncated line is added (NDJSON and CSV only; none elsewhere)."""
    invalid: float = 0.001
    """of base rows: a row is added that must be refused, a quarter each: a broken currency, a broken consent word;
    raw: no site, a broken UUID; stored: no time, no name."""
    fraud: float = 0.01
    """of scan sessions: every row of the session has `is_fraud` = 1 (stored only)."""
    test_traffic: float = 0.001
    """of base rows: a row of test traffic is added: `test_event`, `properties.test`, or all-zero ids, a third each."""
    email_in_metadata: float = 0.0005
    """of base rows whose consent is not withheld: a raw e-mail address deep in `metadata` or `properties`."""
    leak: float = 0.02
    """of rows with withheld consent: `page_url`, `referrer`, `city` or `metadata` is still there (stored only)."""
    denied: float = 0.08
    """of conversions: consent `denied`."""
    pending: float = 0.03
    """of conversions: consent `pending`."""
    consent_missing: float = 0.05
    """of conversions: no consent sent."""
    no_web_session: float = 0.1
    """of conversions after browser events: the server did not pass `web_session_id` on."""
    orphan: float = 0.01
    """of conversions: the scan session is known nowhere, and no web session is given."""
    web_only: float = 0.01
    """of conversions after browser events: the scan session is known nowhere, the web session is."""
    late: float = 0.01
    """of conversions: more than 60 days after the scan."""
    before_scan: float = 0.003
    """of conversions: 10 minutes to 2 days before the scan."""
    refund: float = 0.03
    """of conversions with an amount that can be given back: a `refund` of all or half of it, 1 to 20 days later."""
    one_order_two_ids: float = 0.003
    """of purchases with a readable order: sent once more under another `event_id`. Both count."""
    double_pageview: float = 0.005
    """of `page_view` rows: a `pageview` of the same page within 2 seconds is added. Both count."""
    no_browser_event: float = 0.15
    """of scan sessions: the browser sent nothing."""
    qr_unknown: float = 0.01
    """of scan sessions: there are browser events, but no file names the QR code."""
    camel_case: float = 0.002
    """of browser rows: a name such as `pageView`."""
    out_of_order: float = 0.01
    """of base rows: written up to 3 days later than received."""
    long_metadata: float = 0.0005
    """of browser rows: `metadata` of 9,000 to 9,900 bytes, just inside the limit of 10 KB."""
    clock_skew: float = 0.001
    """of base rows: `event_time` 6 to 60 minutes after `received_time` (stored only)."""

    def __post_init__(self) -> None:
        wrong = [dial.name for dial in fields(self) if not 0 <= getattr(self, dial.name) <= 1]
        if wrong:
            message = f"Defects: {', '.join(wrong)} must lie between 0 and 1 (a share)"
            raise ValueError(message)

    @classmethod
    def none(cls) -> Self:
        """A world without defects: every dial at 0."""
        return cls.all(0.0)

    @classmethod
    def all(cls, share: float) -> Self:
        """Every dial at `share` (0 to 1)."""
        return cls(**{dial.name: share for dial in fields(cls)})

    def for_output(self, shape: Shape, file_format: Format) -> Self:
        """The dials with those at 0 that this shape or format cannot hold."""
        impossible = {"fraud", "leak", "clock_skew"} if shape == RAW else set()
        if file_format in {"parquet", "json"}:
            impossible.add("malformed")
        return replace(self, **dict.fromkeys(impossible, 0.0))


@dataclass(frozen=True)
class World:
    """What to simulate. The same world gives the same bytes on the same version.

    Raises:
        ValueError: a value is out of its range; the message names the field and what is allowed.
    """

    seed: int = 1
    """Any whole number from 0."""
    events: int = 100_000
    """Event rows before defects; met to within 1 % from 5,000 rows on (at most one scan session short per 250,000)."""
    qr_codes: int = 12
    """How many QR codes."""
    campaigns: int = 4
    """How many campaigns they belong to, dealt round; at most `qr_codes`."""
    sites: int = 1
    """How many `site_id`s; a visitor stays on one. At most `qr_codes`, and at most 200."""
    start: date = date(2026, 1, 1)
    """First day of scans, UTC."""
    days: int = 90
    """Days in which people scan; conversions and refunds follow up to about 100 days later."""
    skew: float = 0.25
    """Share (0 to 1) of first scans that fall on the first QR code; the others follow 1, 1/2, 1/3 …"""
    conversion_rate: float = 0.06
    """Share (0 to 1) of first scans that convert, over all codes; later scans convert more often."""
    currencies: tuple[str, ...] = ("USD", "EUR", "GBP")
    """ISO 4217 codes with at most 2 decimal places, the most used first (each half as often as the one before)."""
    multi_touch: float = 0.25
    """Probability (0 to below 1) that a visitor scans again after a scan, any code, days later; at most 8 scans."""
    heavy_visitor_events: int = 0
    """Events of one extra visitor, all in one scan session, on top of `events`; 0 plants none."""
    defects: Defects = field(default_factory=Defects)
    """One dial per defect."""

    def __post_init__(self) -> None:
        faults = [text for wrong, text in self._checks() if wrong]
        if faults:
            raise ValueError("World: " + "; ".join(faults))

    def _checks(self) -> list[tuple[bool, str]]:
        odd = [code for code in self.currencies if code not in known_currencies() or minor_digits(code) > 2]
        return [
            (self.seed < 0, "seed must be 0 or more"),
            (self.events < 1, "events must be 1 or more"),
            (self.qr_codes < 1, "qr_codes must be 1 or more"),
            (not 1 <= self.campaigns <= self.qr_codes, "campaigns must be 1 to qr_codes"),
            (not 1 <= self.sites <= min(self.qr_codes, 200), "sites must be 1 to qr_codes and at most 200"),
            (self.days < 1, "days must be 1 or more"),
            (not 0 <= self.skew <= 1, "skew must be a share, 0 to 1"),
            (not 0 <= self.conversion_rate <= 1, "conversion_rate must be a share, 0 to 1"),
            (not 0 <= self.multi_touch < 1, "multi_touch must be from 0 to below 1"),
            (self.heavy_visitor_events < 0, "heavy_visitor_events must be 0 or more"),
            (not self.currencies, "currencies must name at least one currency"),
            (bool(odd), f"currencies must be ISO 4217 codes with at most 2 decimal places, not {', '.join(odd)}"),
        ]
