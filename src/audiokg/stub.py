"""Stubs: the file of a new resource, with what is known of it and nothing else.

What is not known is absent; `audiokg check` then says what to add, and where.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.identifiers import recognise
from audiokg.names import fold
from audiokg.terms import BASE, GRAPH
from audiokg.triples import say, term, typed

Term = ox.NamedNode | ox.Literal
ARXIV: Final = "https://arxiv.org/abs/"
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Year, month and number, or an archive and seven digits; five digits since January 2015
#: (https://info.arxiv.org/help/arxiv_identifier.html).
_ARXIV_ID: Final = re.compile(
    r"(0[7-9]|1[0-4])(0[1-9]|1[0-2])\.\d{4}"
    r"|(1[5-9]|[2-9]\d)(0[1-9]|1[0-2])\.\d{5}"
    r"|[a-z-]+(\.[A-Z]{2})?/\d{2}(0[1-9]|1[0-2])\d{3}"
)
_LONGEST_ID: Final = 60


@dataclass(frozen=True)
class Stub:
    """A new resource: its segment and id, what is known of it, and which documents say so.

    `facts` are (property, value) pairs, properties and classes are written as prefix:name. `others`
    gives the class of addresses that the file must say what they are (a repository of code).
    """

    segment: str
    id: str
    classes: tuple[str, ...]
    facts: tuple[tuple[str, Term], ...]
    sources: tuple[str, ...]
    modified: str
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def iri(self) -> str:
        """Give the IRI of the resource."""
        return f"{BASE}{self.segment}/{self.id}"

    @property
    def graph(self) -> str:
        """Give the IRI of the graph that its file is."""
        return f"{GRAPH}{self.segment}/{self.id}"

    @property
    def file(self) -> str:
        """Give the path of its file below the root of the graph."""
        return f"data/{self.segment}/{self.id}.ttl"

    def triples(self) -> list[ox.Triple]:
        """Give its triples, the head of its file among them."""
        said = [
            *say(self.graph, "dcterms:modified", typed(self.modified, "date")),
            *say(self.graph, "dcterms:source", *map(term, self.sources)),
            *say(self.iri, "rdf:type", *map(term, self.classes)),
            *chain.from_iterable(say(self.iri, name, value) for name, value in self.facts),
            *chain.from_iterable(
                say(address, "rdf:type", term(name)) for address, name in self.others.items()
            ),
        ]
        return list(dict.fromkeys(said))

    def text(self) -> str:
        """Write its file, in canonical form."""
        return canonical(self.triples(), self.graph)


def model_stub(
    model: str,
    *,
    modified: str,
    label: str = "",
    classes: Iterable[str] = ("akg:Model",),
    publication: str = "",
    sources: Iterable[str] = (),
    facts: Iterable[tuple[str, Term]] = (),
) -> Stub:
    """Make the stub of a model from its id; `publication` is the id of the work that introduces it.

    Raises InputError for an id that cannot be one.
    """
    known: list[tuple[str, Term]] = [("rdfs:label", ox.Literal(label))] if label else []
    if publication:
        known.append(("akg:introducedIn", term(f"publication:{publication}")))
    return Stub(
        "model", check_id(model), tuple(classes), (*known, *facts), tuple(sources), modified
    )


def publication_stub(
    publication: str = "",
    *,
    modified: str,
    title: str = "",
    arxiv: str = "",
    sources: Iterable[str] = (),
    facts: Iterable[tuple[str, Term]] = (),
) -> Stub:
    """Make the stub of a publication; without an id, it is named by its arXiv id, else its title.

    Raises InputError for an id or arXiv id that cannot be one.
    """
    known: list[tuple[str, Term]] = []
    if arxiv:
        arxiv = check_arxiv(arxiv)
        known.append(("fabio:hasArXivId", ox.Literal(arxiv)))
        sources = dict.fromkeys((ARXIV + arxiv, *sources))
    if title:
        known += [("rdfs:label", ox.Literal(title)), ("dcterms:title", ox.Literal(title))]
    name = publication or (arxiv_name(arxiv) if arxiv else name_of(title))
    classes = ("akg:Publication",)
    return Stub("publication", check_id(name), classes, (*known, *facts), tuple(sources), modified)


def name_of(text: str) -> str:
    """Make an id of a name or title: lower case, with hyphens, of whole words, not too long."""
    words = fold(text).split()
    while len(words) > 1 and len("-".join(words)) > _LONGEST_ID:
        words.pop()
    return "-".join(words)


def arxiv_name(arxiv: str) -> str:
    """Give the id of the publication that has an arXiv id: arxiv-2210-13438."""
    return "arxiv-" + re.sub(r"[^a-z0-9]+", "-", arxiv.lower())


def check_id(text: str) -> str:
    """Give back an id. Raises InputError with the nearest one for what is no id."""
    if _ID.fullmatch(text):
        return text
    near = "-".join(re.findall(r"[a-z0-9]+", fold(text)))
    advice = f"; write it as {near}" if near else ""
    raise InputError(f"“{text}” is no id: lower-case letters, digits and hyphens between{advice}")


def check_arxiv(text: str) -> str:
    """Give an arXiv id without prefix, address and version. Raises InputError for no arXiv id."""
    found = recognise(text)
    arxiv = found.address.removeprefix(ARXIV) if found else ""
    if not _ARXIV_ID.fullmatch(arxiv):
        raise InputError(
            f"“{text}” is no arXiv id: it is year, month, a point and five digits, as in 2210.13438"
        )
    return arxiv


def write_stubs(stubs: Iterable[Stub], root: Path) -> list[Path]:
    """Write the files of new resources. Raises InputError, before any is written, if one exists."""
    files = {root / stub.file: stub.text() for stub in stubs}
    for path in files:
        if path.exists():
            raise InputError(f"{path} exists; a stub never overwrites")
    for path, text in files.items():
        write_text(path, text)
    return list(files)
