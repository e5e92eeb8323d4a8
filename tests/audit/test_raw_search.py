"""Which raw files an erasure lists: every one in which the person stands, also in rows that no table has."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from attribution.command_forget import forget_command
from attribution.engines import local
from attribution.engines.raw_search import raw_files
from attribution.erasure import Named
from attribution.errors import InputError
from attribution.settings import Settings
from tests.conftest import QUICK

VISITOR = "0badcafe-0000-4000-8000-000000000009"
HEAD = "event_id,site_id,event_type,scan_session_id,timestamp,visitor_id,external_id,consent"


def row(number: int, *, visitor: str = "", customer: str = "", site: str = "s", consent: str = "granted") -> str:
    ids = [f"{kind}0000000-0000-4000-8000-{number:012}" for kind in "ab"]
    return f"{ids[0]},{site},page_view,{ids[1]},2026-03-01T10:00:00Z,{visitor},{customer},{consent}"


def written(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEAD, *rows]))
    return path


def test_a_visitor_is_found_in_linked_folders_and_in_packed_tables(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    written(raw / "plain.csv", row(1))
    written(tmp_path / "elsewhere" / "b.csv", row(2, visitor=VISITOR))
    (raw / "linked").symlink_to(tmp_path / "elsewhere")
    table = tmp_path / "table.parquet"
    pl.read_csv(written(tmp_path / "c.csv", row(3, visitor=VISITOR))).write_parquet(table)
    (raw / "table.parquet.gz").write_bytes(gzip.compress(table.read_bytes()))
    assert raw_files(raw, Named("visitor", VISITOR), Settings()) == ["linked/b.csv", "table.parquet.gz"]


@pytest.mark.parametrize(
    ("site", "files"),
    [
        (None, ["cut.csv.gz", "damaged.parquet", "other.csv", "refused.csv"]),
        ("s", ["cut.csv.gz", "damaged.parquet", "refused.csv"]),
    ],
)
def test_a_customer_number_is_looked_for_in_the_ids_of_every_row(
    tmp_path: Path, site: str | None, files: list[str]
) -> None:
    written(tmp_path / "refused.csv", row(1, customer="CUST-5", consent="perhaps"))
    written(tmp_path / "other.csv", row(2, customer="CUST-5", site="t"))
    text = written(tmp_path / "none.csv", row(3, customer="CUST-50"), row(4, visitor="CUST-5"))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(text.read_bytes())[:-6])
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 and no more")
    assert raw_files(tmp_path, Named("identifier", "CUST-5", site), Settings()) == files


def test_a_raw_folder_that_is_not_there_is_refused_before_anything_is_erased(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    written(raw / "events.csv", row(1, visitor=VISITOR), row(2))
    local.run(raw, out, QUICK)
    with pytest.raises(InputError, match="no such folder"):
        forget_command(VISITOR, None, None, tmp_path / "rwa", out, None, quiet=True)
    assert pl.read_parquet(out / "tables" / "events.parquet").height == 2
    assert not (out / "erasures").exists()
    forget_command(VISITOR, None, None, raw, out, None, quiet=True)
    [certificate] = (out / "erasures").iterdir()
    assert json.loads(certificate.read_text())["raw_files_searched"] == ["events.csv"]
