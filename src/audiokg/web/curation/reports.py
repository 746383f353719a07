"""The curation reports as files: Markdown to read, JSON and CSV to go on with.

A report is a line of REPORTS; its rows are those of the page of the same matter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from audiokg.export.tables import Column, write_markdown
from audiokg.export.tables import Table as Printed
from audiokg.formats import Format, find_format
from audiokg.link.health import Health, health_file, read_health
from audiokg.web.curation.desk import Desk, tabulate_suspects
from audiokg.web.curation.health import count_states, sort_states, state_of, tabulate_links
from audiokg.web.curation.work import tabulate_tasks
from audiokg.web.overview.conflicts import Conflict, tabulate
from audiokg.web.overview.missing import Counted, group_gaps
from audiokg.web.page import CSV, JSON
from audiokg.web.tables import Table, write_table

#: So many rows a person reads; the data have all.
_READ: Final = 200
_GAP_COLUMNS: Final = ("gap", "among", "thing", "label")


@dataclass(frozen=True)
class Report:
    """A report: what Markdown says, and the twins for programs."""

    title: str
    lead: str
    tables: tuple[Printed, ...]
    data: Table

    def write(self, form: str) -> str:
        """Write it as md, json or csv."""
        twin: Format | None = find_format(form, (JSON, CSV))
        if twin:
            return write_table(self.data, twin)
        return f"# {self.title}\n\n{self.lead}\n\n" + write_markdown(*self.tables)


def _print(caption: str, columns: Iterable[Column], rows: Iterable[tuple[str, ...]]) -> Printed:
    """Make a table of the first rows, which says how many more there are."""
    every = tuple(rows)
    left = len(every) - _READ
    note = f"{left} more; --format csv has all." if left > 0 else ""
    return Printed(caption, tuple(columns), every[:_READ], note)


def _missing(desk: Desk) -> Report:
    counted = desk.gaps()
    columns = Column("no known"), Column("missing", number=True), Column("of", number=True)
    tables = tuple(
        _print(among, columns, ((c.gap.title, str(len(c.things)), str(c.total)) for c in some))
        for among, some in group_gaps(counted)
    )
    rows = [row for one in counted for row in _gap_rows(one)]
    documents = [
        {"gap": one.gap.name, "of": one.total, "missing": len(one.things)}
        | {"things": [thing.iri for thing in one.things]}
        for one in counted
    ]
    lead = "What no document that the graph has read tells. Absent is unknown, not no."
    return Report("What is missing", lead, tables, Table({"gaps": documents}, _GAP_COLUMNS, rows))


def _gap_rows(one: Counted) -> list[dict[str, Any]]:
    return [
        {"gap": one.gap.name, "among": one.gap.among, "thing": thing.iri, "label": thing.label}
        for thing in one.things
    ]


def _conflicts(desk: Desk) -> Report:
    conflicts = desk.conflicts()
    columns = (
        *(Column("of"), Column("property"), Column("preferred", long=True)),
        *(Column("others say", long=True), Column("rule", long=True)),
    )
    table = _print("Conflicts", columns, map(_conflict_row, conflicts))
    lead = f"{len(conflicts)} conflicts: each with the preferred value, and what others say."
    return Report("Where sources disagree", lead, (table,), tabulate(conflicts))


def _conflict_row(conflict: Conflict) -> tuple[str, ...]:
    others = "; ".join(
        f"{saying.value.text} ({', '.join(filter(None, (saying.who, saying.place)))})"
        for saying in conflict.others
    )
    preferred = ", ".join(value.text for value in conflict.preferred)
    return conflict.label, conflict.property_label, preferred, others, conflict.sentence


def _identity(desk: Desk) -> Report:
    columns = (Column("one"), Column("other"), Column("near (%)", number=True))
    rows = ((*pair.labels, str(pair.near), pair.why) for pair in desk.suspects)
    table = _print("Identity suspects", (*columns, Column("why", long=True)), rows)
    lead = f"{len(desk.suspects)} pairs of models or datasets that may be one thing."
    return Report("Identity suspects", lead, (table,), tabulate_suspects(desk.suspects))


def _links(_desk: Desk) -> Report:
    health = read_health(health_file())
    states = sort_states(health) if health else []
    worth = [s for s in states if state_of(s) not in ("ok", "refused")]
    columns = (Column("link"), Column("state"), Column("since"), Column("where", long=True))
    rows = (
        (s.link, _words(state_of(s), s.finding.to), str(s.since), ", ".join(map(str, s.places)))
        for s in worth
    )
    table = _print("Links to look after", columns, rows)
    counts = (_count_table(health), table) if health else ()
    lead = (
        f"{len(states)} links, last looked at on {health.checked_on}; {health.unseen} never."
        if health
        else "Nobody has looked yet: run “audiokg link check”."
    )
    return Report("Health of links", lead, counts, tabulate_links(health, states))


def _count_table(health: Health) -> Printed:
    columns = (Column("state"), Column("links", number=True), Column("meaning", long=True))
    rows = ((name, str(count), meaning) for name, meaning, count in count_states(health))
    return _print("Links by state", columns, rows)


def _words(state: str, to: str) -> str:
    return f"{state}: {to}" if to else state


def _next(desk: Desk) -> Report:
    columns = (
        *(Column("what"), Column("missing"), Column("questions", number=True)),
        *(Column("referred to by", number=True), Column("file to edit")),
    )
    rows = (
        (t.ranked.gap.label, t.what, str(t.ranked.gain), str(t.ranked.references), t.file)
        for t in desk.tasks
    )
    lead = (
        f"{len(desk.tasks)} gaps, by how many questions of the library could gain, then by how "
        "many models, datasets and results refer to the thing."
    )
    table = _print("What to do next", columns, rows)
    return Report("What to do next", lead, (table,), tabulate_tasks(desk.tasks))


#: The word on the command line -> how the report is made.
REPORTS: Final[Mapping[str, Callable[[Desk], Report]]] = {
    "missing": _missing,
    "conflicts": _conflicts,
    "identity": _identity,
    "links": _links,
    "next": _next,
}
