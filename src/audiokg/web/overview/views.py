"""Pictures and reports of the whole graph: /timeline, /map, /conflicts, /missing, /changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from audiokg.queries import Query
from audiokg.snapshot import Manifest
from audiokg.web.negotiation import HTML
from audiokg.web.overview import changes, codec_map, conflicts, missing, timeline
from audiokg.web.overview.facets import read_facet
from audiokg.web.page import CSV, JSON, choose_twin, page, read_number
from audiokg.web.questions import Questions, value
from audiokg.web.tables import Table, answer_table

#: How many conflicts a page shows.
_PAGES: Final = 1_000_000
_PAGE: Final = 200
_TRIDENT: Final = "changes-of-speech-trident"


def make_overview(
    questions: Questions, examples: Mapping[str, Query], manifest: Manifest
) -> Blueprint:
    """Make the blueprint of the pictures and reports."""
    blueprint = Blueprint("overview", __name__)
    views = _Views(questions, Questions(questions.engine, examples), manifest)
    blueprint.add_url_rule("/timeline", view_func=views.timeline)
    blueprint.add_url_rule("/map", view_func=views.map)
    blueprint.add_url_rule("/conflicts", view_func=views.conflicts)
    blueprint.add_url_rule("/missing", view_func=views.missing)
    blueprint.add_url_rule("/missing/<what>", view_func=views.missing_list)
    blueprint.add_url_rule("/changes", view_func=views.changes)
    return blueprint


@dataclass(frozen=True)
class _Views:
    questions: Questions
    examples: Questions
    manifest: Manifest

    def timeline(self) -> Response:
        models = timeline.read_models(self.questions.rows("timeline"))
        facet = read_facet("kind", "kind of model", timeline.count_kinds(models))
        shown = timeline.select(models, facet)
        months = [model.month for model in models if model.month]
        return self._answer(
            "timeline.html",
            timeline.tabulate(shown),
            query=self._text("timeline"),
            timeline=shown,
            picture=timeline.draw(shown, facet, months),
            facets=[facet],
        )

    def map(self) -> Response:
        facets = self.questions.rows("map-facets")
        labels = {value(row, "thing"): value(row, "label") for row in facets}
        quantizers = codec_map.read_choices(facets, "quantizer")
        domains = codec_map.read_choices(facets, "domain")
        chosen = (
            read_facet("quantizer", "quantizer", quantizers),
            read_facet("domain", "audio domain", domains),
        )
        settings = codec_map.read_settings(self.questions.rows("map"), labels)
        shown = codec_map.select(settings, *chosen)
        return self._answer(
            "map.html",
            codec_map.tabulate(shown),
            query=self._text("map"),
            map=codec_map.draw(shown, quantizers),
            settings=shown,
            facets=chosen,
        )

    def conflicts(self) -> Response:
        parts = ("conflicts-all", "conflicts-preferred", "conflicts-names")
        found = conflicts.read_conflicts(*(self.questions.rows(part) for part in parts))
        facets = conflicts.read_facets(found)
        shown = conflicts.select(found, *facets)
        number, pages = _page_number(len(shown))
        return self._answer(
            "conflicts.html",
            conflicts.tabulate(shown),
            query=self._text(parts[0]),
            conflicts=shown[(number - 1) * _PAGE : number * _PAGE],
            total=len(shown),
            first=(number - 1) * _PAGE + 1,
            number=number,
            pages=pages,
            facets=facets,
        )

    def missing(self) -> Response:
        counted = missing.count_gaps(missing.GAPS, self.examples, self.questions)
        groups = missing.group_gaps(counted)
        return self._answer("missing.html", missing.tabulate_gaps(counted), groups=groups)

    def missing_list(self, what: str) -> Response:
        gap = missing.find_gap(what)
        if gap is None:
            abort(404, f"There is no list of what is missing called “{what}”; /missing has all.")
        [counted] = missing.count_gaps([gap], self.examples, self.questions)
        query = (self.examples.queries.get(gap.query) or self.questions.queries[gap.query]).text
        return self._answer(
            "missing-list.html", missing.tabulate_things(counted), query=query, counted=counted
        )

    def changes(self) -> Response:
        entries = self.questions.rows("changes-entries")
        lines = changes.read_lines(self.examples.rows(_TRIDENT), entries)
        files = changes.read_files(self.questions.rows("changes-newest"))
        return self._answer(
            "changes.html",
            changes.tabulate(self.manifest.version, lines, files),
            query=self.examples.queries[_TRIDENT].text,
            lines=changes.group_lines(lines),
            total=len(files),
            days=changes.count_files(files),
        )

    def _text(self, name: str) -> str:
        return self.questions.queries[name].text

    def _answer(self, template: str, table: Table, **values: Any) -> Response:
        """Answer with the page, or with its twin."""
        chosen = choose_twin(JSON, CSV)
        if chosen is not HTML:
            return answer_table(table, chosen)
        return page(template, twins=(JSON, CSV), path=_path(), **values)


def _path() -> str:
    """Give the address of the page, with what it is narrowed to but without a format."""
    narrowed = {name: text for name, text in request.args.items() if text and name != "format"}
    return f"{request.path}?{urlencode(narrowed)}" if narrowed else request.path


def _page_number(total: int) -> tuple[int, int]:
    """Read the number of the page from the URL, and give that of the last."""
    pages = max(1, -(-total // _PAGE))
    number = read_number("page", 1, 1, _PAGES)
    if number > pages:
        abort(404, f"There is no page {number}; the pages are 1 to {pages}.")
    return number, pages
