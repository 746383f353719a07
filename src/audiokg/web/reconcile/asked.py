"""What a client asks: query batches and data extension queries, read from their JSON.

https://reconciliation-api.github.io/specs/0.2/#structure-of-a-reconciliation-query and
https://reconciliation-api.github.io/specs/0.2/#data-extension-query-requests. What the
specification does not allow is refused by name, as a name misspelt would else be ignored.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from audiokg.errors import InputError

USUAL_LIMIT: Final = 10
LARGEST_LIMIT: Final = 100
#: The longest text that is compared; nothing here has a name of that length.
LONGEST: Final = 500
_STRICTNESS: Final = ("any", "all", "should")
_QUERY: Final = ("query", "type", "type_strict", "limit", "properties")
_EXTENSION: Final = ("ids", "properties")
_SHOWN: Final = 60
_DIGITS: Final = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Reference:
    """A value that is itself something of this graph, by its identifier."""

    id: str


Given = str | int | float | bool | Reference


@dataclass(frozen=True)
class Wanted:
    """A property that a candidate should have, with the values to compare."""

    property: str
    values: tuple[Given, ...]


@dataclass(frozen=True)
class Query:
    """A reconciliation query; empty text where only properties are given."""

    text: str = ""
    types: tuple[str, ...] = ()
    strictness: str = "any"
    limit: int = USUAL_LIMIT
    properties: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Column:
    """A property to fetch: at most `limit` values (0 for all), given as `content` says."""

    property: str
    limit: int = 0
    content: str = "entity"


@dataclass(frozen=True)
class Extension:
    """A data extension query: of which things, which properties."""

    ids: tuple[str, ...]
    columns: tuple[Column, ...]


#: What the values of a column can be -> what a person is told.
CONTENTS: Final = {"entity": "reconciled", "name": "names", "iri": "IRIs"}


def read_object(text: str, name: str) -> Mapping[str, Any]:
    """Read a parameter that is a JSON object. Raises InputError."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise InputError(f"“{name}” is nested too deeply.") from None
    except UnicodeEncodeError:
        raise InputError(f"“{name}” holds half a character (a lone surrogate).") from None
    except ValueError as error:
        raise InputError(f"“{name}” is not JSON: {error}.") from None
    return _as_object(value, f"“{name}”")


def read_query(asked: object, key: str) -> Query:
    """Read one query of a batch. Raises InputError."""
    where = f"query {_show(key)}"
    query = _as_object(asked, where)
    _refuse_unknown(query, _QUERY, where)
    if "query" not in query and not query.get("properties"):
        raise InputError(f"{where}: give “query”, “properties” or both.")
    strictness = query.get("type_strict", "any")
    if strictness not in _STRICTNESS:
        raise InputError(f"{where}: “type_strict” is any, all or should, not {_show(strictness)}.")
    types = query.get("type") or []
    given = _as_list(query.get("properties", []), f"{where}, “properties”")
    return Query(
        _as_text(query.get("query", ""), f"{where}, “query”"),
        _read_texts([types] if isinstance(types, str) else types, f"{where}, “type”"),
        strictness,
        _read_limit(query.get("limit", USUAL_LIMIT), f"{where}, “limit”", 1),
        tuple(_read_wanted(one, f"{where}, “properties”") for one in given),
    )


def read_extension(asked: Mapping[str, Any]) -> Extension:
    """Read a data extension query. Raises InputError."""
    _refuse_unknown(asked, _EXTENSION, "“extend”")
    missing = [name for name in _EXTENSION if name not in asked]
    if missing:
        raise InputError(f"“extend” needs “{missing[0]}”.")
    columns = _as_list(asked["properties"], "“extend”, “properties”")
    return Extension(
        _read_texts(asked["ids"], "“extend”, “ids”"), tuple(map(_read_column, columns))
    )


def _read_column(asked: object) -> Column:
    where = "“extend”, “properties”"
    column = _as_object(asked, f"{where}: each")
    name = _as_text(column.get("id"), f"{where}, “id”")
    settings = _as_object(column.get("settings") or {}, f"{where}, “settings”")
    content = settings.get("content", "entity")
    if not isinstance(content, str) or content not in CONTENTS:
        known = ", ".join(CONTENTS)
        raise InputError(f"{where}: “content” is one of {known}, not {_show(content)}.")
    return Column(name, _read_limit(settings.get("limit") or 0, f"{where}, “limit”", 0), content)


def _read_wanted(asked: object, where: str) -> Wanted:
    wanted = _as_object(asked, f"{where}: each")
    name = _as_text(wanted.get("pid"), f"{where}, “pid”")
    if "v" not in wanted:
        raise InputError(f"{where}: {_show(name)} needs “v”, the value to compare.")
    values = wanted["v"] if isinstance(wanted["v"], list) else [wanted["v"]]
    return Wanted(name, tuple(_read_given(one, f"{where}, “v”") for one in values))


def _read_given(value: object, where: str) -> Given:
    if isinstance(value, str) and len(value) > LONGEST:
        raise InputError(f"{where}: a value has {LONGEST} characters at most, not {len(value)}.")
    if isinstance(value, dict):
        return Reference(_as_text(value.get("id"), f"{where}, “id”"))
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{where}: a number that is too large.")
    if isinstance(value, str | int | float):
        return value
    raise InputError(f"{where}: a value is a text, a number, true, false or an object with “id”.")


def _read_limit(value: object, where: str, least: int) -> int:
    """Read a limit; a text of digits will do, as forms send it. Larger ones are cut."""
    number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
    is_whole = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
    if isinstance(number, bool) or not is_whole or number < least:  # type: ignore[operator]
        raise InputError(f"{where}: a whole number from {least}, not {_show(value)}.")
    return min(int(number), LARGEST_LIMIT)  # type: ignore[call-overload, no-any-return]


def _read_texts(value: object, where: str) -> tuple[str, ...]:
    return tuple(_as_text(one, where) for one in _as_list(value, where))


def _as_object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is a JSON object, not {_show(value)}.")
    return value


def _as_list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{where} is a list, not {_show(value)}.")
    return value


def _as_text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where} is a text, not {_show(value)}.")
    return value


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InputError(f"{where}: there is no {_show(unknown[0])}; there are {', '.join(known)}.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; a name said twice would hide what came first."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"{_show(name)} is given twice")
        made[name] = value
    return made


def _show(value: object) -> str:
    """Write a value of the client's into a sentence, shortly and without control characters."""
    return json.dumps(value)[:_SHOWN]
