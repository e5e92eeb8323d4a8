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
# What was refused, what was kept and deserves a look, and the account of every row and every cent. Runs in a few seconds.

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
# ## The first refused rows
#
# File, line and reason; never a value.

# %%
run.table("rejects").head(20).collect()

# %% [markdown]
# ## Money that no QR code earned, and why

# %%
run.report("unattributed_revenue")

# %% [markdown]
# ## Money of copies, tests and fraud, which counts in no sum

# %%
run.report("uncounted_revenue")

# %% [markdown]
# ## From scan to conversion
#
# A step that loses nearly all sessions is more often a broken tag than a lost customer.

# %%
figures.funnel(run.report("funnel"), run.settings.report.locale)

# %% [markdown]
# ## The platform's duplicate flags beside our own reading

# %%
run.report("vendor_flags")

# %% [markdown]
# ## Every input file

# %%
run.table("sources").select("source_file", "kind", "shape", "rows_read", "rows_malformed", "rows_quarantined").collect()
