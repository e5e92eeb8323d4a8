"""A corpus of texts, drawn and told by hand: what is found in each, how sure, and nothing in the others."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from attribution.privacy import RULES, inspect_json, inspect_name, inspect_text, inspect_url, suspect

INSPECT: dict[str, Callable[..., Any]] = {
    "text": inspect_text,
    "url": inspect_url,
    "json": inspect_json,
    "name": inspect_name,
}


class Line(NamedTuple):
    expected: str
    kind: Any
    text: str


CORPUS = [
    Line(*line.split("\t", 2)) for line in (Path(__file__).parent / "corpus.tsv").read_text("utf-8").splitlines()[1:]
]


def found(line: Line) -> set[str]:
    return {f"{hit.rule}:{hit.confidence}" for hit in INSPECT[line.kind](line.text, "field").hits} or {"none"}


@pytest.mark.parametrize("line", CORPUS, ids=lambda line: f"{line.expected}-{line.text[:40]}")
def test_what_is_found_is_what_is_there(line: Line) -> None:
    assert found(line) == {line.expected}
    is_suspect = pl.DataFrame({"text": [line.text]}).select(suspect(pl.col("text"), line.kind)).item()
    assert is_suspect or line.expected == "none"


def test_precision_and_recall_by_rule(capsys: pytest.CaptureFixture[str]) -> None:
    true, claimed, right = Counter[str](), Counter[str](), Counter[str]()
    for line in CORPUS:
        told = found(line)
        true[line.expected] += 1
        claimed.update(told)
        right[line.expected] += line.expected in told
    with capsys.disabled():
        print(f"\n{len(CORPUS)} texts{'':24}precision  recall  of")  # noqa: T201
        for kind in sorted(true):
            print(f"{kind:32} {right[kind] / claimed[kind]:9.3f} {right[kind] / true[kind]:7.3f} {true[kind]:4d}")  # noqa: T201
    assert {kind.partition(":")[0] for kind in true} == {*RULES, "none"}
    assert len(CORPUS) > 300
    for kind, count in true.items():
        assert right[kind] / claimed[kind] > 0.99, kind
        assert right[kind] / count > 0.99, kind
