"""Write rows, or the answer to ASK, in any of our formats."""

import csv
import io
import sys
from typing import cast

import pyoxigraph as ox

from audiokg.errors import ResultTooLargeError
from audiokg.formats import ROWS_WRITERS
from audiokg.markup import finish_xml

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
TOO_LARGE = "the result is too large; ask for less with LIMIT"


def write_rows(
    results: ox.QuerySolutions | ox.QueryBoolean, name: str, most: int = sys.maxsize
) -> bytes:
    """Write rows in the format of that name, at most so many bytes.

    Raises ResultTooLargeError, and FormatNotFittingError for what XML cannot hold.
    """
    output = _Bounded(most)
    if name == "csv" and isinstance(results, ox.QuerySolutions):
        _write_csv(results, output)
    else:
        results.serialize(cast(io.BytesIO, output), ROWS_WRITERS[name])
    return finish_xml(output.getvalue()) if name == "xml" else output.getvalue()


def _write_csv(results: ox.QuerySolutions, output: io.BytesIO) -> None:
    """Write as section 3 of SPARQL 1.1 Query Results CSV and TSV Formats says.

    By the library, since pyoxigraph does not quote an IRI that has a comma.
    """
    text = io.TextIOWrapper(output, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(variable.value for variable in results.variables)
    writer.writerows(map(_plain, row) for row in results)
    text.detach()


def _plain(term: _Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


class _Bounded(io.BytesIO):
    """A buffer that refuses to grow beyond a size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Add to it. Raises ResultTooLargeError."""
        self._left -= len(data)
        if self._left < 0:
            raise ResultTooLargeError(TOO_LARGE)
        return super().write(data)
