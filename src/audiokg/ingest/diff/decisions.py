"""What we decided about the rows of a list, and carrying it over to where the rows are now."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.ingest.diff.verdicts import RowVerdict
from audiokg.ingest.entry import Entry
from audiokg.terms import BASE, GRAPH
from audiokg.triples import term
from audiokg.turtle import TurtleSyntaxError, read_triples

_REFERS_TO: Final = term("akg:refersTo")
_NOTE: Final = term("skos:editorialNote")
_ROW_NUMBER: Final = re.compile(r"\brows? (\d+)(?:(?:,| and|, and) (\d+))*")
#: Property of an entry as printed -> the name of that text in an entry.
_PRINTED: Final = {
    f"akg:{name}AsGiven": name
    for name in ("date", "name", "title", "authors", "size", "venue", "links")
}


@dataclass(frozen=True)
class Decision:
    """What was decided about a row: all that its identity file says of it, (property, value)."""

    ident: str
    facts: tuple[tuple[ox.NamedNode, ox.NamedNode | ox.Literal], ...]

    @property
    def refers_to(self) -> frozenset[str]:
        """Give what the row refers to."""
        return frozenset(value.value for name, value in self.facts if name == _REFERS_TO)

    @property
    def notes(self) -> tuple[str, ...]:
        """Give its editorial notes."""
        return tuple(sorted(value.value for name, value in self.facts if name == _NOTE))

    def triples(self, source: str) -> Iterator[ox.Triple]:
        """Write it about the row of a source."""
        row = row_iri(source, self.ident)
        return (ox.Triple(row, name, value) for name, value in self.facts)


@dataclass(frozen=True)
class Carried:
    """Each earlier decision once: under the id that its row has now, or among those without row."""

    kept: Mapping[str, Decision]
    lost: tuple[Decision, ...]


def row_iri(source: str, ident: str) -> ox.NamedNode:
    """Give the IRI of a row."""
    return ox.NamedNode(f"{BASE}source/{source}#{ident}")


def read_decisions(source: str, data: Path) -> dict[str, Decision]:
    """Read the decisions about a source, by the id of the row; none where there is no file."""
    facts: dict[str, list[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]] = defaultdict(list)
    for triple in _read(data / "identity" / f"{source}.ttl"):
        ident = _ident(triple.subject, source)
        if ident and not isinstance(triple.object, ox.BlankNode | ox.Triple):
            facts[ident].append((triple.predicate, triple.object))
    return {ident: Decision(ident, tuple(facts[ident])) for ident in sorted(facts)}


def read_kept_rows(source: str, data: Path) -> list[Entry]:
    """Read the rows of a source as data/source/ holds them. Raises InputError if it has none."""
    path = data / "source" / f"{source}.ttl"
    if not path.is_file():
        raise InputError(f"{path}: no such file; run “audiokg ingest {source} FILE” first")
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in _read(path):
        ident = _ident(triple.subject, source)
        if ident and isinstance(triple.object, ox.NamedNode | ox.Literal):
            said[ident][triple.predicate.value].append(triple.object.value)
    entries = [_entry(ident, facts) for ident, facts in said.items() if _is_row(facts)]
    return sorted(entries, key=lambda entry: entry.line)


def carry(decisions: Mapping[str, Decision], rows: Sequence[RowVerdict]) -> Carried:
    """Carry each decision over to its row: unchanged, under the id that the row has now.

    Raises InputError if that would lose one.
    """
    places = {row.before.ident: row.ident for row in rows if row.before and row.ident}
    kept = {
        places[ident]: replace(decision, ident=places[ident])
        for ident, decision in decisions.items()
        if ident in places
    }
    lost = tuple(decision for ident, decision in decisions.items() if ident not in places)
    if len(kept) + len(lost) != len(decisions):
        raise InputError("two rows have the same id: two sections are named alike in the new text")
    return Carried(kept, lost)


def find_stale_notes(carried: Carried, rows: Sequence[RowVerdict]) -> Iterator[tuple[str, str]]:
    """Find notes that name rows by their number, where that number has changed or is gone."""
    places = {row.before.ident: row.ident for row in rows if row.before}
    for ident, decision in carried.kept.items():
        for note in decision.notes:
            changed = sorted(
                f"{old} is now {places[old] or 'without number'}"
                for old in _rows_named(note, ident.rpartition("-")[0], places)
                if places[old] != old
            )
            if changed:
                yield ident, f"“{note}”: {', '.join(changed)}"


def _rows_named(note: str, word: str, places: Mapping[str, str]) -> set[str]:
    """Give the earlier ids of the rows that a note may mean; `word` is that of its own section."""
    named = set()
    for number in _row_numbers(note):
        # “row 82 of the language models” may be of another section: any of them.
        is_elsewhere = f"row {number} of" in note
        meant = {old for old in places if old.rpartition("-")[2] == number}
        named |= meant if is_elsewhere else meant & {f"{word}-{number}"}
    return named


def _row_numbers(note: str) -> Iterator[str]:
    for found in _ROW_NUMBER.finditer(note):
        yield from re.findall(r"\d+", found.group())


def _read(path: Path) -> list[ox.Triple]:
    if not path.is_file():
        return []
    try:
        return read_triples(path.read_text(encoding="utf-8"), GRAPH)
    except TurtleSyntaxError as error:
        raise InputError(f"{path}:{error.line}: {error}") from error


def _ident(subject: ox.NamedNode | ox.BlankNode | ox.Triple, source: str) -> str:
    start = row_iri(source, "").value
    iri = subject.value if isinstance(subject, ox.NamedNode) else ""
    return iri.removeprefix(start) if iri.startswith(start) else ""


def _is_row(facts: Mapping[str, list[str]]) -> bool:
    return term("akg:SourceEntry").value in facts[term("rdf:type").value]


def _entry(ident: str, facts: Mapping[str, list[str]]) -> Entry:
    def first(name: str) -> str:
        return next(iter(facts.get(term(name).value, ())), "")

    return Entry(
        ident=ident,
        section=first("akg:section"),
        section_line=int(first("akg:sectionLine") or 1),
        line=int(first("akg:line") or 1),
        locator=first("akg:locator"),
        links=tuple(sorted(facts.get(term("foaf:page").value, ()))),
        texts={name: first(given) for given, name in _PRINTED.items() if first(given)},
    )
