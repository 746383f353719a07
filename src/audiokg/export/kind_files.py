"""The tables of kinds as files: CSV or Parquet, with a description for programs beside them.

The description is a Data Package (https://datapackage.org/standard/data-package/); what it says of
the files, in _ABOUT and _ABOUT_CSV, is how they are to be read. CSV is RFC 4180.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from audiokg.export.columns import TEXT, Column, Scalar, Value
from audiokg.export.kind_tables import KindTable, KindTables
from audiokg.export.kinds import name_kinds
from audiokg.export.material import Material
from audiokg.metadata import DATASET, LICENCE
from audiokg.snapshot import Manifest
from audiokg.terms import BASE

DESCRIPTION: Final = "datapackage.json"
BETWEEN: Final = " | "
#: What begins like a formula and holds a letter or digit; https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"^[=+\-@\t\r].*\w", re.DOTALL)
_PLAIN_NUMBER: Final = re.compile(r"^[+-]?\d+(\.\d+)?$")
_ABOUT: Final = (
    "A table for each kind of thing, a row a thing, a column a property of the ontology under its "
    "own name. The identifier of a thing (id) is its address; other columns hold the same "
    "addresses, so tables join on them; a column …Label beside them gives the names. A part "
    "(evidence, token stream, …) has the identifier of what it belongs to in the column “of”. "
    "What is empty is unknown."
)
_ABOUT_CSV: Final = (
    " Values of a list stand between bars with a space on both sides; a bar in such a value is "
    "written \\|, a backslash \\\\. A text that a spreadsheet would run as a formula has an "
    "apostrophe before it; the Parquet files have it as it is."
)


@dataclass(frozen=True)
class Form:
    """A form of files: its ending, its media type, how to write a table, what to say of it."""

    ending: str
    media_type: str
    write: Callable[[KindTable], bytes]
    about: str = ""
    encoding: str | None = None


def export_csv(material: Material, chosen: Sequence[ox.NamedNode]) -> bytes | Mapping[str, bytes]:
    """Write one kind as CSV, or several (all of none) as files with their description."""
    form = Form("csv", "text/csv", write_csv, _ABOUT_CSV, "utf-8")
    return _export(material, chosen, form)


def export_parquet(
    material: Material, chosen: Sequence[ox.NamedNode]
) -> bytes | Mapping[str, bytes]:
    """Write one kind as Parquet, or several (all of none) as files with their description."""
    from audiokg.export.parquet import write_parquet  # needs the extra “tables”

    return _export(
        material, chosen, Form("parquet", "application/vnd.apache.parquet", write_parquet)
    )


def write_csv(table: KindTable) -> bytes:
    """Write a table as CSV, in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.name for column in table.columns)
    for row in table.rows:
        writer.writerow(map(_cell, row))
    return text.getvalue().encode()


def _export(
    material: Material, chosen: Sequence[ox.NamedNode], form: Form
) -> bytes | Mapping[str, bytes]:
    made = KindTables(material)
    tables = [made.table(name) for name in name_kinds(chosen)]
    if len(tables) == 1:
        return form.write(tables[0])
    files = {f"{table.name}.{form.ending}": form.write(table) for table in tables}
    description = _describe(tables, files, form, material.manifest)
    return {**files, DESCRIPTION: description}


def _cell(value: Value) -> str:
    if not isinstance(value, list):
        return _guard(_text(value)) if isinstance(value, str) else _text(value)
    return _guard(BETWEEN.join(_text(v).replace("\\", "\\\\").replace("|", "\\|") for v in value))


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value}"


def _guard(text: str) -> str:
    """Put an apostrophe before what would be a formula; a signed number is none."""
    runs = _FORMULA.match(text) and not _PLAIN_NUMBER.match(text)
    return f"'{text}" if runs else text


def _describe(
    tables: Sequence[KindTable], files: Mapping[str, bytes], form: Form, manifest: Manifest
) -> bytes:
    document = {
        "name": "audiokg",
        "title": "audiokg: the knowledge graph of large audio models, as tables",
        "description": _ABOUT + form.about,
        "id": DATASET,
        "homepage": BASE,
        "version": manifest.version,
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE}],
        "resources": [
            _resource(table, f"{table.name}.{form.ending}", files, form) for table in tables
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _resource(
    table: KindTable, path: str, files: Mapping[str, bytes], form: Form
) -> dict[str, Any]:
    document = {
        "name": table.name,
        "path": path,
        "title": table.what,
        "format": form.ending,
        "mediatype": form.media_type,
        "encoding": form.encoding,
        "bytes": len(files[path]),
        "hash": "sha256:" + hashlib.sha256(files[path]).hexdigest(),
        "schema": {"fields": [_field(column) for column in table.columns], "primaryKey": ["id"]},
    }
    return {key: told for key, told in document.items() if told is not None}


def _field(column: Column) -> dict[str, str]:
    """Describe a column; a unit has no word in Table Schema, so it is a word of our own."""
    document = {
        "name": column.name,
        "type": "list" if column.many else column.type,
        "itemType": column.type if column.many and column.type != TEXT else "",
        "delimiter": BETWEEN if column.many else "",
        "title": column.title,
        "description": column.description,
        "unit": column.unit,
        "rdfType": column.iri,
    }
    return {key: told for key, told in document.items() if told}
