# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own questions
#
# A starting point: how to load tables and reports, filter them, and draw figures. Set `out` to any run's folder. Runs in a second.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)

# %% [markdown]
# ## Reports
#
# Small and ready to use: `run.report(name)` is a Polars DataFrame. `attribution/schemas/<name>.py` says what each column means. For the report of a
# period that `attribution report` made: `Results(out, period="2026-03")`.

# %%
run

# %%
figures.revenue_per_qr(run.report("revenue_per_qr"), run.settings.report.locale)

# %% [markdown]
# ## Tables
#
# Large and lazy: `run.table(name)` reads only what you ask for. Here: the ten largest conversions and how they were tied.

# %%
(
    run.table("conversions")
    .select("converted_at", "event_name", "qr_code_id", "amount", "currency", "tie", "unattributed_reason")
    .sort("amount", descending=True, nulls_last=True)
    .head(10)
    .collect()
)

# %% [markdown]
# ## When and where people scan
#
# Any dimension of `revenue_by_dimension` can be drawn: placement, country, city, device, os, browser, landing_page.

# %%
figures.scans_by_hour(run.report("scans_by_hour"), run.settings.report.locale)

# %%
figures.revenue_by_dimension(run.report("revenue_by_dimension"), "device", "Revenue by device", run.settings.report.locale)

# %%
run.report("scans_by_hour").group_by("weekday").agg(pl.col("scan_sessions", "conversions", "revenue").sum()).sort("weekday")

# %% [markdown]
# ## One QR code
#
# Day by day, from the report behind the page's filter.

# %%
daily = run.report("daily_per_qr")
code = run.report("revenue_per_qr")["qr_code_id"][0]
daily.filter(pl.col("qr_code_id") == code).select("day", "scan_sessions", "conversions", "revenue")
