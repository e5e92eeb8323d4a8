"""How a run looks for personal data: by its settings, and with the fingerprint key from the environment."""

import os
from typing import Final

from attribution.privacy import Options
from attribution.settings import Settings

KEY: Final = "ATTRIBUTION_FINGERPRINT_KEY"
"""The environment variable that holds the key of the fingerprints; without it there are none."""


def detection(settings: Settings) -> Options:
    """The detector's options."""
    key = os.environ.get(KEY, "").encode() or None
    return Options(phone_regions=tuple(settings.ingest.phone_regions), fingerprint_key=key)
