"""Cite a paper, or a page of audiokg: what the page shows, and the forms for programs."""

from typing import Final

from audiokg.export.citation import (
    PUBLICATIONS,
    Work,
    key_of,
    page_work,
    read_work,
    write_bibtex,
    write_csl,
)
from audiokg.formats import Format
from audiokg.snapshot import Manifest
from audiokg.web.questions import Questions, value

BIBTEX: Final = Format("bib", "application/x-bibtex", (), ("bibtex",), charset=True)
CSL: Final = Format("csl.json", "application/vnd.citationstyles.csl+json", (), ("csl",))
CITATIONS: Final = (BIBTEX, CSL)
_WRITERS: Final = {BIBTEX.name: write_bibtex, CSL.name: write_csl}


def list_works(questions: Questions, manifest: Manifest, iri: str, label: str) -> list[Work]:
    """List what to cite for a resource: the papers, then the page of audiokg."""
    papers = [value(row, "publication") for row in questions.rows("papers", resource=iri)]
    found = ((paper, questions.rows("work", publication=paper)) for paper in papers)
    works = [read_work(key_of(paper), rows) for paper, rows in found if rows]
    key = f"audiokg-{key_of(iri)}"
    return [*works, page_work(key, label, iri, manifest.version, manifest.modified)]


def write_works(works: list[Work], segment: str, chosen: Format) -> str:
    """Write what to cite; for a publication itself, that alone."""
    only_paper = segment in PUBLICATIONS and len(works) > 1
    return _WRITERS[chosen.name](works[:1] if only_paper else works)
