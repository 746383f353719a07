"""The table of a kind as Parquet: typed columns, real lists, the words of each column with it."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from audiokg.export.columns import BOOLEAN, DATE, INTEGER, NUMBER, TEXT, Column, Scalar, Value
from audiokg.export.kind_tables import KindTable

_TYPES: Final[dict[str, pa.DataType]] = {
    TEXT: pa.string(),
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    BOOLEAN: pa.bool_(),
    DATE: pa.date32(),
}
#: What Arrow does not read by itself; a date may have a time zone.
_READERS: Final[dict[str, Callable[[Scalar], Any]]] = {
    NUMBER: lambda value: None if value is None else float(value),
    DATE: lambda value: None if value is None else date.fromisoformat(str(value)[:10]),
}


def write_parquet(table: KindTable) -> bytes:
    """Write a table as Parquet; the same table, the same bytes."""
    arrays = [
        _array(column, [row[place] for row in table.rows])
        for place, column in enumerate(table.columns)
    ]
    schema = pa.schema([_field(column) for column in table.columns])
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), stream)
    return stream.getvalue()


def _array(column: Column, values: list[Value]) -> pa.Array:
    read = _READERS.get(column.type, _same)
    made = [
        [read(item) for item in value] if isinstance(value, list) else read(value)
        for value in values
    ]
    return pa.array(made, type=_type(column))


def _same(value: Scalar) -> Scalar:
    return value


def _field(column: Column) -> pa.Field:
    words = {
        "title": column.title,
        "description": column.description,
        "unit": column.unit,
        "rdfType": column.iri,
    }
    told = {key: text for key, text in words.items() if text}
    return pa.field(column.name, _type(column), metadata=told)


def _type(column: Column) -> pa.DataType:
    return pa.list_(_TYPES[column.type]) if column.many else _TYPES[column.type]
