"""What stands in a cell where resources are compared: values, in words, with who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from audiokg.terms import AKG, BASE, XSD, shorten
from audiokg.wording import say_boolean

#: So many can be set side by side.
MOST: Final = 8
UNKNOWN: Final = "unknown"
#: What is said of a thing that by its sort cannot have a value.
NONE: Final = "none"
_NUMBERS: Final = {XSD + "integer", XSD + "decimal", XSD + "double"}
#: Between thousands: a narrow space that does not break.
_THIN: Final = "\u202f"


@dataclass(frozen=True, order=True)
class Thing:
    """A resource and its name."""

    iri: str
    label: str

    @property
    def ident(self) -> str:
        """Give the id that asks for it: of a model the bare one, else segment/id."""
        return self.iri.removeprefix(BASE).removeprefix("model/")


@dataclass(frozen=True)
class Value:
    """A value in a cell; `holders` are the configurations that it was taken from.

    `amount` and `amount_unit` are those of a part or of a use of data, say 24000 and h.
    """

    term: Mapping[str, str]
    label: str = ""
    amount: str = ""
    amount_unit: str = ""
    note: str = ""
    ordinal: int = 0
    holders: tuple[Thing, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def number(self) -> Decimal | None:
        """Give the number, where it is one."""
        return Decimal(self.term["value"]) if self.term.get("datatype") in _NUMBERS else None

    @property
    def is_part(self) -> bool:
        """Tell whether it is a detail of a resource, told apart by its words, not by its IRI."""
        iri = self.term["value"]
        return iri.startswith(BASE) and "#" in iri and not iri.startswith(AKG)

    @property
    def key(self) -> tuple[str, str]:
        """Give what tells it from other values."""
        return self.words if self.is_part else self.term["value"], self.note

    @property
    def words(self) -> str:
        """Give the value as one types it: a label with an amount, yes or no, a number."""
        amount = f", {self.amount} {self.amount_unit}" if self.amount else ""
        return self._name + amount

    @property
    def shown(self) -> str:
        """Give the value as a page shows it: the thousands of numbers set apart."""
        if self.number is not None:
            return _group(self.number)
        amount = f", {_group(Decimal(self.amount))} {self.amount_unit}" if self.amount else ""
        return self._name + amount

    @property
    def order(self) -> tuple[int, Decimal, str]:
        """Give what the values of a cell are ordered by."""
        return self.ordinal, self.number or Decimal(0), self.words.casefold()

    def text(self, grouped: bool) -> str:
        """Give the value with its note; `grouped` sets the thousands of numbers apart."""
        text = self.shown if grouped else self.words
        return f"{text} ({self.note})" if self.note else text

    @property
    def _name(self) -> str:
        text = self.term["value"]
        if self.term["type"] == "uri":
            known = shorten(text) if text.startswith(BASE) else text.partition("://")[2]
            return self.label or known or text
        return say_boolean(text) if self.term.get("datatype") == XSD + "boolean" else text


@dataclass(frozen=True)
class Cell:
    """What one resource has of a property, or in a word why there is nothing: it is unknown."""

    values: tuple[Value, ...]
    absent: str = UNKNOWN

    @property
    def numeric(self) -> bool:
        """Tell whether all values are plain numbers."""
        return all(v.number is not None and not v.note for v in self.values)

    @property
    def separator(self) -> str:
        """Give what stands between values: a comma between numbers, which hold none."""
        return ", " if self.numeric else "; "

    def text(self, grouped: bool = True) -> str:
        """Give all values, or that there is none."""
        return self.separator.join(v.text(grouped) for v in self.values) or self.absent


def _group(number: Decimal) -> str:
    return f"{number:,f}".replace(",", _THIN)
