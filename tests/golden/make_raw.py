"""Writes the golden world's input: eight people, four codes, and one of each thing that can happen. Run it after a change."""

import json
from pathlib import Path

RAW = Path(__file__).parent / "raw"
SITE = "site-one"
ZERO = "00000000-0000-0000-0000-000000000000"


def uid(kind: str, number: int) -> str:
    """A readable UUID: kind a event, b scan session, c web session, d visitor."""
    return f"{kind * 8}-0000-4000-8000-{number:012d}"


def browser(number: int, scan: int, web: int | None, visitor: int, at: str, **more: object) -> dict[str, object]:
    """A browser payload."""
    return {
        "event_id": uid("a", number),
        "site_id": SITE,
        "event_type": "page_view",
        "scan_session_id": uid("b", scan),
        **({"web_session_id": uid("c", web)} if web else {}),
        "visitor_id": uid("d", visitor),
        "page_url": f"https://shop.example/?scnv={uid('b', scan)}",
        "timestamp": f"2026-03-{at}.000Z",
        "device": {
            "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile Safari/537.36",
            "screen_width": 412,
        },
        "metadata": {},
        **more,
    }


def server(
    number: int, scan: int, at: str, amount: str | None, currency: str = "USD", **more: object
) -> dict[str, object]:
    """A server payload."""
    value = {"conversion_value": {"amount": float(amount), "currency": currency}} if amount else {}
    return {
        "event_id": uid("a", number),
        "site_id": SITE,
        "event_name": "purchase",
        "scan_session_id": uid("b", scan),
        "event_time": f"2026-03-{at}+00:00",
        "consent": "granted",
        "properties": {"order_id": f"order-{number}"},
        **value,
        **more,
    }


BROWSER = [
    browser(1, 1, 1, 1, "01T10:00:05"),
    browser(2, 1, 1, 1, "01T10:01:00", event_type="ctaClick", metadata={"note": {"who": "mail ann@shop.example now"}}),
    browser(3, 2, 2, 1, "03T09:00:00"),
    browser(4, 3, None, 2, "04T12:00:00"),
    browser(5, 3, None, 2, "04T12:30:00"),
    browser(6, 3, None, 2, "04T13:00:01"),
    browser(7, 4, 4, 3, "05T08:00:00"),
    browser(7, 4, 4, 3, "05T08:00:00"),
    browser(8, 5, 5, 4, "06T08:00:00", event_type="test_event"),
    browser(9, 6, 6, 5, "07T08:00:00", scan_session_id="not-a-uuid"),
]
SERVER = [
    server(21, 1, "01T11:00:00", "49.99", web_session_id=uid("c", 1)),
    server(22, 2, "03T09:30:00", "10.00", "EUR"),
    server(23, 2, "20T09:30:00", "4.00", "EUR", event_name="refund", properties={"order_id": "order-22"}),
    server(24, 3, "04T14:00:00", "5.05", consent="denied", page_url="https://shop.example/private"),
    server(25, 99, "05T09:00:00", "7.00", web_session_id=uid("c", 4)),
    server(26, 98, "05T09:00:00", "8.00"),
    server(27, 7, "01T00:00:00", "9.00"),
    server(28, 8, "09T00:00:00", "11.00", "CHF"),
    server(29, 1, "01T11:30:00", None, event_name="lead"),
    server(30, 4, "05T10:00:00", "3.00", "DOLLARS"),
    server(31, 4, "05T10:00:00", "3.00", consent="maybe"),
]
FILES = {
    "scans.csv": "scan_session_id,qr_code_id,scanned_at\n"
    + "".join(
        f"{uid('b', scan)},{code},2026-03-{at}Z\n"
        for scan, code, at in [
            (1, "A", "01T10:00:00"),
            (2, "B", "03T08:59:50"),
            (3, "A", "04T11:59:00"),
            (4, "C", "05T07:59:00"),
            (7, "C", "02T00:00:00"),
            (8, "B", "08T00:00:00"),
        ]
    ),
    "qr_codes.csv": "qr_code_id,name,campaign,placement,cost,currency\n"
    "A,Poster,spring,window,20.00,USD\nB,Flyer,spring,street,,\nC,Table,cafe,table,,\nD,Never scanned,cafe,door,,\n",
    "spend.csv": "qr_code_id,campaign,date,amount,currency\n,spring,2026-03-01,100.00,USD\nC,,2026-03-01,2.50,EUR\n",
    "fx.csv": "date,currency,rate\n2026-02-27,EUR,1.1000\n2026-03-10,EUR,1.2000\n",
}


def main() -> None:
    """Write all files."""
    RAW.mkdir(exist_ok=True)
    lines = [json.dumps(row) for row in BROWSER]
    (RAW / "browser.ndjson").write_text("\n".join([*lines, lines[0][:80]]) + "\n", "utf-8")
    (RAW / "server.ndjson").write_text("".join(json.dumps(row) + "\n" for row in SERVER), "utf-8")
    for name, text in FILES.items():
        (RAW / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
