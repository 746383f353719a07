"""Messages that are the next instruction: the nearest known name for what nobody knows."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import OSA

from audiokg.check.known import KINDS, Known, local_name
from audiokg.check.lexical import LANG_STRING, literal, show
from audiokg.check.rules import RuleRow
from audiokg.check.shapes import ShapeResult
from audiokg.terms import BASE, VOCABULARIES, XSD, shorten

_OWL: Final = VOCABULARIES["owl"]
_CLASSES: Final = (_OWL + "Class",)
_PROPERTIES: Final = tuple(
    _OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
_IRI: Final = re.compile(r"<([^<>\s]+)>")
_ARXIV: Final = re.compile(r"arxiv-(\d{4})-(\d{4,5})")
#: Rules that are about an IRI that nobody knows.
_UNKNOWN: Final = {"dangling", "terms"}


class Adviser:
    """Says what to write instead."""

    def __init__(self, known: Known) -> None:
        """Take what the graph knows."""
        self._known = known

    def of_rule(self, row: RuleRow) -> RuleRow:
        """Give the row of a rule with its message as an instruction."""
        message = _IRI.sub(lambda found: shorten(found[1]), row.message)
        if row.rule in _UNKNOWN:
            message = _instead(message, self._for_unknown(row))
        return replace(row, message=message)

    def of_shape(self, result: ShapeResult) -> ShapeResult:
        """Give the result of a shape with its message as an instruction."""
        message = result.message
        if result.known:
            message = _instead(message, self._for_property(result.path, result.known))
        elif result.wanted.startswith((XSD, LANG_STRING)):
            message += _rewritten(result)
        elif result.wanted:
            message += self._for_value(result)
        return replace(result, message=message)

    def _for_unknown(self, row: RuleRow) -> str:
        segment, _, name = row.object.removeprefix(BASE).partition("/")
        if not row.object.startswith(BASE) or not name:
            terms = _CLASSES if " class " in row.message else _PROPERTIES
            return self._did_you_mean(local_name(row.object), *terms)
        found = _ARXIV.fullmatch(name)
        if found:
            return self._for_paper(row.object, ".".join(found.groups()))
        elsewhere = [thing for thing in self._known.names if thing.endswith("/" + name)]
        asked = _question(elsewhere) or self._did_you_mean(name, f"{BASE}{segment}/")
        return _or_new(asked, segment, name)

    def _for_paper(self, paper: str, arxiv: str) -> str:
        """Numbers that are one stroke apart may be one number; others are other papers."""
        near = [t for t in self._known.names if OSA.distance(t, paper, score_cutoff=1) == 1]
        return _or_new(_question(near), "publication", f"{local_name(paper)} --arxiv {arxiv}")

    def _for_property(self, path: str, known: frozenset[str]) -> str:
        """Prefer a property that the shape knows; another one belongs to something else."""
        same = [iri for iri in known if local_name(iri) == local_name(path)]
        if same:
            return _question(same)
        near = self._known.nearest(local_name(path), *_PROPERTIES)
        things = [match.thing for match in near]
        return _question([thing for thing in things if thing in known] or things)

    def _for_value(self, result: ShapeResult) -> str:
        if result.object in self._known.classes:
            kinds = " and ".join(map(shorten, self._known.own_classes(result.object)))
            return f"; {result.shown} is a {kinds}, no {shorten(result.wanted)}"
        exact = self._known.find(result.object, result.wanted)
        if len(exact) == 1:
            return f"; here: {shorten(exact[0])}"
        question = self._did_you_mean(result.object, result.wanted)
        return f"; {question}" if question else ""

    def _did_you_mean(self, text: str, *among: str) -> str:
        return _question([match.thing for match in self._known.nearest(text, *among)])


def without_echoes(
    rows: Iterable[RuleRow], results: Iterable[ShapeResult]
) -> tuple[list[RuleRow], list[ShapeResult]]:
    """Leave one message of those that say of one word that nobody knows it.

    A shape says more of a property than the rule about terms; the rules more of an object.
    """
    results = list(results)
    closed = {(result.subject, result.path) for result in results if result.known}
    rows = [row for row in rows if (row.subject, row.object) not in closed]
    terms = {(row.subject, row.object) for row in rows if row.rule == "terms"}
    rows = [row for row in rows if row.rule != "dangling" or (row.subject, row.object) not in terms]
    unknown = {(row.subject, row.object) for row in rows if row.rule == "dangling"}
    results = [r for r in results if not r.wanted or (r.subject, r.object) not in unknown]
    # What has the wrong datatype breaks other constraints of its property with the same message.
    typed = {(r.subject, r.path, r.object) for r in results if r.wanted}
    return rows, [r for r in results if r.wanted or (r.subject, r.path, r.object) not in typed]


def _question(things: Iterable[str]) -> str:
    names = " or ".join(shorten(thing) for thing in things)
    return f"did you mean {names}?" if names else ""


def _instead(message: str, instruction: str) -> str:
    """Put an instruction in the place of the one that a message has after its semicolon."""
    return f"{message.partition('; ')[0]}; {instruction}" if instruction else message


def _or_new(question: str, segment: str, words: str) -> str:
    """Say how to add what may be new; concepts are added to the ontology, on purpose."""
    if segment not in KINDS:
        return question or f"take one of ontology/{segment}.ttl"
    condition = "if it is new, " if question else ""
    return f"{question} {condition}add it: audiokg new {segment} {words}".strip()


def _rewritten(result: ShapeResult) -> str:
    """Write a value in the datatype that is wanted, if it can be written so."""
    value = literal(result.object, result.wanted)
    return f"; here: {show(value)}" if value else ""
