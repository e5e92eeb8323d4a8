"""Intervals in figures: of the report's model, whole, and seen on the bars they belong to."""

import polars as pl
import pytest

from attribution import figures
from attribution.figures.drawn import Reports
from attribution.figures.look import INK
from attribution.terms import UNLINKED


def test_of_all_intervals_those_of_the_report_are_drawn_and_those_of_another_model_refused(reports: Reports) -> None:
    codes, campaigns, every = (
        reports[name] for name in ("revenue_per_qr", "revenue_per_campaign", "revenue_intervals")
    )
    assert every["model"].n_unique() > 1 < every["scope"].n_unique()
    for draw, report in ((figures.revenue_per_qr, codes), (figures.return_on_spend, campaigns)):
        shown = draw(report, intervals=every)
        assert len(shown.data[0].y) == len({*shown.data[0].y})
        assert ", scan_session<br>" in shown.layout.title.text
        assert "Whiskers" in shown.layout.title.text
        assert "Whiskers" not in draw(report, intervals=every.clear()).layout.title.text
        with pytest.raises(ValueError, match="the report is of the model scan_session, and none"):
            draw(report, intervals=every.filter(pl.col("model") == "markov"))


def test_an_interval_that_is_not_known_is_not_drawn(reports: Reports) -> None:
    codes, intervals = reports["revenue_per_qr"], reports["revenue_intervals"].filter(pl.col("scope") == "qr_code")
    chosen = intervals.filter(pl.col("model") == "scan_session").with_columns(
        pl.when(pl.col("qr_code_id") == codes["qr_code_id"][0]).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("revenue_low", "revenue_high")
    )
    bars, _, whiskers = figures.revenue_per_qr(codes, "en_US", chosen).data
    first, *others = codes.filter(pl.col("qr_code_id") != UNLINKED)["qr_code_id"]
    assert {*bars.y} == {first, *others, UNLINKED}
    unsure = {*chosen.filter(pl.col("revenue_low").is_null())["qr_code_id"]}
    assert [*whiskers.y] == [code for code in reversed(others) if code not in unsure]
    assert None not in {*whiskers.error_x.array, *whiskers.error_x.arrayminus}


def test_returns_have_their_intervals(reports: Reports) -> None:
    campaigns, intervals = reports["revenue_per_campaign"], reports["revenue_intervals"]
    chosen = intervals.filter(pl.col("model") == "scan_session", pl.col("scope") == "campaign")
    marks, _, whiskers = figures.return_on_spend(campaigns, chosen).data
    known = chosen.filter(pl.col("campaign").is_in([*marks.y]), pl.col("roas_low").is_not_null())
    ends = {
        name: (value - below, value + above)
        for name, value, below, above in zip(
            whiskers.y, whiskers.x, whiskers.error_x.arrayminus, whiskers.error_x.array, strict=True
        )
    }
    assert known.height > 0
    assert ends == {
        name: pytest.approx(bounds) for name, *bounds in known.select("campaign", "roas_low", "roas_high").rows()
    }


def test_whiskers_lie_on_wider_white_ones_so_that_a_bar_does_not_hide_them(reports: Reports) -> None:
    _, ground, lines = figures.revenue_per_qr(reports["revenue_per_qr"], "en_US", reports["revenue_intervals"]).data
    assert (ground.error_x.color, lines.error_x.color) == ("white", INK)
    assert ground.error_x.thickness > lines.error_x.thickness
    assert [*ground.error_x.array] == [*lines.error_x.array] != []
