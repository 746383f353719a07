"""Numbers as text: digits in groups, large ones in words, several as a range."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

_LARGE: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_FEW: Final = 2
#: The dash of a range.
_TO: Final = "\N{EN DASH}"
#: How a number relates to the true value -> what is written before it.
COMPARATORS: Final = {"~": "about ", ">=": "at least ", "<=": "at most ", "=": "", "": ""}


def read_number(text: str) -> Decimal | None:
    """Read a number; None where the text is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def write_number(number: Decimal) -> str:
    """Write a number with its digits in groups and no needless zeros."""
    return f"{number.normalize():,f}"


def write_large(number: Decimal) -> str:
    """Write a number, in millions and more by words."""
    for size, word in _LARGE:
        if abs(number) >= size:
            return f"{write_number(round(number / size, 2))} {word}"
    return write_number(number)


def write_range(numbers: Iterable[Decimal]) -> str:
    """Write one number, two with “or”, more as the range that they span."""
    values = sorted(set(numbers))
    if len(values) <= _FEW:
        return " or ".join(map(write_large, values))
    return f"{write_large(values[0])}{_TO}{write_large(values[-1])}"
