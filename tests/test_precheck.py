"""The quick look at a query never lets through what the look at its tokens refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audiokg.engine.precheck import check_tokens, is_surely_small
from audiokg.engine.protocol import Limits
from audiokg.paths import find_root
from audiokg.queries import Query, read_library
from conftest import LIMITS
from hostile import Hostile, corpus

#: The outcomes are of an address that listens; here only the texts count.
CORPUS = corpus("http://127.0.0.1:1/")
LIBRARY = read_library("page", find_root()) | read_library("example", find_root())
#: So small that many texts are near them.
NARROW = Limits(depth=5, patterns=7)
PARTS = (
    *"{}()[].;,!/|+*=<>&- \n'\"#\\",
    *("'''", '"""', "<x://", "<http://a.org/>", "a:b", "?s", "1", "un\u0131on ", "OPTIONAL "),
    *("SELECT ", "ASK ", "PREFIX a: ", "BASE ", "DROP "),
)
SOUPS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=40).map("".join)


@given(text=SOUPS | SOUPS.map("ASK {{ {} }}".format))
@settings(max_examples=3000)
def test_what_is_let_through_unread_passes_when_it_is_read(text: str) -> None:
    if is_surely_small(text, NARROW):
        check_tokens(text, NARROW)


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_hostile_query_is_let_through_unread_only_if_it_passes(one: Hostile) -> None:
    text = one.text.decode("utf-8", "replace")
    if is_surely_small(text, LIMITS):
        check_tokens(text, LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p '<x://'" + "(" * 41 + "> }",
        'SELECT * { ?s ?p "<x://"' + "(" * 41 + "> }",
        "ASK { FILTER(1<2)" + "{" * 40 + "}" * 40 + "}",
        "ASK " + "{" * 41 + "}" * 41,
        "ASK { FILTER(" + "!" * 41 + "true) }",
        "PREFIX a: <http://a.org/> ASK { ?s " + "a:b/" * 41 + "a:b ?o }",
        "ASK { " + "?s ?p ?o . " * 401 + "}",
        "ask { " + "{} un\u0131on " * 401 + "{} }",
        "# SELECT\nDROP ALL",
        "BASE <http://a.org/> DROP ALL",
        "PREFIX select: <x://y> DROP ALL",
        "SELECTED",
        "SELECT:x DROP ALL",
        "PREFIX a:SELECT DROP ALL",
        "PREFIX 1DROP: SELECT * {}",
        "ASK { '<#>" + "(" * 41 + "' }",
        "",
    ],
)
def test_what_may_not_pass_is_read(text: str) -> None:
    assert not is_surely_small(text, LIMITS)


def test_operators_are_counted_by_both_limits() -> None:
    assert not is_surely_small("ASK { FILTER(1+1+1+1=4) }", Limits(depth=40, patterns=3))


@pytest.mark.parametrize("query", LIBRARY.values(), ids=lambda query: query.name)
def test_query_of_the_library_passes_when_it_is_read(query: Query) -> None:
    check_tokens(query.text, LIMITS)


def test_most_queries_need_not_be_read() -> None:
    texts = [
        "\n".join(line for line in query.text.splitlines() if line[:1] != "#")
        for query in LIBRARY.values()
    ]
    assert sum(is_surely_small(text, LIMITS) for text in texts) > len(texts) / 2
