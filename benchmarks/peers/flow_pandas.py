"""The flow in pandas, run by an interpreter that has pandas 2 or 3 and PyArrow: `flow_pandas.py RAW OUT CURRENCY CODES GLANCE`.

Stored events (Parquet) to validated, deduplicated, stripped and tied tables and revenue per QR code under `scan_session`:
vectorised, texts and decimals in Arrow, texts grouped by their codes, Python only for the few rows with JSON or money in them.
CODES are the ISO 4217 codes, joined by commas; GLANCE is a JSON object of field and the pattern by which it is searched for
personal data (RE2): suspected rows are counted, addresses among them redacted. Prints seconds (from before pandas is loaded)
and the peak memory of the process as JSON.
"""

import json
import resource
import sys
import time
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

BEGAN = time.monotonic()

import numpy as np  # noqa: E402 - the time to load them counts
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
SNAKE_CASE = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
ADDRESS = r"[A-Za-z0-9._%+\-]{1,64}(?:@|%40|＠)[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,8}\.[A-Za-z]{2,24}"
ZERO = "00000000-0000-0000-0000-000000000000"
IDS = ["event_id", "scan_session_id", "web_session_id", "visitor_id"]
TEXTS = ["site_id", "qr_code_id", "user_id", "event_type", "event_name", "source", "page_url", "referrer", "metadata"]
TRAITS = ["country_code", "city", "device_type", "browser_family", "os_family"]
STRIPPED = ["page_url", "referrer", "city", "metadata"]
KEY = ["source", "site_id", "event_id"]
RANKS = ["denied", "pending", "granted", "unspecified"]
TRACKING = r"(?i)([?&])(?:scnv|utm_[a-z_]+|gclid|fbclid|msclkid)=[^&]*"
TEXT = pd.ArrowDtype(pa.string())
MAX_BYTES = 10 * 1024
Frame = pd.DataFrame


def read(raw: Path) -> Frame:
    """The stored events, typed: blank texts null, ids in lower case, times in the years 2000 to 2099."""
    table = pq.ParquetDataset(sorted(raw.glob("*.parquet"))).read().combine_chunks()
    rows = table.to_pandas(types_mapper=in_arrow, self_destruct=True)
    for name in [*IDS, *TEXTS, *TRAITS, "conversion_currency", "consent"]:
        rows[name] = rows[name].mask(rows[name] == "")
    for name in IDS:
        capital = rows[name].str.contains("[A-F]").fillna(value=False)
        if capital.any():
            given = rows.loc[capital, name]
            rows.loc[capital, name] = given.where(~given.str.fullmatch(UUID), given.str.lower())
    rows["event_time_given"] = rows["event_time"].notna()
    for name in ("event_time", "received_time"):
        times = rows[name]
        rows[name] = times.where((times >= pd.Timestamp("2000", tz="UTC")) & (times < pd.Timestamp("2100", tz="UTC")))
    rows["occurred_at"] = rows["event_time"].fillna(rows["received_time"])
    by_name = pd.Series(np.where(rows["event_name"].isna(), "browser", "server"), dtype=TEXT)
    rows["source"] = rows["source"].str.lower().fillna(by_name)
    rows["says_unspecified"] = rows["consent"] == "unspecified"
    rows["consent"] = rows["consent"].fillna("unspecified")
    rows[["is_duplicate", "is_fraud"]] = rows[["is_duplicate", "is_fraud"]].fillna(0).astype("int8")
    return rows.rename(
        columns={"conversion_value": "amount", "conversion_currency": "currency", "received_time": "received_at"}
    )


def in_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    """Texts and decimals stay in Arrow; times and numbers are faster in NumPy."""
    return (
        pd.ArrowDtype(kind)
        if pa.types.is_large_string(kind) or pa.types.is_string(kind) or pa.types.is_decimal(kind)
        else None
    )


