"""The formats of `audiokg export`: a format is a line of EXPORTS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.accounting import export_accounting
from audiokg.export.additions import choose_list, export_additions, export_lists
from audiokg.export.bibliography import export_bibtex, export_csl
from audiokg.export.compared import export_latex, export_markdown
from audiokg.export.croissant import export_croissant
from audiokg.export.jsonld import export_jsonld
from audiokg.export.kind_files import export_csv, export_parquet
from audiokg.export.kinds import choose_kind
from audiokg.export.material import Material
from audiokg.export.nquads import export_nquads
from audiokg.export.wikidata import export_quickstatements
from audiokg.files import write_bytes

#: One file, or several by name.
Files = bytes | Mapping[str, bytes]


@dataclass(frozen=True)
class Export:
    """What is exported, and how; `takes_names` if it is of named resources, not of the graph.

    With `may_be_all` no name means all. `choose` finds what a name stands for.
    """

    what: str
    write: Callable[[Material, Sequence[ox.NamedNode]], Files]
    takes_names: bool = False
    may_be_all: bool = False
    choose: Callable[[Material, str], ox.NamedNode] = Material.find


def _later(module: str, function: str) -> Callable[[Material, Sequence[ox.NamedNode]], Files]:
    """Give a function of a module that needs an extra, which is imported when it is called."""

    def write(material: Material, names: Sequence[ox.NamedNode]) -> Files:
        files: Files = getattr(import_module(module), function)(material, names)
        return files

    return write


EXPORTS: Final[Mapping[str, Export]] = {
    "accounting": Export(
        "the account of the sources, in Markdown",
        lambda material, _: export_accounting(material.folder, material.root),
    ),
    "jsonld": Export(
        "the whole graph, in JSON-LD", lambda material, _: export_jsonld(material.folder)
    ),
    "list": Export(
        "a list, or the works of a kind (codec, language-model, representation-model), in Markdown",
        export_lists,
        takes_names=True,
        choose=choose_list,
    ),
    "additions": Export(
        "the rows that the graph has for a list and the list has not",
        export_additions,
        takes_names=True,
    ),
    "bibtex": Export(
        "publications, or those of resources, in BibTeX",
        export_bibtex,
        takes_names=True,
        may_be_all=True,
    ),
    "csl-json": Export(
        "publications, or those of resources, in CSL-JSON",
        export_csl,
        takes_names=True,
        may_be_all=True,
    ),
    "csv": Export(
        "a table a kind, in CSV", export_csv, takes_names=True, may_be_all=True, choose=choose_kind
    ),
    "parquet": Export(
        "a table a kind, in Parquet",
        export_parquet,
        takes_names=True,
        may_be_all=True,
        choose=choose_kind,
    ),
    "latex": Export("resources compared, as a table in LaTeX", export_latex, takes_names=True),
    "markdown": Export(
        "resources compared, as a table in Markdown", export_markdown, takes_names=True
    ),
    "nquads": Export(
        "the whole graph with its named graphs, in N-Quads",
        lambda material, _: export_nquads(material),
    ),
    "graphml": Export(
        "the network of things, or what lies around some, in GraphML (Gephi)",
        _later("audiokg.export.graphs", "export_graphml"),
        takes_names=True,
        may_be_all=True,
    ),
    "cytoscape": Export(
        "the network of things, or what lies around some, in Cytoscape JSON",
        _later("audiokg.export.graphs", "export_cytoscape"),
        takes_names=True,
        may_be_all=True,
    ),
    "croissant": Export("a dataset, in Croissant", export_croissant, takes_names=True),
    "model-card": Export(
        "a model, as a card of the Hugging Face Hub",
        _later("audiokg.export.cards", "export_model_cards"),
        takes_names=True,
    ),
    "dataset-card": Export(
        "a dataset, as a card of the Hugging Face Hub",
        _later("audiokg.export.cards", "export_dataset_cards"),
        takes_names=True,
    ),
    "quickstatements": Export(
        "what completes items of Wikidata, or describes resources there, in QuickStatements",
        export_quickstatements,
        takes_names=True,
        may_be_all=True,
    ),
}


def export(form: str, names: Sequence[str], material: Material) -> Files:
    """Export the graph, or the resources of those names. Raises InputError, SnapshotError."""
    spec = EXPORTS[form]
    if names and not spec.takes_names:
        raise InputError(f"{form} is of the whole graph; leave out {', '.join(names)}")
    if spec.takes_names and not names and not spec.may_be_all:
        raise InputError(f"{form} needs the id of a resource, as in its address: model/encodec")
    return spec.write(material, [spec.choose(material, name) for name in names])


def write_files(files: Files, output: Path) -> list[Path]:
    """Write one file to a path, or several into the folder of that path; say which."""
    if isinstance(files, bytes):
        write_bytes(output, files)
        return [output]
    for name, content in files.items():
        write_bytes(output / name, content)
    return [output / name for name in files]
