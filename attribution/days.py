"""Days, weeks and hours as people know them: cut in the reporting time zone."""

import polars as pl


def expr_local(moment: str, time_zone: str) -> pl.Expr:
    """The time of the column `moment` as clocks in the zone show it."""
    return pl.col(moment).dt.convert_time_zone(time_zone)


def expr_day(moment: str, time_zone: str) -> pl.Expr:
    """The zone's day on which `moment` lies, as `Date`."""
    return expr_local(moment, time_zone).dt.date()


def expr_week(moment: str, time_zone: str) -> pl.Expr:
    """The Monday of the zone's ISO week in which `moment` lies, as `Date`."""
    return expr_day(moment, time_zone).dt.truncate("1w")
