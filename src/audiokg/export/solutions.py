"""Solutions of a SELECT in the form of SPARQL's JSON: what pages and exports both read.

https://www.w3.org/TR/sparql11-results-json/
"""

from collections.abc import Mapping

import pyoxigraph as ox

from audiokg.terms import Term

#: One solution: a name -> {"type": …, "value": …}; unbound names are absent.
Row = dict[str, dict[str, str]]


def value(row: Mapping[str, Mapping[str, str]], name: str) -> str:
    """Give the text of a value of a row, empty where it is unbound."""
    return row[name]["value"] if name in row else ""


def plain_row(terms: Mapping[str, Term]) -> Row:
    """Write a solution of terms in that form."""
    return {name: _plain(term) for name, term in terms.items()}


def _plain(term: Term) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
