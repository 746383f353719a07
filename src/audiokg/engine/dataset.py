"""The dataset that a query is asked of (SPARQL 1.1 Query, section 13.2; Protocol, section 2.1.4).

The default graph of several graphs is their merge, where a triple that stands in two of them is
one. The engine walks them one after the other, and would find it twice; so they are merged here.
"""

import re
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.engine.protocol import QueryRequest
from audiokg.tokens import (
    expand_token,
    is_doubtful,
    make_detector,
    read_prefixes,
    read_tokens,
)

#: Relative IRIs and names with escapes are left to the engine, and where `PREFIX:<…>` is written.
_may_matter: Final = make_detector("FROM", "PREFIX")
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
    tokens = read_tokens(text)
    words = [*(token.group() for token in tokens), "", ""]
    prefixes = read_prefixes(tokens)
    default, named = list[str](), list[str]()
    for number, token in enumerate(tokens):
        if _says(token, "FROM"):
            is_named = words[number + 1].upper() == "NAMED"
            name = words[number + 1 + is_named]
            (named if is_named else default).append(expand_token(name, prefixes))
    said = [*default, *named]
    is_plain = all(_says(token, "FROM", "PREFIX") for token in tokens if _may_matter(token))
    is_sure = is_plain and all(map(_ABSOLUTE.fullmatch, said))
    return Dataset(tuple(default), tuple(named)) if said and is_sure else None


def _says(token: re.Match[str], *words: str) -> bool:
    return token.lastgroup == "word" and token.group().upper() in words
