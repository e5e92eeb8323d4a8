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
# # Data quality
#
# What was rejected, what was kept but deserves a look, and an account of every row and every cent. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)

# %% [markdown]
# ## Every row
#
# read = malformed + quarantined + duplicates + excluded + analysed.

# %%
run.ledger["rows"]

# %%
run.ledger["revenue"]

# %% [markdown]
# ## What was noticed, most rows first
#
# `malformed`: never became a record. `quarantined`: broke a rule of `attribution/rules/`. `finding`: kept.

# %%
run.report("data_quality")

# %% [markdown]
# ## The first rejected rows
#
# File, line and reason; never a value.

# %%
run.table("rejects").head(20).collect()

# %% [markdown]
# ## Revenue that no QR code earned, and why

# %%
run.report("unattributed_revenue")

# %% [markdown]
# ## Money of copies, tests and fraud, not counted as revenue

# %%
run.report("uncounted_revenue")

# %% [markdown]
# ## From scan to conversion
#
# A step that loses nearly all sessions more often means a broken tag than lost customers.

# %%
figures.funnel(run.report("funnel"), run.settings.report.locale)

# %% [markdown]
# ## The platform's duplicate flags compared with ours

# %%
run.report("vendor_flags")

# %% [markdown]
# ## Every input file

# %%
run.table("sources").select("source_file", "kind", "shape", "rows_read", "rows_malformed", "rows_quarantined").collect()
