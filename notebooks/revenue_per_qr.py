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
# Revenue per QR code under the chosen attribution model, from the tables of one run. Everything is computed by the flow;
# here it is only shown. Runs in a few seconds.

# %% tags=["parameters"]
out = "../data/out"

# %%
from attribution import figures
from attribution.results import Results, prepare_notebook

prepare_notebook()
run = Results(out)
revenue = run.report("revenue_per_qr")

# %% [markdown]
# ## What these figures lack
#
# Where nothing is listed they lack nothing.

# %%
run.lacking()

# %% [markdown]
# ## Revenue
#
# Blue bars are QR codes; the grey one is the `unlinked` bucket: conversions whose scan session or QR code is not known.
# Refunds are subtracted. Hover over a bar for its conversions, sessions and cost. A whisker is the 95 % interval of what
# another period with as many people would bring on average; `*` marks those from too few buyers to rely on.

# %%
figures.revenue_per_qr(revenue, run.settings.report.locale, run.report("revenue_intervals"))

# %% [markdown]
# ## The same as a table
#
# `conversions_per_session_pct` is what the platform's dashboard shows and may pass 100; `converting_sessions_pct` cannot.
# Cost, and with it ROAS and ROI, is of a code's own spend and fixed cost, and its campaign's where it is the only code. What a campaign of several
# codes spends is on none of them, unless `report.allocate_spend` shares it out. Null: none known.

# %%
revenue

# %% [markdown]
# ## In the currencies that were paid
#
# Before conversion at each day's rate. Conversions without an amount are not among these.

# %%
run.named(run.report("revenue_per_currency"))

# %% [markdown]
# ## What no QR code earned, and why
#
# `orphan`: no scan session known. `unlinked`: the session is known, its code is not. `before_scan` and `outside_window`:
# the time between scan and conversion does not allow it.

# %%
run.report("unattributed_revenue")
