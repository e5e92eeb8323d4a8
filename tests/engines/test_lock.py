"""What a killed run left is swept, and nothing else that lies in or below an output folder."""

from pathlib import Path

import pytest

from attribution.engines.lock import locked
from attribution.engines.store import BEFORE
from attribution.errors import InputError, UsageError

LEFT = [
    f"{BEFORE}/events.parquet",
    ".ledger.json.123.part",
    "tables/.events.parquet.123.part",
    "tables/.events.parquet.123.old/part-0.parquet",
    "tables/.spark/sessions-1/a.parquet",
    "reports/notebooks/.roi.html.9.part",
    ".parsed/.0a1b.77.part/rows.parquet",
    "..parsed.77.part/0a1b/rows.parquet",
    "scheduled/.made/week.1/reports/.index.html.5.part",
]
OF_OTHERS = [
    ".bashrc.old",
    ".upload.csv.part",
    "raw/.2026.csv.41.part",
    "work/.spark/conf",
    "tables/events.parquet",
    "reports/.keep.part",
]


def test_only_what_a_run_left_is_removed(tmp_path: Path) -> None:
    for name in (*LEFT, *OF_OTHERS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    with locked(tmp_path):
        pass
    assert [name for name in LEFT if (tmp_path / name).exists()] == []
    assert [name for name in OF_OTHERS if not (tmp_path / name).exists()] == []


def test_a_folder_that_is_not_there_is_made_or_missed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"), locked(tmp_path / "out"):
        pass
    with locked(tmp_path / "out", create=True):
        assert (tmp_path / "out").is_dir()


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written to"), locked(tmp_path / "file" / "out", create=True):
        pass