def judge(rows: Frame, codes: set[str], suspected: dict[str, pd.Series]) -> tuple[Frame, Frame, Frame]:
    """The accepted rows, the reasons of the others, and what is worth a look."""
    is_server = rows["source"] == "server"
    name = rows["event_name"].where(is_server, rows["event_type"])
    broken = {
        "source_unknown": ~rows["source"].isin(["browser", "server"]),
        "event_name_missing": rows["event_name"].isna().where(is_server, rows["event_type"].isna()),
        "currency_not_iso_4217": rows["currency"].notna() & ~rows["currency"].isin(codes),
        "no_readable_time": rows["occurred_at"].isna(),
        "consent_unknown": ~rows["consent"].isin(RANKS),
        "is_duplicate_unreadable": ~rows["is_duplicate"].isin([0, 1]),
        "is_fraud_unreadable": ~rows["is_fraud"].isin([0, 1]),
    }
    rejects = listed(broken, "reason")
    rows = rows[~rows.index.isin(rejects.index)]
    is_server, name, withheld = is_server[rows.index], name[rows.index], rows["consent"].isin(["denied", "pending"])
    late = rows["occurred_at"] - rows["received_at"]
    noted = {
        "consent_said_unspecified": rows["says_unspecified"],
        "site_id_missing": rows["site_id"].isna(),
        "scan_session_id_missing": is_server & rows["scan_session_id"].isna(),
        **{f"{column}_not_uuid": ~rows[column].str.fullmatch(UUID).fillna(value=True) for column in IDS},
        "name_not_snake_case": ~name.str.fullmatch(SNAKE_CASE).fillna(value=True),
        "amount_missing": is_server & rows["currency"].notna() & rows["amount"].isna(),
        "currency_missing": rows["amount"].notna() & rows["currency"].isna(),
        "event_time_unreadable": rows["event_time_given"] & rows["event_time"].isna(),
        "time_after_receipt": late > pd.Timedelta(minutes=5),
        "time_long_before_receipt": late < -pd.Timedelta(days=60),
        "metadata_not_an_object": ~rows["metadata"].map(is_object, na_action="ignore").fillna(value=True).astype(bool),
        "metadata_too_large": byte_count(rows["metadata"]) > MAX_BYTES,
    }
    leaks = [withheld & rows[column].notna() & (rows[column] != "{}") for column in STRIPPED]
    found = [listed(noted, "rule"), *(listed({"consent_leak": leak}, "rule") for leak in leaks)]
    for column, marks in suspected.items():
        near = rows.loc[marks[rows.index], column]
        hit = near[near.str.contains(ADDRESS)]
        rows.loc[hit.index, column] = hit.str.replace(ADDRESS, "[redacted]", regex=True)
        found.append(Frame({"rule": "email_address"}, index=hit.index))
    return rows, rejects, pd.concat(found)


def glance(rows: Frame, patterns: dict[str, str]) -> dict[str, pd.Series]:
    """Which texts of each field could hold personal data."""
    return {
        name: rows[name].str.contains(pattern).fillna(value=False).astype(bool) for name, pattern in patterns.items()
    }


def listed(marks: dict[str, Any], column: str) -> Frame:
    """One row per mark and row that has it, indexed by the row."""
    found = [
        Frame({column: name}, index=mark.index[mark.fillna(value=False).astype(bool)]) for name, mark in marks.items()
    ]
    return pd.concat(found)


def formed(rows: Frame) -> Frame:
    """The accepted rows as events: stripped, with exclusions, orders and ids."""
    withheld = rows["consent"].isin(["denied", "pending"])
    is_test = (
        (rows["event_name"] == "test_event")
        | ((rows["source"] == "browser") & (rows["event_type"] == "test_event"))
        | (rows["event_id"] == ZERO)
        | (rows["scan_session_id"] == ZERO)
    )
    is_test = is_test.fillna(value=False) | field(rows["metadata"], "test").isin(["true", "1", "True"])
    rows = rows.assign(exclusion=np.select([is_test, rows["is_fraud"] == 1], ["test", "fraud"], default=""))
    rows["exclusion"] = rows["exclusion"].astype(TEXT).mask(rows["exclusion"] == "")
    rows[STRIPPED] = rows[STRIPPED].mask(withheld)
    rows["order_id"] = field(rows["metadata"], "order_id").reindex(rows.index)
    missing = rows.index[rows["event_id"].isna()]
    if len(missing):
        content = pd.util.hash_pandas_object(rows.loc[missing].astype(str), index=False)
        rows.loc[missing, "event_id"] = content.astype(str).astype(TEXT)
    return rows


def field(texts: pd.Series, name: str) -> pd.Series:
    """A field of the JSON texts, as text; null where a text does not mention it."""
    held = texts[texts.str.contains(f'"{name}"', regex=False).fillna(value=False)]
    values = [parsed(text).get(name) for text in held]
    return pd.Series([None if value is None else str(value) for value in values], index=held.index, dtype=TEXT).reindex(
        texts.index
    )


