"""/compare?id=…: two to eight resources side by side, as a page, a table for a paper, or data."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from audiokg.export.cells import MOST, Cell, Thing
from audiokg.export.comparison import Comparison, Line, ask_comparison
from audiokg.export.tables import LATEX, MARKDOWN, WRITERS
from audiokg.formats import Format
from audiokg.terms import BASE, expand
from audiokg.web.compare.names import Names
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, page
from audiokg.web.questions import Questions, value

FORMATS: Final = (JSON, CSV, MARKDOWN, LATEX)
_FEWEST: Final = 2
_SEARCH: Final = "/search finds names."
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
class _View:
    questions: Questions

    @cached_property
    def _names(self) -> Names:
        """Read the names once: a snapshot never changes."""
        return Names.read(self.questions.rows("compare-names"))

    def compare(self) -> Response:
        chosen = choose_twin(*FORMATS)
        names = self._names
        asked = [part for text in request.args.getlist("id") for part in names.split(text)]
        if len(set(asked)) > MOST:
            abort(400, f"{len(set(asked))} ids; at most {MOST} can be compared. Leave some out.")
        found = {text: names.find(text) for text in asked}
        things = tuple(dict.fromkeys(filter(None, found.values())))
        unknown = [text for text, thing in found.items() if thing is None]
        if unknown:
            return self._suggest(things, unknown, chosen)
        only = request.args.get("only", "")
        if only not in _ONLY:
            abort(400, f"only={only}; it can be “differences”, or be left out.")
        if len(things) >= _FEWEST:
            return self._answer(names, things, only, chosen)
        if chosen is not HTML:
            abort(400, "Name two to eight resources: /compare?id=encodec&id=descript-audio-codec")
        return self._ask(things, near=self._find_near(things))

    def _ask(self, things: Sequence[Thing], **more: Any) -> Response:
        """Ask for what is to be compared, beside the things that are chosen already."""
        names = self._names
        offered = _offer(names, things)
        return page("compare.html", things=things, examples=_examples(names), **offered, **more)

    def _suggest(self, things: Sequence[Thing], unknown: list[str], chosen: Format) -> Response:
        """Answer with 404 what nothing is known of; a page has links to what may be meant."""
        first, *_ = unknown
        suggested = [thing for thing in self._names.suggest(first) if thing not in things]
        message = f"Nothing is known of “{first}”."
        if chosen is not HTML:
            idents = ", ".join(thing.ident for thing in suggested)
            abort(404, f"{message} {f'The nearest: {idents}.' if idents else _SEARCH}")
        response = self._ask(things, message=message, suggested=suggested)
        response.status_code = 404
        return response

    def _find_near(self, things: Sequence[Thing]) -> list[Thing]:
        rows = [
            row
            for thing in things
            for row in self.questions.rows("compare-near", resource=thing.iri)
        ]
        return [Thing(value(row, "near"), value(row, "label")) for row in rows]

    def _answer(self, names: Names, things: Sequence[Thing], only: str, chosen: Format) -> Response:
        questions = self.questions
        text, comparison = ask_comparison(things, questions.queries, questions.rows_of)
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


def _offer(names: Names, things: Sequence[Thing]) -> dict[str, Any]:
    """Give what the form offers to add: models, and what is of the kind of the first."""
    kinds = {f"{BASE}model/", *(thing.iri.rpartition("/")[0] + "/" for thing in things[:1])}
    offered = [t for t in names.things.values() if t not in things and t.iri.startswith((*kinds,))]
    return {
        "offered": offered if len(things) < MOST else [],
        "link_to": link_to,
        "most": MOST,
    }


def _examples(names: Names) -> list[tuple[str, str, str]]:
    return [
        (title, link_to(ids), ", ".join(t.label for t in map(names.find, ids) if t))
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
