"""Scales, places and shapes: numbers in, coordinates of an SVG out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, hypot, log10
from types import MappingProxyType
from typing import Final

Point = tuple[float, float]

#: Paths of markers around the origin, some 9 units wide; the order is that of the colours --c1 on.
SHAPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "circle": "M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z",
        "square": "M-3.8-3.8h7.6v7.6h-7.6z",
        "triangle": "M0-4.8L4.6 3.6H-4.6z",
        "diamond": "M0-5.2L5.2 0L0 5.2L-5.2 0z",
        "wedge": "M0 4.8L4.6-3.6H-4.6z",
        "plus": "M-1.6-4.8h3.2v3.2h3.2v3.2h-3.2v3.2h-3.2v-3.2h-3.2v-3.2h3.2z",
        "hourglass": "M-4.6-4.6h9.2L1.6 0L4.6 4.6h-9.2L-1.6 0z",
        "bar": "M-5.2-1.9h10.4v3.8h-10.4z",
    }
)
_STEPS: Final = (1, 2, 5)
_RINGS: Final = 40


@dataclass(frozen=True)
class Scale:
    """A straight line from numbers to coordinates: `low` falls on `start`, `high` on `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, number: float) -> float:
        """Give the coordinate of a number."""
        part = (number - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 2)


@dataclass(frozen=True)
class LogScale:
    """The same for the logarithms of positive numbers."""

    low: float
    high: float
    start: float
    end: float

    def place(self, number: float) -> float:
        """Give the coordinate of a positive number."""
        straight = Scale(log10(self.low), log10(self.high), self.start, self.end)
        return straight.place(log10(number))


def ticks(low: float, high: float) -> list[float]:
    """Give 1, 2, 5, 10, 20, 50 … from `low` to `high`."""
    exponents = range(floor(log10(low)), ceil(log10(high)) + 1)
    numbers = [float(f"{step}e{exponent}") for exponent in exponents for step in _STEPS]
    return [number for number in numbers if low <= number <= high]


def widen(numbers: Sequence[float]) -> tuple[float, float]:
    """Give the range of positive numbers with a fifth more on both sides; 1 to 10 for none."""
    if not numbers:
        return 1.0, 10.0
    return min(numbers) / 1.2, max(numbers) * 1.2


def spread(points: Sequence[Point], distance: float) -> list[Point]:
    """Move points that would cover another to the nearest free place, the first ones least."""
    placed: list[Point] = []
    for point in points:
        placed.append(_nearest_free(point, placed, distance))
    return placed


def month_number(month: str) -> int:
    """Count the months up to a month written 2024-08."""
    year, number = month[:4], month[5:7]
    return int(year) * 12 + int(number) - 1


def _nearest_free(point: Point, placed: Sequence[Point], distance: float) -> Point:
    x, y = point
    reach = (_RINGS + 1) * distance
    near = [(a, b) for a, b in placed if abs(a - x) < reach and abs(b - y) < reach]
    for dx, dy in _honeycomb(distance):
        place = (round(x + dx, 2), round(y + dy, 2))
        if all(hypot(place[0] - a, place[1] - b) > distance * 0.95 for a, b in near):
            return place
    return point


def _honeycomb(distance: float) -> Iterator[Point]:
    """Give the centre, then ring after ring of places with `distance` between neighbours."""
    yield 0.0, 0.0
    for ring in range(1, _RINGS + 1):
        corners = [_corner(side, ring, distance) for side in range(6)]
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
            for step in range(ring):
                yield ax + (bx - ax) * step / ring, ay + (by - ay) * step / ring


def _corner(side: int, ring: int, distance: float) -> Point:
    directions = ((1, 0), (0.5, 0.866), (-0.5, 0.866), (-1, 0), (-0.5, -0.866), (0.5, -0.866))
    x, y = directions[side]
    return x * ring * distance, y * ring * distance
