"""What can be written only once every table is there: the last reports, the ledger, the audit trail and the pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from attribution import __version__, notebooks, page, trail
from attribution import ledger as account
from attribution.engines.parts import run_parts
from attribution.engines.steps import REPORTS, Steps
from attribution.engines.store import Store
from attribution.engines.workbook import workbook
from attribution.errors import GateError
from attribution.flow import INGESTED, STAGES
from attribution.platform_summary.answer import answer
from attribution.platform_summary.facts import READS, facts_of
from attribution.platform_summary.numbers import held_under
from attribution.report import NAMES
from attribution.report_part import Part
from attribution.reports.consent_losses import consent_losses
from attribution.reports.consent_shares import consent_shares
from attribution.reports.data_quality import data_quality
from attribution.reports.personal_data import personal_data
from attribution.reports.uncounted_revenue import uncounted_revenue
from attribution.reports.vendor_flags import vendor_flags
from attribution.settings import Settings
from attribution.stage import Tables

OF_CONSENT: Final = ("events", "duplicates", "scan_sessions", "conversions")
SUMMARY_SETTINGS: Final = (
    "conversions.event_names",
    "conversions.with_value",
    "report.currency",
    "report.time_zone",
)


def close(steps: Steps, began: datetime, say: Callable[[str], None]) -> dict[str, Any]:
    """Write the last reports, the ledger, the audit trail and the pages, from the tables and reports of the run.

    Args:
        steps: Those of the run, with its output folder and settings.
        began: When the run began, for the audit trail's clock.
        say: Called with what is being made.

    Returns:
        The ledger.
    """
    store, settings = steps.store, steps.settings
    say("closing reports")
    run_parts(PARTS, steps)
    _summarise(steps)
    tables = store.scan_all((*INGESTED, *(name for stage in STAGES for name in stage.writes)))
    reports = {name: pl.scan_parquet(store.report(name), glob=False) for name in (*NAMES, *CLOSING)}
    frames = {name: rows.collect() for name, rows in reports.items()}
    ledger = account.ledger(tables, reports, settings)
    store.write_json(store.out / "ledger.json", ledger)
    store.write_json(store.out / "reports" / "metrics.json", _metrics(frames, ledger))
    checked = trail.trail(tables, settings, began=began, ended=datetime.now(UTC))
    store.write_json(store.out / "reports" / "audit.json", checked)
    store.write_bytes(store.report("reports", "xlsx"), workbook(frames, _about(settings)))
    store.drop_outdated()
    say("notebooks and pages")
    try:
        _execute_notebooks(store, settings)
    finally:  # Even when a run is interrupted: old pages beside new tables would mislead.
        _write_pages(store, frames, ledger, checked, settings)
    return ledger


def _write_pages(
    store: Store, frames: dict[str, pl.DataFrame], ledger: dict[str, Any], checked: dict[str, Any], settings: Settings
) -> None:
    store.write_text(store.report("index", "html"), page.page(frames, ledger, settings, executed(store)))
    store.write_text(store.report("audit", "html"), page.audit_page(frames, checked, settings))


def _metrics(frames: dict[str, pl.DataFrame], ledger: dict[str, Any]) -> dict[str, Any]:
    return page.metrics(frames["revenue_per_qr"], frames["unattributed_revenue"], ledger)


def _consent_shares(tables: Tables, settings: Settings) -> Tables:
    rows = consent_shares(
        *(tables[name] for name in (*OF_CONSENT, "qr_codes")),
        currency=settings.report.currency,
        time_zone=settings.report.time_zone,
        min_group=settings.audit.min_group,
    )
    return {"consent_shares": rows}


def _consent_losses(tables: Tables, _: Settings) -> Tables:
    return {"consent_losses": consent_losses(*(tables[name] for name in OF_CONSENT))}


def _found(tables: Tables, _: Settings) -> Tables:
    return {
        "data_quality": data_quality(tables["rejects"], tables["findings"], tables["sources"]),
        "consent_audit": tables["consent_audit"],
        "personal_data": personal_data(tables["findings"]),
    }


def _vendor_flags(tables: Tables, _: Settings) -> Tables:
    return {"vendor_flags": vendor_flags(tables["events"], tables["duplicates"], tables["sources"])}


def _uncounted(tables: Tables, settings: Settings) -> Tables:
    chosen = settings.conversions
    of = (tables["events"], tables["duplicates"])
    return {"uncounted_revenue": uncounted_revenue(*of, event_names=chosen.event_names, with_value=chosen.with_value)}


PARTS: Final = (
    Part(
        ("data_quality", "consent_audit", "personal_data"),
        ("rejects", "findings", "consent_audit", "sources"),
        (),
        _found,
    ),
    Part(
        ("consent_shares",),
        (*OF_CONSENT, "qr_codes"),
        ("report.currency", "report.time_zone", "audit.min_group"),
        _consent_shares,
    ),
    Part(("consent_losses",), OF_CONSENT, (), _consent_losses),
    Part(("vendor_flags",), ("events", "duplicates", "sources"), (), _vendor_flags),
    Part(
        ("uncounted_revenue",),
        ("events", "duplicates"),
        ("conversions.event_names", "conversions.with_value"),
        _uncounted,
    ),
)
CLOSING: Final = (
    *("data_quality", "uncounted_revenue"),
    *("consent_audit", "consent_shares", "consent_losses", "personal_data", "vendor_flags"),
)
"""The reports that are made here, in the workbook's order."""


