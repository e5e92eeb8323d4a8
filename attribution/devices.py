"""The device: class, browser and operating system, from a user agent or in the platform's own words.

Browser and system are read by ua-parser's rules. The class is `Tablet` for iPads, for Android without "Mobile" and
for what calls itself "Tablet", `Mobile` for other phones, `Bot` for crawlers, `Desktop` for the usual desktop systems, else
not known. The platform stores ua-parser's words, so ua-parser's word for what no rule matches means "not known" in any input.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

import polars as pl

DEVICE: Final = pl.Struct({"device_type": pl.String, "browser_family": pl.String, "os_family": pl.String})
DESKTOPS: Final = ("Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS")
OTHER: Final = "Other"
"""ua-parser's word for what no rule matches."""
WORDS: Final = tuple(field.name for field in DEVICE.fields)


def expr_word(text: pl.Expr) -> pl.Expr:
    """A stored device class, browser or system; null where it is not known."""
    return pl.when(text != OTHER).then(text)


def expr_device(user_agent: pl.Expr) -> pl.Expr:
    """The user agent as a struct `device_type, browser_family, os_family`; each distinct text is parsed once."""
    return user_agent.map_batches(_devices, return_dtype=DEVICE, is_elementwise=True)


def _devices(user_agents: pl.Series) -> pl.Series:
    known = user_agents.drop_nulls().unique()
    looked_up = pl.DataFrame({"text": known, "device": pl.Series([device_of(text) for text in known], dtype=DEVICE)})
    asked = user_agents.alias("text").to_frame()
    return asked.join(looked_up, on="text", how="left", maintain_order="left")["device"]


@lru_cache(maxsize=100_000)
def device_of(user_agent: str) -> Mapping[str, str | None]:
    """What one user agent says; None for what it does not say."""
    parsed = _parser().parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else None
    system = parsed.os.family if parsed.os else None
    family = parsed.device.family if parsed.device else ""
    return {
        "device_type": _device_type(user_agent, system, family),
        "browser_family": None if browser == OTHER else browser,
        "os_family": None if system == OTHER else system,
    }


def _device_type(user_agent: str, system: str | None, family: str) -> str | None:
    if family == "Spider":
        return "Bot"
    if "iPad" in user_agent or "Tablet" in user_agent or (system == "Android" and "Mobile" not in user_agent):
        return "Tablet"
    if "Mobi" in user_agent or system in {"iOS", "Android"}:
        return "Mobile"
    return "Desktop" if system in DESKTOPS else None


@cache
def _parser():  # type: ignore[no-untyped-def] # noqa: ANN202 - the package has no types
    import ua_parser

    return ua_parser.parser
