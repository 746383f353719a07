"""Rows and triples are written so that every reader reads what was meant, or not at all."""

import csv
import io
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from audiokg.errors import FormatNotFittingError, ResultTooLargeError
from audiokg.rdf import write_triples
from audiokg.rows import write_rows

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ORDINARY = """SELECT ?a ?b { VALUES (?a ?b) {
    ("x" <x:y>) ("é, \\"q\\"" UNDEF) ("two\\nlines"@en 1) ("" 1.5e0) } }"""


def ask(text: str) -> ox.QuerySolutions:
    found = ox.Store().query(text)
    assert isinstance(found, ox.QuerySolutions)
    return found


def triple(predicate: str, text: str = "x") -> ox.Triple:
    return ox.Triple(ox.NamedNode("http://e.org/s"), ox.NamedNode(predicate), ox.Literal(text))


def read_texts(document: bytes) -> list[str]:
    nodes = ElementTree.fromstring(document).iter()  # noqa: S314 - our own
    return [node.text for node in nodes if node.text and node.text.strip()]


def test_csv_is_what_the_engine_writes_where_that_is_right() -> None:
    expected = io.BytesIO()
    ask(ORDINARY).serialize(expected, ox.QueryResultsFormat.CSV)
    assert write_rows(ask(ORDINARY), "csv") == expected.getvalue()


def test_an_iri_with_a_comma_is_one_cell_of_csv() -> None:
    found = write_rows(ask('SELECT ("a" AS ?a) (<http://e.org/x,y> AS ?b) (1 AS ?c) {}'), "csv")
    rows = list(csv.reader(io.StringIO(found.decode(), newline="")))
    assert rows == [["a", "b", "c"], ["a", "http://e.org/x,y", "1"]]


def test_a_yes_or_no_is_written() -> None:
    found = ox.Store().query("ASK {}")
    assert isinstance(found, ox.QueryBoolean)
    assert write_rows(found, "csv") == b"true"


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_are_refused_beyond_a_size(name: str) -> None:
    whole = write_rows(ask(ORDINARY), name)
    assert write_rows(ask(ORDINARY), name, len(whole)) == whole
    with pytest.raises(ResultTooLargeError):
        write_rows(ask(ORDINARY), name, len(whole) - 1)


def test_carriage_returns_survive_xml() -> None:
    rows = write_rows(ask('SELECT ("a\\rb\\r\\nc" AS ?x) {}'), "xml")
    assert read_texts(rows) == ["a\rb\r\nc"]
    triples = write_triples([triple("http://e.org/p", "a\rb")], "rdf")
    assert read_texts(triples) == ["a\rb"]


@pytest.mark.parametrize("character", ["\\u0000", "\\u0001", "\\u000B", "\\uFFFE"])
def test_what_xml_cannot_hold_is_refused(character: str) -> None:
    text = f'SELECT ("a{character}b" AS ?x) {{}}'
    assert b"a" in write_rows(ask(text), "json")
    with pytest.raises(FormatNotFittingError, match="another format"):
        write_rows(ask(text), "xml")


@pytest.mark.parametrize(
    "predicate",
    ["http://e.org/p/", "http://e.org#", "http://e.org/123", "urn:x:12", f"{RDF}li", f"{RDF}about"],
)
def test_a_property_that_is_no_name_is_refused_in_xml(predicate: str) -> None:
    assert write_triples([triple(predicate)], "ttl")
    with pytest.raises(FormatNotFittingError, match="another format"):
        write_triples([triple(predicate)], "rdf")
