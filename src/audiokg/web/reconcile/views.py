"""/reconcile: the Reconciliation Service API 0.2 for OpenRefine and others, and a page to try it.

https://reconciliation-api.github.io/specs/0.2/. JSONP, which the specification leaves to the
service, is not served: CORS is (app.py), and does not run what comes.
"""

import json
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.exceptions import UnsupportedMediaType

from audiokg.errors import InputError
from audiokg.web.page import JSON, choose_twin, data, page, read_number
from audiokg.web.protocol.wish import FORM
from audiokg.web.questions import Questions
from audiokg.web.reconcile.asked import LONGEST, Query, read_extension, read_object, read_query
from audiokg.web.reconcile.candidates import find_candidates
from audiokg.web.reconcile.manifest import (
    BATCH,
    MOST_COLUMNS,
    MOST_IDS,
    MOST_PROPOSED,
    MOST_VALUES,
    write_manifest,
)
from audiokg.web.reconcile.material import Reader
from audiokg.web.reconcile.results import (
    SUGGESTED,
    Json,
    extend,
    id_of,
    propose_properties,
    suggest_entities,
    suggest_properties,
    suggest_types,
    write_candidate,
    write_types,
)
from audiokg.web.search.finder import Finder, Thing

_MOST_SKIPPED: Final = 10_000
_SHOWN: Final = 60
#: Candidates that the page shows of each name.
_FEW: Final = 3
#: A preview is made to stand in the frame of another site, so it may do nothing at all there.
_FRAMED: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)


def make_reconcile(questions: Questions, finder: Finder) -> Blueprint:
    """Make the blueprint of the reconciliation service."""
    blueprint = Blueprint("reconcile", __name__)
    views = _Views(Reader(questions, finder))
    blueprint.add_url_rule("/reconcile", view_func=views.endpoint, methods=["GET", "POST"])
    blueprint.add_url_rule("/reconcile/suggest/<what>", view_func=views.suggest)
    blueprint.add_url_rule("/reconcile/properties", view_func=views.properties)
    blueprint.add_url_rule("/reconcile/preview", view_func=views.preview)
    blueprint.add_url_rule("/reconcile/view", view_func=views.view)
    return blueprint


@dataclass(frozen=True)
class _Views:
    reader: Reader

    def endpoint(self) -> Response:
        asked = {name: _read(name) for name in ("queries", "extend")}
        if all(asked.values()):
            abort(400, "Give “queries” or “extend”, not both.")
        try:
            if asked["queries"]:
                return _answer(self._reconcile(asked["queries"]))
            if asked["extend"]:
                return _answer(self._extend(asked["extend"]))
        except InputError as error:
            abort(400, str(error))
        if request.method == "POST":
            abort(400, "Give “queries” (names to match) or “extend” (what to fetch of which).")
        return self._introduce()

    def _reconcile(self, text: str) -> Json:
        batch = read_object(text, "queries")
        _limit(len(batch), BATCH, "queries")
        asked = {key: read_query(query, key) for key, query in batch.items()}
        values = sum(len(one.values) for query in asked.values() for one in query.properties)
        _limit(values, MOST_VALUES, "values of properties")
        material = self.reader.material
        found = {key: find_candidates(material, query) for key, query in asked.items()}
        return {
            key: {"result": [write_candidate(material, one) for one in candidates]}
            for key, candidates in found.items()
        }

    def _extend(self, text: str) -> Json:
        asked = read_extension(read_object(text, "extend"))
        _limit(len(asked.ids), MOST_IDS, "ids")
        _limit(len(asked.columns), MOST_COLUMNS, "properties")
        return extend(self.reader.material, asked)

    def _introduce(self) -> Response:
        """Answer with the manifest, or with a page for a person, who may have given names."""
        chosen = choose_twin(JSON)
        material = self.reader.material
        root = request.host_url
        logo = url_for("static", filename="icon.svg", _external=True)
        manifest = write_manifest(root, logo, material.vocabulary)
        if chosen is JSON:
            return _answer(manifest)
        names = _read_names()
        type_ = request.args.get("type", "")
        types = (type_,) if type_ else ()
        try:
            found = [
                (name, find_candidates(material, Query(name, types, limit=_FEW))) for name in names
            ]
        except InputError as error:
            abort(400, str(error))
        values = {"found": found, "names": names, "type": type_, "types": manifest["defaultTypes"]}
        return page("reconcile.html", **values, root=root, batch=BATCH, id_of=id_of)

    def suggest(self, what: str) -> Response:
        if what not in ("entity", "property", "type"):
            abort(404, f"There are suggestions of entity, property and type, not of “{what}”.")
        prefix = request.args.get("prefix", "")[:LONGEST]
        begin = read_number("cursor", 0, 0, _MOST_SKIPPED)
        material = self.reader.material
        if what == "entity":
            found = suggest_entities(material, self.reader.finder, prefix)
        else:
            found = _SUGGESTING[what](material, prefix)
        return _answer({"result": found[begin : begin + SUGGESTED]})

    def properties(self) -> Response:
        text = request.args.get("type", "")
        limit = read_number("limit", MOST_PROPOSED, 1, MOST_PROPOSED)
        material = self.reader.material
        try:
            types = frozenset({material.vocabulary.type(text)} if text else ())
        except InputError as error:
            abort(400, str(error))
        asked = {"limit": limit} if request.args.get("limit") else {}
        proposed = propose_properties(material, types)[:limit]
        return _answer({"properties": proposed, "type": text, **asked})

    def preview(self) -> Response:
        thing = self._thing()
        types = write_types(self.reader.material, thing)
        response = page("reconcile-preview.html", thing=thing, types=types)
        response.headers["Content-Security-Policy"] = _FRAMED
        return response

    def view(self) -> Response:
        return redirect(self._thing().path)  # type: ignore[return-value]

    def _thing(self) -> Thing:
        id_ = request.args.get("id", "")
        thing = self.reader.material.find(id_)
        if thing is None:
            abort(404, f"There is nothing with the identifier “{id_[:_SHOWN]}”.")
        return thing


_SUGGESTING: Final = {"property": suggest_properties, "type": suggest_types}


def _read(name: str) -> str:
    """Read a parameter of the address or of the form; abort with 400 if it is given twice."""
    if request.method == "POST" and request.mimetype not in ("", FORM):
        raise UnsupportedMediaType(f"A body here is {FORM}, not “{request.mimetype}”.")
    given = [*request.args.getlist(name), *request.form.getlist(name)]
    if len(given) > 1:
        abort(400, f"There are {len(given)} parameters “{name}”; give one.")
    return given[0] if given else ""


def _read_names() -> list[str]:
    """Read the names that a person has written, one a line."""
    lines = [" ".join(line.split()) for line in request.args.get("names", "").splitlines()]
    names = [line for line in lines if line]
    _limit(len(names), BATCH, "names")
    return names


def _limit(count: int, most: int, name: str) -> None:
    if count > most:
        abort(413, f"There are {count} “{name}”; {most} are allowed at once.")


def _answer(document: Json) -> Response:
    return data(json.dumps(document, allow_nan=False) + "\n", JSON)
