"""The notebooks run, and find what they say; no output is ever committed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import ROOT

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "queries" / "notebook").glob("*.ipynb"))}
#: Notebook -> what its variables must hold at the end.
FOUND = {
    "codecs": (
        "len(codecs) > 40",
        "stated['difference'].median() < 0.02",
        "by_frame_rate.loc[12.5, 'join'].count('GLM-4-Voice-Tokenizer') == 1",
        "plot.get_xscale() == 'log'",
    ),
    "lineage": (
        "len(network) > 1000",
        "popular['EnCodec'] > 3",
        "{'model:soundstream', 'model:w2v-bert'} <= set(behind)",
        "len(depths) > 3",
    ),
    "sources": (
        "codec['akg:frameRateHz'] == [75.0]",
        "codec.facts['akg:bitrateKbps'][0].sources[0].place == 'README.md, introduction'",
        "any('2502.04465' in dissent.source.name for dissent in codec.dissents)",
        "len(differing) > 50 and len(conflicts) > 50",
        "'https://github.com/facebookresearch/encodec' in set(documents['document'])",
    ),
}


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    return document


def test_every_notebook_is_tested() -> None:
    assert set(NOTEBOOKS) == set(FOUND)
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_committed_without_outputs(name: str) -> None:
    code = [cell for cell in read(name)["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"]] == []
    assert 3 < len(code) < 12


def with_checks(name: str) -> Any:
    """Give a notebook that looks at its end for what it must have found."""
    checks = "\n".join(f"assert {found}" for found in FOUND[name])
    document = read(name)
    document["cells"].append(
        {"cell_type": "code", "id": "checks", "metadata": {}, "source": checks}
        | {"outputs": [], "execution_count": None}
    )
    return nbformat.reads(json.dumps(document), as_version=4)  # type: ignore[no-untyped-call]


def test_notebooks_run_and_find(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIOKG_SNAPSHOT", str(snapshot))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebooks = [*map(with_checks, NOTEBOOKS)]

    async def run_all() -> None:
        where = {"metadata": {"path": str(tmp_path)}}
        clients = [NotebookClient(each, timeout=60, resources=dict(where)) for each in notebooks]
        await asyncio.gather(*(client.async_execute() for client in clients))

    asyncio.run(run_all())
    for notebook in notebooks:
        assert any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
