"""QuickStatements, version 1: commands, one a line, that a curator gives to Wikidata.

https://www.wikidata.org/wiki/Help:QuickStatements. Columns stand between tabs. A text stands
between its first and its last quotation mark, so those inside are not escaped; tabs, line ends and
control characters cannot stand in one. Texts that Wikibase refuses by default are left out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from audiokg.terms import WIKIDATA

#: The longest texts that Wikibase takes unless told otherwise: `string-limits` in its
#: repo/config/Wikibase.default.php.
LONGEST_LABEL, LONGEST_TEXT, LONGEST_ADDRESS = 250, 400, 500
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
#: Precision of a date by how many of year, month and day are known.
_PRECISION: Final = {1: 9, 2: 10, 3: 11}


@dataclass(frozen=True)
class Reference:
    """A document that states something; `day` is when it was read, empty if it was not."""

    url: str
    day: str = ""


@dataclass(frozen=True)
class Statement:
    """A property and a value, as written in a command; a position in a list may qualify it.

    Without a reference it is for a curator to find one.
    """

    property: str
    value: str
    reference: Reference | None
    position: int = 0


def write_item(item: str) -> str:
    """Write an item of Wikidata from its IRI; nothing for an IRI of anything else."""
    ident = item.removeprefix(WIKIDATA)
    return ident if re.fullmatch(r"Q[1-9]\d*", ident) else ""


def write_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Write a text; nothing for one that is empty or too long."""
    said = _clean(text)
    return f'"{said}"' if said and len(said) <= longest else ""


def write_title(text: str) -> str:
    """Write a text whose language nobody has told: `und`, undetermined."""
    said = write_text(text)
    return f"und:{said}" if said else ""


def write_address(url: str) -> str:
    """Write an address of the web; nothing for anything else."""
    return write_text(url, LONGEST_ADDRESS) if re.match(r"https?://[^/]", url) else ""


def write_date(text: str) -> str:
    """Write a year, month or day with its precision; nothing for anything else."""
    found = _DATE.fullmatch(text)
    if not found:
        return ""
    year, month, day = found.groups(default="00")
    known = sum(part is not None for part in found.groups())
    return f"+{year}-{month}-{day}T00:00:00Z/{_PRECISION[known]}"


def write_commands(subject: str, statements: Iterable[Statement]) -> list[str]:
    """Write the commands that state something of an item, or of `LAST`, the one just made."""
    lines = ("\t".join((subject, *_columns(statement))) for statement in statements)
    return list(dict.fromkeys(lines))


def create(label: str, description: str, statements: Iterable[Statement]) -> list[str]:
    """Write the commands that make an item."""
    terms = {"Len": label, "Den": description}
    written = {key: write_text(text, LONGEST_LABEL) for key, text in terms.items()}
    lines = [f"LAST\t{key}\t{text}" for key, text in written.items() if text]
    return ["CREATE", *lines, *write_commands("LAST", statements)]


def _columns(statement: Statement) -> list[str]:
    columns = [statement.property, statement.value]
    if statement.position:
        # P1545: series ordinal.
        columns += ["P1545", f'"{statement.position}"']
    if statement.reference is None:
        return columns
    # P854: reference URL; P813: retrieved.
    columns += ["S854", write_address(statement.reference.url)]
    day = write_date(statement.reference.day)
    return [*columns, "S813", day] if day else columns


def _clean(text: str) -> str:
    """Put spaces for tabs and line ends, and leave out other control characters."""
    kept = (mark for mark in text if mark.isspace() or unicodedata.category(mark) != "Cc")
    return " ".join("".join(kept).split())
