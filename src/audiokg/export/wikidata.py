"""What Wikidata may not yet say of things that the graph knows, as QuickStatements.

What Wikidata says today is not asked: QuickStatements leaves a statement that is there as it is and
adds the reference. Only links that were read in a document are used (data/link/wikidata-verified).
Without names, the items of such links are completed. With names, what has no item gets one, if
enough is known to tell it from others: look first whether Wikidata has one. Where no document is
known to state a fact, nothing is said, and each statement has its reference; but what a new item is
an instance of is always said, as Wikidata asks for it, and has no reference where our file does not
tell which of its documents says so.
"""

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.material import Material
from audiokg.export.quickstatements import (
    LONGEST_LABEL,
    Statement,
    create,
    write_commands,
    write_item,
    write_text,
)
from audiokg.export.wikidata_facts import Known, find_kind_reference, read_label, read_statements
from audiokg.terms import BASE

#: What a new item is an instance of, by segment, and its description. Evidence: typeMapping of
#: zotero/translators “Wikidata QuickStatements.js” (scholarly article, data set); branch labels of
#: AceMetric/AMs-immersive-translator candidate-quarantine.json, an extract of Wikidata of 2026-10
#: (machine learning model).
_CLASSES: Final = {
    "dataset": ("Q1172284", "data set"),
    "model": ("Q115215420", "machine learning model"),
    "publication": ("Q13442814", "scholarly article"),
}
#: The properties of which one at least tells a thing from others of its name.
_TELLING: Final = {"P356", "P818", "P973", "P1324"}


def export_quickstatements(material: Material, names: Sequence[ox.NamedNode]) -> bytes:
    """Write what completes items of Wikidata, or what describes some resources there.

    Raises InputError for a resource whose link to Wikidata is unsure, or of which too little is
    known.
    """
    known = Known(material)
    write = write_resource if names else _complete
    iris = {name.value for name in names} or known.items.keys()
    lines = [line for iri in sorted(iris) for line in write(known, iri)]
    return "".join(f"{line}\n" for line in lines).encode()


def write_resource(known: Known, iri: str) -> list[str]:
    """Write the commands for one resource. Raises InputError as above."""
    path = iri.removeprefix(BASE)
    if iri in known.items:
        if lines := _complete(known, iri):
            return lines
        raise InputError(f"{path}: there is nothing to say of it that Wikidata has a property for")
    if iri in known.unsure:
        item = known.unsure[iri]
        raise InputError(f"{path}: that it is {item} is not sure; confirm it in data/link/ first")
    return _make(known, iri)


def _complete(known: Known, iri: str) -> list[str]:
    return write_commands(write_item(known.items[iri]), read_statements(known, iri))


def _make(known: Known, iri: str) -> list[str]:
    path = iri.removeprefix(BASE)
    kind = _CLASSES.get(path.partition("/")[0])
    if kind is None:
        raise InputError(f"{path}: items are made for {', '.join(sorted(_CLASSES))} only")
    item, description = kind
    statements = read_statements(known, iri)
    label = read_label(known, iri)
    if not write_text(label, LONGEST_LABEL):
        raise InputError(f"{path}: its name is longer than {LONGEST_LABEL} letters")
    if not _TELLING & {statement.property for statement in statements}:
        raise InputError(f"{path}: too little is known of it: no identifier, paper, page or code")
    # P31: instance of.
    what = Statement("P31", item, find_kind_reference(known, iri))
    return create(label, description, [what, *statements])
