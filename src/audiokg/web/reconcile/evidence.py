"""How well the values that a client gives fit those that the graph has."""

import math
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from audiokg.amounts import read_number
from audiokg.identifiers import key_of
from audiokg.names import fold
from audiokg.terms import XSD
from audiokg.web.reconcile.asked import Given, Reference
from audiokg.web.reconcile.material import NUMBERS, Cell, Material
from audiokg.web.reconcile.properties import Property
from audiokg.web.reconcile.spellings import SAME, Spelling, compare

_DATES: Final = {XSD + name for name in ("date", "dateTime", "gYearMonth", "gYear")}
_BOOLEAN: Final = XSD + "boolean"
_TRUTHS: Final = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false"}


#: Both are asked of the same texts again and again: values of the graph, and those of a column.
_fold = lru_cache(1 << 15)(fold)
_key_of = lru_cache(1 << 14)(key_of)


def fit(
    material: Material, iri: str, property_: Property, given: tuple[Given, ...]
) -> float | None:
    """Say how well values fit those of a thing, from 0 to 1; None where that says nothing.

    Of several values the best counts: a table often has one of many. Another address than those
    that are known says nothing.
    """
    known = material.values(iri, property_)
    if not known or not given:
        return None
    if property_.identifies:
        keys = {_key_of(cell["value"]) for cell in known}
        fits = any(_key_of(str(one)) in keys for one in given)
        return 1.0 if fits else 0.0 if property_.excludes else None
    return max(_likeness(material, one, cell) for one in given for cell in known)


def _likeness(material: Material, given: Given, cell: Cell) -> float:
    if isinstance(given, Reference):
        thing = material.find(given.id)
        return float(cell["value"] == (thing.iri if thing else given.id))
    text = str(given).lower() if isinstance(given, bool) else str(given).strip()
    if cell["type"] == "uri":
        return _likeness_of_thing(material, text, cell["value"])
    return _likeness_of_text(text, cell["value"], cell.get("datatype", ""))


def _likeness_of_thing(material: Material, text: str, iri: str) -> float:
    """Compare with the names of a thing of ours, or with an address elsewhere."""
    thing = material.find(text)
    if thing:
        return float(thing.iri == iri)
    if iri not in material.things:
        return float(_key_of(text) == _key_of(iri))
    asked = Spelling("", text, own=True)
    likeness = max((compare(asked, one) for one in material.spellings.of(iri)), default=0.0)
    return likeness / SAME


def _likeness_of_text(text: str, known: str, datatype: str) -> float:
    if datatype in _DATES:
        return float(bool(text) and (known.startswith(text) or text.startswith(known)))
    if datatype == _BOOLEAN:
        return float(_TRUTHS.get(text.casefold()) == known)
    if datatype in NUMBERS:
        return _likeness_of_numbers(_number(text), _number(known))
    return fuzz.ratio(_fold(text), _fold(known)) / SAME


def _likeness_of_numbers(one: float, other: float) -> float:
    """Give the smaller part of the larger; what is no number is like none."""
    if one == other:
        return 1.0
    likeness = 1.0 - abs(one - other) / max(abs(one), abs(other))
    return likeness if likeness > 0 else 0.0


def _number(text: str) -> float:
    number = read_number(text)
    return math.nan if number is None else float(number)
