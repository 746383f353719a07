"""What the shapes allow a kind of resource to say; so the shapes alone decide what can be set."""

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from audiokg.check.known import ask
from audiokg.terms import VOCABULARIES


@dataclass(frozen=True)
class Constraint:
    """What a value of a property must be, and the words of the shape that say so."""

    property: str
    message: str
    class_: str = ""
    datatype: str = ""
    pattern: str = ""
    choices: tuple[str, ...] = ()


def read_constraints(root: Path) -> dict[str, dict[str, Constraint]]:
    """Read, for the class that a shape is for, the constraint of each property."""
    store = ox.Store()
    for path in sorted((root / "shapes").glob("*.ttl")):
        store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    constraints: dict[str, dict[str, Constraint]] = {}
    for target, name, class_, datatype, pattern, message, choice in ask(store, root, "constraints"):
        own = constraints.setdefault(target, {})
        known = own.get(name)
        choices = (*(known.choices if known else ()), *filter(None, [choice]))
        # A choice has the datatype of text (xsd:string), which shapes do not repeat.
        datatype = datatype or (VOCABULARIES["xsd"] + "string" if choice else "")
        own[name] = Constraint(name, message, class_, datatype, pattern, choices)
    return constraints