def byte_count(texts: pd.Series) -> pd.Series:
    """How many bytes of UTF-8 each text has."""
    return pd.Series(pd.array(pc.binary_length(pa.array(texts)), dtype=pd.ArrowDtype(pa.int32())), index=texts.index)


def is_object(text: str) -> bool:
    """The text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def parsed(text: str) -> dict[str, Any]:
    """The JSON object; empty where it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def duplicates(events: Frame) -> Frame:
    """Flagged rows, and copies of the row that came first; indexed by the row."""
    repeated = events[events.duplicated(KEY, keep=False) | (events["is_duplicate"] == 1)]
    ordered = repeated.assign(no_amount=repeated["amount"].isna()).sort_values(
        ["is_duplicate", "received_at", "occurred_at", "no_amount"], kind="stable"
    )
    groups = ordered.groupby(KEY, dropna=False, sort=False)
    place, flagged = groups.cumcount(), ordered["is_duplicate"] == 1
    outside = groups["is_duplicate"].transform("min") == 1
    copies = (place > 0) | flagged
    reason = np.select([outside, flagged], ["original_outside_export", "flagged"], default="repeated_id")
    return Frame({"reason": reason}, index=ordered.index)[copies]


class Codes:
    """Texts as the ranks of their sorted values, so that the least of a group is found among numbers."""

    def __init__(self, texts: pd.Series) -> None:
        codes, self.values = pd.factorize(texts, sort=True)
        self.codes = pd.Series(codes, index=texts.index, dtype="float64").where(lambda code: code >= 0)

    def texts(self, codes: pd.Series) -> pd.Series:
        """The texts of codes."""
        taken = pd.Series(self.values, dtype=TEXT).reindex(codes.fillna(-1).astype("int64"))
        return taken.set_axis(codes.index)


def scan_sessions(seen: Frame, others: Frame, scans: Frame) -> Frame:
    """One row per scan session that a scan or an event names."""
    seen = seen[seen["scan_session_id"].notna()]
    browser, shown = seen["source"] == "browser", ~seen["consent"].isin(["denied", "pending"])
    is_view = browser & seen["event_type"].isin(["page_view", "pageview"])
    texts = {name: Codes(seen[name]) for name in (*TRAITS, "qr_code_id", "visitor_id")}
    facts = Frame({name: text.codes for name, text in texts.items()})
    facts = facts.assign(
        scan_session_id=seen["scan_session_id"],
        browser=browser.astype("int64"),
        views=is_view.fillna(value=False).astype("int64"),
        at=seen["occurred_at"],
        browser_visitor=facts["visitor_id"].where(browser & shown),
        server_visitor=facts["visitor_id"].where(~browser & shown),
        rank=seen["consent"].map({word: rank for rank, word in enumerate(RANKS)}).astype("int64"),
    )
    agg = {name: (name, "min") for name in (*TRAITS, "browser_visitor", "server_visitor", "rank")}
    groups = facts.groupby("scan_session_id", sort=False).agg(
        event_count=("browser", "size"), browser_event_count=("browser", "sum"), page_view_count=("views", "sum"),
        first_event_at=("at", "min"), last_event_at=("at", "max"),
        qr_code_id=("qr_code_id", "min"), other_qr_code=("qr_code_id", "max"), **agg,
    )  # fmt: skip
    among = groups["qr_code_id"] != groups["other_qr_code"].where(groups["qr_code_id"].notna(), groups["qr_code_id"])
    groups["has_conflict"] = among & groups["qr_code_id"].notna()
    for name in (*TRAITS, "qr_code_id"):
        groups[name] = texts[name].texts(groups[name])
    for name in ("browser_visitor", "server_visitor"):
        groups[name] = texts["visitor_id"].texts(groups[name])
    landed = (
        seen[is_view.fillna(value=False)].sort_values(["occurred_at", "page_url"]).drop_duplicates("scan_session_id")
    )
    pages = landed.set_index("scan_session_id")["page_url"].str.replace("#.*$", "", regex=True)
    groups["landing_page"] = pages.str.replace(TRACKING, "", regex=True).reindex(groups.index)
    codes = others.dropna(subset=["scan_session_id", "qr_code_id"]).groupby("scan_session_id")["qr_code_id"]
    left_out = codes.agg(left_out="min", other_left_out="max")
    every = groups.join(left_out, how="outer")
    return joined_with_scans(every.rename_axis("scan_session_id").reset_index(), scans)


