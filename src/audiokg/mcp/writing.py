"""Answers as text that costs few tokens: prefixed names, tabs, sources by number.

Where there is more than is given, the text says how much.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from audiokg.graph.answers import Row, Table, Triples
from audiokg.graph.opened import Hit
from audiokg.graph.resource import Dissent, Fact, Resource, Source
from audiokg.graph.values import IRI, Value
from audiokg.queries import Query, group_by_topic
from audiokg.terms import PREFIXES, shorten

#: So many characters of rows or triples are given at once.
MOST_CHARACTERS: Final = 40_000
_MOST_VALUES: Final = 40
_FOR_MORE: Final = {
    "row": "use limit and offset, or LIMIT and OFFSET in the query",
    "triple": "use LIMIT and OFFSET in the query",
    "thing": "for more use a larger limit, or a kind",
}
_ORIGINS: Final = {
    "computed": "computed by the build",
    "inherited": "said of",
    "file": "according to",
    "stated": "",
}


def write_table(table: Table, limit: int, offset: int) -> str:
    """Write rows, one a line, with tabs; say which of how many there are."""
    chosen = table[offset : offset + limit]
    lines, size = [], 0
    for row in chosen:
        lines.append("\t".join(_cell(row[name]) for name in table.columns))
        size += len(lines[-1]) + 1
        if size > MOST_CHARACTERS:
            break
    head = _count(len(lines), offset, len(table))
    return "\n".join(
        [head, *_used_prefixes(chosen[: len(lines)]), "\t".join(table.columns), *lines]
    )


def write_triples(triples: Triples) -> str:
    """Write triples in Turtle, the first of them if they are many; say how many there are."""
    text, shown = triples.turtle(), len(triples)
    while len(text) > MOST_CHARACTERS:
        shown = max(1, shown // 2)
        text = triples.turtle(shown)
        if shown == 1:
            break
    return f"# {_count(shown, 0, len(triples), 'triple')}\n{text}"


def write_hits(hits: Sequence[Hit], text: str, limit: int) -> str:
    """Write what a search found."""
    if not hits:
        return f"nothing is called “{text}” or nearly so; search for a part of the name"
    lines = (
        f"{hit.iri.short}\t{hit.label}\t{hit.kind}\t{hit.about}\t{hit.how} “{hit.matched}”"
        for hit in hits[:limit]
    )
    prefixes = _prefix_lines(hit.iri for hit in hits[:limit])
    head = _count(min(limit, len(hits)), 0, len(hits), "thing")
    return "\n".join([head, *prefixes, "iri\tname\tkind\tabout\tfound by", *lines])


def write_resource(resource: Resource, properties: Sequence[str] = ()) -> str:
    """Write the facts of a resource, or of some properties, each with its sources by number."""
    sources: dict[tuple[IRI, str], int] = {}
    shown = {
        name: facts
        for name, facts in resource.facts.items()
        if not properties or name in properties
    }
    lines = [line for name, facts in shown.items() for line in _fact_lines(name, facts, sources)]
    dissents = [
        _dissent_line(one, sources)
        for one in resource.dissents
        if not properties or one.property.short in properties
    ]
    return "\n".join(
        [
            f"{resource.label} <{resource.iri}>",
            f"kinds: {', '.join(resource.kinds) or 'unknown'}; names: {' | '.join(resource.names)}",
            *_standing(resource),
            *_configurations(resource),
            *lines,
            *(f"{name}: unknown" for name in properties if name not in shown),
            *(["sources that say otherwise, not taken over:", *dissents] if dissents else []),
            *(["sources:"] if sources else []),
            *(f"[{number}] {name} <{iri}>" for (iri, name), number in sources.items()),
        ]
    )


def write_library(queries: Iterable[Query]) -> str:
    """Write the questions of the library by topic, with their parameters and defaults."""
    lines = []
    for topic, group in group_by_topic(queries).items():
        lines.append(f"{topic or 'Others'}:")
        for query in group:
            params = ", ".join(f"{name}={term}" for name, term in query.parameters.items())
            lines.append(f"- {query.name}{f' ({params})' if params else ''}: {query.description}")
    return "\n".join(lines) or "no question fits; leave out the text to list all"


def write_comparison(resources: Sequence[Resource], properties: Sequence[str]) -> str:
    """Write the values of several resources side by side, a property a line."""
    chosen = properties or list(dict.fromkeys(name for one in resources for name in one.facts))
    head = "\t".join(("property", *(one.iri.short for one in resources)))
    lines = [
        "\t".join((name, *(_texts(one.facts.get(name, ())) for one in resources)))
        for name in chosen
    ]
    note = (
        "an empty field is unknown, not no; figures stand with the configurations of a model, "
        "which describe lists, with who says so"
    )
    return "\n".join([note, *_prefix_lines(one.iri for one in resources), head, *lines])


def _fact_lines(
    name: str, facts: Sequence[Fact], sources: dict[tuple[IRI, str], int]
) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for fact in facts[:_MOST_VALUES]:
        said.setdefault(_witnesses(fact, sources), []).append(_fact_text(fact))
    unit = facts[0].unit
    for who, texts in said.items():
        yield f"{name} ({facts[0].name}): {', '.join(texts)}{f' {unit}' if unit else ''}{who}"
    if len(facts) > _MOST_VALUES:
        yield f"{name}: first {_MOST_VALUES} of {len(facts)} values; ask for all with sparql"


def _dissent_line(one: Dissent, sources: dict[tuple[IRI, str], int]) -> str:
    said = f"not {one.text}" if one.denies else one.text
    return f"- {one.property.short}: {said} {_number(one.source, sources)} ({one.reason})"


def _fact_text(fact: Fact) -> str:
    return f"{fact.text} ({fact.value.short})" if isinstance(fact.value, IRI) else fact.text


def _witnesses(fact: Fact, sources: dict[tuple[IRI, str], int]) -> str:
    told = "; ".join(dict.fromkeys(_number(source, sources) for source in fact.sources))
    word = _ORIGINS[fact.origin]
    return f" — {' '.join(filter(None, (word, told)))}" if word or told else ""


def _number(source: Source, sources: dict[tuple[IRI, str], int]) -> str:
    number = sources.setdefault((source.iri, source.name), len(sources) + 1)
    place = source.place + (f", line {source.line}" if source.line else "")
    return f"[{number}: {place}]" if place else f"[{number}]"


def _standing(resource: Resource) -> Iterator[str]:
    if resource.replaced_by:
        yield f"withdrawn; replaced by {resource.replaced_by.short}"
    elif resource.is_withdrawn:
        yield "withdrawn"


def _configurations(resource: Resource) -> Iterator[str]:
    if resource.configurations:
        names = ", ".join(iri.short for iri in resource.configurations)
        yield f"configurations and versions, which have figures of their own: {names}"


def _texts(facts: Sequence[Fact]) -> str:
    unit = facts[0].unit if facts else ""
    return " | ".join(fact.text for fact in facts) + (f" {unit}" if unit else "")


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    text = value.short if isinstance(value, IRI) else str(value)
    return " ".join(text.split())


def _count(shown: int, offset: int, total: int, what: str = "row") -> str:
    if shown == total:
        return f"{total:,} {what}{'' if total == 1 else 's'}"
    which = f"{what}s {offset + 1:,} to {offset + shown:,}" if offset else f"first {shown:,}"
    return f"{which} of {total:,} {what}s; {_FOR_MORE[what]}"


def _used_prefixes(rows: Iterable[Row]) -> list[str]:
    return _prefix_lines(v for row in rows for v in row.values() if isinstance(v, IRI))


def _prefix_lines(iris: Iterable[str]) -> list[str]:
    used = {shorten(iri).partition(":")[0] for iri in iris}
    known = [f"{prefix}: <{PREFIXES[prefix]}>" for prefix in sorted(used & PREFIXES.keys())]
    return [f"prefixes {', '.join(known)}"] if known else []
