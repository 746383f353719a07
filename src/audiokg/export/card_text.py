"""The text of a card: what the thing is, its facts and results, and where they are from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from audiokg.export.solutions import Row, value
from audiokg.export.tables import Column, Table, escape_markdown, write_markdown
from audiokg.snapshot import Manifest
from audiokg.terms import shorten
from audiokg.wording import place_of, say_boolean, word_for

#: The groups of properties whose facts stand in the table.
_GROUPS: Final = {"kind", "numbers", "makeup", "built", "training", "tasks", "release"}
#: What has a place of its own on a card.
_ELSEWHERE: Final = {
    *("rdf:type", "akg:variantOf", "akg:hasCodeRepository", "akg:hasWeights", "dcterms:license"),
    *("owl:differentFrom", "akg:hasPart", "akg:hasTrainingUse"),
}
#: Properties that more special ones lie below.
_GENERAL: Final = {"akg:usesComponent", "akg:usesTokenizer"}
_FACTS: Final = (Column("fact"), Column("value"), Column("of"))
_RESULTS: Final = (
    *(Column("metric"), Column("value", number=True), Column("of"), Column("dataset")),
    *(Column("condition"), Column("stated in")),
)


def write_text(iri: str, facts: Mapping[str, Sequence[Row]], manifest: Manifest) -> str:
    """Write the text of the card of a resource from the rows of card-*.rq, its own first."""
    own = [row for row in facts["facts"] if value(row, "member") == iri]
    name = escape_markdown(_values(own, "rdfs:label", "value")[0])
    kinds = escape_markdown(", ".join(_values(own, "rdf:type", "label")))
    shown = sorted(_choose(facts["facts"]), key=_place)
    parts = [
        f"# {name}\n\n{name}: {kinds}.\n",
        _list("Papers", map(_paper, facts["papers"])),
        _list("Terms of use", map(_terms, facts["licences"])),
        _list("Code", map(_address, _values(facts["facts"], "akg:hasCodeRepository", "value"))),
        _list("Pages", map(_address, _values(facts["facts"], "foaf:page", "value"))),
        _table("Facts", _FACTS, map(_fact, shown)),
        _table("Results", _RESULTS, map(_result, facts["results"])),
        f"\nFrom audiokg {manifest.version}, data of {manifest.modified}: <{iri}>, where each fact "
        "names the document that states it. What is not here, no document told.\n",
    ]
    return "".join(parts)


def _list(title: str, entries: Iterable[str]) -> str:
    lines = [f"- {entry}\n" for entry in dict.fromkeys(entries)]
    return f"\n## {title}\n\n{''.join(lines)}" if lines else ""


def _table(title: str, columns: tuple[Column, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = tuple(dict.fromkeys(rows))
    return "\n" + write_markdown(Table(title, columns, cells)) if cells else ""


def _paper(row: Row) -> str:
    arxiv = value(row, "arxiv")
    address = f"https://arxiv.org/abs/{arxiv}" if arxiv else value(row, "publication")
    return f"{escape_markdown(value(row, 'title'))}: {_address(address)}"


def _terms(row: Row) -> str:
    licence = value(row, "label") or "licence unknown"
    return f"{_address(value(row, 'bearer'))}: {escape_markdown(licence)}"


def _address(url: str) -> str:
    return f"<{url}>"


def _choose(rows: Iterable[Row]) -> list[Row]:
    """Choose the facts of the table; what a more special property says is not said again."""
    shown = [row for row in rows if _name(row) not in _ELSEWHERE and _word(row)[0] in _GROUPS]
    special = {_ends(row) for row in shown if _name(row) not in _GENERAL}
    return [row for row in shown if _name(row) not in _GENERAL or _ends(row) not in special]


def _ends(row: Row) -> tuple[str, str]:
    return value(row, "member"), value(row, "value")


def _name(row: Row) -> str:
    return shorten(value(row, "property"))


def _place(row: Row) -> int:
    return place_of(value(row, "property"))


def _fact(row: Row) -> tuple[str, ...]:
    _, name, unit = _word(row)
    return name, f"{_said(row)} {unit}".strip(), value(row, "memberLabel")


def _said(row: Row) -> str:
    return value(row, "label") or say_boolean(value(row, "value"))


def _word(row: Row) -> tuple[str, str, str]:
    word = word_for(value(row, "property"), value(row, "propertyLabel"))
    return word.group, word.name, word.unit


def _result(row: Row) -> tuple[str, ...]:
    sign = value(row, "comparator")
    figure = value(row, "value")
    return (
        value(row, "metricLabel"),
        figure if sign in {"", "="} else f"{sign} {figure}",
        *(value(row, name) for name in ("memberLabel", "datasetLabel", "condition")),
        ", ".join(filter(None, (value(row, "sourceLabel"), value(row, "locator")))),
    )


def _values(rows: Iterable[Row], name: str, column: str) -> list[str]:
    found = (value(row, column) for row in rows if _name(row) == name)
    return sorted(dict.fromkeys(found))