def joined_with_scans(groups: Frame, scans: Frame) -> Frame:
    """Scan sessions of events and of scans as one."""
    every = scans.merge(groups, on="scan_session_id", how="outer", suffixes=("_scan", ""))
    counts = ["event_count", "browser_event_count", "page_view_count"]
    every[counts] = every[counts].fillna(0).astype("int64")
    of_events = every["qr_code_id"].fillna(every["left_out"])
    every["is_known"] = every["scanned_at"].notna() | (every["browser_event_count"] > 0) | of_events.notna()
    conflict = (every["qr_code_id"] != every["qr_code_id_scan"]).fillna(value=False)
    every["has_qr_conflict"] = every["has_conflict"].eq(other=True) | (
        conflict & every["qr_code_id"].notna() & every["qr_code_id_scan"].notna()
    )
    is_guess = every["qr_code_id"].isna() & every["qr_code_id_scan"].isna() & every["left_out"].notna()
    every["has_qr_conflict"] |= is_guess & (every["left_out"] != every["other_left_out"]).fillna(value=False)
    every["qr_code_id"] = of_events
    every["scanned_at"] = every["scanned_at"].fillna(every["first_event_at"])
    every = every[every["scanned_at"].notna()].copy()
    for name in ("qr_code_id", "country_code", "city", "device_type"):
        every[name] = every[f"{name}_scan"].fillna(every[name])
    every["person_id"] = every["browser_visitor"].fillna(every["server_visitor"]).fillna(every["scan_session_id"])
    every["consent"] = every["rank"].map(dict(enumerate(RANKS))).astype(TEXT)
    return every.drop(
        columns=[
            *(name for name in every if name.endswith(("_scan", "left_out"))),
            "rank",
            "has_conflict",
            "other_qr_code",
        ]
    )


def web_sessions(seen: Frame) -> Frame:
    """One row per web session and scan session; without an id they are cut at 30 minutes of silence."""
    browsing = seen[(seen["source"] == "browser") & seen["scan_session_id"].notna()]
    rows = browsing[["scan_session_id", "web_session_id", "occurred_at"]].sort_values(
        ["scan_session_id", "occurred_at"]
    )
    rows["views"] = browsing["event_type"].isin(["page_view", "pageview"]).astype("int64")
    rows["is_derived"] = rows["web_session_id"].isna()
    unnamed = rows[rows["is_derived"]]
    gap = unnamed.groupby("scan_session_id", sort=False)["occurred_at"].diff()
    began = unnamed["occurred_at"].where(gap.isna() | (gap > pd.Timedelta(minutes=30))).ffill()
    name = unnamed["scan_session_id"] + "/" + began.astype("int64").astype(str).astype(TEXT)
    rows["web_session_id"] = rows["web_session_id"].fillna(name)
    groups = rows.groupby(["web_session_id", "scan_session_id"], sort=False)
    return groups.agg(
        is_derived=("is_derived", "max"), started_at=("occurred_at", "min"), ended_at=("occurred_at", "max"),
        event_count=("views", "size"), page_view_count=("views", "sum"),
    ).reset_index()  # fmt: skip


def conversions(seen: Frame, sessions: Frame, web: Frame) -> Frame:
    """Server events that are conversions or refunds, tied to scan session, web session and QR code."""
    is_one = (
        seen["event_name"].isin(["purchase", "signup", "lead"])
        | (seen["event_name"].str.lower() == "refund")
        | seen["amount"].notna()
    )
    chosen = seen[(seen["source"] == "server") & is_one].rename(
        columns={
            "scan_session_id": "named",
            "web_session_id": "named_web",
            "qr_code_id": "own",
            "occurred_at": "converted_at",
        }
    )
    amount = [
        value if value is None else Decimal(value) for value in chosen["amount"].array.__arrow_array__().to_pylist()
    ]
    negative = np.array([value is not None and value < 0 for value in amount], dtype=bool)
    chosen["is_refund"] = (chosen["event_name"].str.lower() == "refund").fillna(value=False).astype(bool) | negative
    chosen["amount"] = [
        -abs(value) if refund and value is not None else value
        for value, refund in zip(amount, chosen["is_refund"], strict=True)
    ]
    columns = [
        "event_id",
        "site_id",
        "named",
        "named_web",
        "own",
        "converted_at",
        "is_refund",
        "amount",
        "currency",
        "order_id",
    ]
    chosen = chosen[columns].rename_axis("conversion_id").reset_index()
    traits = sessions[["scan_session_id", "qr_code_id", "scanned_at", "person_id", "is_known"]]
    known = traits[traits["is_known"]].rename(columns={"scan_session_id": "named"})
    strays = find_strays(chosen, traits.drop(columns="is_known"), web)
    tied = chosen.merge(known, on="named", how="left").merge(
        strays, on="conversion_id", how="left", suffixes=("", "_stray")
    )
    is_known, is_stray = tied["is_known"].eq(other=True).fillna(value=False), tied["stray"].notna()
    tied["scan_session_id"] = tied["named"].where(is_known, tied["stray"])
    for name in ("scanned_at", "person_id", "qr_code_id"):
        tied[name] = tied[name].where(is_known, tied[f"{name}_stray"])
    tied["qr_code_id"] = tied["own"].fillna(tied["qr_code_id"]).where(is_known | is_stray)
    tied = with_web_session(tied.assign(is_known=is_known, is_stray=is_stray), web)
    return refunds_from_orders(tied.assign(tie=tie(tied), reason=reason(tied)))


