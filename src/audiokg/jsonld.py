"""JSON-LD as programs like it: short keys from the ontology, and one resource at the top.

There is one context, made from the ontology and published at /context.jsonld. A document carries
the part of it that it uses, not its address, so that it can be read without a network, by parsers
that fetch nothing, and for ever; the keys mean the same in both (tests/test_jsonld.py).

- A label is a string everywhere: names of models and papers have no language, those of concepts
  are English, which the type-scoped contexts of their classes say (JSON-LD 1.1, section 4.1.8).
- An identifier is a whole IRI, to be compared with one of a SPARQL result, or to be fetched.
- Integers and truth values are JSON's own. Decimals are strings, whose type the context gives: a
  number of JSON would be read as "1.25E1" (JSON-LD 1.1 API, section 8.6).

The writing is ours, not pyld's, whose framing took 2.8 s for the largest resource, a source with
44,000 triples; this takes 0.5 s. In the tests three parsers, pyld among them, read it back.
"""

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from audiokg.context import BASICS, NAMES, Json, Words, read_words
from audiokg.errors import FormatNotFittingError
from audiokg.terms import RDF_TYPE, VOCABULARIES, XSD

Node = ox.NamedNode | ox.BlankNode
Value = Node | ox.Literal
#: What is said of each node, by property.
Nodes = Mapping[Node, Mapping[str, list[Value]]]

_LABEL: Final = VOCABULARIES["rdfs"] + "label"
_DIGITS: Final = re.compile(r"(\d{1,18})")
_TRUTH: Final = {"true": True, "false": False}
#: The integers that every reader of JSON keeps exactly, as XML Schema writes them.
_INTEGER: Final = re.compile(r"0|-?[1-9]\d{0,14}")


def compact(triples: Iterable[ox.Triple], context: Json, root: str = "") -> Json:
    """Write triples as one document, with the part of the context that it uses.

    `root` is at the top, and what it links to, or what links to it, inside it; without one, or
    where it does not lead to all nodes, they stand side by side in @graph.

    Raises FormatNotFittingError for what JSON-LD cannot hold: a triple in a triple, and an IRI of
    a scheme that the context has as a prefix.
    """
    nodes, words = _group(triples), read_words(context)
    _refuse_prefixes(nodes, context)
    top = ox.NamedNode(root) if root else ox.BlankNode()
    tree = _grow(nodes, top, words.inverses)
    if nodes.keys() == tree.homes.keys():
        body = _Writer(nodes, words, tree).write(top)
    else:
        flat = _Writer(nodes, words, _Tree())
        body = {"@graph": [flat.write(node) for node in nodes]}
    used = {key: context[key] for key in context if key in words.used or key in BASICS}
    return {"@context": used} | body


def _group(triples: Iterable[ox.Triple]) -> Nodes:
    nodes: defaultdict[Node, defaultdict[str, list[Value]]]
    nodes = defaultdict(lambda: defaultdict(list))
    for triple in set(triples):
        if isinstance(triple.subject, ox.Triple) or isinstance(triple.object, ox.Triple):
            raise FormatNotFittingError("JSON-LD has no triples in triples; take another format")
        nodes[triple.subject][triple.predicate.value].append(triple.object)
    return {node: _arrange(nodes[node]) for node in sorted(nodes, key=_order)}


def _refuse_prefixes(nodes: Nodes, context: Json) -> None:
    """Refuse what would be read as a short name (JSON-LD 1.1, section 3.2.1)."""
    for node, said in nodes.items():
        values = (value for several in said.values() for value in several)
        for name in (_name(node), *said, *map(_name_or_type, values)):
            scheme, _, rest = name.partition(":")
            if scheme in context and not rest.startswith("//"):
                raise FormatNotFittingError(f"JSON-LD would read <{name}> as short for another IRI")


def _name_or_type(value: Value) -> str:
    return value.datatype.value if isinstance(value, ox.Literal) else _name(value)


def _arrange(said: Mapping[str, list[Value]]) -> dict[str, list[Value]]:
    several = {name: sorted(values, key=_order) for name, values in said.items() if values[1:]}
    return {name: several.get(name, said[name]) for name in sorted(said)}


def _order(term: Value) -> list[str | int]:
    """Order by the text, numbers in it by their size: the tenth author after the ninth."""
    parts: list[str | int] = [*_DIGITS.split(str(term))]
    parts[1::2] = map(int, parts[1::2])
    return parts


@dataclass(frozen=True)
class _Tree:
    """Where each node is written whole: in the nearest one to the root that leads to it.

    `backs` are the nodes that are written in one because they link to it, by property.
    """

    homes: dict[Node, Node | None] = field(default_factory=dict)
    backs: dict[Node, dict[str, list[Node]]] = field(default_factory=dict)


