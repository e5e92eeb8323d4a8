"""What did each QR code earn? A folder of raw event exports in, trustworthy revenue per QR code out.

The flow, one stage after the other; each stage is a module of its name, and stages meet only at tables:

    ingest         raw files                     -> events, rejects, ingest_findings, scans, qr_codes, spend, fx and others
    deduplicate    events                        -> duplicates
    people         events                        -> joined_people, identity_account
    sessions       events, scans, joined_people  -> scan_sessions, web_sessions
    conversions    events, both sessions, fx     -> conversions
    journeys       scan_sessions, conversions    -> touches
    attribute      touches, conversions          -> credits
    report         the above, spend              -> reports/revenue_per_qr and the others
    audit          what ingest wrote, sessions   -> findings, consent_audit; then the ledger and the pages

`attribution.flow` holds that order on one screen, `attribution.schemas` a contract per table.
"""

__version__ = "0.1.0"
