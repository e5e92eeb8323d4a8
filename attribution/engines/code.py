"""The code that makes the results: this package, what its pages are made with, and every installed package."""

import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

import attribution

PACKAGES: Final = ("*.dist-info", "*.egg-info")


@cache
def code_digest() -> str:
    """A digest of this package's code and of the version of Polars: what other code made is made again."""
    package = Path(attribution.__file__).parent
    digest = hashlib.sha256(pl.__version__.encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def page_parts() -> list[Path]:
    """What pages are made with besides code and notebooks: stylesheet, script, text. Every run makes the pages again."""
    package = Path(attribution.__file__).parent
    return sorted(path for path in package.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})


def installed() -> list[str]:
    """Every installed package with its version: the names of the folders that hold the packages' metadata."""
    folders = [Path(entry) for entry in sys.path if entry and Path(entry).is_dir()]
    return sorted({told.name for folder in folders for ending in PACKAGES for told in folder.glob(ending)})
