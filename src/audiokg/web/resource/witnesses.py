"""Who says so: claims of sources and evidence of documents, each with the very place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audiokg.amounts import read_number, write_number
from audiokg.sites import Link, link_to
from audiokg.terms import GRAPH
from audiokg.web.questions import Row, value
from audiokg.wording import explain, say_boolean, say_kind

#: What tells one value from another: a literal by its text or number, a thing by its IRI.
Key = tuple[str, str]
_CLAIMS_ONLY: Final = "Of this source nothing is taken over unless another says so too."
_CONDITIONAL: Final = "It holds under a condition and is not taken over."
_NUMERIC: Final = ("decimal", "integer", "double", "float")
_OTHER: Final = "It is not taken over."


@dataclass(frozen=True)
class Witness:
    """One place that says something of a property, `about`; `key` is empty where of all values.

    `text` is the value as it gives it, `reason` why it was not taken over, by which `rule` of a
    conflict, `label` that of the
    property; `anchor` makes it a place on the page.
    """

    iri: str
    about: str
    key: Key
    text: str
    document: Link
    place: str
    line: str = ""
    printed: str = ""
    grade: str = ""
    read: str = ""
    comparator: str = ""
    condition: str = ""
    denies: bool = False
    reason: str = ""
    rule: str = ""
    label: str = ""
    anchor: str = ""


def key_of(term: Mapping[str, str]) -> Key:
    """Give what tells a term from others: 960 and 960.0 are one number."""
    if term["type"] == "uri":
        return ("uri", term["value"])
    number = read_number(term["value"])
    return ("literal", term["value"] if number is None else write_number(number))


def text_of(term: Mapping[str, str], label: str = "") -> str:
    """Write a term as a reader says it."""
    if term["type"] == "uri":
        return link_to(term["value"], label or say_kind(term["value"])).label
    datatype = term.get("datatype", "").rpartition("#")[2]
    if datatype == "boolean":
        return say_boolean(term["value"])
    number = read_number(term["value"]) if datatype in _NUMERIC else None
    return term["value"] if number is None else write_number(number)


def read_claims(rows: Iterable[Row], rules: Mapping[str, str]) -> Iterator[Witness]:
    """Read the claims of sources; `rules` is statement -> the rule that decided against it."""
    for row in rows:
        if "value" in row:
            yield Witness(
                iri=value(row, "statement"),
                about=value(row, "property"),
                key=key_of(row["value"]),
                text=text_of(row["value"], value(row, "valueLabel")),
                document=link_to(value(row, "source"), value(row, "sourceLabel")),
                place=value(row, "place"),
                line=value(row, "line"),
                printed=value(row, "printed"),
                condition=value(row, "condition"),
                denies=value(row, "denies") == "true",
                reason=_reason(row, rules),
                rule=rules.get(value(row, "statement"), ""),
                label=value(row, "propertyLabel"),
            )


def _reason(row: Row, rules: Mapping[str, str]) -> str:
    rule = rules.get(value(row, "statement"))
    if rule:
        return explain(rule)
    if value(row, "claimsOnly") == "true":
        return _CLAIMS_ONLY
    return _CONDITIONAL if "condition" in row else _OTHER


def read_evidence(
    rows: Iterable[Row], rules: Mapping[str, str], owners: Mapping[str, str]
) -> Iterator[Witness]:
    """Read the evidence of documents; `owners` is code or weights -> the property that has them."""
    for row in rows:
        about = value(row, "about")
        given = row.get("value")
        yield Witness(
            iri=value(row, "evidence"),
            about=owners.get(about) or value(row, "property"),
            key=("uri", about) if about else key_of(given) if given else ("", ""),
            text=_said(row, about),
            document=link_to(value(row, "source"), value(row, "sourceLabel")),
            place=value(row, "place"),
            printed=value(row, "printed"),
            grade=value(row, "grade"),
            read=value(row, "read"),
            comparator=value(row, "comparator"),
            reason=explain(rules.get(value(row, "evidence"), "curated")),
            rule=rules.get(value(row, "evidence"), ""),
            label=value(row, "propertyLabel"),
        )


def _said(row: Row, about: str) -> str:
    given = text_of(row["value"], value(row, "valueLabel")) if "value" in row else ""
    if about:
        return f"licence of {link_to(about).label}{f': {given}' if given else ''}"
    return given


def read_sums(rows: Iterable[Row], resource: str) -> Iterator[Witness]:
    """Read the conflicts about a resource in which no statement, but a sum, says otherwise."""
    for row in rows:
        if "statement" not in row and "other" in row and value(row, "subject") == resource:
            yield Witness(
                iri=value(row, "conflict"),
                about=value(row, "property"),
                key=key_of(row["other"]),
                text=text_of(row["other"]),
                document=Link(GRAPH + "derived", "computed"),
                place="the sum over the token streams",
                reason=explain(value(row, "rule")),
                rule=value(row, "rule"),
                label=value(row, "propertyLabel"),
            )


def read_rules(rows: Sequence[Row], resource: str) -> dict[str, str]:
    """Read, for each statement about a resource that was not preferred, the rule that decided."""
    return {
        value(row, "statement"): value(row, "rule")
        for row in rows
        if "statement" in row and value(row, "subject") == resource
    }
