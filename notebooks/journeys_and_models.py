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
from attribution.results import Results, whole_tables

whole_tables()
run = Results(out)
currency = run.report("revenue_per_qr")["currency"][0]
paths = run.report("top_paths")

# %% [markdown]
# ## Journeys
#
# One column per scan, ending in the conversion; the wider, the more often.

# %%
figures.journeys(paths, currency)

# %%
paths.head(15)

# %% [markdown]
# ## The same money under every model
#
# Where the marks of a code lie far apart, its earnings depend on the rule, and the data does not decide which rule is right.

# %%
figures.model_comparison(run.report("model_comparison"), currency)

# %% [markdown]
# ## Does one code truly earn more per scan than the others?
#
# `verdict` allows for chance and for the number of codes looked at; `rank_min` and `rank_max` are the best and the worst place under any model.

# %%
run.report("code_comparison").filter(pl.col("versus") == "rest").select(
    "qr_code_id", "revenue_per_scan", "other_revenue_per_scan", "probability_more", "verdict", "rank_min", "rank_max"
)

# %% [markdown]
# ## Codes that help, and codes that close

# %%
run.report("assisted_conversions")

# %% [markdown]
# ## How long it takes
#
# The share of scan sessions that have converted, by days since the scan. A recent scan counts for as many days as it has been observed.

# %%
figures.conversion_lag(run.report("conversion_lag"))

# %% [markdown]
# ## A model of your own
#
# `attribute_paths` works on any table of paths. Here: the later the scan, the more it earns; money in whole minor units.

# %%
from attribution.models import attribute_paths
from attribution.money import minor_digits

listed = paths.select(pl.col("path").str.split(" > "), "conversions", "revenue")
attribute_paths(listed, lambda position, length: position, minor_digits=minor_digits(currency))
