"""/leaderboard/: what there are results for, and each task, dataset and metric with its results."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, abort

from audiokg.binding import bind_terms
from audiokg.export.cells import MOST, Thing
from audiokg.export.tables import LATEX, MARKDOWN, WRITERS, Column, Table
from audiokg.terms import BASE, Term
from audiokg.web.compare.ranking import Place, Ranking, rank_results, read_results
from audiokg.web.compare.views import link_to
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, page
from audiokg.web.questions import Questions, Row, value

#: Stands in an address, and in the query, for a task or a dataset that is not stated.
NONE: Final = "-"
FORMATS: Final = (JSON, CSV, MARKDOWN, LATEX)
_HIGHER: Final = {"true": True, "false": False}
_DIRECTIONS: Final = {
    True: "Higher is better",
    False: "Lower is better",
    None: "Whether higher or lower is better is unknown",
}
_SEGMENTS: Final = ("task", "dataset", "metric")
_GROUP_COLUMNS: Final = ("task", "dataset", "metric", "direction", "results", "systems", "path")
_COLUMNS: Final = (
    *("rank", "name", "system", "value", "comparator", "margin", "kind", "condition"),
    *("is_reference", "is_deprecated", "other_values", "printed", "printed_name"),
    *("source", "source_name", "locator", "line", "result"),
)


def make_leaderboard(questions: Questions) -> Blueprint:
    """Make the blueprint of the results."""
    blueprint = Blueprint("leaderboard", __name__)
    views = _Views(questions)
    blueprint.add_url_rule("/leaderboard/", view_func=views.index)
    blueprint.add_url_rule("/leaderboard/<task>/<dataset>/<metric>", view_func=views.group)
    return blueprint


@dataclass(frozen=True)
class Group:
    """A task, a dataset and a metric that there are results for; the first two may be unknown."""

    things: tuple[Thing, Thing, Thing]
    higher: bool | None
    definition: str
    results: int
    systems: int

    @property
    def task(self) -> Thing:
        """Give the task; its IRI is `-` where none is stated."""
        return self.things[0]

    @property
    def dataset(self) -> Thing:
        """Give the dataset; its IRI is `-` where none is stated."""
        return self.things[1]

    @property
    def metric(self) -> Thing:
        """Give the metric."""
        return self.things[2]

    @property
    def path(self) -> str:
        """Give the address: the three ids, with the segment where it is not the usual."""
        return "/leaderboard/" + "/".join(map(_write_part, self.things, _SEGMENTS))

    @property
    def direction(self) -> str:
        """Say which values are the better ones."""
        return _DIRECTIONS[self.higher]

    @property
    def title(self) -> str:
        """Say what is measured, on what, for what."""
        label = self.metric.label
        dataset = f" on {self.dataset.label}" if self.dataset.iri != NONE else ""
        task = f" for {self.task.label}" if self.task.iri != NONE else ""
        return label[:1].upper() + label[1:] + dataset + task

    @property
    def terms(self) -> dict[str, Term]:
        """Give the terms that the query asks for."""
        return {name: _term(t.iri) for name, t in zip(_SEGMENTS, self.things, strict=True)}

    def document(self) -> dict[str, Any]:
        """Give the group for JSON and CSV."""
        named = {
            name: None if t.iri == NONE else t.iri
            for name, t in zip(_SEGMENTS, self.things, strict=True)
        }
        numbers = {"direction": self.direction, "results": self.results, "systems": self.systems}
        return named | {"title": self.title} | numbers | {"path": self.path}


@dataclass(frozen=True)
class _Views:
    questions: Questions

    def index(self) -> Response:
        chosen = choose_twin(JSON, CSV)
        groups = self._groups()
        documents = [group.document() for group in groups]
        if chosen is JSON:
            return data(_json({"leaderboards": documents}), JSON)
        if chosen is CSV:
            return data(WRITERS["csv"](_records("", _GROUP_COLUMNS, documents)), CSV)
        query = self.questions.queries["leaderboards"].text
        return page(
            "leaderboards.html", groups=groups, unstated=NONE, query=query, formats=(JSON, CSV)
        )

    def group(self, task: str, dataset: str, metric: str) -> Response:
        chosen = choose_twin(*FORMATS)
        groups = {group.path: group for group in self._groups()}
        asked = f"/leaderboard/{task}/{dataset}/{metric}"
        if asked not in groups:
            near = ", ".join(get_close_matches(asked, groups, 3)) or "none is near"
            abort(404, f"There are no results for {asked}. See /leaderboard/; the nearest: {near}.")
        group = groups[asked]
        results = read_results(self.questions.rows("leaderboard", **group.terms))
        rankings = rank_results(results, group.higher)
        if chosen is not HTML:
            return data(
                _WRITERS.get(chosen.name, _write_tables)(group, rankings, chosen.name), chosen
            )
        return page(
            "leaderboard.html",
            group=group,
            rankings=rankings,
            unstated=NONE,
            query=bind_terms(self.questions.queries["leaderboard"].text, group.terms),
            compared=_compare_link(rankings),
            same_metric=[g for g in groups.values() if g.metric == group.metric and g != group],
            same_dataset=[g for g in groups.values() if g.dataset == group.dataset and g != group],
            formats=FORMATS,
        )

    def _groups(self) -> list[Group]:
        return [_group(row) for row in self.questions.rows("leaderboards")]


def _group(row: Row) -> Group:
    task, dataset, metric = (Thing(value(row, n), value(row, f"{n}Label")) for n in _SEGMENTS)
    return Group(
        (task, dataset, metric),
        _HIGHER.get(value(row, "higher")),
        value(row, "definition"),
        int(value(row, "results")),
        int(value(row, "subjects")),
    )


def _write_part(thing: Thing, segment: str) -> str:
    return thing.iri.removeprefix(f"{BASE}{segment}/").removeprefix(BASE).replace("/", ":")


def _term(text: str) -> Term:
    return ox.Literal(text) if text == NONE else ox.NamedNode(text)


def _compare_link(rankings: Sequence[Ranking]) -> str:
    """Give the comparison of the models, best first; none where they are too many or one."""
    systems = dict.fromkeys(p.result.system for r in rankings for p in r.places)
    models = [Thing(iri, "").ident for iri in systems if iri.startswith(f"{BASE}model/")]
    return link_to(models) if 1 < len(models) <= MOST else ""


def _write_json(group: Group, rankings: Sequence[Ranking], _: str) -> str:
    tables = [
        {
            "condition": r.condition or None,
            "kind": r.kind,
            "results": [_record(p) for p in r.places],
        }
        for r in rankings
    ]
    return _json(group.document() | {"higherIsBetter": group.higher, "tables": tables})


def _write_csv(group: Group, rankings: Sequence[Ranking], _: str) -> str:
    records = [_record(place) for ranking in rankings for place in ranking.places]
    return WRITERS["csv"](_records(group.title, _COLUMNS, records))


def _write_tables(group: Group, rankings: Sequence[Ranking], form: str) -> str:
    return WRITERS[form](*(_table(group, ranking) for ranking in rankings))


_WRITERS: Final = {"json": _write_json, "csv": _write_csv}


def _table(group: Group, ranking: Ranking) -> Table:
    columns = (
        *(Column("Rank", number=True), Column("System"), Column("Value", number=True)),
        *(Column("Stated by", long=True), Column("As printed")),
    )
    rows = (
        (
            str(p.rank or ""),
            p.result.name,
            p.result.text,
            f"{p.result.source_name}, {p.result.locator}",
            p.result.printed,
        )
        for p in ranking.places
    )
    caption = f"{group.title}, {ranking.condition or 'no condition stated'}"
    return Table(caption, columns, tuple(rows), f"{group.direction}.")


def _records(title: str, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> Table:
    rows = (tuple("" if r[n] is None else str(r[n]) for n in names) for r in records)
    return Table(title, tuple(map(Column, names)), tuple(rows))


def _record(place: Place) -> dict[str, Any]:
    """Give a result for JSON and CSV."""
    others = "; ".join(f"{other.text} ({other.locator})" for other in place.others)
    fields = asdict(place.result)
    given = {"result": fields.pop("iri"), "value": float(fields["value"])}
    return fields | given | {"rank": place.rank, "other_values": others}


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