def _grow(nodes: Nodes, root: Node, inverses: Collection[str]) -> _Tree:
    found = _links(nodes)
    ways: defaultdict[Node, list[tuple[str, Node]]] = defaultdict(list)
    for node, _, value in found:
        ways[node].append(("", value))
    for node, property_, value in found:
        if property_ in inverses:
            ways[value].append((property_, node))
    tree, ahead = _Tree({root: None}), deque([root])
    while ahead:
        home = ahead.popleft()
        ahead.extend(_settle(tree, home, ways[home]))
    return tree


def _links(nodes: Nodes) -> list[tuple[Node, str, Node]]:
    return [
        (node, property_, value)
        for node, said in nodes.items()
        for property_, values in said.items()
        if property_ != RDF_TYPE  # a kind is a name, in which nothing can be written
        for value in values
        if not isinstance(value, ox.Literal) and value in nodes
    ]


def _settle(tree: _Tree, home: Node, ways: Iterable[tuple[str, Node]]) -> list[Node]:
    """Write what a node leads to in it, unless that has a home already; give what was new."""
    new = []
    for property_, node in ways:
        if node in tree.homes:
            continue
        tree.homes[node] = home
        new.append(node)
        if property_:
            tree.backs.setdefault(home, {}).setdefault(property_, []).append(node)
    return new


@dataclass(frozen=True)
class _Writer:
    nodes: Nodes
    words: Words
    tree: _Tree

    def write(self, node: Node, known: tuple[str, Node] | None = None) -> Json:
        """Write a node with all that is said of it, but for a link that is `known`."""
        document = self._head(node)
        for property_, values in self.nodes[node].items():
            left = [
                value
                for value in values
                if (property_, value) != known and not _is_of_head(property_, value)
            ]
            if left:
                word = self.words.word(property_)
                kind = "@en" if word.key in NAMES and self._is_english(node) else word.kind
                document[word.key] = _one([self._value(node, value, kind) for value in left])
        for property_, others in self.tree.backs.get(node, {}).items():
            parts = [self.write(other, (property_, node)) for other in others]
            document[self.words.inverse(property_)] = _one(parts)
        return document

    def _head(self, node: Node) -> Json:
        """Write identifier, kind and label."""
        said = self.nodes[node]
        document: Json = {"id": _name(node)}
        kinds = [kind for kind in said.get(RDF_TYPE, []) if _is_of_head(RDF_TYPE, kind)]
        if kinds:
            document["type"] = _one([self.words.name(_name(kind)) for kind in kinds])
        if _LABEL in said:
            word = self.words.word(_LABEL)
            kind = "@en" if self._is_english(node) else word.kind
            document[word.key] = _one([self._value(node, label, kind) for label in said[_LABEL]])
        return document

    def _is_english(self, node: Node) -> bool:
        kinds = self.nodes[node].get(RDF_TYPE, [])
        return any(_name(kind) in self.words.english for kind in kinds)

    def _value(self, node: Node, value: Value, kind: str) -> Any:
        if isinstance(value, ox.Literal):
            return self._literal(value, kind)
        if self.tree.homes.get(value) == node:
            return self.write(value)
        head = self._head(value) if value in self.tree.homes else {}
        if len(head) > 1:
            return head
        return self._reference(value, kind)

    def _reference(self, value: Node, kind: str) -> str | Json:
        if kind == "@vocab":
            return self.words.name(_name(value))
        return _name(value) if kind == "@id" else {"id": _name(value)}

    def _literal(self, literal: ox.Literal, kind: str) -> Any:
        text, datatype = literal.value, literal.datatype.value
        if literal.language:
            plain = kind == f"@{literal.language}" and not literal.direction
            return text if plain else _tagged(literal)
        if datatype == (kind or XSD + "string"):
            return text
        if not kind and datatype == XSD + "integer" and _INTEGER.fullmatch(text):
            return int(text)
        if not kind and datatype == XSD + "boolean" and text in _TRUTH:
            return _TRUTH[text]
        typed = {"type": self.words.name(datatype)} if datatype != XSD + "string" else {}
        return {**typed, "@value": text}


def _is_of_head(property_: str, value: Value) -> bool:
    """Tell whether this is written of a node wherever it is linked to, and first.

    A literal cannot stand in @type (JSON-LD 1.1 API, RDF to JSON-LD): as a kind it is a property's
    value, like any other.
    """
    return property_ == _LABEL or (property_ == RDF_TYPE and not isinstance(value, ox.Literal))


def _tagged(literal: ox.Literal) -> Json:
    direction = {"@direction": str(literal.direction)} if literal.direction else {}
    return {"@language": literal.language, **direction, "@value": literal.value}


def _name(node: Value) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
