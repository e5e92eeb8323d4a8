"""What each rule says of a row, a file or a scan session, in words for people.

A rule of event rows says it itself (`rules.Rule.meaning`); here are the others, by the name that stands in `rejects` and
`findings`.
"""

from typing import Final

import polars as pl

from attribution import terms
from attribution.disagreements import FAR_RATES, OTHER_RATES
from attribution.ingest import CONSENT_LEAK
from attribution.personal_data import IN_FILE_NAME, OF_EXTERNAL_ID
from attribution.privacy import EMAIL, PHONE
from attribution.rules import RULES

OF_FILES: Final = {
    "malformed_json": "A line or an element that is not a JSON object, or is cut off.",
    "field_count": "A line with more or fewer values than the header has columns, or with an unclosed quote.",
    "unreadable_value": "A value that is not valid in the file's format.",
    "unreadable_rows": "A damaged part of a Parquet file.",
    "unreadable_rest": "The file breaks off: an archive or an array without its end. Everything before the break is read.",
    "line_too_long": "A line of more than 16 MB: too long for any event.",
    "wrong_kind": "An object or a list where a single value belongs, or the other way round.",
    "file_not_recognised": "No kind of export has such columns: the file is skipped.",
    "file_repeated": "The same content as another file of its kind.",
    "file_damaged": "Damaged or cut off too early to tell what it holds: the file is skipped.",
    "parquet_in_archive": "A large Parquet file inside an archive: unpack it.",
    "workbook_or_zip": "A workbook or a zip archive: save its sheets as CSV, or unpack it.",
    IN_FILE_NAME: "The file's name contains personal data. It is redacted wherever it appears.",
}
BESIDE_EVENTS: Final = {
    "scanned_at_unreadable": "No scan time, or one that cannot be read.",
    "qr_code_id_missing": "No QR code.",
    "cost_not_a_number": "A cost that is not a decimal number, or could be read as two different ones. Its row is rejected.",
    "date_unreadable": "No date, or one that cannot be read.",
    "campaign_missing": "Spend with neither a campaign nor a QR code.",
    "rate_not_a_number": "A rate that is not a decimal number, or could be read as two different ones.",
    "rate_not_positive": "A rate of 0 or less, or no rate.",
    "qr_code_told_differently": "Rows of one QR code that disagree; one of them counts.",
    "rate_told_differently": "Several rates for one currency and day; one of them counts.",
    "spend_told_again": "The same spend listed more than once, as when exports overlap. Each one counts.",
    OTHER_RATES: "A rate other than 1 for the reporting currency itself: the rates seem to be into another currency.",
    FAR_RATES: "Far from the European Central Bank's rate: the rates seem to be into another currency, or inverted.",
}
OF_SEVERAL_ROWS: Final = {
    "conflict": "A row with the same id as another, but different content. The first counts.",
    terms.ORIGINAL_OUTSIDE: "Every copy is flagged as a duplicate and the original is in no file, so nothing was counted.",
    "order_under_several_events": "One order under several event ids: its money may be counted twice.",
    "refund_of_excluded_order": "A refund of an order left out as test, fraud or copy: it takes back money never added.",
    "double_page_view": "A pageview within 2 seconds of a page_view of the same session and page: the page is tagged twice.",
    "sent_by_browser_and_server": "The same purchase seems to come from browser and server; only the server's counts.",
    "qr_code_conflict": "Rows of one scan session name different QR codes.",
    "consent_change": "Rows of one scan session have different consents.",
}
OF_PERSONS: Final = {
    CONSENT_LEAK: "A stored row without consent still holds data that consent forbids. It is stripped.",
    "currency_spelled_otherwise": "A currency in different case or with spaces around it. Read as intended.",
    "consent_spelled_otherwise": "A consent in different case or with spaces around it. Read as intended.",
    EMAIL: "An e-mail address where none belongs. It is replaced before anything is written.",
    PHONE: "A phone number where none belongs. It is replaced before anything is written.",
    OF_EXTERNAL_ID[EMAIL]: "The customer's own user id is an e-mail address. It is not kept.",
    OF_EXTERNAL_ID[PHONE]: "The customer's own user id is a phone number. It is not kept.",
    "card_number": "A payment card number. It is replaced before anything is written.",
    "ip_address": "An IP address where none belongs. It is replaced before anything is written.",
    "unhashed_identifier": "A field for a hashed address or number that holds something else.",
    "hash_of_nothing": "The hash of the empty string, which identifies nobody.",
    "salted_hash": "A hash stored with a salt or scheme: it cannot join anyone.",
    "upper_case_hash": "A hash in capitals: other systems may take it for someone else's.",
}


def meanings() -> dict[str, str]:
    """Every rule's name -> what it says."""
    of_events = {rule.name: rule.meaning for rule in RULES.values()}
    return of_events | OF_FILES | BESIDE_EVENTS | OF_SEVERAL_ROWS | OF_PERSONS


def expr_meaning(rule: str) -> pl.Expr:
    """What the rule of a column says; null where it is none that is known."""
    told = meanings()
    return pl.col(rule).replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)
