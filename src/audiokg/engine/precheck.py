"""What a query must pass before any worker sees it: size, depth, number of patterns, no update.

A cheap scan over the tokens of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar,
terminals), not a parse: it need only be right about strings, IRIs, comments and names, so that a
bracket or a word inside one of these does not count.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from audiokg.engine.protocol import Limits
from audiokg.errors import QueryRefusedError, QuerySyntaxError, QueryTooLargeError
from audiokg.tokens import TOKEN, is_doubtful, is_unclosed

_PARTS: Final = re.compile(r"\w+|[{}()\[\].;,!^/|+*<>=&-]")
_OPEN, _CLOSE = "{([", "})]"
#: IRIs and strings on one line, without escapes. No IRI here has a “'”: it could begin in a string.
_PLAIN: Final = re.compile(
    r"""<[A-Za-z][\w+.-]{0,30}+://[^<>"'{}|^`\x00-\x20]*+>|"[^"\r\n]*+"|'[^'\r\n]*+'"""
)
#: A text with one of these is not plain, nor one where one of those is left.
_ODD: Final = ("\\", '"""', "'''")
_LEFT_OVER: Final = ("<", '"', "'")
#: A prologue without comments or relative IRIs (those are taken out before), and a form of query.
_BEGINNING: Final = re.compile(
    r"(?:\s*+(?:PREFIX\s++(?:[A-Z][\w.-]{0,60}+)?:|BASE)(?=\s))*+"
    r"\s*+(?:SELECT|ASK|CONSTRUCT|DESCRIBE)(?=[\s{(*?$])"
)
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
_PROLOGUE = {"BASE", "PREFIX"}
#: Marks that nest the parser or the evaluation without a bracket: `!!!!x`, `a/b/c/…`, `a||b||…`.
_CHAINED = set("!^/|+*-&=<>")
#: Marks and words that begin or end a pattern.
_PATTERN_ENDS = set(".;,")
_PATTERN_WORDS = {"UNION", "OPTIONAL", "MINUS", "FILTER", "EXISTS", "BIND", "SELECT", "GRAPH"}


def check_query(text: str, limits: Limits) -> None:
    """Check a query against the limits.

    Raises QueryTooLargeError, QueryRefusedError (update), QuerySyntaxError if it is empty. What
    SERVICE may ask is looked at elsewhere (federation.py).
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.query:
        raise QueryTooLargeError(f"the query has {size} bytes; at most {limits.query} are taken")
    if not is_surely_small(text, limits):
        check_tokens(text, limits)


def check_tokens(text: str, limits: Limits) -> None:
    """Check the tokens of a query; raises as check_query does."""
    tokens = list(_tokens(text))
    if not tokens:
        raise QuerySyntaxError("the query is empty")
    _refuse(tokens)
    _check_depth(tokens, limits)
    _check_patterns(tokens, limits)


def is_surely_small(text: str, limits: Limits) -> bool:
    """Tell whether a query passes even if each mark and word counts: most do.

    It takes a third of the time that the tokens take (measured).
    """
    if any(mark in text for mark in _ODD) or is_doubtful(text):
        return False
    rest = _PLAIN.sub(" ", text).upper()
    if any(mark in rest for mark in _LEFT_OVER) or not _BEGINNING.match(rest):
        return False
    brackets, operators = _count(rest, _OPEN), _count(rest, _CHAINED)
    patterns = _count(rest, _PATTERN_ENDS) + _count(rest, _PATTERN_WORDS)
    return brackets + operators <= limits.depth and max(patterns, operators) <= limits.patterns


def _count(text: str, parts: Iterable[str]) -> int:
    return sum(map(text.count, parts))


def _tokens(text: str) -> Iterator[str]:
    if is_doubtful(text):
        yield from _PARTS.findall(text.upper())
        return
    for found in TOKEN.finditer(text):
        if found.lastgroup == "word":
            yield found.group().upper()
        elif found.lastgroup == "mark":
            yield found.group()
        elif is_unclosed(found.group()):  # another reader may see something else: all of it counts
            yield from _PARTS.findall(found.group().upper())


def _refuse(tokens: list[str]) -> None:
    verb = next((token for token in tokens if token not in _PROLOGUE), "")
    if verb in _UPDATES:
        raise QueryRefusedError(f"{verb} is an update; this graph is read-only, ask with SELECT")


def _check_depth(tokens: list[str], limits: Limits) -> None:
    depth = chain = 0
    for token in tokens:
        if token in _OPEN:
            depth += 1
        elif token in _CLOSE:
            depth -= 1
        chain = chain + 1 if token in _CHAINED else 0
        if depth + chain > limits.depth:
            raise QueryTooLargeError(
                f"the query is nested more than {limits.depth} deep; flatten it"
            )


def _check_patterns(tokens: list[str], limits: Limits) -> None:
    patterns = sum(1 for token in tokens if token in _PATTERN_ENDS or token in _PATTERN_WORDS)
    operators = sum(1 for token in tokens if token in _CHAINED)
    for count, what in ((patterns, "patterns"), (operators, "operators")):
        if count > limits.patterns:
            raise QueryTooLargeError(
                f"the query has about {count} {what}; at most {limits.patterns} are taken, "
                "split it or use VALUES"
            )
