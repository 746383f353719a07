"""The timeline: models by kind and by the month of their first release."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from audiokg.web.overview.facets import Choice, Facet, count_choices, local_name
from audiokg.web.overview.plots import Scale, month_number
from audiokg.web.questions import Row, value
from audiokg.web.tables import Table

WIDTH: Final = 1120
_LEFT, _RIGHT, _TOP, _BOTTOM = 190.0, 1108.0, 6.0, 30.0
_PITCH: Final = 9.6
_LANE_GAP: Final = 20.0
_YEAR_WIDTH: Final = 44.0
_COLOURS: Final = 8
_MONTH = re.compile(r"\d{4}-\d{2}")
_COLUMNS = ("model", "label", "kinds", "released")


@dataclass(frozen=True)
class Model:
    """A model with its kinds (class -> label) and its release as the graph writes it, or empty."""

    iri: str
    label: str
    kinds: dict[str, str]
    released: str

    @property
    def month(self) -> str:
        """Give the month of the release; empty where only the year, or nothing, is known."""
        return self.released[:7] if _MONTH.match(self.released) else ""


@dataclass(frozen=True)
class Dot:
    """A model in the picture."""

    model: Model
    x: float
    y: float


@dataclass(frozen=True)
class Lane:
    """The dots of a kind, one above the other within a month; `base` is where they stand."""

    label: str
    colour: int
    base: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Picture:
    """The lanes, the years (label, x) between which they run, and the height of it all."""

    lanes: tuple[Lane, ...]
    years: tuple[tuple[str, float], ...]
    height: float
    width: int = WIDTH


@dataclass(frozen=True)
class Timeline:
    """Models by what is known of their release."""

    models: tuple[Model, ...]

    @property
    def dated(self) -> tuple[Model, ...]:
        """Give the models whose month is known."""
        return tuple(model for model in self.models if model.month)

    @property
    def year_only(self) -> tuple[Model, ...]:
        """Give the models of which only the year is known."""
        return tuple(model for model in self.models if model.released and not model.month)

    @property
    def undated(self) -> tuple[Model, ...]:
        """Give the models of whose release nothing is known."""
        return tuple(model for model in self.models if not model.released)


def read_models(rows: Sequence[Row]) -> list[Model]:
    """Read the models from the rows of timeline.rq, which has one for each model and kind."""
    models = []
    for iri, group in groupby(rows, key=lambda row: value(row, "model")):
        same = list(group)
        kinds = {value(row, "kind"): value(row, "kindLabel") for row in same}
        models.append(Model(iri, value(same[0], "label"), kinds, value(same[0], "released")))
    return models


def count_kinds(models: Sequence[Model]) -> list[Choice]:
    """Count the models of each kind, for the facet."""
    labels = {local_name(kind): label for model in models for kind, label in model.kinds.items()}
    return count_choices((local_name(kind) for model in models for kind in model.kinds), labels)


def select(models: Sequence[Model], facet: Facet) -> Timeline:
    """Take the models of the chosen kind."""
    return Timeline(tuple(m for m in models if facet.admits(map(local_name, m.kinds))))


def draw(timeline: Timeline, facet: Facet, months: Sequence[str]) -> Picture:
    """Draw the dated models in one lane for each kind, on an axis that holds all `months`."""
    if not months:
        return Picture((), (), 0.0)
    first, last = month_number(min(months)), month_number(max(months))
    axis = Scale(first - 0.5, last + 0.5, _LEFT, _RIGHT)
    lanes: list[Lane] = []
    base = _TOP
    for number, choice in enumerate(facet.choices):
        models = [m for m in timeline.dated if choice.value in map(local_name, m.kinds)]
        if models and facet.admits([choice.value]):
            base += _LANE_GAP + _PITCH * max(Counter(m.month for m in models).values())
            dots = _stack(models, axis, base)
            lanes.append(Lane(choice.label, min(number + 1, _COLOURS), base, dots))
    return Picture(tuple(lanes), _years(axis, first, last), round(base + _BOTTOM, 2))


def tabulate(timeline: Timeline) -> Table:
    """Make the twins of the page."""
    rows = [
        {
            "model": model.iri,
            "label": model.label,
            "kinds": list(model.kinds.values()),
            "released": model.released or None,
        }
        for model in timeline.models
    ]
    counts: dict[str, Any] = {
        "month known": len(timeline.dated),
        "year known": len(timeline.year_only),
        "unknown": len(timeline.undated),
    }
    return Table({"counts": counts, "models": rows}, _COLUMNS, rows)


def _years(axis: Scale, first: int, last: int) -> tuple[tuple[str, float], ...]:
    """Mark where years begin; the first one where the axis begins, if its name has room there."""
    marks = [(str(y), axis.place(y * 12 - 0.5)) for y in range(first // 12 + 1, last // 12 + 1)]
    if not marks or marks[0][1] - _LEFT > _YEAR_WIDTH:
        marks.insert(0, (str(first // 12), _LEFT))
    return tuple(marks)


def _stack(models: Sequence[Model], axis: Scale, base: float) -> tuple[Dot, ...]:
    standing: Counter[str] = Counter()
    dots = []
    for model in models:
        x = axis.place(month_number(model.month))
        dots.append(Dot(model, x, round(base - _PITCH * (standing[model.month] + 0.6), 2)))
        standing[model.month] += 1
    return tuple(dots)
