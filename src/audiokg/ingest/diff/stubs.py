"""Stubs of what the rows of a list name and the graph does not have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.ingest.diff.candidates import Certainty, Part
from audiokg.ingest.diff.run import Comparison, listed_class, segment_listed
from audiokg.ingest.diff.traits import link_key, traits_of
from audiokg.ingest.entry import Entry
from audiokg.ingest.sources import SOURCES
from audiokg.stub import Stub, model_stub, name_of, publication_stub

_SURVEY: Final = "akg:SurveyPublication"
_ARXIV: Final = "arxiv:"


@dataclass(frozen=True)
class Stubs:
    """New files, which of them each row refers to, and why a row has none (both by id)."""

    files: tuple[Stub, ...]
    of_row: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def make_stubs(comparison: Comparison, root: Path) -> Stubs:
    """Make the stubs of all that is new in a list; rows of one work share one."""
    maker = _Maker(comparison.source, root)
    rows = {row.ident: row.now for row in comparison.rows if row.now}
    for ident, proposal in comparison.proposals.items():
        maker.add(rows[ident], proposal.paper, proposal.thing)
    return Stubs(tuple(maker.made.values()), maker.of_row, maker.problems)


class _Maker:
    """The stubs made so far, by their path."""

    def __init__(self, source: str, root: Path) -> None:
        self._source, self._root = source, root
        self._spec = SOURCES[source]
        self.made: dict[str, Stub] = {}
        self.of_row: dict[str, tuple[str, ...]] = {}
        self.problems: dict[str, str] = {}

    def add(self, entry: Entry, paper: Part | None, thing: Part) -> None:
        """Make what a row lacks. What cannot be made is a problem of that row alone."""
        try:
            for stub in self._stubs(entry, paper, thing):
                self._keep(stub, entry.ident)
        except InputError as error:
            self.problems[entry.ident] = f"no stub was made: {error}"

    def _stubs(self, entry: Entry, paper: Part | None, thing: Part) -> Iterator[Stub]:
        publication = paper.decided[0].rpartition("/")[2] if paper and paper.decided else ""
        if paper and paper.certainty is Certainty.NONE:
            stub = self._publication(entry)
            publication = stub.id
            yield stub
        if thing.certainty is Certainty.NONE and traits_of(entry).name:
            yield self._thing(entry, publication)

    def _publication(self, entry: Entry) -> Stub:
        found = sorted(traits_of(entry).arxiv)
        arxiv = found[0].removeprefix(_ARXIV) if len(found) == 1 else ""
        facts = () if arxiv else _pages(entry)
        stub = publication_stub(
            title=entry.texts.get("title", ""),
            arxiv=arxiv,
            modified=self._spec.read_on,
            sources=(f"source:{self._source}",),
            facts=facts,
        )
        is_survey = listed_class(self._spec, entry.ident) == _SURVEY
        return replace(stub, classes=(_SURVEY,)) if is_survey else stub

    def _thing(self, entry: Entry, publication: str) -> Stub:
        name = entry.texts["name"]
        stub = model_stub(
            name_of(name),
            label=name,
            classes=(listed_class(self._spec, entry.ident),),
            publication=publication,
            modified=self._spec.read_on,
            sources=(f"source:{self._source}",),
            facts=() if publication else _pages(entry),
        )
        return replace(stub, segment=segment_listed(self._spec, entry.ident))

    def _keep(self, stub: Stub, ident: str) -> None:
        made = self.made.setdefault(stub.file, stub)
        if (self._root / stub.file).exists():
            del self.made[stub.file]
            raise InputError(f"{stub.file} exists, and is called otherwise")
        if stub.segment != "publication" and made != stub:
            raise InputError(
                f"another new row has the id {stub.id}, too; name one of them otherwise"
            )
        self.of_row[ident] = (*self.of_row.get(ident, ()), stub.iri)


def _pages(entry: Entry) -> tuple[tuple[str, ox.NamedNode], ...]:
    links = [link for link in entry.links if link_key(link)]
    return tuple(("foaf:page", ox.NamedNode(link)) for link in links[:1])
