"""The map of codecs: frame rate against bitrate, by quantizer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audiokg.web.overview.facets import Choice, Facet, local_name
from audiokg.web.overview.plots import SHAPES, LogScale, spread, ticks, widen
from audiokg.web.questions import Row, value
from audiokg.web.tables import Table

WIDTH, HEIGHT = 960, 620
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 944.0, 12.0, 566.0
_DISTANCE: Final = 9.5
#: How many quantizers have a colour and a marker of their own; then come these three.
_OWN: Final = 5
_OTHERS: Final = ("another method", "several methods", "method unknown")
_COLUMNS = (
    *("configuration", "label", "lowestFrameRateHz", "highestFrameRateHz", "bitrateKbps"),
    *("bitrateIsComputed", "codebooks", "sampleRateHz", "quantizers", "domains"),
)


@dataclass(frozen=True)
class Setting:
    """A configuration at one of its bitrates; None and empty where nothing is known.

    Frame rates are the lowest and the highest of its token streams.
    """

    iri: str
    label: str
    bitrate: float | None
    is_computed: bool
    rates: tuple[float, float] | None
    codebooks: str
    sample_rate: float | None
    quantizers: tuple[str, ...]
    domains: tuple[str, ...]

    @property
    def lacks(self) -> str:
        """Say which number is missing; empty where the setting has its place on the map."""
        missing = {"frame rate": self.rates, "bitrate": self.bitrate}
        return " and ".join(name for name, number in missing.items() if number is None)

    @property
    def rate_text(self) -> str:
        """Write the frame rate, or the lowest and the highest; empty where unknown."""
        if self.rates is None:
            return ""
        low, high = self.rates
        return f"{low:g}" if low == high else f"{low:g} to {high:g}"


@dataclass(frozen=True)
class Mark:
    """A setting in the picture; `left` is where its lowest frame rate is, if it has several."""

    setting: Setting
    title: str
    x: float
    y: float
    left: float | None
    category: int


@dataclass(frozen=True)
class Tick:
    """A number on an axis."""

    label: str
    place: float


@dataclass(frozen=True)
class Legend:
    """A category of quantizers: number of its colour, label, settings in the picture, marker."""

    number: int
    label: str
    count: int
    path: str


@dataclass(frozen=True)
class CodecMap:
    """The picture, its legend, and what is not in it."""

    marks: tuple[Mark, ...]
    columns: tuple[Tick, ...]
    lines: tuple[Tick, ...]
    legend: tuple[Legend, ...]
    left_out: tuple[Setting, ...]
    width: int = WIDTH
    height: int = HEIGHT
    frame: tuple[float, float, float, float] = (_LEFT, _TOP, _RIGHT, _BOTTOM)


def read_settings(rows: Sequence[Row], labels: Mapping[str, str]) -> list[Setting]:
    """Read the settings from the rows of map.rq, with the labels of quantizers and domains."""
    return [_read_setting(row, labels) for row in rows]


def read_choices(rows: Sequence[Row], facet: str) -> list[Choice]:
    """Read the choices of a facet from the rows of map-facets.rq."""
    return [
        Choice(local_name(value(row, "thing")), value(row, "label"), int(value(row, "count")))
        for row in rows
        if value(row, "facet") == facet
    ]


def select(settings: Sequence[Setting], quantizer: Facet, domain: Facet) -> list[Setting]:
    """Take the settings with the chosen quantizer and the chosen domain."""
    return [
        setting
        for setting in settings
        if _chosen(quantizer) <= set(setting.quantizers) and _chosen(domain) <= set(setting.domains)
    ]


def draw(settings: Sequence[Setting], quantizers: Sequence[Choice]) -> CodecMap:
    """Draw the settings that have both numbers; the axes hold all of them."""
    placed = [setting for setting in settings if not setting.lacks]
    xs, ys = _scales(placed)
    categories = [*(choice.label for choice in quantizers[:_OWN]), *_OTHERS]
    ideal = [(xs.place(s.rates[1]), ys.place(s.bitrate)) for s in placed if s.rates and s.bitrate]
    marks = [
        _mark(setting, xs, point, _category(setting, categories))
        for setting, point in zip(placed, spread(ideal, _DISTANCE), strict=True)
    ]
    return CodecMap(
        marks=tuple(marks),
        columns=_ticks(xs),
        lines=_ticks(ys),
        legend=_legend(marks, categories),
        left_out=tuple(setting for setting in settings if setting.lacks),
    )


def tabulate(settings: Sequence[Setting]) -> Table:
    """Make the twins of the page."""
    rows = [_document(setting) for setting in settings]
    shown = sum(not setting.lacks for setting in settings)
    counts = {"on the map": shown, "without a frame rate or bitrate": len(rows) - shown}
    return Table({"counts": counts, "settings": rows}, _COLUMNS, rows)


def _chosen(facet: Facet) -> set[str]:
    return {choice.label for choice in facet.choices if choice.value == facet.chosen}


def _read_setting(row: Row, labels: Mapping[str, str]) -> Setting:
    low, high = _number(row, "lowestRate"), _number(row, "highestRate")
    return Setting(
        iri=value(row, "configuration"),
        label=value(row, "label"),
        bitrate=_number(row, "bitrate"),
        is_computed=value(row, "computed") == "true",
        rates=(low, high) if low is not None and high is not None else None,
        codebooks=value(row, "codebooks"),
        sample_rate=_number(row, "sampleRate"),
        quantizers=_labels(value(row, "quantizers"), labels),
        domains=_labels(value(row, "domains"), labels),
    )


def _labels(iris: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(labels.get(iri, local_name(iri)) for iri in iris.split()))


def _number(row: Row, name: str) -> float | None:
    """Read a positive number; zero has no place on a logarithmic axis, and no meaning here."""
    number = float(value(row, name) or 0)
    return number if number > 0 else None


def _scales(placed: Sequence[Setting]) -> tuple[LogScale, LogScale]:
    rates = [rate for setting in placed for rate in setting.rates or ()]
    bitrates = [setting.bitrate for setting in placed if setting.bitrate]
    return LogScale(*widen(rates), _LEFT, _RIGHT), LogScale(*widen(bitrates), _BOTTOM, _TOP)


def _ticks(scale: LogScale) -> tuple[Tick, ...]:
    return tuple(Tick(f"{n:g}", scale.place(n)) for n in ticks(scale.low, scale.high))


def _category(setting: Setting, categories: Sequence[str]) -> int:
    another, several, unknown = _OTHERS
    if not setting.quantizers:
        return categories.index(unknown)
    if len(setting.quantizers) > 1:
        return categories.index(several)
    [quantizer] = setting.quantizers
    return categories.index(quantizer if quantizer in categories else another)


def _mark(setting: Setting, xs: LogScale, point: tuple[float, float], category: int) -> Mark:
    x, y = point
    low, high = setting.rates or (0.0, 0.0)
    return Mark(setting, _title(setting), x, y, xs.place(low) if low < high else None, category)


def _title(setting: Setting) -> str:
    parts = [f"{setting.label}: {setting.rate_text} Hz", f"{setting.bitrate:g} kbit/s"]
    if setting.is_computed:
        parts[-1] += " (computed)"
    if setting.codebooks:
        parts.append(f"{setting.codebooks} codebook{'' if setting.codebooks == '1' else 's'}")
    if setting.sample_rate:
        parts.append(f"sample rate {setting.sample_rate / 1000:g} kHz")
    return ", ".join([*parts, " + ".join(setting.quantizers) or "quantizer unknown"])


def _legend(marks: Sequence[Mark], categories: Sequence[str]) -> tuple[Legend, ...]:
    counted = Counter(mark.category for mark in marks)
    return tuple(
        Legend(number + 1, label, counted[number], path)
        for number, (label, path) in enumerate(zip(categories, SHAPES.values(), strict=False))
    )


def _document(setting: Setting) -> dict[str, Any]:
    low, high = setting.rates or (None, None)
    values = (
        *(setting.iri, setting.label, low, high, setting.bitrate, setting.is_computed),
        *(int(setting.codebooks) if setting.codebooks else None, setting.sample_rate),
        *(setting.quantizers, setting.domains),
    )
    return dict(zip(_COLUMNS, values, strict=True))
