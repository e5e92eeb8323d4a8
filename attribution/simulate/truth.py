"""The planted truth: what a correct reading of the simulated exports must find, to the row and to the minor unit."""

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from attribution.money import minor_digits

TRUTH_FILE = "truth.json"
MAX_ADDRESSES = 10_000


@dataclass(frozen=True)
class Rows:
    """Event rows of all files, each counted where it first fits, in this order. `read` is the sum of the others."""

    read: int
    malformed: int
    quarantined: int
    duplicates: int
    excluded: dict[str, int]
    analysed: int


@dataclass(frozen=True)
class Earned:
    """Conversions (refunds not among them), refund rows, and revenue after refunds: exact decimal text per currency."""

    conversions: int
    refunds: int
    revenue: dict[str, str]


@dataclass(frozen=True)
class CodeTruth:
    """A QR code: scans in the scan export, scan sessions with an analysed event that names them, and what it earned."""

    scans: int
    scan_sessions: int
    earned: Earned


@dataclass(frozen=True)
class Truth:
    """What is planted.

    `planted` counts rows, conversions or scan sessions as the dial of that name says, as first planted; `leaks` and
    `emails` count accepted rows on disk, copies of such rows included.
    """

    rows: Rows
    qr_codes: dict[str, CodeTruth]
    """By `qr_code_id`: attributed conversions only."""
    unattributed: dict[str, Earned]
    """By reason: `orphan`, `unlinked`, `before_scan`, `outside_window`."""
    revenue: dict[str, str]
    """Of all analysed conversions and refunds, per currency: attributed plus unattributed."""
    ties: dict[str, int]
    """Conversions (refunds not among them) per tie."""
    planted: dict[str, int]
    leaks: int
    emails: int
    email_addresses: tuple[str, ...]
    """Planted raw addresses to search outputs for; the first 10,000."""
    world: dict[str, Any]
    """The settings, the shape and the format that made this."""

    def write(self, folder: Path) -> None:
        """Writes `truth.json` into the folder."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str) + "\n"
        (folder / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads `truth.json` back from the folder of a simulated world."""
        data = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
        codes = {
            code: CodeTruth(entry["scans"], entry["scan_sessions"], Earned(**entry["earned"]))
            for code, entry in data["qr_codes"].items()
        }
        unattributed = {reason: Earned(**entry) for reason, entry in data["unattributed"].items()}
        fixed = {"rows": Rows(**data["rows"]), "qr_codes": codes, "unattributed": unattributed}
        return cls(**(data | fixed | {"email_addresses": tuple(data["email_addresses"])}))


def amount_text(minor: int, currency: str) -> str:
    """Whole minor units as exact decimal text: 4999 in USD is `49.99`."""
    return str(Decimal(minor).scaleb(-minor_digits(currency)))


class Account:
    """Adds up one QR code's or reason's conversions, refunds, and minor units per currency."""

    def __init__(self) -> None:
        self.conversions = 0
        self.refunds = 0
        self.minor: Counter[str] = Counter()

    def earned(self) -> Earned:
        """The sums so far; a currency that was touched is listed even where it comes to zero."""
        return Earned(self.conversions, self.refunds, {c: amount_text(self.minor[c], c) for c in sorted(self.minor)})


class Tally:
    """Adds up the truth, chunk by chunk and block by block."""

    def __init__(self) -> None:
        self.fates: Counter[int] = Counter()
        self.accounts: defaultdict[str, Account] = defaultdict(Account)
        """By QR code id or reason (the two never share a name)."""
        self.scans: Counter[str] = Counter()
        self.sessions: Counter[str] = Counter()
        self.ties: Counter[str] = Counter()
        self.planted: Counter[str] = Counter()
        self.leaks = 0
        self.emails = 0
        self.addresses: list[str] = []
