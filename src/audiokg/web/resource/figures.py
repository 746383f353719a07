"""What a resource is in numbers, the table of a family, and the arithmetic of a bitrate."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from audiokg.amounts import COMPARATORS, read_number, write_range
from audiokg.terms import expand
from audiokg.web.questions import Row, value
from audiokg.web.resource.facts import Anchors, Group
from audiokg.wording import explain

#: Property -> unit and caption of the figure, in order.
_FIGURES: Final = {
    expand(name): (unit, caption)
    for name, unit, caption in (
        ("akg:sampleRateHz", "Hz", "sample rate"),
        ("akg:frameRateHz", "Hz", "frame rate"),
        ("akg:codebookCount", "", "codebooks"),
        ("akg:codebookSize", "", "codebook size"),
        ("akg:bitrateKbps", "kbit/s", "bitrate"),
        ("akg:embeddingDimension", "", "embedding dimension"),
        ("akg:parameterCount", "", "parameters"),
        ("akg:trainingHours", "h", "audio learned from"),
        ("akg:trainingTokens", "", "tokens learned from"),
        ("akg:durationHours", "h", "duration"),
        ("akg:languageCount", "", "languages"),
    )
}
_BITRATE: Final = expand("akg:bitrateKbps")
#: So many places of a computed bitrate are shown.
_PLACES: Final = 4
#: The rule for a bitrate that does not add up.
_ARITHMETIC: Final = "stated-over-computed"
_TOLERANCE: Final = Decimal("0.02")


@dataclass(frozen=True)
class Figure:
    """One number with its unit, what it is of, and the condition under which it holds."""

    text: str
    unit: str
    caption: str
    condition: str = ""


def read_figures(groups: Iterable[Group]) -> list[Figure]:
    """Read the figures of a resource from its facts."""
    facts = {fact.iri: fact for group in groups for fact in group.facts if fact.values}
    found = []
    for iri, (unit, caption) in _FIGURES.items():
        fact = facts.get(iri)
        numbers = _numbers(v.term["value"] for v in fact.values) if fact else []
        if fact and numbers:
            marks = {w.comparator for w in fact.witnesses} if len(numbers) == 1 else set()
            mark = COMPARATORS.get(marks.pop(), "") if len(marks) == 1 else ""
            condition = f"{len(numbers)} settings" if iri == _BITRATE and len(numbers) > 1 else ""
            found.append(Figure(mark + write_range(numbers), unit, caption, condition))
    return found


def _numbers(texts: Iterable[str]) -> list[Decimal]:
    return [number for text in texts if (number := read_number(text)) is not None]


@dataclass(frozen=True)
class Family:
    """The configurations of a model: the properties that some have, and a row for each."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    figures: tuple[Figure, ...]

    @property
    def span(self) -> str:
        """Say over what the figures reach."""
        number = len(self.rows)
        return f"Over its {number} configurations" if number > 1 else "Of its one configuration"


def read_family(rows: Sequence[Row]) -> Family | None:
    """Read the configurations of a family from queries/page/variants.rq; None without any."""
    names: dict[str, str] = {}
    figures: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        variant, property_ = value(row, "variant"), value(row, "property")
        names[variant] = value(row, "label")
        if property_ in _FIGURES:
            figures[property_][variant] += _numbers([value(row, "value")])
    if not names:
        return None
    used = {iri: words for iri, words in _FIGURES.items() if iri in figures}
    table = tuple(
        (iri, name, tuple(write_range(figures[column][iri]) for column in used))
        for iri, name in names.items()
    )
    spans = tuple(
        Figure(
            write_range(n for numbers in figures[iri].values() for n in numbers),
            unit,
            caption,
        )
        for iri, (unit, caption) in used.items()
    )
    return Family(tuple((caption, unit) for unit, caption in used.values()), table, spans)


@dataclass(frozen=True)
class Stream:
    """One token stream, with what it adds to the bitrate, None where a figure is unknown."""

    anchor: str
    kind: str
    rate: Decimal | None
    codebooks: Decimal | None
    size: Decimal | None
    bits: Decimal | None

    @property
    def kbps(self) -> Decimal | None:
        """Compute what it adds to the bitrate, in kbit/s; None where a figure is unknown."""
        if self.rate is None or self.codebooks is None or self.bits is None:
            return None
        return round(self.rate * self.codebooks * self.bits / 1000, _PLACES)

    @property
    def missing(self) -> str:
        """Name the figures that are unknown."""
        figures = {
            "frame rate": self.rate,
            "number of codebooks": self.codebooks,
            "codebook size": self.bits,
        }
        return " and ".join(name for name, number in figures.items() if number is None)


@dataclass(frozen=True)
class Setting:
    """One operating point: its bitrate, whether that was computed, the sum, and its streams."""

    anchor: str
    bitrate: Decimal | None
    is_derived: bool
    computed: Decimal | None
    streams: tuple[Stream, ...]
    rule: str = ""

    @property
    def agrees(self) -> bool:
        """Tell whether the stated bitrate and the sum are within 2 %."""
        if self.bitrate is None or self.computed is None:
            return True
        return abs(self.bitrate - self.computed) <= _TOLERANCE * self.bitrate


def read_settings(
    rows: Sequence[Row], conflicts: Sequence[Row], anchors: Anchors
) -> Iterator[Setting]:
    """Read the operating points from queries/page/settings.rq."""
    rules = {
        value(row, "subject"): explain(_ARITHMETIC)
        for row in conflicts
        if value(row, "rule") == _ARITHMETIC
    }
    for iri, group in groupby(rows, key=lambda row: value(row, "setting")):
        points = list(group)
        yield Setting(
            anchor=anchors.take(iri),
            bitrate=read_number(value(points[0], "bitrate")),
            is_derived=value(points[0], "isDerived") == "true",
            computed=read_number(value(points[0], "computed")),
            streams=tuple(_streams(points, anchors)),
            rule=rules.get(iri, ""),
        )


def _streams(rows: Sequence[Row], anchors: Anchors) -> Iterator[Stream]:
    known = [row for row in rows if "stream" in row]
    for iri, group in groupby(known, key=lambda row: value(row, "stream")):
        same = list(group)
        yield Stream(
            anchor=anchors.take(iri),
            kind=value(same[0], "kind"),
            rate=_only(same, "frameRate"),
            codebooks=_only(same, "codebooks"),
            size=_only(same, "size"),
            bits=_only(same, "bits"),
        )


def _only(rows: Sequence[Mapping[str, Mapping[str, str]]], name: str) -> Decimal | None:
    """Give the one value there is; several, as two rates of a configuration, decide nothing."""
    values = {row[name]["value"] for row in rows if name in row}
    return read_number(values.pop()) if len(values) == 1 else None
