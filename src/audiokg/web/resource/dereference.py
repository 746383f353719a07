"""What an IRI of ours leads to: its page and RDF, what replaced it, or what it may have been.

- Known: 200, with `Link` to the canonical IRI, to every form, and to what describes it.
- Merged (`owl:deprecated`, `dcterms:isReplacedBy`): the IRI answers 301 to what replaced it. What
  was asked for by suffix or `?format=` is that document, so the old record with its deprecation can
  still be read, and its page says where to go.
- Withdrawn (`owl:deprecated` alone): 410; by suffix or `?format=` the RDF of the record, also with
  410, for the reader of data who wants to know why.
- Unknown: 404 with the nearest names there are, in the page and in the problem document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus
from typing import Final

from flask import Response, request

from audiokg.formats import Format
from audiokg.sites import Link, link_to
from audiokg.terms import BASE
from audiokg.web.negotiation import accepts_html
from audiokg.web.page import page
from audiokg.web.problems import PROBLEM, write_problem
from audiokg.web.questions import Questions, is_iri, value

_CLOSE: Final = 0.6
_SUGGESTIONS: Final = 5


@dataclass(frozen=True)
class Origin:
    """A graph that speaks of a resource: its date and the documents it names as its sources."""

    graph: str
    modified: str
    documents: tuple[Link, ...]


@dataclass(frozen=True)
class Standing:
    """Whether an IRI is known (in some graph), withdrawn, or replaced."""

    iri: str
    label: str = ""
    is_withdrawn: bool = False
    replacement: str = ""
    origins: tuple[Origin, ...] = ()


def find_standing(questions: Questions, iri: str) -> Standing:
    """Find what becomes of an IRI. Raises QueryError."""
    rows = questions.rows("standing", resource=iri) if is_iri(iri) else []
    graphs: dict[str, tuple[str, dict[str, Link]]] = {}
    for row in rows:
        _, documents = graphs.setdefault(value(row, "graph"), (value(row, "modified"), {}))
        if "source" in row:
            source = value(row, "source")
            documents[source] = link_to(source, value(row, "sourceLabel"))
    first = rows[0] if rows else {}
    return Standing(
        iri=iri,
        label=value(first, "label"),
        is_withdrawn=value(first, "deprecated") == "true",
        replacement=value(first, "replacement"),
        origins=tuple(Origin(g, day, tuple(docs.values())) for g, (day, docs) in graphs.items()),
    )


def add_links(
    response: Response, iri: str, path: str, formats: Iterable[Format], describing: Sequence[str]
) -> Response:
    """Add the links of a document about an IRI (RFC 8288); `describing` are paths of RDF."""
    links = [f'<{iri}>; rel="canonical"']
    form_of = f"{path}?format=" if path.endswith("/") else f"{path}."
    for form in formats:
        links.append(f'<{form_of}{form.name}>; rel="alternate"; type="{form.media_type}"')
    links += [f'<{target}>; rel="describedby"; type="text/turtle"' for target in describing]
    for link in links:
        response.headers.add("Link", link)
    return response


def answer_missing(iri: str, listing: str, names: Mapping[str, str]) -> Response:
    """Answer 404 with the nearest of `names` (IRI -> label); `listing` is where all of them are."""
    nearest = suggest(iri.rpartition("/")[2], names)
    detail = f"Nothing is known of {iri}; {listing} lists what there is."
    if accepts_html(request.accept_mimetypes):
        links = [Link(near, names[near]) for near in nearest]
        response = page("unknown.html", iri=iri, listing=listing, links=links)
        response.status_code = HTTPStatus.NOT_FOUND
        return response
    status = HTTPStatus.NOT_FOUND
    body = write_problem(status, status.phrase, detail, {"suggestions": nearest})
    return Response(body, status, content_type=PROBLEM)


def suggest(wanted: str, names: Mapping[str, str]) -> list[str]:
    """Suggest the IRIs whose identifier or label is nearest to what was wanted."""
    spelled: dict[str, str] = {label.casefold(): iri for iri, label in names.items()}
    spelled |= {iri.removeprefix(BASE).partition("/")[2]: iri for iri in names}
    near = get_close_matches(wanted.casefold(), spelled, 2 * _SUGGESTIONS, _CLOSE)
    return list(dict.fromkeys(spelled[name] for name in near))[:_SUGGESTIONS]
