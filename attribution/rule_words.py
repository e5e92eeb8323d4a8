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
    "malformed_json": "A line or an element that is no JSON object, or is cut off.",
    "field_count": "A line with more or fewer values than the header has columns, or a quote that is never closed.",
    "unreadable_value": "A value that the file's format cannot hold as it stands there.",
    "unreadable_rows": "A part of a Parquet file that is damaged.",
    "unreadable_rest": "The file breaks off: an archive or an array without its end. What is before it is read.",
    "line_too_long": "A line of over 16 MB, which no event can be.",
    "wrong_kind": "An object or a list where a single value belongs, or the other way round.",
    "file_not_recognised": "No kind of export has such columns: the file is left aside.",
    "file_repeated": "The same content as another file of its kind.",
    "file_damaged": "Damaged or cut off before it tells what it holds: the file is left aside.",
    "parquet_in_archive": "A large Parquet file in an archive: unpack it.",
    "workbook_or_zip": "A workbook or a zip archive: save its sheets as CSV, or unpack it.",
    IN_FILE_NAME: "The file's name holds personal data; it is redacted wherever it is named.",
}
BESIDE_EVENTS: Final = {
    "scanned_at_unreadable": "No time, or one that cannot be read.",
    "qr_code_id_missing": "No QR code.",
    "cost_not_a_number": "A cost that is no decimal number, or may be two. The QR code's row is refused with it.",
    "date_unreadable": "No date, or one that cannot be read.",
    "campaign_missing": "Spend of neither a campaign nor a QR code.",
    "rate_not_a_number": "A rate that is no decimal number, or may be two.",
    "rate_not_positive": "A rate of 0 or less, or none.",
    "qr_code_told_differently": "Rows of one QR code that do not agree; one of them counts.",
    "rate_told_differently": "Several rates of one currency and day; one of them counts.",
    "spend_told_again": "The same item of spend more than once, as in exports that overlap. Each counts.",
    OTHER_RATES: "A rate other than 1 of the reporting currency itself: the rates seem to be into another one.",
    FAR_RATES: "Far from the European Central Bank's rate: the rates seem to be into another currency, or the other way round.",
}
OF_SEVERAL_ROWS: Final = {
    "conflict": "A row with the id of another that says something else. The first counts.",
    terms.ORIGINAL_OUTSIDE: "Every copy is flagged as a duplicate: the original is in no file, and nothing was counted.",
    "order_under_several_events": "One order under several event ids: its money may be counted twice.",
    "double_page_view": "A pageview within 2 seconds of a page_view of the same session and page: instrumented twice.",
    "sent_by_browser_and_server": "The same purchase seems to be sent by the browser and the server; only the server's counts.",
    "qr_code_conflict": "Rows of one scan session name different QR codes.",
    "consent_change": "Rows of one scan session have different consents.",
}
OF_PERSONS: Final = {
    CONSENT_LEAK: "A stored row without consent still holds what consent forbids. It is stripped.",
    "currency_spelled_otherwise": "A currency in other case or with space around it, read as meant.",
    "consent_spelled_otherwise": "A consent in other case or with space around it, read as meant.",
    EMAIL: "An e-mail address where none belongs. It is replaced before anything is written.",
    PHONE: "A phone number where none belongs. It is replaced before anything is written.",
    OF_EXTERNAL_ID[EMAIL]: "The customer's own user id is an e-mail address. It is not kept.",
    OF_EXTERNAL_ID[PHONE]: "The customer's own user id is a phone number. It is not kept.",
    "card_number": "A payment card's number. It is replaced before anything is written.",
    "ip_address": "An IP address where none belongs. It is replaced before anything is written.",
    "unhashed_identifier": "A field for a digest of an address or number that holds something else.",
    "hash_of_nothing": "The digest of the empty text, which stands for nobody.",
    "salted_hash": "A digest with a salt or a scheme beside it: it can join nobody.",
    "upper_case_hash": "A digest in capitals: other systems may take it for another person's.",
}


def meanings() -> dict[str, str]:
    """Every rule's name -> what it says."""
    of_events = {rule.name: rule.meaning for rule in RULES.values()}
    return of_events | OF_FILES | BESIDE_EVENTS | OF_SEVERAL_ROWS | OF_PERSONS


def expr_meaning(rule: str) -> pl.Expr:
    """What the rule of a column says; null where it is none that is known."""
    told = meanings()
    return pl.col(rule).replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)
