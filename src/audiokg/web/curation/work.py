"""What to do next, read from the graph: which gaps there are, where each is filled, its rank."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audiokg.curation.ranking import Library, Missing, Ranked, Thing, rank
from audiokg.terms import GRAPH, expand
from audiokg.turtle import read_term
from audiokg.web.overview.missing import GAPS, find_things
from audiokg.web.questions import Questions, value
from audiokg.web.tables import Table

#: The list of families says again what the list of configurations says.
_TWICE: Final = "missing-figures"
#: What a thing is called, by the first of its classes that is here.
KINDS: Final[Mapping[str, str]] = {
    "akg:AudioTokenizer": "codec or tokenizer",
    "akg:Model": "model",
    "akg:Dataset": "dataset",
    "akg:Publication": "publication",
    "akg:CodeRepository": "code repository",
    "akg:Weights": "weights",
}
_COLUMNS: Final = (
    *("rank", "thing", "label", "kind", "missing", "questions", "references", "file"),
    *("more", "fuller"),
)


@dataclass(frozen=True)
class Task:
    """A gap with its place in the order, what has it, and the file in which it is filled."""

    number: int
    ranked: Ranked
    kind: str
    file: str

    @property
    def what(self) -> str:
        """Name what is missing."""
        return self.ranked.gap.what


@dataclass(frozen=True)
class _Place:
    """The classes of a thing, and the graphs that say so."""

    classes: set[str]
    graphs: set[str]

    def file(self, iri: str) -> str:
        """Name the file to edit: its own, else the first that says what it is."""
        graph = min(
            self.graphs, key=lambda name: (name != iri_graph(iri), "/source/" in name, name)
        )
        return f"data/{graph.removeprefix(GRAPH)}.ttl"


def iri_graph(iri: str) -> str:
    """Name the graph of a resource's own file."""
    return GRAPH + "/".join(iri.rsplit("/", 2)[1:])


def read_tasks(examples: Questions, pages: Questions) -> list[Task]:
    """Rank the gaps that a question of the library would gain by. Raises QueryError."""
    library = Library.read(examples.queries.values())
    places = _read_places(pages)
    gaps = [gap for gap in _read_gaps(library, examples, pages) if gap.thing in places]
    things = _read_things(library, places, pages)
    return [
        Task(number, one, _kind(things[one.gap.thing]), places[one.gap.thing].file(one.gap.thing))
        for number, one in enumerate(rank(gaps, library, things), start=1)
    ]


def tabulate_tasks(tasks: Sequence[Task]) -> Table:
    """Make the twins of the page."""
    rows = [
        {
            "rank": task.number,
            "thing": task.ranked.gap.thing,
            "label": task.ranked.gap.label,
            "kind": task.kind,
            "missing": task.what,
            "questions": task.ranked.gain,
            "references": task.ranked.references,
            "file": task.file,
            "more": list(task.ranked.more),
            "fuller": list(task.ranked.fuller),
        }
        for task in tasks
    ]
    return Table({"count": len(rows), "gaps": rows}, _COLUMNS, rows)


def _read_gaps(library: Library, examples: Questions, pages: Questions) -> Iterable[Missing]:
    """Give the gaps that a question asks for, each once."""
    asked = [gap for gap in GAPS if gap.query != _TWICE and library.asks_for(gap.title)]
    found = find_things(asked, examples, pages)
    gaps = {
        (thing.iri, gap.title): Missing(thing.iri, thing.label, gap.title)
        for gap in asked
        for thing in found[gap.name]
    }
    return gaps.values()


def _read_places(pages: Questions) -> dict[str, _Place]:
    above: dict[str, set[str]] = defaultdict(set)
    for row in pages.rows("curation-kinds"):
        above[value(row, "class")].add(value(row, "above"))
    places: dict[str, _Place] = defaultdict(lambda: _Place(set(), set()))
    for row in pages.rows("curation-classes"):
        place = places[value(row, "thing")]
        place.classes.update(above[value(row, "class")])
        place.graphs.add(value(row, "graph"))
    return dict(places)


def _read_things(
    library: Library, places: Mapping[str, _Place], pages: Questions
) -> dict[str, Thing]:
    properties: dict[str, set[str]] = defaultdict(set)
    for row in pages.rows("curation-properties"):
        properties[value(row, "thing")].add(value(row, "property"))
    references: Counter[str] = Counter()
    for row in pages.rows("curation-references"):
        properties[value(row, "thing")].add("^" + value(row, "property"))
        references[value(row, "thing")] += int(value(row, "count"))
    values = _read_values(library, set().union(*properties.values()), pages)
    return {
        iri: Thing(place.classes, properties[iri], values[iri], references[iri])
        for iri, place in places.items()
    }


def _read_values(
    library: Library, known: set[str], pages: Questions
) -> Mapping[str, set[tuple[str, str]]]:
    """Find what has the values that questions name."""
    having: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for name, term in sorted(library.named_values()):
        if name in known and not name.startswith("^"):
            for row in pages.rows("curation-having", property=name, value=read_term(term)):
                having[value(row, "thing")].add((name, term))
    return having


def _kind(thing: Thing) -> str:
    return next(word for name, word in KINDS.items() if expand(name) in thing.classes)