def find_strays(chosen: Frame, traits: Frame, web: Frame) -> Frame:
    """Conversions whose web session was seen under another scan session than the one that they name."""
    pairs = chosen.merge(
        web[["web_session_id", "scan_session_id", "started_at"]], left_on="named_web", right_on="web_session_id"
    )
    own = pairs.loc[pairs["scan_session_id"] == pairs["named"], "conversion_id"]
    pairs = pairs[~pairs["conversion_id"].isin(own)]
    distance = pairs["converted_at"] - pairs["started_at"]
    pairs = pairs.assign(is_after=distance < pd.Timedelta(0), distance=distance.abs())
    first = pairs.sort_values(["is_after", "distance", "scan_session_id"]).drop_duplicates("conversion_id")
    wide = first[["conversion_id", "scan_session_id"]].merge(traits, on="scan_session_id", how="left")
    return wide.rename(columns={"scan_session_id": "stray"})


def with_web_session(tied: Frame, web: Frame) -> Frame:
    """The conversion's own web session, else the last of its scan session begun before it."""
    seen = web[["scan_session_id", "started_at", "web_session_id"]].rename(columns={"scan_session_id": "named"})
    pairs = tied[["conversion_id", "named", "named_web", "converted_at", "is_stray"]].merge(
        seen, on="named", how="left"
    )
    is_own = (pairs["web_session_id"] == pairs["named_web"]).fillna(value=False).astype(bool) | pairs["is_stray"]
    is_before = (pairs["started_at"] <= pairs["converted_at"]).fillna(value=False)
    pairs = pairs.assign(is_other=~is_own, before=pairs["started_at"].where(is_before))
    pairs["web"] = pairs["named_web"].where(is_own, pairs["web_session_id"].where(is_before))
    ordered = pairs.sort_values("web_session_id").sort_values(
        "before", ascending=False, kind="stable", na_position="last"
    )
    first = ordered.sort_values("is_other", kind="stable").drop_duplicates("conversion_id")
    return tied.merge(first[["conversion_id", "web"]], on="conversion_id", how="left").rename(
        columns={"web": "web_session_id"}
    )


def tie(tied: Frame) -> Any:  # noqa: ANN401
    """How a conversion is tied."""
    cases = [tied["scan_session_id"].isna(), ~tied["is_known"], tied["web_session_id"].notna()]
    return np.select([case.astype(bool) for case in cases], ["orphan", "web_only", "scan_and_web"], default="scan_only")


def reason(tied: Frame) -> Any:  # noqa: ANN401
    """Why no QR code earns it; empty where one does."""
    age = tied["converted_at"] - tied["scanned_at"]
    cases = [
        tied["scan_session_id"].isna(), tied["qr_code_id"].isna(), tied["is_refund"],
        age < -pd.Timedelta(minutes=5), age > pd.Timedelta(days=60),
    ]  # fmt: skip
    words = ["orphan", "unlinked", "", "before_scan", "outside_window"]
    return np.select([case.astype(bool) for case in cases], words, default="")


def refunds_from_orders(tied: Frame) -> Frame:
    """Refunds with the tie of their order."""
    taken, order = (
        ["scan_session_id", "web_session_id", "person_id", "qr_code_id", "tie", "reason"],
        ["site_id", "order_id"],
    )
    orders = (
        tied[~tied["is_refund"] & tied["order_id"].notna()]
        .sort_values(["converted_at", "event_id"])
        .drop_duplicates(order)
    )
    joined = tied.merge(orders[[*order, *taken]], on=order, how="left", suffixes=("", "_order"))
    known = joined["is_refund"] & joined["order_id"].notna() & joined["tie_order"].notna()
    for name in taken:
        joined[name] = joined[f"{name}_order"].where(known, joined[name])
    joined["reason"] = joined["reason"].astype(TEXT).mask(joined["reason"] == "")
    return joined.drop(columns=[f"{name}_order" for name in taken])


