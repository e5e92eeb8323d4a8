"""A page's address: what is tracking goes, all else stays, however the URL is put together."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attribution.pages import _without_tracking, expr_page

TRACKED = ("scnv=5ccbdb97", "utm_source=qr", "UTM_Campaign", "gclid=", "fbclid=a=b", "_ga=1?2")
OTHERS = ("page=2", "scnvx=1", "q=utm_source", "utm=1", "")


def pages(*urls: str | None) -> list[str | None]:
    return (
        pl.DataFrame({"url": pl.Series(urls, dtype=pl.String)}).select(expr_page(pl.col("url"))).to_series().to_list()
    )


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://a.example/menu?scnv=1&utm_source=qr", "https://a.example/menu"),
        ("https://a.example/menu?SCNV=1", "https://a.example/menu"),
        ("https://a.example/menu", "https://a.example/menu"),
        ("https://a.example/menu?", "https://a.example/menu"),
        ("https://a.example/menu#top", "https://a.example/menu"),
        ("https://a.example/menu?scnv=1#top", "https://a.example/menu"),
        ("https://a.example/menu?page=2&scnv=1&size=l&utm_medium=qr", "https://a.example/menu?page=2&size=l"),
        ("https://a.example/menu?scnv=1&page=2", "https://a.example/menu?page=2"),
        ("https://a.example/menu?scnvx=1", "https://a.example/menu?scnvx=1"),
        ("https://a.example/menu&scnv=1", "https://a.example/menu"),
        ("", ""),
        (None, None),
    ],
)
def test_a_url_as_a_page(url: str | None, page: str | None) -> None:
    assert pages(url) == [page]


PATHS = st.sampled_from(("https://a.example/", "/menu", "a&b", "", "?", "&", "/höjd", "/a\nb"))
PARAMETERS = st.lists(st.sampled_from(TRACKED + OTHERS), max_size=5).map("&".join)
FRAGMENTS = st.sampled_from(("", "#", "#top?x=1", "#a&scnv=1"))
URLS = st.one_of(
    st.none(), PATHS, st.tuples(PATHS, PARAMETERS, FRAGMENTS).map(lambda parts: f"{parts[0]}?{parts[1]}{parts[2]}")
)


@example(["/menu", "/menu?page=2", None])
@given(st.lists(URLS, max_size=6))
def test_urls_of_tracking_alone_come_out_as_all_others(urls: list[str | None]) -> None:
    looked_at_closely = pl.select(_without_tracking(pl.lit(pl.Series(urls, dtype=pl.String)))).to_series().to_list()
    assert pages(*urls) == looked_at_closely
