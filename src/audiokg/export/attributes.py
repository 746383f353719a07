"""The attributes of the things of the network: one type a column, as tools for networks want it.

Several texts stand in one cell, with bars between. Several numbers have no one cell: the least and
the greatest stand in columns of their own, as `bitrateKbpsLeast` and `bitrateKbpsGreatest`. A truth
value that is both is none.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from audiokg.export.material import Material
from audiokg.terms import XSD, Term, shorten

Value = bool | int | float | str
Attributes = dict[str, Value]
#: What a value of a datatype is read as; of others the text stands as it is.
_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    XSD + "boolean": lambda text: text in {"true", "1"},
    XSD + "integer": int,
    XSD + "decimal": float,
    XSD + "double": float,
}
#: The types, from narrow to wide: the widest of a column is that of all its cells.
_WIDTH: Final[Mapping[type, int]] = {bool: 0, int: 1, float: 2, str: 3}
#: `long` of GraphML is that of Java, with 64 bits; beyond, a number has no whole type.
_LARGEST: Final = 2**63


def read_attributes(material: Material, things: Container[str]) -> dict[str, Attributes]:
    """Read the attributes of things."""
    cells: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for row in material.rows("graph-attributes"):
        thing = row["thing"].value
        if thing in things:
            cells[shorten(row["property"].value)][thing].append(_read(row["value"]))
    found: dict[str, Attributes] = defaultdict(dict)
    for name in sorted(cells):
        kind = _widest(value for values in cells[name].values() for value in values)
        for thing, values in cells[name].items():
            found[thing] |= _write(name.partition(":")[2], {kind(value) for value in values}, kind)
    return found


def _read(term: Term) -> Value:
    datatype = term.datatype.value if isinstance(term, ox.Literal) else ""
    value: Value = _READERS.get(datatype, str)(term.value)
    if isinstance(value, float) and not math.isfinite(value):
        return term.value
    return value


def _widest(values: Iterable[Value]) -> type:
    return max(map(_type, values), key=lambda kind: _WIDTH[kind])


def _type(value: Value) -> type:
    if type(value) is int and not -_LARGEST <= value < _LARGEST:
        return float
    return type(value)


def _write(name: str, values: set[Value], kind: type) -> Attributes:
    """Write the cells of one thing in the column, or columns, of a property."""
    if len(values) == 1:
        return {name: values.pop()}
    if kind is str:
        return {name: " | ".join(sorted(map(str, values)))}
    if kind is bool:
        return {}
    numbers = [value for value in values if not isinstance(value, str)]
    return {f"{name}Least": min(numbers), f"{name}Greatest": max(numbers)}
