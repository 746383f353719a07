"""Say a change in words: “EnCodec 24 kHz: frame rate 75 Hz → 50 Hz”."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.amounts import read_number, write_number
from audiokg.release.change import Change, Triple
from audiokg.release.facts import Facts, Value, is_part, owner_of
from audiokg.release.parts import is_place
from audiokg.sites import name_of
from audiokg.terms import BASE, GRAPH, RDF_TYPE, expand
from audiokg.wording import place_of, say_boolean, say_kind, word_for

_ABOUT: Final = expand("akg:claimedProperty")
_REPLACED: Final = expand("dcterms:isReplacedBy")
#: What names a row or statement of a source, in the order in which it is looked for.
_ROW_NAMES: Final = tuple(
    map(expand, ("akg:nameAsGiven", "akg:titleAsGiven", "akg:subjectAsGiven", "akg:verbatim"))
)
#: What a summary of a part leaves out, as its name or its document say it.
_LEFT_OUT: Final = {RDF_TYPE, _ABOUT, *_ROW_NAMES, expand("akg:checkedOn")}
#: What a summary says without its property, which is clear from the value.
_PLAIN: Final = {expand("dcterms:source"), expand("akg:locator"), expand("akg:evidenceGrade")}
_PART: Final = re.compile(r"([a-z][a-z-]*?)-(\d+)(?:-|$)")
_NUMBERS: Final = {expand(f"xsd:{name}") for name in ("integer", "decimal", "double")}
_FEW: Final = 4
_LONGEST: Final = 80


@dataclass(frozen=True)
class Teller:
    """What says changes between two releases, by the names that things have there."""

    old: Facts
    new: Facts

    def sentence(self, change: Change) -> str:
        """Say one change."""
        if change.node.startswith(GRAPH + "conflicts"):
            return self._conflict(change)
        subject, part = self.name(change.subject), self._part(change)
        return f"{subject}: {', '.join(filter(None, (part, self._what(change))))}"

    def name(self, iri: str) -> str:
        """Name a resource as its later release does, else by its address."""
        path = iri.removeprefix(GRAPH)
        if path != iri:
            return f"file {path}"
        return self.new.names.get(iri) or self.old.names.get(iri) or say_kind(iri) or name_of(iri)

    def property(self, iri: str) -> str:
        """Name a property."""
        return word_for(iri, self.new.names.get(iri) or self.old.names.get(iri, "")).name

    def value(self, value: Value, property_: str = "") -> str:
        """Say a value, with the unit of its property."""
        if isinstance(value, ox.NamedNode):
            return self.property(value.value) if property_ == _ABOUT else self.name(value.value)
        number = read_number(value.value) if value.datatype.value in _NUMBERS else None
        if number is not None:
            return f"{write_number(number)} {word_for(property_).unit}".strip()
        if value.datatype.value == expand("xsd:string") or value.language:
            return f"“{_cut(value.value)}”"
        return say_boolean(value.value)

    def _what(self, change: Change) -> str:
        if not change.predicate:
            return self._whole(change)
        old, new = (self._values(change, values) for values in (change.old, change.new))
        named = self.property(change.predicate)
        return {
            "added": f"{named}: {new} added",
            "removed": f"{named}: {old} removed",
            "renamed": f"renamed, before {old}",
            "withdrawn": f"withdrawn{self._replacement(change)}",
        }.get(change.kind, f"{named} {old} → {new}")

    def _whole(self, change: Change) -> str:
        """Say that a whole resource or part is new or gone."""
        if change.section == "resource":
            return f"{change.kind} ({change.node.removeprefix(BASE)})"
        summary = self._summary(change.added or change.removed)
        return f"{change.kind}{f' ({summary})' if summary else ''}"

    def _summary(self, triples: Sequence[Triple]) -> str:
        told = sorted(
            (place_of(name), name, str(value), value)
            for node, name, value in triples
            if name not in _LEFT_OUT and not is_place(owner_of(node), name)
            if not (isinstance(value, ox.NamedNode) and is_part(value.value))
        )
        words = [self._word(name, one) for _, name, _, one in told]
        more = ["…"] if len(words) > _FEW else []
        return ", ".join([*words[:_FEW], *more])

    def _word(self, name: str, value: Value) -> str:
        said = self.value(value, name)
        return said if name in _PLAIN else f"{self.property(name)} {said}"

    def _part(self, change: Change) -> str:
        """Name a part: a row by its own name, evidence by what it is for, else by its number."""
        if not is_part(change.node):
            return ""
        said = _said(change.added or change.removed) or self._stated(change.node)
        row = next((said[name][0] for name in _ROW_NAMES if name in said), None)
        if row is not None:
            return f"“{_cut(row.value)}”"
        if _ABOUT in said:
            about = sorted(self.property(value.value) for value in said[_ABOUT])
            return f"evidence for {', '.join(about)}"
        found = _PART.findall(change.node.partition("#")[2])
        return ", ".join(f"{kind.replace('-', ' ')} {number}" for kind, number in found)

    def _stated(self, node: str) -> Mapping[str, Sequence[Value]]:
        return self.new.stated(node) or self.old.stated(node)

    def _conflict(self, change: Change) -> str:
        said = _said(change.added or change.removed)
        named = ", ".join(self.property(value.value) for value in said.get(_ABOUT, []))
        word = {"added": "new", "removed": "settled"}.get(change.kind, "another value is kept")
        return f"{self.name(change.subject)}: conflict about {named}: {word}"

    def _replacement(self, change: Change) -> str:
        other = self.new.stated(change.node).get(_REPLACED, [])
        return f", replaced by {self.name(other[0].value)}" if other else ""

    def _values(self, change: Change, values: Sequence[Value]) -> str:
        return ", ".join(self.value(value, change.predicate) for value in values)


def _said(triples: Sequence[Triple]) -> dict[str, list[Value]]:
    said: dict[str, list[Value]] = {}
    for _, name, value in triples:
        said.setdefault(name, []).append(value)
    return said


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
