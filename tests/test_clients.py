"""Real SPARQL clients ask the real server, with nothing set but its address."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

NODE = Path(__file__).parent / "clients"
QUERY = """PREFIX akg: <https://w3id.org/audiokg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name ?rate WHERE {
  ?codec akg:variantOf <https://w3id.org/audiokg/model/focalcodec> ;
    rdfs:label ?name ; akg:frameRateHz ?rate .
}
ORDER BY ?rate ?name"""
FIRST = ("FocalCodec 12_5hz", 12.5)


@pytest.fixture(scope="module")
def endpoint(server: str) -> str:
    return f"{server}/sparql"


def run(*words: str) -> str:
    program = shutil.which(words[0])
    assert program, f"{words[0]} is missing: see .ci/run"
    done = subprocess.run(
        [program, *words[1:]], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rdflib_sparql_store(endpoint: str) -> None:
    graph = rdflib.Graph(SPARQLStore(endpoint))
    rows = [(str(row[0]), float(str(row[1]))) for row in graph.query(QUERY)]  # type: ignore[index]
    assert rows[0] == FIRST
    assert len(rows) == 6
    encodec = rdflib.URIRef("https://w3id.org/audiokg/model/encodec")
    assert (encodec, rdflib.RDFS.label, rdflib.Literal("EnCodec")) in graph


def test_comunica(endpoint: str) -> None:
    assert (NODE / "node_modules").is_dir(), "run make: it installs the Node clients"
    rows = [
        json.loads(line)
        for line in run("node", str(NODE / "ask.mjs"), endpoint, QUERY).splitlines()
    ]
    assert len(rows) == 6
    assert {(row["name"], float(row["rate"])) for row in rows} >= {FIRST}


#: Debian's clients: a machine without them can run the rest, but .ci/run installs and demands them.
from_debian = pytest.mark.skipif(
    "AUDIOKG_ALL_CLIENTS" not in os.environ
    and not (shutil.which("roqet") and shutil.which("rapper")),
    reason="roqet and rapper are not installed: apt-get install rasqal-utils raptor2-utils",
)


@from_debian
@pytest.mark.parametrize("form", ["xml", "csv", "tsv"])
def test_roqet(endpoint: str, form: str) -> None:
    printed = run("roqet", "-q", "-p", endpoint, "-e", QUERY, "-r", form)
    assert "FocalCodec 12_5hz" in printed


@from_debian
def test_rapper_reads_a_resource(server: str) -> None:
    printed = run("rapper", "-q", "-i", "turtle", "-o", "ntriples", f"{server}/model/mimi")
    assert '"Mimi"' in printed


@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_rows(endpoint: str, form: str, method: str) -> None:
    client = SPARQLWrapper(endpoint)
    client.setMethod(method)
    client.setQuery(QUERY)
    client.setReturnFormat(form)
    answer: Any = client.query().convert()
    text = (
        answer.toxml() if form == XML else json.dumps(answer) if form == JSON else answer.decode()
    )
    assert "FocalCodec 12_5hz" in text


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # used by SPARQLWrapper
@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML])
def test_sparqlwrapper_triples(endpoint: str, form: str) -> None:
    client = SPARQLWrapper(endpoint)
    client.setQuery("DESCRIBE <https://w3id.org/audiokg/model/mimi>")
    client.setReturnFormat(form)
    answer: Any = client.query().convert()
    graph = answer if isinstance(answer, rdflib.Graph) else rdflib.Graph().parse(answer)
    assert len(graph) > 5
