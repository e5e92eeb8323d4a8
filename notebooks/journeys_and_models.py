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
# # Journeys and models
#
# What people scan before they convert, how the attribution models share the credit, and where they disagree. `docs/models.md` has each
# definition. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)
locale = run.settings.report.locale
paths = run.report("top_paths")

# %% [markdown]
# ## Journeys
#
# One column per scan, ending in the conversion; the wider the link, the more conversions.

# %%
figures.journeys(paths, locale)

# %%
paths.head(15)

# %% [markdown]
# ## The same money under every model
#
# Where a code's marks are far apart, its earnings depend on the rule, and the data cannot tell which rule is right.

# %%
figures.model_comparison(run.report("model_comparison"), locale)

# %% [markdown]
# ## Does one code truly earn more per scan than the others?
#
# `verdict` allows for chance and for the number of codes compared; `rank_min` and `rank_max` are the best and the worst rank under any model.
# `per` says what revenue is divided by: `scan`, or `scan_session` if there is no scan export.

# %%
run.named(run.report("code_comparison").filter(pl.col("versus") == "rest")).select(
    *("qr_name", "per", "revenue_per_scan", "other_revenue_per_scan", "currency", "probability_more", "verdict", "rank_min", "rank_max")
)

# %% [markdown]
# ## Codes that assist, and codes that close

# %%
run.report("assisted_conversions")

# %% [markdown]
# ## How long it takes
#
# The share of scan sessions that have converted, by days since the scan. A recent scan counts only for the days it has been observed.

# %%
figures.conversion_lag(run.report("conversion_lag"), locale)

# %% [markdown]
# ## A model of your own
#
# In this example, the later the scan, the more it earns. Like the models of the run it is exact to the minor unit, with refunds subtracted, and
# shown next to the platform's own. (`attribute_paths` does the same on any table of paths; `docs/models.md` has both.)

# %%
from attribution.attribute import attribute, journey_paths
from attribution.models import Custom

currency = run.report("revenue_per_qr")["currency"][0]
touches, conversions, sessions = (run.table(name) for name in ("touches", "conversions", "scan_sessions"))
learnt_from = journey_paths(touches, conversions, sessions, lookback_days=run.settings.journeys.lookback_days)
later_is_more = Custom(lambda position, length: position)
shares = attribute(touches, conversions, learnt_from, models=[later_is_more], currency=currency)
summed = shares.group_by("model", "qr_code_id").agg(revenue=pl.col("amount_reporting").sum(), currency=pl.lit(currency))
run.named(summed.sort("model", "revenue", descending=[False, True]).collect())
