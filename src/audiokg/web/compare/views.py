"""/compare?id=…: two to eight resources side by side, as a page, a table for a paper, or data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, abort, request

from audiokg.export.tables import LATEX, MARKDOWN, WRITERS
from audiokg.formats import Format
from audiokg.terms import BASE, expand
from audiokg.web.compare.cells import Cell, Thing
from audiokg.web.compare.comparison import Comparison, Line, compare
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, page
from audiokg.web.questions import Questions, Row, value

MOST: Final = 8
FORMATS: Final = (JSON, CSV, MARKDOWN, LATEX)
_FEWEST: Final = 2
_NEAREST: Final = 5
_ONLY: Final = {"": False, "differences": True}
_VARIANT_OF: Final = expand("akg:variantOf")
#: Comparisons that show what the page can do: what they are of, and the ids.
EXAMPLES: Final = (
    ("Two codecs with all their configurations", ("encodec", "descript-audio-codec")),
    (
        "Three codec configurations, figure by figure",
        ("encodec-24-khz", "descript-audio-codec-24-khz", "snac-24-khz"),
    ),
    ("Codecs that speech language models use", ("mimi", "speechtokenizer", "encodec")),
    ("Self-supervised representation models", ("wav2vec-2-0", "hubert", "wavlm")),
    ("Spoken dialogue models", ("moshi", "glm-4-voice", "llama-omni")),
    (
        "Corpora of read speech",
        ("dataset/librispeech", "dataset/libri-light", "dataset/libritts"),
    ),
)


def make_compare(questions: Questions) -> Blueprint:
    """Make the blueprint of the comparisons."""
    blueprint = Blueprint("compare", __name__)
    blueprint.add_url_rule("/compare", view_func=_View(questions).compare)
    return blueprint


def link_to(idents: Iterable[str], **more: str) -> str:
    """Give the address of a comparison: its ids in their order, then what else it is asked."""
    fields = [("id", ident) for ident in idents] + [(k, text) for k, text in more.items() if text]
    return "/compare" + ("?" + urlencode(fields, safe="/:") if fields else "")


@dataclass(frozen=True)
class _Names:
    """Everything that can be compared, by IRI and by name."""

    things: Mapping[str, Thing]
    by_name: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> "_Names":
        things: dict[str, Thing] = {}
        by_name: dict[str, frozenset[str]] = {}
        for row in rows:
            iri = value(row, "resource")
            things[iri] = Thing(iri, value(row, "label"))
            for name in filter(None, (value(row, "label"), value(row, "name"))):
                key = name.casefold()
                by_name[key] = by_name.get(key, frozenset()) | {iri}
        return cls(things, by_name)

    def split(self, text: str) -> list[str]:
        """Split a list of ids at its commas; a name may hold commas itself."""
        parts = [text] if text.strip().casefold() in self.by_name else text.split(",")
        return [part.strip() for part in parts if part.strip()]

    def find(self, asked: str) -> Thing:
        """Find what an id, an IRI or a name stands for; abort with 400 or 404."""
        thing = self._by_id(asked)
        named = sorted(self.by_name.get(asked.casefold(), ()))
        if thing is None and len(named) > 1:
            abort(400, f"“{asked}” is a name of several: {self._idents(named)}. Ask by id.")
        if thing is None and not named:
            abort(404, f"Nothing is known of “{asked}”.{self._hint(asked)}")
        return thing or self.things[named[0]]

    def _by_id(self, asked: str) -> Thing | None:
        ident = asked.removeprefix(BASE)
        return self.things.get(f"{BASE}{ident}" if "/" in ident else f"{BASE}model/{ident}")

    def _hint(self, asked: str) -> str:
        ident = asked.removeprefix(BASE).casefold()
        idents = {thing.ident: iri for iri, thing in self.things.items()}
        own = [iri for i, iri in idents.items() if ident in i]
        close = get_close_matches(ident, idents, _NEAREST, 0.6)
        tail = get_close_matches(ident, self.by_name, _NEAREST, 0.7)
        found = [*(idents[i] for i in close), *own]
        found += sorted(iri for name in tail for iri in self.by_name[name])
        nearest = self._idents(list(dict.fromkeys(found))[:_NEAREST])
        return f" The nearest: {nearest}." if nearest else " /search finds names."

    def _idents(self, iris: Iterable[str]) -> str:
        return ", ".join(self.things[iri].ident for iri in iris)


@dataclass(frozen=True)
class _View:
    questions: Questions

    @cached_property
    def _names(self) -> _Names:
        """Read the names once: a snapshot never changes."""
        return _Names.read(self.questions.rows("compare-names"))

    def compare(self) -> Response:
        chosen = choose_twin(*FORMATS)
        names = self._names
        asked = [part for text in request.args.getlist("id") for part in names.split(text)]
        if len(set(asked)) > MOST:
            abort(400, f"{len(set(asked))} ids; at most {MOST} can be compared. Leave some out.")
        things = tuple(dict.fromkeys(map(names.find, asked)))
        only = request.args.get("only", "")
        if only not in _ONLY:
            abort(400, f"only={only}; it can be “differences”, or be left out.")
        if len(things) >= _FEWEST:
            return self._answer(names, things, only, chosen)
        if chosen is not HTML:
            abort(400, "Name two to eight resources: /compare?id=encodec&id=descript-audio-codec")
        return page(
            "compare.html", things=things, examples=_examples(names), **_offer(names, things)
        )

    def _answer(
        self, names: _Names, things: Sequence[Thing], only: str, chosen: Format
    ) -> Response:
        text, comparison = self._compare(things)
        shown = comparison.only_differences() if _ONLY[only] else comparison
        here = link_to((thing.ident for thing in things), only=only)
        if chosen is JSON:
            return data(_write_json(shown, here), JSON)
        if chosen is not HTML:
            note = f"From audiokg, {_here(here)}"
            return data(WRITERS[chosen.name](shown.table(note, chosen is not CSV)), chosen)
        return page(
            "compare.html",
            things=things,
            comparison=shown,
            hidden=len(comparison.lines) - len(shown.lines),
            only=only,
            here=here,
            families=_families(comparison),
            query=text,
            formats=FORMATS,
            **_offer(names, things),
        )

    def _compare(self, things: Sequence[Thing]) -> tuple[str, Comparison]:
        """Give the query whose answer is compared, and the comparison."""
        iris = [thing.iri for thing in things]
        owners = {iri: [iri] for iri in iris}
        for row in self.questions.rows_of(self._over("compare-configurations", iris)):
            holder = owners.setdefault(value(row, "configuration"), [])
            holder.append(value(row, "resource"))
        text = self._over("compare", owners)
        return text, compare(things, owners, self.questions.rows_of(text))

    def _over(self, name: str, iris: Iterable[str]) -> str:
        """Give the text of a query, asked of several resources at once."""
        terms = " ".join(str(ox.NamedNode(iri)) for iri in iris)
        return f"{self.questions.queries[name].text}VALUES ?resource {{ {terms} }}\n"


def _offer(names: _Names, things: Sequence[Thing]) -> dict[str, Any]:
    """Give what the form offers to add: models, and what is of the kind of the first."""
    kinds = {f"{BASE}model/", *(thing.iri.rpartition("/")[0] + "/" for thing in things[:1])}
    offered = [t for t in names.things.values() if t not in things and t.iri.startswith((*kinds,))]
    return {
        "offered": offered if len(things) < MOST else [],
        "link_to": link_to,
        "most": MOST,
    }


def _examples(names: _Names) -> list[tuple[str, str, str]]:
    return [
        (title, link_to(ids), ", ".join(names.find(ident).label for ident in ids))
        for title, ids in EXAMPLES
    ]


def _families(comparison: Comparison) -> list[Thing]:
    """Give the families of what is compared, where each is a configuration of another."""
    lines = [line for line in comparison.lines if line.iri == _VARIANT_OF and not line.through]
    values = [cell.values[0] for line in lines for cell in line.cells if cell.values]
    families = dict.fromkeys(Thing(v.term["value"], v.words) for v in values)
    return list(families) if len(families) == len(comparison.things) else []


def _here(path: str) -> str:
    return request.url_root.rstrip("/") + path


def _write_json(comparison: Comparison, here: str) -> str:
    document = {
        "permalink": _here(here),
        "compared": [{"id": t.ident, "iri": t.iri, "label": t.label} for t in comparison.things],
        "rows": [_line_document(line) for line in comparison.lines],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _line_document(line: Line) -> dict[str, Any]:
    return {
        "property": line.iri,
        "through": line.through or None,
        "label": line.word.name,
        "unit": line.word.unit or None,
        "differs": line.differs,
        "cells": [_cell_document(cell) for cell in line.cells],
    }


def _cell_document(cell: Cell) -> dict[str, Any]:
    values = [
        {
            "value": v.term["value"],
            "type": v.term.get("datatype", v.term["type"]),
            "label": v.words,
            "note": v.note or None,
            "configurations": [holder.iri for holder in v.holders],
            "sources": list(v.sources),
        }
        for v in cell.values
    ]
    return {"text": cell.text(), "values": values}