def converted(rows: Frame, raw: Path, currency: str) -> Frame:
    """The amounts in the reporting currency, at the last rate of the day or before it."""
    rates = pd.read_csv(raw / "fx.csv", dtype=str)
    rates = rates.assign(
        day=pd.to_datetime(rates["date"]).astype("datetime64[us]"),
        currency=rates["currency"].astype(rows["currency"].dtype),
    )
    rows = rows.assign(day=rows["converted_at"].dt.tz_localize(None).dt.normalize().astype("datetime64[us]"))
    rows = pd.merge_asof(
        rows.sort_values("day"), rates[["day", "currency", "rate"]].sort_values("day"), on="day", by="currency"
    )
    cent = Decimal("0.01")
    rows["amount_reporting"] = [
        None
        if amount is None or (code != currency and not isinstance(rate, str))
        else (amount * (1 if code == currency else Decimal(rate))).quantize(cent, ROUND_HALF_EVEN)
        for amount, code, rate in zip(rows["amount"], rows["currency"], rows["rate"], strict=True)
    ]
    return rows


def revenue_per_qr(raw: Path, rows: Frame, sessions: Frame, scans: Frame) -> Frame:
    """Scans, sessions, people, conversions and revenue of each QR code."""
    codes = pd.read_csv(raw / "qr_codes.csv", dtype=str)[["qr_code_id", "name", "campaign"]].set_index("qr_code_id")
    earned, visited = rows[rows["reason"].isna()], sessions[sessions["event_count"] > 0]
    people = visited.groupby("qr_code_id")["person_id"]
    measures = {
        "scans": scans.groupby("qr_code_id").size(),
        "scan_sessions": people.size(),
        "people": people.nunique(),
        "conversions": earned[~earned["is_refund"]].groupby("qr_code_id").size(),
        "revenue": earned.dropna(subset="amount_reporting").groupby("qr_code_id")["amount_reporting"].agg(sum),
    }
    made = codes.assign(**{name: measure.reindex(codes.index).fillna(0) for name, measure in measures.items()})
    made["revenue"] = [Decimal(amount) for amount in made["revenue"]]
    return made.reset_index().sort_values("revenue", ascending=False)


def read_scans(raw: Path) -> Frame:
    """The scan export, the earliest scan of each session."""
    scans = pd.read_csv(raw / "scans.csv", dtype=TEXT, engine="pyarrow")
    scans = scans.mask(scans == "")
    scans["scanned_at"] = pd.to_datetime(scans["scanned_at"].astype("str"), utc=True, errors="coerce", format="ISO8601")
    scans["scanned_at"] = scans["scanned_at"].astype("datetime64[us, UTC]")
    known = scans.dropna(subset=["scan_session_id", "scanned_at"])
    return known.sort_values("scanned_at", kind="stable").drop_duplicates("scan_session_id")


def main() -> None:
    """Run the flow and write every table as Parquet."""
    raw, out, currency, codes = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], {*sys.argv[4].split(",")}
    rows = read(raw)
    suspected = glance(rows, json.loads(sys.argv[5]))
    accepted, rejects, findings = judge(rows, codes, suspected)
    events = formed(accepted)
    copies = duplicates(events)
    counts = events["exclusion"].isna() & ~events.index.isin(copies.index)
    seen, others = events[counts], events[~counts]
    scans = read_scans(raw)
    sessions, web = scan_sessions(seen, others, scans), web_sessions(seen)
    bought = converted(conversions(seen, sessions, web), raw, currency)
    tables = {
        "events": events, "rejects": rejects, "findings": findings, "duplicates": copies, "scans": scans,
        "scan_sessions": sessions, "web_sessions": web, "conversions": bought,
        "revenue_per_qr": revenue_per_qr(raw, bought, sessions, scans),
        "suspects": Frame({name: [int(marks.sum())] for name, marks in suspected.items()}),
    }  # fmt: skip
    for name, table in tables.items():
        arrow = pa.Table.from_pandas(table)
        pq.write_table(arrow, out / f"{name}.parquet", compression="zstd", compression_level=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.monotonic() - BEGAN, "peak": peak, "version": pd.__version__}))


if __name__ == "__main__":
    main()
