"""Bibliographies: the publications of the graph, or of some resources, as BibTeX and CSL-JSON."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.citation import Work, key_of, read_work, write_bibtex, write_csl
from audiokg.export.material import Material
from audiokg.export.solutions import Row, plain_row, value
from audiokg.terms import BASE

#: Shared with the pages, so that a paper is cited the same everywhere.
_WORK, _PAPERS = "work", "papers"
_ONE_WORD: Final = "publication"


def export_bibtex(material: Material, resources: Sequence[ox.NamedNode]) -> bytes:
    """Write the publications, or those of resources, as BibTeX. Raises InputError."""
    return _write(material, resources, write_bibtex)


def export_csl(material: Material, resources: Sequence[ox.NamedNode]) -> bytes:
    """Write the publications, or those of resources, as CSL-JSON. Raises InputError."""
    return _write(material, resources, write_csl)


def list_works(material: Material, resources: Sequence[ox.NamedNode]) -> list[Work]:
    """List what to cite, once each, by key: of resources that which introduces them, else all.

    Raises InputError for a resource that no publication of the graph introduces.
    """
    cited = _papers(material, resources) if resources else _publications(material)
    rows: dict[str, list[Row]] = {}
    for row in map(plain_row, material.rows_of(material.pages[_WORK].text)):
        rows.setdefault(value(row, _ONE_WORD), []).append(row)
    works = (read_work(key_of(iri), rows[iri]) for iri in cited if iri in rows)
    return sorted(works, key=lambda work: work.key)


def _write(
    material: Material,
    resources: Sequence[ox.NamedNode],
    write: Callable[[Iterable[Work]], str],
) -> bytes:
    return write(list_works(material, resources)).encode()


def _publications(material: Material) -> set[str]:
    return {row[_ONE_WORD].value for row in material.rows("bib-publications")}


def _papers(material: Material, resources: Sequence[ox.NamedNode]) -> set[str]:
    text = material.pages[_PAPERS].text
    found = set()
    for resource in resources:
        papers = {row[_ONE_WORD].value for row in material.rows_of(text, resource=resource)}
        if not papers:
            name = resource.value.removeprefix(BASE)
            raise InputError(
                f"no publication of the graph introduces {name}; "
                f"leave it out, or name the publication itself"
            )
        found |= papers
    return found
