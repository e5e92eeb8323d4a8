"""What personal data looks like in free text: e-mail addresses, phone and card numbers, IP addresses, unhashed identifiers.

`suspect` is a cheap expression that never misses what the inspectors would find; the inspectors look closely, say what is
where (never the value) and give the text with each found piece replaced.
"""

from attribution.privacy.hits import DEFAULT, EMAIL, PHONE, REDACTED, RULES, UPPER_CASE, Hit, Inspection, Options
from attribution.privacy.inspect import inspect_file_name, inspect_json, inspect_name, inspect_text, inspect_url
from attribution.privacy.suspects import suspect, suspects_beside_uuids

__all__ = [
    "DEFAULT",
    "EMAIL",
    "PHONE",
    "REDACTED",
    "RULES",
    "UPPER_CASE",
    "Hit",
    "Inspection",
    "Options",
    "inspect_file_name",
    "inspect_json",
    "inspect_name",
    "inspect_text",
    "inspect_url",
    "suspect",
    "suspects_beside_uuids",
]
