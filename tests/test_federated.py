"""Federated queries: each asks a real SPARQL server on loopback, with the shapes of its service."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from audiokg.link.targets import SERVICES
from audiokg.queries import read_library
from audiokg.snapshot import load_store
from audiokg.terms import BASE
from conftest import ROOT
from services import sparql_server

QUERIES = read_library("federated", ROOT)
#: What each query must find in tests/link/, as a row of values.
FOUND = {
    "co-authors-by-dblp": ("https://dblp.org/pid/171/0957", "Yossi Adi", "1"),
    "venues-by-dblp": (
        BASE + "publication/arxiv-2210-13438",
        "High Fidelity Neural Audio Compression",
        "https://dblp.org/rec/journals/corr/abs-2210-13438",
        "CoRR",
        "2022",
    ),
    "labels-by-wikidata": (
        BASE + "model/bert",
        "BERT",
        "http://www.wikidata.org/entity/Q61726893",
        "BERT",
    ),
    "articles-by-wikidata": (
        BASE + "publication/arxiv-2210-13438",
        "High Fidelity Neural Audio Compression",
        "http://www.wikidata.org/entity/Q9000001",
    ),
}


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = [ROOT / "tests" / "link" / name for name in ("wikidata.ttl", "dblp.ttl")]
    with sparql_server(tmp_path_factory.mktemp("federated"), *files) as address:
        yield address


@pytest.fixture(scope="module")
def store(snapshot: Path) -> ox.Store:
    return load_store(snapshot)


def test_every_federated_query_has_its_row() -> None:
    assert set(QUERIES) == set(FOUND)


@pytest.mark.parametrize("name", QUERIES)
def test_federated_query_finds_its_row(name: str, upstream: str, store: ox.Store) -> None:
    text = QUERIES[name].text
    asked = [url for url in SERVICES.values() if f"SERVICE <{url}>" in text]
    assert len(asked) == 1
    solutions = store.query(text.replace(asked[0], upstream))
    assert isinstance(solutions, ox.QuerySolutions)
    rows = [tuple(term.value for term in row) for row in solutions]
    assert FOUND[name] in rows
    assert len(rows) < 5
