"""RDF terms as Python values, and Python values as RDF terms.

Datatypes: https://www.w3.org/TR/rdf11-concepts/#xsd-datatypes. What no Python type fits (a month, a
text in a language) is given as its text.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.terms import XSD, Term, shorten


class IRI(str):
    """The IRI of a thing; a text in every other respect."""

    __slots__ = ()

    @property
    def short(self) -> str:
        """Write it with one of our prefixes where one fits: model:encodec."""
        return shorten(self)


Value = IRI | str | int | float | bool | date | datetime


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


_WHOLE: Final = (
    *("integer", "int", "long", "short", "byte"),
    *("nonNegativeInteger", "positiveInteger", "negativeInteger", "nonPositiveInteger"),
    *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
)
_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    **{XSD + name: int for name in _WHOLE},
    **{XSD + name: float for name in ("decimal", "double", "float")},
    XSD + "boolean": _boolean,
    XSD + "date": date.fromisoformat,
    XSD + "dateTime": datetime.fromisoformat,
}


def to_value(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Value:
    """Give a term as a Python value; a literal that its datatype does not allow stays a text."""
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if not isinstance(term, ox.Literal):
        return str(term)
    try:
        return _READERS.get(term.datatype.value, str)(term.value)
    except (ValueError, KeyError):
        return term.value


def to_term(value: object) -> Term:
    """Give a Python value as a term: an IRI as such, a `str` as a text. Raises InputError."""
    match value:
        case ox.NamedNode() | ox.Literal():
            return value
        case IRI():
            return ox.NamedNode(value)
        case datetime():
            return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "dateTime"))
        case date():
            return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
        case str() | bool() | int() | float():
            return ox.Literal(value)
    message = f"{value!r} is no value of a query; give a text, number, date, IRI or resource"
    raise InputError(message)
