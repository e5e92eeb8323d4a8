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
# # Campaign ROI
#
# Which campaign earned the most per unit of spend, how certain that is, and when the spend paid back. Everything is computed by the run;
# this notebook only shows it. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)
locale = run.settings.report.locale
campaigns = run.report("revenue_per_campaign")
intervals = run.report("revenue_intervals").filter(pl.col("scope") == "campaign")

# %% [markdown]
# ## What is missing from these figures
#
# If nothing is listed, nothing is missing.

# %%
run.lacking()

# %% [markdown]
# ## Return on spend
#
# Revenue per unit of spend (ROAS), with its interval: 95 out of 100 such intervals contain what another period with as many people would bring
# on average. Left of the dashed line, the spend has not paid back. Where two intervals overlap, do not rank the campaigns.

# %%
figures.return_on_spend(campaigns, intervals, locale)

# %% [markdown]
# ## In numbers
#
# `roi` is the revenue left after the cost, as a share of the cost. `payback_day` is the day from which revenue to date covers cost to date.
# Null means not known, or not yet.

# %%
campaigns.select(
    "campaign", "scans", "conversions", "revenue", "currency", "cost", "cost_per_scan", "roas", "roi", "payback_day"
)

# %%
intervals.filter(model=campaigns["model"][0]).select(
    "campaign", "converting_people", "revenue_low", "revenue", "revenue_high", "currency", "roas_low", "roas_high", "too_few"
)

# %% [markdown]
# ## Does it depend on the model?
#
# The same campaigns under every attribution model.

# %%
intervals.select("campaign", "model", "revenue", "currency", "roas").sort("campaign", "model")

# %% [markdown]
# ## Over time
#
# Bars are revenue, by day of the conversion; the line is scan sessions, by day of the scan. A pale bar is a week that the data covers only
# in part.

# %%
figures.revenue_over_time(run.report("revenue_over_time"), locale, grain="week")

# %% [markdown]
# ## One campaign over time
#
# Set `campaign` to any of them.

# %%
campaign = campaigns["campaign"].drop_nulls()[:1].to_list()
of_campaign = run.report("daily_per_qr").filter(pl.col("campaign").is_in(campaign))
sums = of_campaign.group_by("currency", starts_on=pl.col("day").dt.truncate("1w")).agg(pl.col("revenue", "scan_sessions").sum())
weeks = run.report("revenue_over_time").select("grain", "starts_on", "is_partial").filter(grain="week")
weekly = weeks.join(sums, on="starts_on").sort("starts_on")
figures.revenue_over_time(weekly, locale, grain="week").update_layout(title_text=f"Revenue and scan sessions per week, {', '.join(campaign)}")
