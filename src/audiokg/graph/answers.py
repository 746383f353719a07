"""Answers of queries: rows of a SELECT, triples of a CONSTRUCT, the yes or no of an ASK."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast, overload

import pyoxigraph as ox

from audiokg.engine.protocol import Answer
from audiokg.errors import ToolError
from audiokg.graph.values import Value, to_value
from audiokg.rdf import write_triples
from audiokg.rows import write_rows

if TYPE_CHECKING:
    import pandas

#: One row: a value for each column, None where the query binds nothing.
Row = dict[str, Value | None]


class Table(Sequence[Row]):
    """The rows of a SELECT, in its order."""

    def __init__(self, body: bytes) -> None:
        """Read rows in SPARQL's JSON."""
        self._body = body
        solutions = self._solutions()
        self.columns: tuple[str, ...] = tuple(one.value for one in solutions.variables)
        self._rows = [_row(self.columns, solution) for solution in solutions]

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<{len(self)} rows of {', '.join(self.columns)}>"

    def column(self, name: str) -> list[Value | None]:
        """List the values of one column. Raises KeyError."""
        return [row[name] for row in self._rows]

    def csv(self) -> str:
        """Write the rows as SPARQL 1.1 has them in CSV."""
        return write_rows(self._solutions(), "csv").decode()

    def to_pandas(self) -> "pandas.DataFrame":
        """Give the rows as a data frame of pandas. Raises ToolError where it is missing."""
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise ToolError('this needs pandas: pip install "audiokg[pandas]"') from error
        columns = {name: self.column(name) for name in self.columns}
        return pandas.DataFrame(columns, columns=list(self.columns))

    def _solutions(self) -> ox.QuerySolutions:
        found = ox.parse_query_results(self._body, format=ox.QueryResultsFormat.JSON)
        return cast(ox.QuerySolutions, found)


class Triples(Sequence[ox.Triple]):
    """The triples of a CONSTRUCT or DESCRIBE, sorted."""

    def __init__(self, body: bytes) -> None:
        """Read N-Triples."""
        quads = ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
        self._triples = sorted((quad.triple for quad in quads), key=str)

    @overload
    def __getitem__(self, place: int) -> ox.Triple: ...
    @overload
    def __getitem__(self, place: slice) -> list[ox.Triple]: ...
    def __getitem__(self, place: int | slice) -> ox.Triple | list[ox.Triple]:
        return self._triples[place]

    def __len__(self) -> int:
        return len(self._triples)

    def __iter__(self) -> Iterator[ox.Triple]:
        return iter(self._triples)

    def __repr__(self) -> str:
        return f"<{len(self)} triples>"

    def turtle(self, most: int | None = None) -> str:
        """Write them, or the first of them, in Turtle."""
        return write_triples(self._triples[:most], "ttl").decode()


def read_answer(answer: Answer) -> Table | Triples | bool:
    """Read an answer in JSON or N-Triples."""
    if not answer.is_rows:
        return Triples(answer.body)
    found = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.JSON)
    return bool(found) if isinstance(found, ox.QueryBoolean) else Table(answer.body)


def _row(columns: tuple[str, ...], solution: ox.QuerySolution) -> Row:
    terms = ((name, solution[name]) for name in columns)
    return {name: None if term is None else to_value(term) for name, term in terms}
