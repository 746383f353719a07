"""The parameters of a query of the library: fields of a form, and the terms that a request gives.

A resource is written as in Turtle with our prefixes (`model:encodec`) or as an IRI; a number or a
text as it is. Whatever is given becomes one RDF term, never a part of the query's text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from werkzeug.datastructures import MultiDict

from audiokg.errors import InputError
from audiokg.examples import read_defaults
from audiokg.queries import Query
from audiokg.terms import XSD, Term, shorten
from audiokg.turtle import read_term

#: Datatype -> how its numbers are written, and what to call them.
_NUMBERS: Final = {
    XSD + "integer": (r"[+-]?[0-9]+", "whole number"),
    XSD + "decimal": (r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", "number"),
    XSD + "double": (r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", "number"),
}


@dataclass(frozen=True)
class Field:
    """One parameter: what was typed, the term to bind, and what is wrong with what was typed.

    A field with a problem has its default as its term.
    """

    name: str
    typed: str
    term: Term
    default: Term
    problem: str = ""

    @property
    def is_resource(self) -> bool:
        """Tell whether the parameter takes an IRI."""
        return isinstance(self.default, ox.NamedNode)

    @property
    def is_number(self) -> bool:
        """Tell whether the parameter takes a number."""
        return isinstance(self.default, ox.Literal) and self.default.datatype.value in _NUMBERS


def read_fields(query: Query, given: MultiDict[str, str]) -> tuple[Field, ...]:
    """Read what a request gives for each parameter of a query."""
    return tuple(
        _read_field(name, default, given.getlist(name))
        for name, default in read_defaults(query).items()
    )


def terms_of(fields: Iterable[Field]) -> dict[str, Term]:
    """Give the term of each field, by its name."""
    return {field.name: field.term for field in fields}


def write_term(term: Term) -> str:
    """Write a term as a form shows it."""
    return shorten(term.value) if isinstance(term, ox.NamedNode) else term.value


def _read_field(name: str, default: Term, given: list[str]) -> Field:
    typed = given[0] if given else write_term(default)
    if len(given) > 1:
        problem = f"“{name}” is given {len(given)} times; give it once."
        return Field(name, typed, default, default, problem)
    try:
        return Field(name, typed, _read(typed.strip(), default), default)
    except InputError as error:
        return Field(name, typed, default, default, f"{error}.")


def _read(typed: str, default: Term) -> Term:
    if isinstance(default, ox.NamedNode):
        return _read_resource(typed, default)
    known = _NUMBERS.get(default.datatype.value)
    if known and not re.fullmatch(known[0], typed):
        raise InputError(f"“{typed}” is no {known[1]}; write {default.value}, for example")
    if default.language:
        return ox.Literal(typed, language=default.language)
    return ox.Literal(typed, datatype=default.datatype)


def _read_resource(typed: str, default: ox.NamedNode) -> ox.NamedNode:
    term = read_term(f"<{typed}>" if re.match(r"https?://", typed) else typed)
    if isinstance(term, ox.NamedNode):
        return term
    raise InputError(f"“{typed}” is no resource; write {shorten(default.value)}, for example")
