"""Every file of the graph by itself."""

from pathlib import Path

import pytest

from audiokg.check.graph_file import GraphFile, check_file, read_file
from audiokg.paths import turtle_files
from conftest import ROOT

FILES = turtle_files(ROOT)


def test_there_are_files() -> None:
    assert len(FILES) > 300


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_parses_is_canonical_named_dated_and_sourced(path: Path) -> None:
    file = read_file(path, ROOT)
    assert isinstance(file, GraphFile), str(file)
    assert [str(problem) for problem in check_file(file)] == []
