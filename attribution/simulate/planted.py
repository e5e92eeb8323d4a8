"""Counts what is planted: each conversion's code or reason and its tie, each session, each defect."""

from typing import Any

import numpy as np
import polars as pl

from attribution.simulate.events import (
    ANALYSED,
    BEFORE,
    DENIED,
    DUPLICATE,
    FRAUD,
    LATE,
    MALFORMED,
    MISSING,
    ORPHAN,
    PENDING,
    PLAIN,
    QUARANTINED,
    TEST,
    WEB_ONLY,
    Conversions,
)
from attribution.simulate.people import FRAUD_SESSION, NO_BROWSER, NO_ID, QR_UNKNOWN, Ints, Scans
from attribution.simulate.shapes import qr_code_ids
from attribution.simulate.truth import Account, CodeTruth, Rows, Tally, Truth, amount_text
from attribution.simulate.world import World
from attribution.terms import TIES, UNATTRIBUTED_REASONS

REASONS = {ORPHAN: "orphan", BEFORE: "before_scan", LATE: "outside_window"}


def count_defects(tally: Tally, scans: Scans, sold: Conversions, again: Conversions, back: Conversions) -> None:
    """Counts the defects of sessions and conversions of a chunk."""
    for dial, kind in (("qr_unknown", QR_UNKNOWN), ("no_browser_event", NO_BROWSER), ("fraud", FRAUD_SESSION)):
        tally.planted[dial] += int((scans.kind == kind).sum())
    for dial, kind in (("orphan", ORPHAN), ("web_only", WEB_ONLY), ("late", LATE), ("before_scan", BEFORE)):
        tally.planted[dial] += int((sold.kind == kind).sum())
    for dial, word in (("denied", DENIED), ("pending", PENDING), ("consent_missing", MISSING)):
        tally.planted[dial] += int((sold.consent == word).sum())
    browsed = scans.kind[sold.scan] != NO_BROWSER
    untold = (sold.kind == PLAIN) & browsed & (sold.web_ids == np.array(NO_ID, np.uint64)).all(axis=1)
    tally.planted["no_web_session"] += int(untold.sum())
    tally.planted["one_order_two_ids"] += len(again)
    tally.planted["refund"] += len(back)


def count_conversions(tally: Tally, world: World, scans: Scans, sent: Conversions) -> None:
    """Counts conversions and refunds of sessions that are not fraud, per code or reason, with their money."""
    codes = np.array(qr_code_ids(world))
    session = scans.kind[sent.scan]
    account = codes[scans.qr[sent.scan]].astype(object)
    account[session == QR_UNKNOWN] = "unlinked"
    for kind, reason in REASONS.items():
        account[sent.kind == kind] = reason
    scan_and_web = (session != NO_BROWSER) & ((sent.kind == PLAIN) | (sent.kind == LATE))
    tie = np.where(scan_and_web, "scan_and_web", "scan_only").astype(object)
    tie[sent.kind == ORPHAN], tie[sent.kind == WEB_ONLY] = "orphan", "web_only"
    currency = np.where(sent.has_amount, sent.currency, -1)
    frame = pl.DataFrame(
        {
            "account": account.tolist(),
            "tie": tie.tolist(),
            "currency": currency,
            "amount": sent.amount,
            "refund": sent.is_refund,
        },
        schema={"account": pl.String, "tie": pl.String, "currency": pl.Int64, "amount": pl.Int64, "refund": pl.Boolean},
    ).filter(pl.Series(session != FRAUD_SESSION))
    sums = frame.group_by("account", "tie", "currency", "refund").agg(pl.col("amount").sum(), n=pl.len())
    for name, tied, money, is_refund, minor, n in sums.select(
        "account", "tie", "currency", "refund", "amount", "n"
    ).iter_rows():
        entry = tally.accounts[name]
        if is_refund:
            entry.refunds += n
        else:
            entry.conversions += n
            tally.ties[tied] += n
        if money >= 0:
            entry.minor[world.currencies[money]] += minor


def count_sessions(
    tally: Tally, world: World, scans: Scans, web_counts: Ints, sent: Conversions, *, is_first: bool
) -> None:
    """Counts per code the scans in the scan export, and the scan sessions that an analysed event names."""
    named = web_counts > 0
    own = (sent.kind != ORPHAN) & (sent.kind != WEB_ONLY)
    named[sent.scan[own]] = True
    known = scans.kind != QR_UNKNOWN
    analysed = known & named & (scans.kind != FRAUD_SESSION)
    for k, code in enumerate(qr_code_ids(world)):
        tally.scans[code] += int((scans.qr[known] == k).sum())
        tally.sessions[code] += int((scans.qr[analysed] == k).sum())
    if is_first and world.heavy_visitor_events:
        first = qr_code_ids(world)[0]
        tally.scans[first] += 1
        tally.sessions[first] += 1


def truth_of(tally: Tally, world: World, settings: dict[str, Any]) -> Truth:
    """The sums as the truth of the world."""
    fates = tally.fates
    whole = Account()
    for account in tally.accounts.values():
        whole.minor.update(account.minor)
    rows = Rows(
        read=fates.total(), malformed=fates[MALFORMED], quarantined=fates[QUARANTINED], duplicates=fates[DUPLICATE],
        excluded={"test": fates[TEST], "fraud": fates[FRAUD]}, analysed=fates[ANALYSED],
    )  # fmt: skip
    codes = {c: CodeTruth(tally.scans[c], tally.sessions[c], tally.accounts[c].earned()) for c in qr_code_ids(world)}
    return Truth(
        rows=rows, qr_codes=codes,
        unattributed={reason: tally.accounts[reason].earned() for reason in UNATTRIBUTED_REASONS},
        revenue={code: amount_text(whole.minor[code], code) for code in sorted(whole.minor)},
        ties={tie: tally.ties[tie] for tie in TIES}, planted=dict(sorted(tally.planted.items())), leaks=tally.leaks,
        emails=tally.emails, email_addresses=tuple(tally.addresses), world=settings,
    )  # fmt: skip
