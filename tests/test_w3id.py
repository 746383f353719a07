"""The redirects of w3id.org/audiokg: every IRI of the graph leads to a path that this server has.

Apache is played by what its mod_rewrite does with the few things that the file uses: regular
expressions, `$1`, `%{ENV:NAME}`, and the flags E, R and L.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from audiokg.snapshot import load_store
from audiokg.terms import BASE, SEGMENTS

FILE = Path(__file__).parents[1] / ".w3id" / ".htaccess"
RULE = re.compile(r"^RewriteRule (?P<pattern>\S+) (?P<target>\S+) \[(?P<flags>[^\]]+)\]$")
KNOWN = re.compile(r"^(#.*|RewriteEngine on|RewriteRule .*|</?IfModule.*>|Header always set .*|)$")
SERVER = "https://audiokg.example.org"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    target: str
    flags: dict[str, str]


@cache
def rules() -> tuple[Rule, ...]:
    found = [RULE.match(line) for line in FILE.read_text().splitlines() if "RewriteRule " in line]
    matches = [match for match in found if match]
    assert len(matches) == len(found), "a RewriteRule has a form that the test does not know"
    return tuple(
        Rule(re.compile(match["pattern"]), match["target"], read_flags(match["flags"]))
        for match in matches
    )


def read_flags(text: str) -> dict[str, str]:
    return {flag.partition("=")[0]: flag.partition("=")[2] for flag in text.split(",")}


def redirect(iri: str) -> tuple[int, str]:
    """Do what Apache does in the folder audiokg/ with a request for an IRI."""
    path = iri.removeprefix(BASE).partition("#")[0].partition("?")[0]
    environment: dict[str, str] = {}
    for rule in rules():
        match = rule.pattern.search(path)
        if match and "E" in rule.flags:
            name, _, text = rule.flags["E"].partition(":")
            environment[name] = text
        if match and rule.target != "-":
            told = re.sub(r"%\{ENV:(\w+)\}", lambda env: environment[env[1]], rule.target)
            return int(rule.flags["R"]), match.expand(re.sub(r"\$(\d)", r"\\g<\1>", told))
    raise AssertionError(f"{iri} leads nowhere")


@pytest.fixture(scope="module")
def iris(snapshot: Path) -> set[str]:
    """Give every IRI of ours that the graph holds, in any place, without its fragment."""
    quads = load_store(snapshot).quads_for_pattern(None, None, None, ox.DefaultGraph())
    terms = {term for quad in quads for term in quad.triple}
    named = {term.value.partition("#")[0] for term in terms if isinstance(term, ox.NamedNode)}
    # The home page and the endpoint, of which the description tells, are no names of things.
    return {iri for iri in named if iri.startswith(BASE)} - {BASE, f"{BASE}sparql"}


def test_file_has_nothing_that_the_test_does_not_know() -> None:
    assert [line for line in FILE.read_text().splitlines() if not KNOWN.match(line)] == []


def test_server_stands_in_one_line() -> None:
    lines = [line for line in FILE.read_text().splitlines() if SERVER in line]
    assert lines == [f"RewriteRule ^ - [E=SERVER:{SERVER}]"]


def test_every_iri_of_the_graph_leads_to_its_path(iris: set[str]) -> None:
    assert len(iris) > 3000
    paths = {iri: f"{SERVER}/{iri.removeprefix(BASE)}" for iri in iris}
    assert {iri: redirect(iri) for iri in iris if redirect(iri) != (303, paths[iri])} == {}


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_segment_is_one_of_things(segment: str) -> None:
    assert redirect(f"{BASE}{segment}/name-1") == (303, f"{SERVER}/{segment}/name-1")
    assert redirect(f"{BASE}{segment}/") == (303, f"{SERVER}/{segment}/")


@pytest.mark.parametrize(
    ("iri", "status", "path"),
    [
        ("", 302, "/"),
        ("ontology#frameRateHz", 303, "/ontology"),
        ("ontology/0.1.0", 303, "/ontology/0.1.0"),
        ("graph/model/mimi", 303, "/graph/model/mimi"),
        ("context.jsonld", 302, "/context.jsonld"),
        ("context/0.1.0.jsonld", 302, "/context/0.1.0.jsonld"),
        ("query/full-duplex-dialogue", 303, "/query/full-duplex-dialogue"),
        ("sparql?query=ASK{}", 307, "/sparql"),
        (".well-known/void", 302, "/.well-known/void"),
        ("void#audiokg", 303, "/void"),
        ("model/moshi.jsonld", 303, "/model/moshi.jsonld"),
    ],
)
def test_document_is_where_the_redirect_leads(
    client: FlaskClient, iri: str, status: int, path: str
) -> None:
    assert redirect(BASE + iri) == (status, SERVER + path)
    assert client.get(path, headers={"Accept": f"{BROWSER},text/turtle"}).status_code == 200


@pytest.mark.parametrize("kind", sorted(set(SEGMENTS) - {"query"}))
def test_a_thing_of_each_kind_is_there(client: FlaskClient, iris: set[str], kind: str) -> None:
    iri = min(iri for iri in iris if re.fullmatch(f"{BASE}{kind}/.+", iri))
    status, location = redirect(iri)
    assert (status, client.get(location.removeprefix(SERVER)).status_code) == (303, 200)
