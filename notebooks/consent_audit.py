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
# # Consent and personal data
#
# For the auditor: what leaked, what was stripped, what was found in the wrong place, and the money riding on consent. Counts only, never a
# value. Runs in a few seconds; `docs/privacy.md` says what each rule means.

# %% tags=["parameters"]
out = "../data/out"

# %%
import polars as pl

from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)
audit = run.report("consent_audit")

# %% [markdown]
# ## Do the written tables respect consent?
#
# The tables were checked again after they were written. Each of these must be 0.

# %%
audit.filter(audit["holds"].is_not_null())

# %% [markdown]
# ## What consent forbade
#
# `rows`: accepted rows by consent. `leaked`: a stored export still held the field. `stripped`: a raw payload held it, and it was
# removed. `consent_changes`: scan sessions whose rows have different consents, by the strictest.

# %%
audit.filter(audit["holds"].is_null())

# %% [markdown]
# ## Personal data in the wrong place
#
# Everything found was replaced before anything was written. Files and rows are in `tables/findings.parquet`.

# %%
run.report("personal_data")

# %% [markdown]
# ## Consent over time, and the money riding on it
#
# A scan session counts under each consent that its rows have, so the sessions of a day or of `all` may add up to more than their number; by
# campaign it counts once, under the strictest. Groups below `audit.min_group` are not shown: their numbers are null, and grey in the figure.

# %%
shares = run.report("consent_shares")
figures.consent_by_day(shares.filter(shares["dimension"] == "day"), run.settings.report.locale)

# %%
shares.filter(shares["dimension"] == "all")

# %%
shares.filter(shares["dimension"] == "campaign")

# %% [markdown]
# ## What analysis loses

# %%
run.report("consent_losses")

# %% [markdown]
# ## The platform's duplicate flags compared with ours

# %%
run.report("vendor_flags")
