"""Find what a query of the library asks for: its triple patterns, way by way.

A reader of the tokens of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar), for
queries that are known to parse. What FILTER, BIND, MINUS and NOT EXISTS say is passed over: only
what has to be there, or may be, is of interest. A UNION gives a way for each of its branches.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

from audiokg.errors import QuerySyntaxError
from audiokg.terms import RDF_TYPE
from audiokg.tokens import TOKEN, is_unclosed

_OPEN, _CLOSE = "{([", "})]"
_MANY: Final = 64
#: The mark of a step that may be none, which is read like one that may be many.
_MAYBE: Final = re.compile(r"(?<=[\w)>])\?(?=[\s/|)])")


@dataclass(frozen=True)
class Pattern:
    """A triple pattern: one of the properties leads from the subject to the object.

    Properties are IRIs, those that are followed backwards with `^` before them. A variable is
    written `?name`; everything else is a term in N-Triples' notation.
    """

    subject: str
    properties: frozenset[str]
    object: str
    is_optional: bool = False


#: One way of answering: the patterns, and what VALUES allows a variable.
Way = tuple[Pattern, ...]


@dataclass
class Reader:
    """Reads the ways of one query; `values` has what VALUES allows each variable."""

    tokens: list[str]
    prefixes: dict[str, str] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    place: int = 0
    nameless: int = 0

    @classmethod
    def of(cls, text: str) -> "Reader":
        """Take a query. Raises QuerySyntaxError for a string without an end."""
        tokens = [found.group() for found in TOKEN.finditer(_MAYBE.sub("*", text))]
        if any(is_unclosed(token) for token in tokens):
            raise QuerySyntaxError("a string has no end")
        return cls([token for token in tokens if not token.startswith("#")])

    def read(self) -> list[Way]:
        """Give the ways of the query. Raises QuerySyntaxError where a bracket is not closed."""
        try:
            while self._see() != "{":
                if self._take().upper() == "PREFIX":
                    name, iri = self._take(), self._take()
                    self.prefixes[name.removesuffix(":")] = iri[1:-1]
            return self._group()
        except IndexError as error:
            raise QuerySyntaxError("the query ends within a group") from error

    def _see(self) -> str:
        return self.tokens[self.place]

    def _take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def _group(self) -> list[Way]:
        self._take()
        ways: list[Way] = [()]
        while self._see() != "}":
            found = _PARTS.get(self._see().upper(), Reader._triples)(self)
            ways = [one + other for one, other in product(ways, found)][:_MANY]
        self._take()
        return ways

    def _inner(self) -> list[Way]:
        """Read a group, or one of several that UNION joins."""
        ways = self._group()
        while self._see().upper() == "UNION":
            self._take()
            ways = ways + self._group()
        return ways

    def _select(self) -> list[Way]:
        """Read a query in a group; what stands after its pattern is passed over."""
        while self._see() != "{":
            self._take()
        ways = self._group()
        while self._see() != "}":
            self._pass()
        return ways

    def _optional(self) -> list[Way]:
        self._take()
        inner = [pattern for way in self._group() for pattern in way]
        return [tuple(replace(pattern, is_optional=True) for pattern in inner)]

    def _pass_over(self) -> list[Way]:
        self._take()
        self._pass()
        return [()]

    def _graph(self) -> list[Way]:
        self._take()
        self._take()
        return self._group()

    def _filter(self) -> list[Way]:
        self._take()
        if self._see().upper() == "EXISTS":
            self._take()
            return self._group()
        while self._see() not in "({":
            self._take()
        self._pass()
        return [()]

    def _values(self) -> list[Way]:
        self._take()
        names = [self._take()] if self._see() != "(" else self._bracket()
        self._take()
        while self._see() != "}":
            row = self._bracket() if self._see() == "(" else [self._take()]
            for name, token in zip(names, row, strict=True):
                self.values.setdefault(name, set()).add(self._term(token))
        self._take()
        return [()]

    def _bracket(self) -> list[str]:
        """Take what stands between round brackets."""
        start = self.place + 1
        self._pass()
        return self.tokens[start : self.place - 1]

    def _pass(self) -> None:
        """Pass over a token, or what stands between brackets."""
        depth = 0
        while True:
            token = self._take()
            depth += (token in _OPEN) - (token in _CLOSE)
            if depth == 0:
                return

    def _stop(self) -> list[Way]:
        self._take()
        return [()]

    def _triples(self) -> list[Way]:
        subject = self._term(self._take())
        return [tuple(self._about(subject))]

    def _about(self, subject: str) -> Iterator[Pattern]:
        """Read what is said of a subject: properties and objects, with `;` and `,` between."""
        while True:
            steps = self._path()
            yield from self._chain(subject, steps, self._term(self._take()))
            while self._see() == ",":
                self._take()
                yield from self._chain(subject, steps, self._term(self._take()))
            if self._see() != ";":
                return
            while self._see() == ";":
                self._take()
            if self._see() in ".}":
                return

    def _chain(self, subject: str, steps: list[frozenset[str]], end: str) -> Iterator[Pattern]:
        for number, step in enumerate(steps, start=1):
            self.nameless += 1
            following = end if number == len(steps) else f"?-{self.nameless}"
            yield Pattern(subject, step, following)
            subject = following

    def _path(self) -> list[frozenset[str]]:
        """Read a path as steps, each one of some properties; what may be no step is left out.

        Of branches that have several steps, only the first are told.
        """
        branches = [self._sequence()]
        while self._see() == "|":
            self._take()
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        first = [branch[0] for branch in branches if branch]
        return [frozenset().union(*first)] if first else []

    def _sequence(self) -> list[frozenset[str]]:
        steps = self._step()
        while self._see() == "/":
            self._take()
            steps = steps + self._step()
        return steps

    def _step(self) -> list[frozenset[str]]:
        if backwards := self._see() == "^":
            self._take()
        if self._see() == "(":
            self._take()
            steps = self._path()
            self._take()
        else:
            steps = [self._properties(self._take())]
        if self._see() in "+*":
            steps = steps if self._take() == "+" else []
        return [turn(step) for step in reversed(steps)] if backwards else steps

    def _properties(self, token: str) -> frozenset[str]:
        """Give what a property is; a variable is what VALUES, which stands before, allows it."""
        if token in ("a",):
            return frozenset({RDF_TYPE})
        if token.startswith(("?", "$")):
            return frozenset(term.strip("<>") for term in self.values.get(token, ()))
        return frozenset({self._term(token).strip("<>")})

    def _term(self, token: str) -> str:
        prefix, colon, local = token.partition(":")
        if colon and prefix in self.prefixes:
            return f"<{self.prefixes[prefix]}{local}>"
        return token


#: What a part of a group begins with -> how it is read; anything else is a triple pattern.
_PARTS: Final[dict[str, Callable[[Reader], list[Way]]]] = {
    "{": Reader._inner,
    "SELECT": Reader._select,
    "OPTIONAL": Reader._optional,
    "MINUS": Reader._pass_over,
    "GRAPH": Reader._graph,
    "FILTER": Reader._filter,
    "BIND": Reader._pass_over,
    "VALUES": Reader._values,
    ".": Reader._stop,
}


def turn(properties: frozenset[str]) -> frozenset[str]:
    """Follow properties in the other direction."""
    return frozenset(p.removeprefix("^") if p.startswith("^") else f"^{p}" for p in properties)
