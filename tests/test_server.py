"""The server as a user runs it, asked by a real SPARQL client over loopback."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper

from audiokg.ingest.speech_trident import read_entries
from audiokg.web.server import is_loopback
from conftest import SEEDS, free_port
from test_engine import DEEP, ENDLESS, GREEDY, SLOW_TO_PLAN

PREFIXES = """
PREFIX akg: <https://w3id.org/audiokg/ontology#>
PREFIX fabio: <http://purl.org/spar/fabio/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX source: <https://w3id.org/audiokg/source/>
"""
ENTRIES = read_entries((SEEDS / "speech-trident-v4.md").read_text(encoding="utf-8"), "v4")


def select(server: str, text: str) -> list[dict[str, str]]:
    client = SPARQLWrapper(f"{server}/sparql")
    client.setQuery(PREFIXES + text)
    client.setReturnFormat(JSON)
    result: Any = client.queryAndConvert()
    bindings = result["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def test_client_gets_line_name_title_and_links_of_every_row(server: str) -> None:
    rows = select(
        server,
        """SELECT ?line ?name ?title ?link {
          ?entry akg:entryOf source:speech-trident-v4 ; akg:line ?line ;
            akg:nameAsGiven ?name ; akg:titleAsGiven ?title ; foaf:page ?link }""",
    )
    found = {(row["line"], row["name"], row["title"], row["link"]) for row in rows}
    assert len(ENTRIES) == 201
    assert found == {
        (str(e.line), e.texts["name"], e.texts["title"], link) for e in ENTRIES for link in e.links
    }


def test_every_arxiv_id_of_the_list_is_that_of_a_publication(server: str) -> None:
    rows = select(
        server, "SELECT ?id { ?p a/rdfs:subClassOf* akg:Publication ; fabio:hasArXivId ?id }"
    )
    known = {row["id"] for row in rows}
    links = [link for entry in ENTRIES for link in entry.links if "arxiv.org" in link]
    ids = {link.rstrip("/").split("/")[-1].split("v")[0] for link in links}
    assert len(ids) > 170
    assert ids <= known


def test_every_named_system_answers_to_its_name(server: str) -> None:
    rows = select(server, "SELECT DISTINCT ?name { ?thing rdfs:label|skos:altLabel ?name }")
    known = {row["name"] for row in rows}
    assert {e.texts["name"] for e in ENTRIES if e.texts["name"].strip("-")} <= known


@pytest.mark.parametrize("form", [JSON, XML, CSV])
def test_sparqlwrapper_reads_rows(server: str, form: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql")
    client.setQuery("SELECT ?s { ?s ?p ?o } LIMIT 3")
    client.setReturnFormat(form)
    assert client.queryAndConvert()


def test_sparqlwrapper_reads_triples_by_post(server: str) -> None:
    client = SPARQLWrapper(f"{server}/sparql")
    client.setMethod("POST")
    client.setQuery("DESCRIBE <https://w3id.org/audiokg/model/encodec>")
    client.setReturnFormat(TURTLE)
    result: Any = client.queryAndConvert()
    assert b"EnCodec" in result


@pytest.mark.parametrize("hostile", [ENDLESS, GREEDY, DEEP, SLOW_TO_PLAN])
def test_hostile_query_gets_a_problem_and_others_an_answer_within_a_second(
    server: str, hostile: str
) -> None:
    outcome: list[tuple[int, bytes]] = []

    def attack() -> None:
        body = urllib.parse.urlencode({"query": hostile, "timeout": 3}).encode()
        try:
            urllib.request.urlopen(f"{server}/sparql", body, timeout=30).close()
        except urllib.error.HTTPError as error:
            with error:
                outcome.append((error.code, error.read()))

    attacker = threading.Thread(target=attack)
    attacker.start()
    while attacker.is_alive():
        started = time.monotonic()
        assert select(server, "SELECT ?s { ?s ?p ?o } LIMIT 1")
        assert time.monotonic() - started < 1.0
        time.sleep(0.05)
    [(status, body)] = outcome
    assert status in (413, 503)
    assert b'"detail"' in body


def test_client_that_hangs_up_harms_nobody(server: str) -> None:
    url = f"{server}/sparql?" + urllib.parse.urlencode({"query": ENDLESS})
    for _ in range(3):
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(url, timeout=0.2)
    started = time.monotonic()
    assert select(server, "SELECT ?s { ?s ?p ?o } LIMIT 1")
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("example.org", False)),  # noqa: S104
    ],
)
def test_only_this_machine_may_ask_without_a_limit(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("is_told", ["alone", "by Ctrl-C, with all its processes"])
def test_server_that_is_stopped_while_it_starts_leaves_nothing(
    snapshot: Path, is_told: str, seconds: float
) -> None:
    more = {"AUDIOKG_SNAPSHOT": str(snapshot), "AUDIOKG_PORT": str(free_port())}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("audiokg"), "serve"],
        env=os.environ | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        main = psutil.Process(process.pid)
        while not main.children():
            time.sleep(0.01)
        time.sleep(seconds)
        children = main.children(recursive=True)
        if is_told == "alone":
            process.send_signal(signal.SIGTERM)
        else:
            os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, said) == (0, b"")
    assert psutil.wait_procs(children, timeout=5)[1] == []
