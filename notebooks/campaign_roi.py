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
# Which campaign earned most per unit of spend, how sure that is, and when the spend had come back. Everything is computed by the flow;
# here it is only shown. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, whole_tables

whole_tables()
run = Results(out)
campaigns = run.report("revenue_per_campaign")
model = campaigns["model"][0]
intervals = run.report("revenue_intervals").filter(pl.col("model") == model, pl.col("scope") == "campaign")

# %% [markdown]
# ## Return on spend
#
# Revenue per unit of spend (ROAS), with its interval: 95 of 100 such intervals hold what another period with as many people would bring on
# average. Left of the dashed line the spend has not come back. Intervals that overlap mean: do not rank these two.

# %%
figures.return_on_spend(campaigns, intervals)

# %% [markdown]
# ## In numbers
#
# `roi` is what is left after the spend, as a share of it. `payback_day` is the day from which revenue to date covers cost to date. A null:
# not known, or not yet.

# %%
campaigns.select("campaign", "scans", "conversions", "revenue", "cost", "cost_per_scan", "roas", "roi", "payback_day")

# %%
intervals.select("campaign", "converting_people", "revenue_low", "revenue", "revenue_high", "roas_low", "roas_high", "too_few")

# %% [markdown]
# ## Does it depend on the model?
#
# The same campaigns under every attribution model.

# %%
run.report("revenue_intervals").filter(pl.col("scope") == "campaign").select("campaign", "model", "revenue", "roas").sort("campaign", "model")

# %% [markdown]
# ## Over time
#
# Bars are revenue on the day of the conversion, the line scan sessions on the day of the scan.

# %%
figures.revenue_over_time(run.report("revenue_over_time"), grain="week")
