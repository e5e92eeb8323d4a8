"""Which rows were stored by the platform, and which are payloads as a customer's log keeps them."""

import pytest

from attribution.sources.detect import shape_of

SENT = ["event_id", "site_id", "event_name", "scan_session_id", "consent"]


@pytest.mark.parametrize(
    ("more", "shape"),
    [
        ([], "raw"),
        (["conversion_value.amount", "user_identifiers.email_hash"], "raw"),
        (["received_time"], "stored"),
        (["received_at", "source"], "stored"),
        (["received_at", "conversion_value.amount"], "raw"),
        (["received_time", "user_identifiers.email_hash"], "raw"),
        (["received_time", "timestamp"], "raw"),
        (["received_time", "conversion_value"], "stored"),
        (["received_time", "is_duplicate", "conversion_value.amount"], "stored"),
        (["qr_code_id", "user_identifiers.email_hash"], "stored"),
        (["received_time", "a.b"], "stored"),
    ],
)
def test_a_row_is_stored_where_it_has_more_of_the_platform_than_its_receipt(more: list[str], shape: str) -> None:
    assert shape_of([*SENT, *more]) == shape
