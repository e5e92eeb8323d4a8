"""Hashed identifiers: what a usable one and a salted one look like, and the hash of nothing.

The patterns are for Polars and for Python alike.
"""

from typing import Final

DIGEST: Final = "[0-9a-fA-F]{64}"
"""SHA-256 as hex digits."""
USABLE: Final = f"^{DIGEST}$"
SALTED: Final = rf"^(?:{DIGEST}[:$.|].+|.+[:$.|]{DIGEST}|\$(?i:2[aby]|5|6|argon2\w*|pbkdf2\S*)\$.+)$"
"""A SHA-256 digest with something beside it, or the text of a password hash."""
OF_NOTHING: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of the empty string: no value."""
