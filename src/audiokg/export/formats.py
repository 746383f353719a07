"""The formats of `audiokg export`: a format is a line of EXPORTS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.accounting import export_accounting
from audiokg.export.jsonld import export_jsonld
from audiokg.export.material import Material
from audiokg.files import write_bytes

#: One file, or several by name.
Files = bytes | Mapping[str, bytes]


@dataclass(frozen=True)
class Export:
    """What is exported, and how; `takes_names` if it is of named resources, not of the graph."""

    what: str
    write: Callable[[Material, Sequence[ox.NamedNode]], Files]
    takes_names: bool = False


EXPORTS: Final[Mapping[str, Export]] = {
    "accounting": Export(
        "the account of the sources, in Markdown",
        lambda material, _: export_accounting(material.folder, material.root),
    ),
    "jsonld": Export(
        "the whole graph, in JSON-LD", lambda material, _: export_jsonld(material.folder)
    ),
}


def export(form: str, names: Sequence[str], material: Material) -> Files:
    """Export the graph, or the resources of those names. Raises InputError, SnapshotError."""
    spec = EXPORTS[form]
    if names and not spec.takes_names:
        raise InputError(f"{form} is of the whole graph; leave out {', '.join(names)}")
    if spec.takes_names and not names:
        raise InputError(f"{form} needs the id of a resource, as in its address: model/encodec")
    return spec.write(material, [material.find(name) for name in names])


def write_files(files: Files, output: Path) -> list[Path]:
    """Write one file to a path, or several into the folder of that path; say which."""
    if isinstance(files, bytes):
        write_bytes(output, files)
        return [output]
    for name, content in files.items():
        write_bytes(output / name, content)
    return [output / name for name in files]
