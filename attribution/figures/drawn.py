"""The figures of the report's page, by name: what it shows and what is written as images."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from attribution.figures.campaigns import return_on_spend
from attribution.figures.journeys import conversion_lag, journeys
from attribution.figures.models import model_comparison
from attribution.figures.revenue import revenue_per_qr
from attribution.figures.time import cohorts, revenue_over_time, scans_by_hour
from attribution.figures.traits import funnel, revenue_by_dimension
from attribution.settings import Settings

Reports = Mapping[str, pl.DataFrame]


def every_figure(reports: Reports, settings: Settings) -> dict[str, go.Figure]:
    """The figures by name.

    Args:
        reports: Report tables by name, in which QR codes are told apart (`code_names.told_apart`).
        settings: Those of the run: the locale.
    """
    chosen, intervals = settings.report, reports["revenue_intervals"]
    traits, times = reports["revenue_by_dimension"], reports["revenue_over_time"]
    return {
        "revenue_per_qr": revenue_per_qr(reports["revenue_per_qr"], chosen.locale, intervals),
        "return_on_spend": return_on_spend(reports["revenue_per_campaign"], intervals, chosen.locale),
        "revenue_over_time": revenue_over_time(times, chosen.locale),
        "scans_by_hour": scans_by_hour(reports["scans_by_hour"], chosen.locale),
        "cohorts": cohorts(reports["cohorts"], chosen.locale),
        "revenue_by_country": revenue_by_dimension(traits, "country", "Revenue by country", chosen.locale),
        "revenue_by_device": revenue_by_dimension(traits, "device", "Revenue by device", chosen.locale),
        "funnel": funnel(reports["funnel"], chosen.locale),
        "model_comparison": model_comparison(reports["model_comparison"], chosen.locale),
        "journeys": journeys(reports["top_paths"], chosen.locale),
        "conversion_lag": conversion_lag(reports["conversion_lag"], chosen.locale),
    }
