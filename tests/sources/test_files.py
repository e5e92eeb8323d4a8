"""Which files of a folder are read."""

import os
import re
from pathlib import Path

import pytest

from attribution.errors import InputError
from attribution.sources.detect import detect
from attribution.sources.files import cannot_be_read, list_files, stamp_of, standing_still


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    return folder


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_files(folder)]


def test_all_but_hidden_files_in_path_order(tmp_path: Path) -> None:
    raw = written(
        tmp_path / "raw", "b.csv", "a/z.csv", "a/.x.csv", ".git/y.csv", "_old/y.csv", "truth.json", "a/b/c.csv"
    )
    assert names(raw) == ["a/b/c.csv", "a/z.csv", "b.csv"]


def test_a_linked_folder_belongs_to_it_and_is_read_once(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw", "a.csv")
    (raw / "2026").symlink_to(written(tmp_path / "elsewhere", "b.csv"), target_is_directory=True)
    (raw / "again").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere" / "loop").symlink_to(raw, target_is_directory=True)
    assert names(raw) == ["2026/b.csv", "a.csv"]


def test_a_file_is_read_once_and_under_its_own_name_whatever_links_lead_to_it(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw", "b/spend.csv", "qr_codes.csv")
    (raw / "a.csv").symlink_to(raw / "b" / "spend.csv")
    (raw / "z.csv").symlink_to("a.csv")
    for name in ("fx.csv", "rates.csv"):
        (raw / name).symlink_to(written(tmp_path / "elsewhere", "fx.csv") / "fx.csv")
    assert names(raw) == ["b/spend.csv", "fx.csv", "qr_codes.csv"]


def test_a_link_to_what_is_not_there_is_told(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw", "a.csv")
    (raw / "b.csv").symlink_to(tmp_path / "not mounted" / "b.csv")
    with pytest.raises(InputError, match=r"b\.csv: is a broken link"):
        list_files(raw)


def test_a_folder_that_nobody_may_enter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, scandir, exists = written(tmp_path / "raw", "a.csv", "closed/b.csv"), os.scandir, Path.exists

    def closed(path: str | Path) -> None:
        if "closed" in Path(path).parts:
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", lambda path: closed(path) or scandir(path))
    monkeypatch.setattr(Path, "exists", lambda path: closed(path) or exists(path))
    with pytest.raises(InputError, match=r"closed: cannot be read \(Permission denied\)"):
        list_files(raw)


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, scandir = written(tmp_path / "raw", "a.csv", "closed/b.csv"), os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=r"closed: cannot be read \(Permission denied\)"):
        list_files(raw)


@pytest.mark.parametrize(
    "name", ["ann@planted.example.org.ndjson", "of ann@planted.example.org/events.csv", "+4915112345678.csv"]
)
def test_a_file_named_after_a_person_is_told_without_and_can_be_found(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "raw", name) / name
    said = cannot_be_read(PermissionError(13, "Permission denied", str(path)))
    assert re.search(r"planted|4915112345678", said) is None
    assert said.startswith(str(tmp_path / "raw"))
    assert f"-inum {path.stat().st_ino}`" in said
    with pytest.raises(InputError) as gone, standing_still(path, stamp_of(path)):
        path.unlink()
    assert re.search(r"planted|4915112345678", str(gone.value)) is None


def test_a_name_that_is_no_utf_8_is_told_escaped(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.csv")
    path.write_text("scan_session_id,scanned_at\n")
    assert detect(path, tmp_path).name == "caf\\xe9.csv"
