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
# # What did each QR code earn?
#
# Revenue per QR code under the chosen attribution model, from the tables of one run. Everything is computed by the run;
# this notebook only shows it. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)
revenue = run.report("revenue_per_qr")

# %% [markdown]
# ## What is missing from these figures
#
# If nothing is listed, nothing is missing.

# %%
run.lacking()

# %% [markdown]
# ## Revenue
#
# Blue bars are QR codes; the grey one is the `unlinked` bucket: conversions whose scan session or QR code is not known.
# Refunds are subtracted. Hover over a bar for its conversions, sessions and cost. A whisker is the 95% interval of what
# another period with as many people would bring on average; `*` means too few buyers to rely on.

# %%
figures.revenue_per_qr(revenue, run.settings.report.locale, run.report("revenue_intervals"))

# %% [markdown]
# ## As a table
#
# `conversions_per_session_pct` is what the platform's dashboard shows and can exceed 100; `converting_sessions_pct` cannot.
# A code's cost, and with it ROAS and ROI, covers its own spend and fixed cost, and its campaign's spend if it is the only code there. Spend on a
# campaign of several codes is assigned to none of them, unless `report.allocate_spend` distributes it. Null means none known.

# %%
revenue

# %% [markdown]
# ## In the currencies paid
#
# Amounts before they are converted at each day's rate. Conversions without an amount are not included.

# %%
run.named(run.report("revenue_per_currency"))

# %% [markdown]
# ## Revenue that no QR code earned, and why
#
# `orphan`: no known scan session. `unlinked`: known session, but no known QR code. `before_scan` and `outside_window`:
# the conversion came before its scan, or too long after it.

# %%
run.report("unattributed_revenue")
