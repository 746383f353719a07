"""Search: /search for people and programs, suggestions while typing, and OpenSearch for browsers.

Suggestions come as OpenSearch has them
(https://github.com/dewitt/opensearch/blob/master/mediawiki/Specifications/OpenSearch/Extensions/Suggestions/1.1/Draft%201.wiki):
the text, then a list each of names, of what they are, and of addresses.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, render_template, request

from audiokg.terms import SEGMENTS
from audiokg.web.page import JSON, choose_twin, data, page, read_number
from audiokg.web.search.finder import Finder, Found, Hit

#: Kind -> what it is called where the segment of the IRI is too short a word.
KINDS: Final = {segment: segment for segment in SEGMENTS if segment != "query"} | {
    "condition": "reference condition",
    "grade": "grade of evidence",
    "ontology": "term of the ontology",
    "quantizer": "quantization method",
    "representation": "representation of audio",
    "scheme": "list of concepts",
    "strategy": "training strategy",
    "token": "kind of tokens",
    "unit": "size unit",
}
_LONGEST: Final = 300
_USUAL_LIMIT: Final = 20
_LARGEST_LIMIT: Final = 100
_SUGGESTED: Final = 8
_SUGGESTIONS: Final = "application/x-suggestions+json"
_DESCRIPTION: Final = "application/opensearchdescription+xml"


@dataclass(frozen=True)
class Asked:
    """What a request asks for: a text, perhaps one kind, and which part of the results."""

    text: str
    kind: str = ""
    limit: int = _USUAL_LIMIT
    offset: int = 0

    def link(self, **changes: str | int) -> dict[str, str | int]:
        """Give the parameters of the same search with some changed; the usual ones are left out."""
        wanted: dict[str, str | int] = {"q": self.text, "kind": self.kind}
        wanted |= {"limit": self.limit, "offset": self.offset} | changes
        usual = {"kind": "", "limit": _USUAL_LIMIT, "offset": 0}
        return {name: told for name, told in wanted.items() if usual.get(name) != told}


def make_search(finder: Finder) -> Blueprint:
    """Make the blueprint of the search."""
    blueprint = Blueprint("search", __name__)
    views = _Views(finder)
    blueprint.add_url_rule("/search", view_func=views.search)
    blueprint.add_url_rule("/search/suggest", view_func=views.suggest)
    blueprint.add_url_rule("/opensearch.xml", view_func=views.description)
    return blueprint


@dataclass(frozen=True)
class _Views:
    finder: Finder

    def search(self) -> Response:
        chosen = choose_twin(JSON)
        asked = _read_request()
        found = self.finder.find(asked.text) if asked.text else Found()
        if found.target and not asked.kind and not _names_json():
            return redirect(found.target.path)  # type: ignore[return-value]
        kinds = Counter(hit.thing.kind for hit in found.hits)
        hits = [hit for hit in found.hits if asked.kind in ("", hit.thing.kind)]
        shown = hits[asked.offset : asked.offset + asked.limit]
        if chosen is JSON:
            return data(_document(asked, found, len(hits), kinds, shown), JSON)
        return page(
            "search.html",
            asked=asked,
            found=found,
            total=len(hits),
            kinds=kinds.most_common(),
            hits=shown,
            names=KINDS,
        )

    def suggest(self) -> Response:
        asked = _read_request()
        found = self.finder.find(asked.text) if asked.text else Found()
        hits = (found.hits or found.suggestions)[:_SUGGESTED]
        here = request.host_url.rstrip("/")
        document = [
            asked.text,
            [hit.thing.label for hit in hits],
            [_describe(hit) for hit in hits],
            [here + hit.thing.path for hit in hits],
        ]
        return Response(json.dumps(document, ensure_ascii=False), content_type=_SUGGESTIONS)

    def description(self) -> Response:
        return Response(
            render_template("opensearch.xml", here=request.host_url), content_type=_DESCRIPTION
        )


def _read_request() -> Asked:
    text = " ".join(request.args.get("q", "").split())
    if len(text) > _LONGEST:
        abort(400, f"The text to search for has {len(text)} characters; {_LONGEST} are allowed.")
    kind = request.args.get("kind", "")
    if kind and kind not in KINDS:
        abort(400, f"There is no kind “{kind}”; there are: {', '.join(KINDS)}.")
    limit = read_number("limit", _USUAL_LIMIT, 1, _LARGEST_LIMIT)
    return Asked(text, kind, limit, read_number("offset", 0, 0, 1_000_000))


def _names_json() -> bool:
    """Tell whether JSON is asked for by name; others are sent on to the one thing found."""
    return "format" in request.args or JSON.media_type in request.accept_mimetypes.values()


def _describe(hit: Hit) -> str:
    return " · ".join(filter(None, (KINDS[hit.thing.kind], hit.thing.about)))


def _document(
    asked: Asked, found: Found, total: int, kinds: Counter[str], shown: Sequence[Hit]
) -> str:
    known = found.identifier
    document = {
        "query": asked.text,
        "kind": asked.kind or None,
        "total": total,
        "limit": asked.limit,
        "offset": asked.offset,
        "kinds": dict(kinds.most_common()),
        "identifier": {"kind": known.kind, "address": known.address} if known else None,
        "results": [_result(hit) for hit in shown],
        "suggestions": [_result(hit) for hit in found.suggestions],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _result(hit: Hit) -> dict[str, Any]:
    thing = hit.thing
    return {
        "iri": thing.iri,
        "path": thing.path,
        "label": thing.label,
        "kind": thing.kind,
        "about": thing.about,
        "matched": hit.matched,
        "by": hit.by,
        "how": hit.how,
        "score": hit.score,
    }
