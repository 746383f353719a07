"""What the configurations of a family say, shown among the facts of the family."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from audiokg.sites import Link
from audiokg.web.questions import Row, value
from audiokg.web.resource.facts import Fact, Group, Value, arrange
from audiokg.web.resource.witnesses import key_of, text_of
from audiokg.wording import word_for


def add_inherited(groups: Iterable[Group], rows: Sequence[Row]) -> list[Group]:
    """Add to the facts of a family what queries/page/inherited.rq found and it does not say."""
    facts = {fact.iri: fact for group in groups for fact in group.facts}
    for iri, group in groupby(rows, key=lambda row: value(row, "property")):
        same = list(group)
        word = word_for(iri, value(same[0], "propertyLabel"))
        fact = facts.get(iri, Fact(iri, word.name, word.unit, ()))
        facts[iri] = replace(fact, values=(*fact.values, *_new_values(fact, same)))
    return arrange(facts.values())


def _new_values(fact: Fact, rows: Iterable[Row]) -> list[Value]:
    own = {key_of(value.term) for value in fact.values}
    said = (list(group) for _, group in groupby(rows, key=lambda row: key_of(row["value"])))
    return [_value(same) for same in said if key_of(same[0]["value"]) not in own]


def _value(rows: Sequence[Row]) -> Value:
    term = rows[0]["value"]
    text = text_of(term, value(rows[0], "valueLabel"))
    links = (Link(value(row, "configuration"), value(row, "label")) for row in rows)
    return Value(term, text, documents=tuple(dict.fromkeys(links)), origin="inherited")
