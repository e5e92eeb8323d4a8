"""What a found piece of personal data is: its rule, place and confidence. Never the value."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Confidence = Literal["high", "medium", "low"]

EMAIL: Final = "email_address"
PHONE: Final = "phone_number"
CARD: Final = "card_number"
IP: Final = "ip_address"
UNHASHED: Final = "unhashed_identifier"
HASH_OF_NOTHING: Final = "hash_of_nothing"
SALTED: Final = "salted_hash"
UPPER_CASE: Final = "upper_case_hash"
RULES: Final = (EMAIL, PHONE, CARD, IP, UNHASHED, HASH_OF_NOTHING, SALTED, UPPER_CASE)
"""Every rule of the detector."""


@dataclass(frozen=True)
class Options:
    """What the detector takes for personal data, and what it makes fingerprints with."""

    phone_regions: tuple[str, ...] = ("US", "GB", "DE", "FR", "IN")
    """Countries (ISO 3166) whose national phone numbers are known."""
    fingerprint_key: bytes | None = None
    """Without a key there are no fingerprints."""

    def fingerprint(self, rule: str, value: str) -> str | None:
        """A keyed digest of a normalised value: equal for equal values, and no way back to them without the key."""
        if self.fingerprint_key is None:
            return None
        return hmac.new(self.fingerprint_key, f"{rule}:{value}".encode(), hashlib.sha256).hexdigest()[:16]


DEFAULT: Final = Options()


@dataclass(frozen=True)
class Hit:
    """One found piece: what rule, where, how sure. Never the value."""

    rule: str
    field_path: str
    confidence: Confidence = "high"
    severity: Literal["error", "warning", "info"] = "error"
    fingerprint: str | None = None


@dataclass(frozen=True)
class Inspection:
    """A text with each found piece replaced, and the pieces' places."""

    redacted: str
    hits: tuple[Hit, ...] = ()


class Found(NamedTuple):
    """A piece of a text: where it begins and ends, what it is, and its value, normalised."""

    start: int
    end: int
    rule: str
    confidence: Confidence
    value: str


REDACTED: Final = "[redacted:"
"""The beginning of every replacement."""


def redaction(rule: str) -> str:
    """What a found piece is replaced by."""
    return f"{REDACTED}{rule}]"


def severity(confidence: Confidence) -> Literal["error", "warning"]:
    """How grave a finding is: what is only a guess is a warning."""
    return "warning" if confidence == "low" else "error"
