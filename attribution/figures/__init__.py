"""Figures: each a function of one report table that returns a Plotly figure. One look for all of them; no arithmetic."""

from attribution.figures.campaigns import return_on_spend
from attribution.figures.consent import consent_by_day
from attribution.figures.journeys import conversion_lag, journeys
from attribution.figures.models import model_comparison
from attribution.figures.revenue import revenue_per_qr
from attribution.figures.time import cohorts, revenue_over_time, scans_by_hour
from attribution.figures.traits import funnel, revenue_by_dimension

__all__ = [
    "cohorts",
    "consent_by_day",
    "conversion_lag",
    "funnel",
    "journeys",
    "model_comparison",
    "return_on_spend",
    "revenue_by_dimension",
    "revenue_over_time",
    "revenue_per_qr",
    "scans_by_hour",
]
