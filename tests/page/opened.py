"""Opens a page in the browser and collects what goes wrong on it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

IN_SIGHT = """isInSight = (node) => {
    const { left, top, height } = node.getBoundingClientRect();
    return node.contains(document.elementFromPoint(left + 10, top + height / 2));
}"""
"""A function on every opened page: nothing lies over the beginning of the node, and it is on the screen."""


def opened(
    browser: Browser, path: Path, scheme: Any = "light", width: int = 1280, *, drawn: str = ".plotly .main-svg .trace"
) -> tuple[Page, list[str]]:
    """The page when its figures, or what `drawn` selects, are drawn; and its faults: errors, requests that leave it."""
    faults: list[str] = []
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if request.url.startswith("http") else None)
    page.add_init_script(IN_SIGHT)
    page.goto(path.as_uri())
    page.wait_for_selector(drawn, timeout=20_000)
    return page, faults
