"""Resources side by side as a table for a paper: what /compare shows, without a server."""

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.cells import MOST, Thing
from audiokg.export.comparison import ask_comparison
from audiokg.export.material import Material
from audiokg.export.solutions import Row, plain_row
from audiokg.export.tables import LATEX, MARKDOWN, WRITERS

_FEWEST: Final = 2


def export_latex(material: Material, resources: Sequence[ox.NamedNode]) -> bytes:
    """Write the comparison of two to eight resources as a LaTeX table. Raises InputError."""
    return _write(material, resources, LATEX.name)


def export_markdown(material: Material, resources: Sequence[ox.NamedNode]) -> bytes:
    """Write the comparison of two to eight resources in Markdown. Raises InputError."""
    return _write(material, resources, MARKDOWN.name)


def _write(material: Material, resources: Sequence[ox.NamedNode], form: str) -> bytes:
    things = [_thing(material, resource) for resource in dict.fromkeys(resources)]
    if not _FEWEST <= len(things) <= MOST:
        raise InputError(f"{len(things)} to compare; name {_FEWEST} to {MOST} different resources")

    def ask(text: str) -> list[Row]:
        return [plain_row(row) for row in material.rows_of(text)]

    _, comparison = ask_comparison(things, material.pages, ask)
    manifest = material.manifest
    note = f"From audiokg, version {manifest.version}, data of {manifest.modified}."
    return WRITERS[form](comparison.table(note)).encode()


def _thing(material: Material, resource: ox.NamedNode) -> Thing:
    """Give a resource with its label, or with its id where it has none."""
    rows = material.rows("compare-label", resource=resource)
    return Thing(
        resource.value, rows[0]["label"].value if rows else Thing(resource.value, "").ident
    )
