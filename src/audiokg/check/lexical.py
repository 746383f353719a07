"""How values are written: the lexical form of each datatype that files use, and its Turtle."""

import re
from typing import Final

import pyoxigraph as ox

from audiokg.terms import PREFIXES, XSD

LANG_STRING: Final = PREFIXES["rdf"] + "langString"
#: Datatype -> its lexical forms (https://www.w3.org/TR/xmlschema11-2/), those that files use.
_FORMS: Final = {
    XSD + "boolean": r"true|false",
    XSD + "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    XSD + "decimal": r"[+-]?\d+\.\d+",
    XSD + "gYear": r"\d{4}",
    XSD + "gYearMonth": r"\d{4}-(0[1-9]|1[0-2])",
    XSD + "integer": r"[+-]?\d+",
    XSD + "string": r"[\s\S]*",
    LANG_STRING: r"[\s\S]*",
}
#: Datatypes that Turtle writes without quotation marks.
_BARE: Final = {XSD + "boolean", XSD + "decimal", XSD + "integer"}


def literal(text: str, datatype: str) -> ox.Literal | None:
    """Make a literal of a datatype, text in English; None where the text is not written so."""
    if datatype == XSD + "decimal" and re.fullmatch(_FORMS[XSD + "integer"], text):
        text += ".0"
    if not re.fullmatch(_FORMS.get(datatype, ""), text):
        return None
    if datatype == LANG_STRING:
        return ox.Literal(text, language="en")
    return ox.Literal(text, datatype=ox.NamedNode(datatype))


def show(value: ox.Literal) -> str:
    """Write a literal as files do."""
    datatype = value.datatype.value
    if datatype in _BARE and re.fullmatch(_FORMS[datatype], value.value):
        return value.value
    quoted, mark, _ = str(value).partition("^^")
    return f"{quoted}^^xsd:{datatype.removeprefix(XSD)}" if mark else quoted
