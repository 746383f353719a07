"""The dataset that a query is asked of (SPARQL 1.1 Query, section 13.2; Protocol, section 2.1.4).

The default graph of several graphs is their merge, where a triple that stands in two of them is
one. The engine walks them one after the other, and would find it twice; so they are merged here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.engine.protocol import QueryRequest
from audiokg.tokens import TOKEN, expand, is_doubtful, make_detector, read_prefixes

_may_say_from: Final = make_detector("FROM")
#: Relative IRIs are left to the engine, and names with escapes.
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:[^\\]*+")


@dataclass(frozen=True)
class Dataset:
    """IRIs of the graphs that make up the default graph, and of the named graphs."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def has_many(self) -> bool:
        """Tell whether several graphs, or one several times, are the default graph."""
        return len(self.default) > 1

    def merge(self, store: ox.Store) -> ox.Store:
        """Copy it out of a store, each triple of the default graph once."""
        merged = ox.Store()
        for name in map(ox.NamedNode, dict.fromkeys(self.default)):
            found = store.quads_for_pattern(None, None, None, name)
            merged.bulk_extend(ox.Quad(*quad.triple) for quad in found)
        for name in map(ox.NamedNode, dict.fromkeys(self.named)):
            merged.bulk_extend(store.quads_for_pattern(None, None, None, name))
        return merged


def read_dataset(request: QueryRequest) -> Dataset | None:
    """Read what a request says of its dataset; None if it says nothing, or it is not sure what."""
    if request.default_graphs or request.named_graphs:
        return Dataset(request.default_graphs, request.named_graphs)
    text = request.text
    return _read_clauses(text) if "from" in text.casefold() and not is_doubtful(text) else None


def _read_clauses(text: str) -> Dataset | None:
    tokens = [found for found in TOKEN.finditer(text) if not found.group().startswith("#")]
    prefixes = read_prefixes(tokens)
    default, named = list[str](), list[str]()
    for number, token in enumerate(tokens):
        if token.group().upper() == "FROM" and token.lastgroup == "word":
            rest = [found.group() for found in tokens[number + 1 : number + 3]]
            is_named = rest[:1] and rest[0].upper() == "NAMED"
            (named if is_named else default).append(_name(rest[1:] if is_named else rest, prefixes))
    said = [*default, *named]
    # Each FROM is one that was read.
    is_sure = sum(map(_may_say_from, tokens)) == len(said) and all(map(_ABSOLUTE.fullmatch, said))
    return Dataset(tuple(default), tuple(named)) if said and is_sure else None


def _name(tokens: Iterable[str], prefixes: dict[str, str]) -> str:
    return expand(next(iter(tokens), ""), prefixes)
