"""All reports as one Excel workbook: a sheet each, numbers as numbers, and a first sheet that says what they are."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import polars as pl
from polars import selectors as cs

MOST_ROWS: Final = 100_000
LONGEST_NAME: Final = 31
"""Characters that Excel allows in a sheet's name."""
MONEY: Final = "#,##0.00##;[Red]-#,##0.00##"
NUMBER: Final = "#,##0.00##"
SHARE: Final = "0.00%"


def workbook(reports: Mapping[str, pl.DataFrame], about: Mapping[str, str]) -> bytes:
    """The workbook's bytes.

    Args:
        reports: Report tables by name; a sheet each, in that order, at most `MOST_ROWS` rows; the first says if there are more.
        about: What the first sheet says: a word and its explanation, line by line.

    Returns:
        An .xlsx file. Text is text, even where it looks like a formula or an address. Amounts are Excel's numbers, which
        have 15 digits; the CSV and Parquet files beside it are exact.
    """
    import xlsxwriter

    buffer = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        _about(book, about, reports)
        for name, rows in reports.items():
            _sheet(book, name, rows)
    return buffer.getvalue()


def _about(book: Any, about: Mapping[str, str], reports: Mapping[str, pl.DataFrame]) -> None:  # noqa: ANN401
    sheet = book.add_worksheet("about")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100, wrapped)
    for number, (word, meaning) in enumerate(about.items()):
        sheet.write_string(number, 0, word, bold)
        sheet.write_string(number, 1, meaning)
    start = len(about) + 1
    for number, name in enumerate(reports, start):
        sheet.write_url(number, 0, f"internal:'{name[:LONGEST_NAME]}'!A1", string=name)
        sheet.write_string(number, 1, _length(reports[name].height))


def _length(rows: int) -> str:
    if rows <= MOST_ROWS:
        return f"{rows:,} rows"
    return f"first {MOST_ROWS:,} of {rows:,} rows; all are in the CSV and Parquet files"


def _sheet(book: Any, name: str, rows: pl.DataFrame) -> None:  # noqa: ANN401
    shown = rows.head(MOST_ROWS).with_columns(
        cs.decimal().cast(pl.Float64),
        cs.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
        cs.list().cast(pl.List(pl.String)),
    )
    money = [column for column, dtype in rows.schema.items() if isinstance(dtype, pl.Decimal)]
    shares = [column for column in rows.columns if column == "roi" or column.endswith("_share")]
    shown.write_excel(
        workbook=book,
        worksheet=name[:LONGEST_NAME],
        column_formats={**dict.fromkeys(money, MONEY), **dict.fromkeys(shares, SHARE)},
        dtype_formats={pl.Float64: NUMBER, pl.Int64: "#,##0", pl.Date: "yyyy-mm-dd"},
        autofit=True,
        freeze_panes=(1, 0),
        autofilter=True,
        table_style="Table Style Light 1",
    )
