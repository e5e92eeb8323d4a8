"""Fixed lists that a simulated world draws from: devices, places, event names, pages, and the texts of metadata."""

from typing import Final, NamedTuple

NAMES: Final = (
    "page_view", "cta_click", "add_to_cart", "form_submit", "scroll_depth", "video_play",
    "purchase", "signup", "lead", "refund", "test_event", "pageview",
    "pageView", "ctaClick", "addToCart", "formSubmit", "scrollDepth", "videoPlay",
)  # fmt: skip
"""Event names; a row holds a position in this list. The last six are the first six in camel case."""
PAGE_VIEW: Final = 0
PURCHASE: Final = 6
REFUND: Final = 9
TEST_EVENT: Final = 10
PAGEVIEW: Final = 11
CAMEL: Final = 12
"""Distance from a browser event name to its spelling in camel case."""
BROWSER_SHARES: Final = (0.5, 0.2, 0.12, 0.06, 0.08, 0.04)
"""How often each of the first six names follows the first page view of a web session."""
CONVERSION_SHARES: Final = (0.7, 0.18, 0.12)
"""How often a conversion is a purchase, a signup, a lead. Only purchases carry an amount."""

METADATA: Final = (
    "{}", '{"button_text": "Buy now", "section": "hero"}', '{"sku": "SKU-104", "quantity": 1}',
    '{"form": "newsletter"}', '{"depth_pct": 75}', '{"video": "intro", "seconds": 30}',
    "{}", '{"plan": "free"}', '{"form": "contact"}', "{}", "{}", "{}",
    "{}", '{"buttonText": "Köp nu"}', '{"sku": "SKU-207", "quantity": 2}',
    '{"form": "newsletter"}', '{"depth_pct": 50}', '{"video": "intro", "seconds": 10}',
)  # fmt: skip
"""Metadata of an event, by the position of its name."""

PAGES: Final = ("/landing", "/", "/products/lamp", "/products/chair", "/cart", "/checkout", "/about", "/menu")
REFERRERS: Final = ("", "", "", "", "https://www.google.com/", "https://www.instagram.com/")
LANGUAGES: Final = ("en-US", "en-GB", "de-DE", "fr-FR", "sv-SE", "en-IN", "ja-JP")


class Place(NamedTuple):
    """Where a visitor is, and how common that is (relative)."""

    country_code: str
    city: str
    weight: int


PLACES: Final = (
    Place("US", "Denver", 12), Place("US", "New York", 14), Place("US", "Austin", 8), Place("GB", "Leeds", 8),
    Place("GB", "London", 10), Place("DE", "Köln", 7), Place("DE", "Berlin", 8), Place("FR", "Saint-Étienne", 5),
    Place("IN", "Pune", 7), Place("CA", "Montréal", 6), Place("SE", "Malmö", 4), Place("JP", "東京", 3),
)  # fmt: skip


class Device(NamedTuple):
    """A browser on a device, as the platform parses it, as its user agent says it, and how common it is (relative)."""

    device_type: str
    browser_family: str
    os_family: str
    width: int
    height: int
    weight: int
    user_agent: str


_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"

DEVICES: Final = (
    Device("Mobile", "Mobile Safari", "iOS", 390, 844, 30,
           f"{_IPHONE} 18_5 like Mac OS X) {_APPLE} Version/18.5 Mobile/15E148 Safari/604.1"),
    Device("Mobile", "Mobile Safari", "iOS", 430, 932, 10,
           f"{_IPHONE} 17_6_1 like Mac OS X) {_APPLE} Version/17.6 Mobile/15E148 Safari/604.1"),
    Device("Mobile", "Chrome Mobile iOS", "iOS", 393, 852, 4,
           f"{_IPHONE} 18_4 like Mac OS X) {_APPLE} CriOS/137.0.7151.51 Mobile/15E148 Safari/604.1"),
    Device("Mobile", "Chrome Mobile", "Android", 412, 915, 24,
           f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_BLINK} Chrome/137.0.7151.61 Mobile Safari/537.36"),
    Device("Mobile", "Chrome Mobile", "Android", 360, 800, 8,
           f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Chrome/136.0.0.0 Mobile Safari/537.36"),
    Device("Mobile", "Samsung Internet", "Android", 360, 780, 7,
           f"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) {_BLINK} "
           "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
    Device("Mobile", "Firefox Mobile", "Android", 412, 892, 2,
           "Mozilla/5.0 (Android 14; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0"),
    Device("Tablet", "Mobile Safari", "iOS", 820, 1180, 5,
           f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {_APPLE} Version/17.5 Mobile/15E148 Safari/604.1"),
    Device("Tablet", "Chrome", "Android", 800, 1280, 3,
           f"Mozilla/5.0 (Linux; Android 13; SM-X700) {_BLINK} Chrome/136.0.0.0 Safari/537.36"),
    Device("Desktop", "Chrome", "Windows", 1920, 1080, 3,
           f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Chrome/137.0.0.0 Safari/537.36"),
    Device("Desktop", "Edge", "Windows", 1680, 1050, 2,
           f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0"),
    Device("Desktop", "Safari", "Mac OS X", 1440, 900, 2,
           f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Version/18.5 Safari/605.1.15"),
)  # fmt: skip

FIRST_NAMES: Final = ("anna", "bo", "chloe", "dev", "elif", "farid", "greta", "hugo")
LAST_NAMES: Final = ("berg", "costa", "dubois", "ekman", "fischer", "gupta", "haas")
PLACEMENTS: Final = ("store", "table", "flyer", "poster", "package", "window")
USD_RATES: Final = {
    "EUR": 1.08, "GBP": 1.27, "JPY": 0.0067, "INR": 0.0119, "CAD": 0.73, "AUD": 0.66, "CHF": 1.13, "SEK": 0.096,
}  # fmt: skip
"""Where the random walk of a currency's rate starts, in US dollars per unit; 1 for any other."""