def _summarise(steps: Steps) -> None:
    """The summary of all days, as the platform would give it."""
    store = steps.store
    path, funnel = store.report("platform_summary", "json"), store.report("funnel")

    def make(settings: Settings) -> None:
        tables = store.scan_all(READS)
        store.write_json(path, _platform_summary(tables, pl.read_parquet(funnel, glob=False), settings))

    reads = [*(store.table(name) for name in READS), funnel]
    steps.step(f"{REPORTS}platform_summary", reads, [path], SUMMARY_SETTINGS, make)


def _platform_summary(tables: Tables, funnel: pl.DataFrame, settings: Settings) -> dict[str, Any]:
    found = facts_of(tables, settings)
    sessions = tables["scan_sessions"]
    unlinked = sessions.filter(pl.col("qr_code_id").is_null()).select(pl.len()).collect().item()
    return answer(held_under(found), funnel, unlinked)


def _about(settings: Settings) -> dict[str, str]:
    chosen = settings.report
    return {
        "What did each QR code earn?": f"Made by attribution {__version__}.",
        "Model": f"{chosen.model}; the sheet model_comparison has them all.",
        "Money": f"{chosen.currency}, each amount at its day's rate. CSV and Parquet beside this file are exact.",
        "Days": f"cut in {chosen.time_zone}.",
        "Attribution window": f"{settings.conversions.window_days} days from scan to conversion.",
        "Columns": "attribution/schemas/<report>.py says what each column means, with its unit.",
    }


def _execute_notebooks(store: Store, settings: Settings) -> None:
    """Execute the notebooks on the run's results into pages, if the settings say so and Jupyter is installed.

    Otherwise the pages that are there stay if they show these results (`Store.drop_outdated`).
    """
    folder = store.out / "reports" / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    if settings.report.notebooks and notebooks.can_execute():
        paths = notebooks.notebook_files()
        for path, body in zip(paths, notebooks.execute(paths, store.out), strict=True):
            store.write_text(folder / f"{path.stem}.html", body)


def executed(store: Store) -> list[str]:
    """The names of the notebooks that were executed into pages."""
    return sorted(path.stem for path in (store.report("index").parent / "notebooks").glob("*.html"))


def hold(store: Store, ledger: dict[str, Any]) -> None:
    """Fail a run whose ledger does not balance or whose tables hold what consent forbids.

    Raises:
        GateError: Says what is broken. All files have been written nevertheless.
    """
    if not ledger["balanced"]:
        broken = "; ".join(check["name"] for check in ledger["checks"] if not check["holds"])
        message = f"{store.out / 'ledger.json'}: the ledger does not balance: {broken}. Do not use these figures."
        raise GateError(message)
    kept = pl.read_parquet(store.table("consent_audit"), glob=False).filter(~pl.col("holds"))
    if kept.height:
        listed = ", ".join(
            f"{check} {field or ''}: {rows} row(s)" for check, field, rows in kept["check", "field", "rows"].rows()
        )
        message = f"{store.table('consent_audit')}: a written table breaks a consent rule ({listed}). Do not share it."
        raise GateError(message)
