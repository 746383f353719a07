"""What is said of a query that does not parse, in its own words."""

import time
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from audiokg.engine.syntax import syntax_error
from audiokg.errors import QuerySyntaxError
from audiokg.terms import VOCABULARIES


def refuse(text: str) -> QuerySyntaxError:
    with pytest.raises(SyntaxError) as stopped:
        ox.Store().query(text)
    return syntax_error(stopped.value, text)


def missing(prefix: str, iri: str = "…") -> str:
    return f"the prefix “{prefix}:” is not declared; PREFIX {prefix}: <{iri}> is missing"


def unfit(shown: str) -> str:
    return f"something before this place does not fit: “{shown}”"


def invalid(iri: str) -> str:
    return f"this IRI is not valid, or relative without BASE: “{iri}”"


#: Query -> line, column, words.
SAID: dict[str, tuple[int, int, str]] = {
    # A prefix that is not declared.
    "ASK {?s foo:bar ?o}": (1, 9, missing("foo")),
    "ASK {?s :bar ?o}": (1, 9, missing("")),
    "ASK {?s é:bar ?o}": (1, 9, missing("é")),
    "ASK {?s ?p 1 .\n  ?s foo:bar/x:y* ?o}": (2, 6, missing("foo")),
    "SELECT * {?s rdfs:label ?l} LIMIT ten": (
        *(1, 14),
        missing("rdfs", VOCABULARIES["rdfs"]),
    ),
    "PREFIX foo: <x:> ASK {?s foo:bar bar:foo}": (1, 34, missing("bar")),
    "prefix # foo\nfoo: <x:> ASK {?s foo:bar bar:foo}": (2, 27, missing("bar")),
    "PREFIX:<x:> PREFIXfoo:<x:> ASK {?s :b foo:c, bar:d}": (1, 46, missing("bar")),
    'ASK {?s ?p \'no:no\', <no:no>, """no:no"""@no, _:no # no:no\n; yes:yes 1}': (
        *(2, 3),
        missing("yes"),
    ),
    "ASK {?s http://a/b ?o}": (
        *(1, 9),
        "an IRI stands between “<” and “>”, without spaces: <http://…>",
    ),
    # What the parser says in a sentence.
    "SELECT ?x (COUNT(?y) AS ?c) {?x ?p ?y}": (
        *(1, 39),
        "The SELECT contains a variable that is unbound",
    ),
    "SELECT ?y {?x ?p ?y} GROUP BY ?x": (
        *(1, 33),
        "The SELECT contains a variable that is unbound",
    ),
    "SELECT (?x AS ?x) {?x ?p ?o}": (
        *(1, 29),
        "The SELECT overrides an existing variable using an expression",
    ),
    "SELECT * {?s ?p ?o} GROUP BY ?s": (1, 32, "SELECT * is not authorized with GROUP BY"),
    "ASK {?s ?p 'a'@en-12345678901 }": (1, 30, "language tag parsing failed"),
    # Where the parser only knows that it was somewhere before.
    "ASK {BIND(1 AS ?x) BIND(2 AS ?x)}": (1, 34, unfit("{BIND(1 AS ?x) BIND(2 AS ?x)}")),
    "ASK {BIND(1 AS ?x) BIND(2 AS ?x)} LIMIT 10": (
        *(1, 41),
        unfit("(1 AS ?x) BIND(2 AS ?x)} LIMIT"),
    ),
    "ASK { VALUES (?a ?b) {(1)} }": (1, 29, unfit("ASK { VALUES (?a ?b) {(1)} }")),
    "ASK {?s ?p ?o} x": (1, 17, unfit("ASK {?s ?p ?o} x")),
    "ASK {?s ?p ?o}\n\nx": (3, 2, unfit("ASK {?s ?p ?o} x")),
    "SELCT ?x { ?x ?p ?o }": (1, 10, unfit("SELCT ?x")),
    # IRIs.
    "ASK {<http://a/%zz> ?p ?o}": (1, 20, invalid("<http://a/%zz>")),
    "ASK {?s ?p <http://a b:c>}": (1, 26, invalid("<http://a b:c>")),
    "DESCRIBE <moshi>": (1, 17, invalid("<moshi>")),
    # What is right in the parser's words.
    "SELECT * {?s ?p": (1, 16, "the query ends too early"),
    "SELECT * {?s ?p ?o .\n\n # }": (3, 5, "the query ends too early"),
    "ASK": (1, 4, 'the query ends too early; expected "{"'),
    "SELECT ?x WHERE ?x ?p ?o }": (1, 17, 'unexpected “?x ?p ?o }”; expected "{"'),
    "SELECT * {?s ?p ?o} LIMIT -1": (1, 27, "unexpected “-1”; expected ['0'..='9']"),
    "ASK\rWHERE ?x {}": (1, 11, 'unexpected “?x {}”; expected "{"'),
}


@pytest.mark.parametrize("text", SAID)
def test_what_is_wrong_is_said_and_where(text: str) -> None:
    error = refuse(text)
    assert (error.line, error.column, str(error)) == SAID[text]


@pytest.mark.parametrize(
    "text", ["ASK {{_:a ?p ?o} {_:a ?p ?c}}", "ASK {_:a ?p ?o . OPTIONAL {_:a ?p ?c}}"]
)
def test_a_label_in_two_groups_is_told_of(text: str) -> None:
    assert str(refuse(text)).startswith("something before this place does not fit: “")
    assert str(refuse(text)).endswith("holds in one group only, a variable in all")


@pytest.mark.parametrize("prefix", ["ASK ", "PREFIX foo ", "# foo:bar\n", "'foo:bar' "])
def test_what_is_no_name_has_no_prefix(prefix: str) -> None:
    assert "declared" not in str(refuse(prefix + "{ _:a <x:y> 'x:y' } x"))


def test_words_of_another_server_stay() -> None:
    error = syntax_error(SyntaxError("Parse error: foo:bar"), "ASK {?s foo:bar ?o}")
    assert (error.line, str(error)) == (None, "Parse error: foo:bar")


@pytest.mark.parametrize("text", ["", "ASK {}", "\n"])
def test_a_place_beyond_the_query_does_no_harm(text: str) -> None:
    error = syntax_error(SyntaxError('error at 7:9: expected "{"'), text)
    assert (error.line, error.column) == (7, 9)


#: Long, and each part of it nearly something.
LONG: dict[str, Callable[[int], str]] = {
    "prefixes": lambda size: "PREFIX" * size,
    "names": lambda size: "PREFIX a: <x:> ASK { " + "a:b " * size,
    "labels": lambda size: "_:a " * size,
    "lines": lambda size: "ASK {\n" * size,
    "brackets": lambda size: "ASK { " + "<" * size,
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_long_queries_are_read_in_a_moment(make: Callable[[int], str]) -> None:
    text = make(300_000)
    started = time.perf_counter()
    assert syntax_error(SyntaxError('error at 1:9: expected "x"'), text).column == 9
    assert time.perf_counter() - started < 2
