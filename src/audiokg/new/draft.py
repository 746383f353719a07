"""From a request to files: what is known becomes stubs, what is doubtful is said before writing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from audiokg.build import read_quads
from audiokg.check.known import KINDS, Known, local_name
from audiokg.errors import InputError
from audiokg.names import is_near, letters
from audiokg.new.constraints import read_constraints
from audiokg.new.request import Request
from audiokg.new.values import Values, read_source
from audiokg.paths import IN_WHEEL
from audiokg.stub import ARXIV, Stub, Term, arxiv_name, check_arxiv, check_id, publication_stub
from audiokg.terms import AKG, BASE, expand, shorten

_INTRODUCED_IN = AKG + "introducedIn"


@dataclass(frozen=True)
class Draft:
    """The files that a request asks for, and what speaks against it."""

    stubs: tuple[Stub, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Where requests are looked at: the graph as it is in the files below `root`, and the day."""

    root: Path
    day: str

    @cached_property
    def known(self) -> Known:
        """Give what the graph knows. Raises InputError for a file that does not parse."""
        store = ox.Store()
        store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in read_quads(self.root))
        return Known(store, self.root)

    @cached_property
    def values(self) -> Values:
        """Give the reader of values."""
        return Values(self.known, read_constraints(self.root))

    @cached_property
    def papers(self) -> dict[str, tuple[str, list[str]]]:
        """Give, by arXiv id, each publication and what it introduces."""
        papers: dict[str, tuple[str, list[str]]] = {}
        for publication, arxiv, thing in self.known.ask("introduced"):
            papers.setdefault(arxiv, (publication, []))[1].extend(filter(None, [thing]))
        return papers

    def has_paper(self, kind: str) -> bool:
        """Tell whether things of a kind are introduced in a paper."""
        return _INTRODUCED_IN in self.values.constraints[expand(KINDS[kind])]

    def draft(self, request: Request) -> Draft:
        """Make the files of a request. Raises InputError for what cannot be, or is there."""
        check_id(request.id)
        if self.root == IN_WHEEL:
            raise InputError("there is no checkout to write to; set AUDIOKG_ROOT to one")
        if (self.root / "data" / request.kind / f"{request.id}.ttl").exists():
            raise InputError(f"{request.kind}:{request.id} is there already; no file was written")
        if request.kind == "publication":
            return self._publication(request)
        if request.arxiv and not self.has_paper(request.kind):
            raise InputError(f"no paper introduces a {request.kind}; give it as --set source=…")
        facts, others = self._facts(request)
        sources = [read_source(source) for source in request.sources]
        papers = self._papers(request, facts, sources)
        stub = Stub(
            request.kind,
            request.id,
            self.values.classes(request.kind, request.classes),
            tuple(facts),
            tuple(sources),
            self.day,
            others,
        )
        return Draft((stub, *papers), tuple(self._doubts(request, stub)))

    def _publication(self, request: Request) -> Draft:
        facts, _ = self._facts(request)
        arxiv = check_arxiv(request.arxiv) if request.arxiv else ""
        if arxiv in self.papers:
            raise InputError(f"arXiv {arxiv} is {shorten(self.papers[arxiv][0])}")
        title = request.title or request.label
        stub = publication_stub(
            request.id,
            modified=self.day,
            title=" ".join(title.split()),
            arxiv=arxiv,
            sources=map(read_source, request.sources),
            facts=[fact for fact in facts if fact[0] != "rdfs:label"],
        )
        stub = replace(stub, classes=self.values.classes(request.kind, request.classes))
        doubts = list(self._doubts(request, stub))
        if arxiv and request.id != arxiv_name(arxiv):
            doubts.append(f"the publication of arXiv {arxiv} is called {arxiv_name(arxiv)}")
        return Draft((stub,), tuple(doubts))

    def _facts(self, request: Request) -> tuple[list[tuple[str, Term]], dict[str, str]]:
        label = " ".join(request.label.split())
        facts: list[tuple[str, Term]] = [("rdfs:label", ox.Literal(label))] if label else []
        others: dict[str, str] = {}
        for word, text in request.settings:
            constraint = self.values.constraint(request.kind, word)
            values = self.values.read(constraint, text)
            facts += [(constraint.property, value) for value in values]
            others |= self.values.others(constraint, values)
        return facts, others

    def _papers(
        self, request: Request, facts: list[tuple[str, Term]], sources: list[str]
    ) -> list[Stub]:
        """Link the paper of a request, and make its file if there is none."""
        if not request.arxiv:
            return []
        arxiv = check_arxiv(request.arxiv)
        sources.append(ARXIV + arxiv)
        publication, _ = self.papers.get(arxiv, ("", []))
        iri = publication or f"{BASE}publication/{arxiv_name(arxiv)}"
        facts.append((_INTRODUCED_IN, ox.NamedNode(iri)))
        title = " ".join(request.title.split())
        return (
            [] if publication else [publication_stub(modified=self.day, title=title, arxiv=arxiv)]
        )

    def _doubts(self, request: Request, stub: Stub) -> Iterator[str]:
        whole = {value for name, value in stub.facts if name == AKG + "variantOf"}
        names = [*filter(None, map(letters, (request.label, local_name(stub.iri))))]
        for thing, others in self.known.names.items():
            if not thing.startswith(f"{BASE}{stub.segment}/") or ox.NamedNode(thing) in whole:
                continue
            if any(is_near(name, letters(other)) for name in names for other in others):
                yield f"{shorten(thing)} ({others[0]}) exists; is it that?"
        if request.kind != "publication" and request.arxiv:
            yield from self._introduced(request, whole)

    def _introduced(self, request: Request, whole: set[Term]) -> Iterator[str]:
        publication, things = self.papers.get(check_arxiv(request.arxiv), ("", []))
        own = [thing for thing in things if thing.startswith(f"{BASE}{request.kind}/")]
        if own and not whole & set(map(ox.NamedNode, own)):
            names = " and ".join(f"{shorten(t)} ({self.known.names[t][0]})" for t in own)
            yield f"{shorten(publication)} introduces {names}; is it that, or a variant of it?"
