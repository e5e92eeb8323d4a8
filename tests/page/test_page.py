"""The page and the executed notebook in a real Chromium: no error, no request leaves, figures drawn, sorting works."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from attribution import notebooks, terms
from attribution.page.report_page import page
from attribution.settings import Settings
from tests.page.opened import opened


def test_the_page_draws_sorts_and_stays_at_home(browser: Browser, results: Path) -> None:
    page, faults = opened(browser, results / "reports" / "index.html")
    assert page.locator("text=balanced").count() >= 1
    table = page.locator("section[aria-labelledby=per-qr] table.sortable").first
    column = [cell.text for cell in _cells(table, "Revenue")]
    table.locator("button", has_text="Revenue").first.click()
    assert table.locator("th[aria-sort=descending]").inner_text().startswith("Revenue")
    down = _values(table, "Revenue")
    assert down == sorted(down, reverse=True)
    table.locator("button", has_text="Revenue").first.press("Enter")
    assert _values(table, "Revenue") == sorted(down)
    assert len(column) == len(down)
    table.locator("button", has_text="QR code").first.click()
    names = table.locator("tbody th").all_inner_texts()
    assert names == sorted(names)
    assert len({*names}) > 1
    assert faults == []


def _offered(page: Page) -> set[str]:
    """What the figures of the page offer to do with them."""
    return {*page.eval_on_selector_all(".modebar-btn", "all => all.map(one => one.dataset.title ?? one.ariaLabel)")}


@pytest.mark.parametrize("name", ["index", "audit"])
def test_a_figure_offers_an_image_and_no_way_to_send_it_anywhere(browser: Browser, results: Path, name: str) -> None:
    page, faults = opened(browser, results / "reports" / f"{name}.html")
    assert _offered(page) == {"Download plot as a PNG"}
    assert faults == []


def test_headings_sort_on_the_screen_and_are_repeated_on_paper(browser: Browser, results: Path) -> None:
    page, _ = opened(browser, results / "reports" / "index.html")
    heads = "document.querySelectorAll('table.sortable thead th').length"
    pressable = "document.querySelectorAll('table.sortable thead th > button').length"
    assert page.evaluate(heads) == page.evaluate(pressable) > 100
    words = page.locator("table.sortable thead th").all_inner_texts()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(pressable) == 0
    assert page.locator("table.sortable thead th").all_inner_texts() == words
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    table = page.locator("section[aria-labelledby=per-qr] table.sortable").first
    table.locator("button", has_text="Revenue").first.click()
    assert table.locator("th[aria-sort=descending]").count() == 1


def test_tables_are_called_by_their_headings(browser: Browser, results: Path) -> None:
    page, _ = opened(browser, results / "reports" / "index.html")
    names = page.eval_on_selector_all(".scroll", "all => all.map(one => one.ariaLabel)")
    assert {"Revenue per QR code", "How certain is this?", "By week", "Country", "Data quality"} <= {*names}
    assert len({*names}) == len(names)


def test_the_filter_shows_a_campaign_and_a_period(browser: Browser, results: Path) -> None:
    page, faults = opened(browser, results / "reports" / "index.html")
    daily = pl.read_parquet(results / "reports" / "daily_per_qr.parquet")
    campaign = daily.filter(pl.col("revenue") > 0)["campaign"].drop_nulls()[0]
    first, last = daily["day"].min(), daily["day"].max()
    middle = first + (last - first) // 2
    page.select_option("#filter select", campaign)
    page.fill("#filter input[name=from]", str(middle))
    chosen = daily.filter(pl.col("campaign") == campaign, pl.col("day") >= middle)
    table = page.locator("#filtered-table")
    assert sum(_values(table, "Revenue")) == pytest.approx(float(chosen["revenue"].sum()))
    assert sum(_values(table, "Sessions")) == chosen["scan_sessions"].sum()
    assert table.locator("tbody tr").count() == chosen["qr_code_id"].n_unique()
    told = page.locator("#filtered").inner_text()
    assert f"{chosen['scan_sessions'].sum():,} scan sessions" in told
    assert page.locator("#filtered-figure .bars path").count() == (last - middle).days + 1
    table.locator("button", has_text="Sessions").click()
    down = _values(table, "Sessions")
    assert down == sorted(down, reverse=True)
    page.locator("#filter button").click()
    page.wait_for_selector("#filtered-table:not(:has(th[aria-sort]))")
    page.wait_for_function("document.querySelector('#filter select').value === ''")
    page.wait_for_timeout(100)
    assert sum(_values(table, "Revenue")) == pytest.approx(float(daily["revenue"].sum()))
    assert faults == []


def test_a_campaign_with_spaces_and_quotes_in_its_name_can_be_chosen(
    browser: Browser, reports: dict[str, pl.DataFrame], ledger: dict[str, Any], tmp_path: Path
) -> None:
    name, daily = ' "Spring"  <sale> ', reports["daily_per_qr"]
    some = daily["campaign"].drop_nulls()[0]
    reports["daily_per_qr"] = daily.with_columns(pl.col("campaign").replace(some, name))
    path = tmp_path / "index.html"
    path.write_text(page(reports, ledger, Settings()), "utf-8")
    shown, faults = opened(browser, path)
    shown.select_option("#filter select", label='"Spring" <sale>')
    sessions = daily.filter(pl.col("campaign") == some)["scan_sessions"].sum()
    assert sum(_values(shown.locator("#filtered-table"), "Sessions")) == sessions
    assert faults == []


@pytest.mark.parametrize("name", ["from", "to"])
def test_years_on_the_way_to_the_typed_one_draw_no_days_beyond_the_data(
    browser: Browser, results: Path, name: str
) -> None:
    page, faults = opened(browser, results / "reports" / "index.html")
    days = pl.read_parquet(results / "reports" / "daily_per_qr.parquet")["day"]
    middle = days.min() + (days.max() - days.min()) // 2
    page.evaluate("""() => {
        window.asked = [];
        const value = (name) => document.querySelector(`#filter input[name=${name}]`).value;
        Plotly.react = (_, [drawn]) => asked.push([value("from"), value("to"), drawn.x]);
    }""")
    page.focus(f"#filter input[name={name}]")
    for key in middle.strftime("%m%d%Y"):
        page.keyboard.press(key)
    asked = page.evaluate("asked")
    typed = [row[name == "to"] for row in asked]
    assert [value[:4] for value in typed[-4:]] == ["0002", "0020", "0202", str(middle.year)]
    assert all(days.min() <= date.fromisoformat(day) <= days.max() for *_, drawn in asked for day in drawn)
    first, last = (middle, days.max()) if name == "from" else (days.min(), middle)
    assert len(asked[-1][2]) == (last - first).days + 1
    assert faults == []


@pytest.mark.parametrize("name", ["index", "audit"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, results: Path, name: str, scheme: str) -> None:
    page, _ = opened(browser, results / "reports" / f"{name}.html", scheme)
    for details in page.locator("details").all():
        details.evaluate("node => node.open = true")
    found = Axe().run(page)
    serious = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3])
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_a_phone_sees_the_page_without_scrolling_sideways(browser: Browser, results: Path) -> None:
    page, _ = opened(browser, results / "reports" / "index.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_long_names_leave_a_phone_room_for_the_other_columns_and_for_marks(
    browser: Browser, reports: dict[str, pl.DataFrame], ledger: dict[str, Any], tmp_path: Path
) -> None:
    name, url = "Posters_spring_" * 12, "https://shop.example/" + "menu/" * 30
    for report in (
        "revenue_per_qr",
        "revenue_per_campaign",
        "revenue_intervals",
        "daily_per_qr",
        "assisted_conversions",
    ):
        for column in {"qr_name", "campaign"} & {*reports[report].columns}:
            reports[report] = reports[report].with_columns(pl.col(column).str.replace("^", name))
    reports["top_paths"] = reports["top_paths"].with_columns(path=pl.lit(" > ".join([name] * 5)))
    reports["revenue_by_dimension"] = reports["revenue_by_dimension"].with_columns(value=pl.lit(url))
    path = tmp_path / "index.html"
    path.write_text(page(reports, ledger, Settings()), "utf-8")
    shown, _ = opened(browser, path, width=390)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    covered = shown.evaluate("""() => {
        document.querySelectorAll("details").forEach((folded) => folded.open = true);
        return [...document.querySelectorAll(".scroll")].filter((region) => {
            const [first, ...others] = region.querySelector("tbody tr").cells;
            first.scrollIntoView({ block: "center" });
            return first.offsetWidth * 2 > region.clientWidth || others.some((cell) => {
                region.scrollLeft += cell.getBoundingClientRect().left - first.getBoundingClientRect().right;
                return !isInSight(cell);
            });
        }).map((region) => region.ariaLabel);
    }""")
    assert covered == []
    room = shown.evaluate("""[...document.querySelectorAll(".js-plotly-plot")].filter((plot) => plot.layout.yaxis)
        .map((plot) => plot._fullLayout._size.w / plot.offsetWidth)""")
    assert min(room) > 0.25


def test_a_table_of_many_codes_is_a_box_whose_head_stays_in_sight(
    browser: Browser, reports: dict[str, pl.DataFrame], ledger: dict[str, Any], tmp_path: Path
) -> None:
    code = reports["revenue_per_qr"].head(1)
    many = pl.concat([code.with_columns(qr_code_id=pl.lit(f"code {number}")) for number in range(200)])
    reports["revenue_per_qr"] = pl.concat([many, reports["revenue_per_qr"]])
    path = tmp_path / "index.html"
    path.write_text(page(reports, ledger, Settings()), "utf-8")
    shown, _ = opened(browser, path)
    region = shown.locator("section[aria-labelledby=per-qr] .scroll").first
    assert region.evaluate("region => region.offsetHeight") < 900
    region.evaluate("region => { region.scrollIntoView({ block: 'center' }); region.scrollTop = region.scrollHeight; }")
    last, head = region.locator("tbody tr").last, region.locator("thead th").first
    assert last.inner_text().startswith(terms.NO_CODE)
    assert [head.evaluate("isInSight"), last.evaluate("isInSight")] == [True, True]
    shown.emulate_media(media="print")
    assert region.evaluate("region => region.offsetHeight") > 2_000


def test_figures_fit_on_paper_and_come_back(browser: Browser, results: Path) -> None:
    page, _ = opened(browser, results / "reports" / "index.html", width=1600)
    widths = (
        "[...document.querySelectorAll('.js-plotly-plot .main-svg')].map(drawn => drawn.getBoundingClientRect().width)"
    )
    laid_out = "Promise.all([...document.querySelectorAll('.js-plotly-plot')].map(plot => Plotly.Plots.resize(plot)))"
    page.evaluate(laid_out)
    before = page.evaluate(widths)
    assert max(before) > 1000
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.evaluate(laid_out)
    assert max(page.evaluate(widths)) <= 981
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.evaluate(laid_out)
    assert page.evaluate(widths) == before


def test_every_link_of_the_page_leads_somewhere(browser: Browser, results: Path) -> None:
    page, _ = opened(browser, results / "reports" / "index.html")
    targets = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    assert len(targets) > 20
    for target in targets:
        if target.startswith("#"):
            assert page.locator(f"[id='{target[1:]}']").count() == 1, target
        else:
            assert (results / "reports" / target).is_file(), target


class _Cell:
    def __init__(self, text: str, value: str | None) -> None:
        self.text, self.value = text, value


def _cells(table, heading: str) -> list[_Cell]:  # noqa: ANN001
    headings = [text.split(" ▲")[0].split(" ▼")[0] for text in table.locator("thead th").all_inner_texts()]
    place = headings.index(heading) + 1
    cells = table.locator(f"tbody td:nth-child({place})")
    return [_Cell(cell.inner_text(), cell.get_attribute("data-value")) for cell in cells.all()]


def _values(table, heading: str) -> list[float]:  # noqa: ANN001
    return [float(cell.value or 0) for cell in _cells(table, heading)]


@pytest.mark.parametrize("notebook", notebooks.notebook_files(), ids=lambda path: path.stem)
def test_an_executed_notebook_needs_no_network(browser: Browser, results: Path, tmp_path: Path, notebook: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text("".join(notebooks.execute([notebook], results)), "utf-8")
    page, faults = opened(browser, path)
    title = next(line for line in notebook.read_text("utf-8").splitlines() if line.startswith("# # "))
    assert title.removeprefix("# # ") in page.locator("h1").first.inner_text()
    assert page.title() == title.removeprefix("# # ")
    assert _offered(page) <= {"Download plot as a PNG"}
    assert faults == []


def test_the_audit_page_draws_and_stays_at_home(browser: Browser, results: Path) -> None:
    page, faults = opened(browser, results / "reports" / "audit.html")
    assert page.locator("section[aria-labelledby=checks] tbody tr").count() == 4
    assert page.locator("text=clean").count() >= 1
    assert faults == []
