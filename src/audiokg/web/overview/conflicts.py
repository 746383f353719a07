"""Where sources disagree: what each says, which value is preferred, and by which rule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from audiokg.sites import name_of
from audiokg.web.overview.facets import Facet, count_choices, local_name, read_facet
from audiokg.web.overview.sayings import (
    Saying,
    Value,
    document_place,
    read_agreeing,
    read_other,
    read_values,
    source_label,
    source_name,
)
from audiokg.web.questions import Row, value
from audiokg.web.tables import Table
from audiokg.wording import RULES, explain, word_for

_COLUMNS = (
    *("conflict", "subject", "label", "property", "preferred", "rule"),
    *("other", "verbatim", "source", "line", "place"),
)


@dataclass(frozen=True)
class Conflict:
    """A disagreement about one property of one thing; `owner` is what a nameless thing is of."""

    iri: str
    subject: str
    label: str
    owner: str
    property_iri: str
    property_label: str
    preferred: tuple[Value, ...]
    preferred_by: tuple[Saying, ...]
    others: tuple[Saying, ...]
    rule: str

    @property
    def subject_name(self) -> str:
        """Name what the conflict is about by its address."""
        return name_of(self.subject)

    @property
    def sentence(self) -> str:
        """Say what the rule means."""
        return explain(self.rule)

    @property
    def sources(self) -> set[str]:
        """Name those who say another value, as the facet does."""
        return {source_name(saying) for saying in self.others}


def read_conflicts(
    rows: Sequence[Row], agreeing: Sequence[Row], names: Sequence[Row]
) -> list[Conflict]:
    """Read the rows of conflicts-all.rq, conflicts-preferred.rq and conflicts-names.rq."""
    things = {value(row, "thing"): value(row, "label") for row in names}
    by_conflict: dict[str, list[Row]] = defaultdict(list)
    for row in agreeing:
        by_conflict[value(row, "conflict")].append(row)
    grouped = groupby(rows, key=lambda row: value(row, "conflict"))
    return [_read(list(group), by_conflict[iri], things) for iri, group in grouped]


def read_facets(conflicts: Sequence[Conflict]) -> tuple[Facet, Facet, Facet]:
    """Read what the URL narrows the conflicts to: rule, property, source."""
    rules = {key: rule.name for key, rule in RULES.items()}
    properties = {local_name(c.property_iri): c.property_label for c in conflicts}
    sources = {source_name(s): source_label(s) for c in conflicts for s in c.others}
    return (
        read_facet("rule", "rule", count_choices((c.rule for c in conflicts), rules)),
        read_facet(
            "property",
            "property",
            count_choices((local_name(c.property_iri) for c in conflicts), properties),
        ),
        read_facet(
            "source",
            "source of another value",
            count_choices((name for c in conflicts for name in c.sources), sources),
        ),
    )


def select(
    conflicts: Sequence[Conflict], rule: Facet, property_: Facet, source: Facet
) -> list[Conflict]:
    """Take the conflicts that all three facets admit."""
    return [
        conflict
        for conflict in conflicts
        if rule.admits([conflict.rule])
        and property_.admits([local_name(conflict.property_iri)])
        and source.admits(conflict.sources)
    ]


def tabulate(conflicts: Sequence[Conflict]) -> Table:
    """Make the twins of the page; the CSV has a row for each other value."""
    documents = [_document(conflict) for conflict in conflicts]
    rows = [
        {**document, **other, "preferred": "; ".join(document["preferred"])}
        for document in documents
        for other in document["others"]
    ]
    return Table({"count": len(documents), "conflicts": documents}, _COLUMNS, rows)


def _read(rows: Sequence[Row], agreeing: Sequence[Row], things: Mapping[str, str]) -> Conflict:
    first = rows[0]
    property_ = value(first, "property")
    said = list(dict.fromkeys(map(read_agreeing, agreeing)))
    subject = value(first, "subject")
    name = value(first, "label") or value(first, "ownerLabel")
    return Conflict(
        iri=value(first, "conflict"),
        subject=subject,
        label=name or name_of(subject),
        owner="" if value(first, "label") else value(first, "owner"),
        property_iri=property_,
        property_label=word_for(property_, value(first, "propertyLabel")).name,
        preferred=read_values(value(first, "preferred"), things),
        preferred_by=tuple([one for one in said if not one.is_made] or said),
        others=tuple(dict.fromkeys(read_other(row, things) for row in rows)),
        rule=value(first, "rule"),
    )


def _document(conflict: Conflict) -> dict[str, Any]:
    return {
        "conflict": conflict.iri,
        "subject": conflict.subject,
        "label": conflict.label,
        "property": conflict.property_iri,
        "preferred": [value.text for value in conflict.preferred],
        "preferredBy": [document_place(saying) for saying in conflict.preferred_by],
        "rule": conflict.rule,
        "others": [
            {"other": s.value.text, "verbatim": s.verbatim or None, **document_place(s)}
            for s in conflict.others
        ],
    }
