"""Every name under which an input column is accepted. To accept a new name, add it here (or in the settings).

The keys are the canonical raw columns that `attribution.ingest` reads; a dotted name is a field of a nested object.
"""

from collections.abc import Iterable, Mapping
from typing import Final

EVENT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "event_id": (),
    "site_id": (),
    "source": (),
    "event_type": (),
    "event_name": (),
    "event_time": (),
    "received_time": ("received_at",),
    "timestamp": (),
    "scan_session_id": (),
    "web_session_id": (),
    "visitor_id": (),
    "qr_code_id": ("qrid",),
    "user_id": (),
    "page_url": (),
    "page_title": (),
    "referrer": (),
    "element_text": (),
    "user_agent": ("device.user_agent",),
    "screen_width": ("device.screen_width",),
    "screen_height": ("device.screen_height",),
    "language": ("device.language",),
    "device_type": (),
    "browser_family": ("browser",),
    "os_family": ("os",),
    "country_code": ("country",),
    "city": (),
    "amount": ("conversion_value", "conversion_value.amount"),
    "currency": ("conversion_currency", "conversion_value.currency"),
    "metadata": (),
    "properties": (),
    "email_hash": ("user_identifiers.email_hash",),
    "phone_hash": ("user_identifiers.phone_hash",),
    "external_id": ("user_identifiers.external_id",),
    "user_identifiers": (),
    "user_identifiers.email": (),
    "user_identifiers.phone": (),
    "consent": (),
    "is_duplicate": (),
    "is_fraud": (),
}
"""Canonical raw event column -> other names it may come under."""

NESTED: Final[Mapping[str, tuple[str, ...]]] = {
    "device": ("user_agent", "screen_width", "screen_height", "language"),
    "conversion_value": ("amount", "currency"),
    "user_identifiers": ("email_hash", "phone_hash", "external_id", "email", "phone"),
}
"""Nested objects of a payload and the fields that are read from them."""

NOT_KEPT: Final = ("user_identifiers.email", "user_identifiers.phone")
"""Read only to report that they are there."""

OF_IDENTIFIERS: Final[Mapping[str, str]] = {
    "email_hash": "email_hash",
    "phone_hash": "phone_hash",
    "external_id": "external_id",
    "user_identifiers.email": "email",
    "user_identifiers.phone": "phone",
}
"""Canonical column -> field of `user_identifiers`, which a stored export may have as JSON text."""

JSON_COLUMNS: Final = ("metadata", "properties")
"""Free objects, kept as JSON text."""

SCAN_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "scan_session_id": (),
    "qr_code_id": ("qrid",),
    "scanned_at": ("scan_time", "scanned_time"),
    "country_code": ("country",),
    "city": (),
    "device_type": (),
    "browser_family": ("browser",),
    "os_family": ("os",),
}
QR_CODE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "qr_code_id": ("qrid",),
    "name": ("qr_name",),
    "campaign": (),
    "placement": (),
    "cost": (),
    "currency": (),
}
SPEND_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "qr_code_id": ("qrid",),
    "campaign": (),
    "date": ("day",),
    "amount": ("spend", "cost"),
    "currency": (),
}
FX_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {"date": ("day",), "currency": (), "rate": ()}

COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "events": EVENT_COLUMNS,
    "scans": SCAN_COLUMNS,
    "qr_codes": QR_CODE_COLUMNS,
    "spend": SPEND_COLUMNS,
    "fx": FX_COLUMNS,
}
"""Kind of table -> its canonical columns and their other names."""


def canonical_names(found: Iterable[str], kind: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which found column serves which canonical one.

    Args:
        found: Column names of the input; nested fields are dotted.
        kind: One of `COLUMNS`.
        extra: Input name -> canonical name, from the settings; it wins over the names here, of several the first.

    Returns:
        Canonical name -> found name, for each canonical column that is present. The canonical spelling wins over
        an alias, aliases in the order written here. Names are compared without case and surrounding space.
    """
    found = list(found)
    accepted = {
        column: [name for name in names if name in found]
        for column, names in accepted_names(found, kind, extra).items()
    }
    return {column: names[0] for column, names in accepted.items() if names}


def accepted_names(
    found: Iterable[str], kind: str, extra: Mapping[str, str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Every name under which each canonical column may come, as the input spells those that it has.

    Args:
        found, kind, extra: As for `canonical_names`.

    Returns:
        Canonical name -> names, in order of precedence.
    """
    present: dict[str, list[str]] = {}
    for name in found:
        present.setdefault(name.strip().lower(), []).append(name)
    names = {}
    for canonical, aliases in COLUMNS[kind].items():
        wanted = (source for source, target in (extra or {}).items() if target == canonical)
        candidates = (*wanted, canonical, *aliases)
        spelled = (name for candidate in candidates for name in _spelled(candidate, present))
        names[canonical] = tuple(dict.fromkeys(spelled))
    return names


def _spelled(name: str, present: Mapping[str, list[str]]) -> list[str]:
    """The name in every case and spacing in which the input has it, the exact one first."""
    return sorted(present.get(name.strip().lower(), [name]), key=lambda found: found != name)
