"""/dump/: what can be downloaded, and the files, whole or in part (RFC 9110, section 14)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, request, send_file

from audiokg.formats import TRIPLES
from audiokg.snapshot import VOID
from audiokg.web.download.files import CURRENT, File, Shelf
from audiokg.web.negotiation import HTML
from audiokg.web.page import JSON, choose_twin, data, page

_TURTLE: Final = TRIPLES[0]
#: The snapshot may be another one tomorrow; a release is what it is for ever.
_PASSING_SECONDS: Final = 60
_LASTING_SECONDS: Final = 31_536_000
#: The changelog is a page of its own, with its style in it.
_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def make_download(shelves: Mapping[str, Shelf]) -> Blueprint:
    """Make the blueprint of the downloads."""
    blueprint = Blueprint("download", __name__)
    views = _Views(shelves)
    blueprint.add_url_rule("/dump/", view_func=views.index)
    blueprint.add_url_rule("/dump/<name>/", view_func=views.shelf)
    blueprint.add_url_rule("/dump/<name>/<file>", view_func=views.file)
    return blueprint


@dataclass(frozen=True)
class _Views:
    shelves: Mapping[str, Shelf]

    def index(self) -> Response:
        current = self.shelves.get(CURRENT)
        releases = [shelf for shelf in self.shelves.values() if shelf.name != CURRENT]
        if choose_twin(JSON) is HTML:
            return page("downloads.html", current=current, releases=releases, twins=(JSON,))
        told = [shelf.as_json() for shelf in releases]
        return _json({"current": current.as_json() if current else None, "releases": told})

    def shelf(self, name: str) -> Response:
        """Answer with the list of files; a release, which is a name in RDF, also in Turtle."""
        shelf = self._find(name)
        chosen = choose_twin(JSON, _TURTLE)
        if chosen is HTML:
            return page("download.html", shelf=shelf, twins=(JSON, _TURTLE), current=CURRENT)
        if chosen is _TURTLE:
            return self.file(name, VOID)
        return _json(shelf.as_json())

    def file(self, name: str, file: str) -> Response:
        shelf = self._find(name)
        found = shelf.files.get(file)
        if found is None:
            abort(404, f"There is no file {file} there; {shelf.path} lists what there is.")
        return _send(found, _PASSING_SECONDS if name == CURRENT else _LASTING_SECONDS)

    def _find(self, name: str) -> Shelf:
        shelf = self.shelves.get(name)
        if shelf is None:
            abort(404, f"There is no release {name} here; /dump/ lists what there is.")
        return shelf


def _send(file: File, seconds: int) -> Response:
    """Send a file as it is: what is compressed stays so, it is no coding of something else.

    Nor is it compressed on the way: a part of the file is to be a part of the file. A file that was
    written anew is another one than we tell the size and checksum of.
    """
    if not file.is_as_read:
        said = f"The file {file.name} has changed since the server started; restart it to offer it."
        abort(503, said)
    request.environ.pop("HTTP_ACCEPT_ENCODING", None)
    response = send_file(
        file.path,
        mimetype=file.media_type,
        conditional=True,
        etag=file.sha256,
        max_age=seconds,
    )
    response.headers["Content-Security-Policy"] = _CSP
    return response


def _json(document: object) -> Response:
    return data(json.dumps(document, ensure_ascii=False, indent=1) + "\n", JSON)
