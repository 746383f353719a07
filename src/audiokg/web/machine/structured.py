"""What the head of a page tells search engines: schema.org, FAIR4ML and Croissant in JSON-LD.

A dataset says that it conforms to Croissant 1.0 where all is known that Croissant requires; its
page here stands in where it has none of its own.
"""

from dataclasses import dataclass
from typing import Final

from flask import request
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from audiokg.export.croissant import conform
from audiokg.export.schema_org import CONTEXT, Json, describe, is_described
from audiokg.snapshot import Manifest
from audiokg.terms import BASE
from audiokg.web.questions import Questions, value

_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class StructuredData:
    """Writes the data block of a page, for templates: `structured_data(iri)`."""

    questions: Questions
    manifest: Manifest

    def __call__(self, iri: str) -> Markup:
        """Give the element for the head of the page of an IRI of ours, empty for other kinds."""
        found = self.describe(iri)
        if not found:
            return Markup()
        script = Markup('<script type="application/ld+json">{}</script>')
        return script.format(htmlsafe_json_dumps({"@context": _context(found)} | found))

    def describe(self, iri: str) -> Json:
        """Describe the home page (the base of all IRIs), a model, a dataset or a publication."""
        if iri == BASE:
            return _describe_site(self.manifest)
        if not is_described(iri):
            return {}
        said = describe(iri, self.questions.rows("structured-facts", resource=iri))
        if said.get("@type") == "Dataset":
            return conform({"url": iri} | said)
        is_paper = said.get("@type") == "ScholarlyArticle" and "name" in said
        return said | self._authors(iri) if is_paper else said

    def _authors(self, iri: str) -> Json:
        rows = self.questions.rows("structured-authors", resource=iri)
        people = [
            {"@type": "Person", "name": value(row, "name")}
            | ({"@id": value(row, "person")} if "person" in row else {})
            for row in rows
        ]
        return {"author": people} if people else {}


def _context(found: Json) -> Json:
    return CONTEXT | ({"@language": "en"} if "conformsTo" in found else {})


def _describe_site(manifest: Manifest) -> Json:
    root = request.url_root
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": root + "search?q={search_term_string}"},
        "query-input": "required name=search_term_string",
    }
    site = {"@type": "WebSite", "@id": root, "url": root, "name": "audiokg"}
    catalogue = {
        "@type": "DataCatalog",
        "@id": BASE,
        "url": root,
        "name": "audiokg",
        "description": "The knowledge graph of large audio models: speech language models, neural "
        "audio codecs, representation models, their papers, and which document says what.",
        "version": manifest.version,
        "dateModified": manifest.modified,
        "license": _LICENCE,
    }
    return {"@graph": [site | {"potentialAction": search}, catalogue]}
