"""The files of a release that hold the graph: a dump is a line of a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.export.formats import EXPORTS, export
from audiokg.export.material import Material
from audiokg.release.archive import write_gzip, write_zip
from audiokg.release.found import ontology_name
from audiokg.snapshot import MANIFEST, QUADS
from audiokg.terms import PREFIXES
from audiokg.turtle import graph_iri

GZIP: Final = "application/gzip"
ZIP: Final = "application/zip"
TURTLE: Final = "text/turtle"
#: The zip files of the graph's own files: folder -> what is in it.
_FOLDERS: Final = {
    "ontology": "The ontology, its concept schemes, alignments and mappings, as Turtle and SSSOM",
    "shapes": "The SHACL shapes",
    "queries": "The queries: the library, and those of pages, checks and the build",
}
#: What is packed of them; what editors and notebooks leave behind is none of it.
_SUFFIXES: Final = frozenset({".ipynb", ".rq", ".tsv", ".ttl"})
#: What tables are asked for, if that export is there.
_TABLES: Final = "csv"


@dataclass(frozen=True)
class Item:
    """A file of a release.

    `media_type` is that of the content; `packed` says in what it is compressed or packed, if so.
    """

    name: str
    what: str
    media_type: str
    content: bytes
    packed: str = ""
    is_rdf: bool = False

    @property
    def sent_as(self) -> str:
        """Give the media type of the file as it is, packed or not."""
        return self.packed or self.media_type


def make_dumps(material: Material, version: str) -> list[Item]:
    """Make the dumps of a snapshot, the same bytes for the same snapshot."""
    name = f"audiokg-{version}"
    quads = (material.folder / QUADS).read_bytes()
    return [
        *(dump.make(name, quads, material) for dump in _DUMPS),
        *_make_tables(name, material),
        Item(
            ontology_name(version),
            "The ontology alone, as Turtle",
            TURTLE,
            _read_ontology(material.root),
        ),
        *(_pack_folder(name, folder, what, material.root) for folder, what in _FOLDERS.items()),
        Item(
            MANIFEST,
            "What the release was made from: version, date, checksum, graphs",
            "application/json",
            (material.folder / MANIFEST).read_bytes(),
        ),
    ]


@dataclass(frozen=True)
class _Dump:
    suffix: str
    what: str
    media_type: str
    write: Callable[[bytes, Material], bytes]

    def make(self, name: str, quads: bytes, material: Material) -> Item:
        content = write_gzip(self.write(quads, material))
        return Item(
            f"{name}.{self.suffix}.gz", self.what, self.media_type, content, GZIP, is_rdf=True
        )


def _write_trig(quads: bytes, _: Material) -> bytes:
    """Write all graphs; the quads are sorted by subject, so this sorts them by graph."""
    parsed = sorted(
        ox.parse(quads, format=ox.RdfFormat.N_QUADS), key=lambda quad: str(quad.graph_name)
    )
    return ox.serialize(parsed, format=ox.RdfFormat.TRIG, prefixes=PREFIXES) or b""


def _write_turtle(quads: bytes, _: Material) -> bytes:
    """Write the union of all graphs."""
    found = ox.parse(quads, format=ox.RdfFormat.N_QUADS)
    triples = list(dict.fromkeys(quad.triple for quad in found))
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b""


_DUMPS: Final = (
    _Dump("nq", "All graphs, as sorted N-Quads", "application/n-quads", lambda quads, _: quads),
    _Dump("trig", "All graphs, as TriG", "application/trig", _write_trig),
    _Dump("ttl", "The union of all graphs, as Turtle", TURTLE, _write_turtle),
    _Dump(
        "jsonld",
        "The union of all graphs, as JSON-LD with short keys",
        "application/ld+json",
        lambda _, material: _one(export("jsonld", (), material)),
    ),
)


def _read_ontology(root: Path) -> bytes:
    """Read the ontology; in it `<>` is its graph, which a file elsewhere must say."""
    path = root / "ontology" / "audiokg.ttl"
    return f"@base <{graph_iri(path, root)}> .\n".encode() + path.read_bytes()


def _make_tables(name: str, material: Material) -> list[Item]:
    if _TABLES not in EXPORTS:
        return []
    files = export(_TABLES, (), material)
    packed = write_zip({"audiokg.csv": files} if isinstance(files, bytes) else files)
    what = "A table for each kind of resource, as CSV"
    return [Item(f"{name}-csv.zip", what, "text/csv", packed, ZIP)]


def _pack_folder(name: str, folder: str, what: str, root: Path) -> Item:
    paths = (path for path in (root / folder).rglob("*") if path.suffix in _SUFFIXES)
    named = {path.relative_to(root): path for path in paths if path.is_file()}
    files = {
        name.as_posix(): path.read_bytes()
        for name, path in named.items()
        if not any(part.startswith(".") for part in name.parts)
    }
    return Item(f"{name}-{folder}.zip", what, _MEDIA_TYPES[folder], write_zip(files), ZIP)


_MEDIA_TYPES: Final = {
    "ontology": TURTLE,
    "shapes": TURTLE,
    "queries": "application/sparql-query",
}


def _one(files: bytes | Mapping[str, bytes]) -> bytes:
    return files if isinstance(files, bytes) else b"".join(files[name] for name in sorted(files))
