"""Place boxes in columns, with lines from left to right: few crossings, no overlaps.

The steps are those of Sugiyama: break cycles, choose columns, order each column by the mean place
of what its cells are tied to, then choose heights. A line that passes a column has a slot there.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

HEIGHT: Final = 28.0
_SLOT: Final = 6.0
_SPACE: Final = 8.0
_SWEEPS: Final = 10

Arc = tuple[str, str]
Point = tuple[float, float]
#: A box, or the slot of a line in a column.
_Cell = str | tuple[str, str, int]
_Ties = Mapping[_Cell, tuple[list[_Cell], list[_Cell]]]


@dataclass(frozen=True)
class Box:
    """A box by its left end, the middle of its height, and its width."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Layout:
    """The boxes, and for each arc the points of its line from left to right."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: Mapping[Arc, tuple[Point, ...]]


def lay_out(
    widths: Mapping[str, float],
    arcs: Collection[Arc],
    gap: float,
    hub: str = "",
    after: Collection[str] = (),
) -> Layout:
    """Lay out boxes of at least these widths, each arc's first left of its second.

    Columns are `gap` apart. What leads to the hub stands near it, and so does what follows; what
    is `after` stands right of it, tied to it or not. Where arcs go round, some are turned; an arc
    to itself has no line.
    """
    bounds = [*arcs, *((hub, node) for node in after)]
    order = _line_up(widths, bounds)
    turned = {arc: sorted(arc, key=order.__getitem__) for arc in bounds if arc[0] != arc[1]}
    layers = _layers(order, list(turned.values()), hub)
    chains, rows = _columns(layers, {arc: ends for arc, ends in turned.items() if arc in arcs})
    ties = _ties(chains.values())
    _untangle(rows, ties)
    heights = _spread(rows, ties)
    boxes: dict[_Cell, Box] = {}
    x = 0.0
    for row in rows:
        width = max(widths[cell] for cell in row if isinstance(cell, str))
        boxes.update((cell, Box(x, heights[cell], width)) for cell in row)
        x += width + gap
    return Layout(
        max(x - gap, 0.0),
        max((box.y for box in boxes.values()), default=0.0) + HEIGHT / 2,
        {cell: box for cell, box in boxes.items() if isinstance(cell, str)},
        {arc: _line([boxes[cell] for cell in chain]) for arc, chain in chains.items()},
    )


def _line_up(nodes: Collection[str], arcs: Collection[Arc]) -> dict[str, int]:
    """Give nodes their numbers, left before right; in a cycle the least bound is first."""
    waiting: dict[str, set[str]] = {node: set() for node in nodes}
    for left, right in arcs:
        waiting[right] |= {left} - {right}
    order: dict[str, int] = {}
    while waiting:
        node = min(waiting, key=lambda name: len(waiting[name]))
        order[node] = len(order)
        del waiting[node]
        for lefts in waiting.values():
            lefts.discard(node)
    return order


def _layers(order: dict[str, int], arcs: Collection[Sequence[str]], hub: str) -> dict[str, int]:
    """Give each node its column: as far left as can be, what leads to the hub as far right."""
    lefts: dict[str, list[str]] = defaultdict(list)
    rights: dict[str, list[str]] = defaultdict(list)
    for left, right in arcs:
        lefts[right].append(left)
        rights[left].append(right)
    layers: dict[str, int] = {}
    for node in order:
        layers[node] = max((layers[left] + 1 for left in lefts[node]), default=0)
    leading = {hub}
    for node in reversed(order):
        if node != hub and not leading.isdisjoint(rights[node]):
            leading.add(node)
            layers[node] = min(layers[right] for right in rights[node]) - 1
    numbers = {layer: number for number, layer in enumerate(sorted(set(layers.values())))}
    return {node: numbers[layer] for node, layer in layers.items()}


def _columns(
    layers: Mapping[str, int], turned: Mapping[Arc, Sequence[str]]
) -> tuple[dict[Arc, list[_Cell]], list[list[_Cell]]]:
    """Give each arc its chain of cells, and each column its cells."""
    rows: list[dict[_Cell, None]] = [{} for _ in range(max(layers.values(), default=-1) + 1)]
    for node, layer in layers.items():
        rows[layer][node] = None
    chains: dict[Arc, list[_Cell]] = {}
    for arc, (left, right) in turned.items():
        slots: list[_Cell] = [(left, right, n) for n in range(layers[left] + 1, layers[right])]
        chains[arc] = [left, *slots, right]
        for number, slot in enumerate(slots, layers[left] + 1):
            rows[number][slot] = None
    return chains, [list(row) for row in rows]


def _ties(chains: Collection[Sequence[_Cell]]) -> _Ties:
    """Give each cell what it is tied to on its left and on its right."""
    ties: dict[_Cell, tuple[list[_Cell], list[_Cell]]] = defaultdict(lambda: ([], []))
    for chain in chains:
        for left, right in pairwise(chain):
            ties[left][1].append(right)
            ties[right][0].append(left)
    return ties


def _untangle(rows: list[list[_Cell]], ties: _Ties) -> None:
    """Order each row by where its cells are tied to, sweeping there and back."""
    for sweep in range(_SWEEPS):
        side = sweep % 2
        place: dict[_Cell, float] = {}
        for row in rows[::-1] if side else rows:
            own = _shares(row)
            wish = {cell: _mean(place, ties[cell][side], own[cell]) for cell in row}
            row.sort(key=wish.__getitem__)
            place |= _shares(row)


def _spread(rows: list[list[_Cell]], ties: _Ties) -> dict[_Cell, float]:
    """Give each cell its height, near what it is tied to, with room between neighbours."""
    offsets = [_offsets(row) for row in rows]
    heights: dict[_Cell, float] = {}
    for row, steps in zip(rows, offsets, strict=True):
        heights.update((cell, step - steps[-1] / 2) for cell, step in zip(row, steps, strict=True))
    for sweep in range(_SWEEPS):
        turn = -1 if sweep % 2 else 1
        for row, steps in zip(rows[::turn], offsets[::turn], strict=True):
            both = [_mean(heights, [*ties[cell][0], *ties[cell][1]], heights[cell]) for cell in row]
            heights.update(zip(row, _apart(both, steps), strict=True))
    top = min((height - _size(cell) / 2 for cell, height in heights.items()), default=0.0)
    return {cell: height - top for cell, height in heights.items()}


def _apart(wishes: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Give the heights nearest to what is wished that keep the order and the room (least squares).

    Less its offset a height may only grow along the row, so this is isotonic regression, done by
    pooling adjacent violators.
    """
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    level = [total / count for total, count in pools for _ in range(count)]
    return [base + offset for base, offset in zip(level, offsets, strict=True)]


def _offsets(row: Sequence[_Cell]) -> list[float]:
    """Give each cell's least distance from the first of its row."""
    offsets = [0.0]
    for above, below in pairwise(row):
        offsets.append(offsets[-1] + (_size(above) + _size(below)) / 2 + _SPACE)
    return offsets


def _line(boxes: Sequence[Box]) -> tuple[Point, ...]:
    points = [(x, box.y) for box in boxes for x in (box.x, box.x + box.width)]
    return tuple(points[1:-1])


def _shares(row: Sequence[_Cell]) -> dict[_Cell, float]:
    return {cell: (index + 0.5) / len(row) for index, cell in enumerate(row)}


def _mean(known: Mapping[_Cell, float], cells: Sequence[_Cell], otherwise: float) -> float:
    values = [known[cell] for cell in cells if cell in known]
    return sum(values) / len(values) if values else otherwise


def _size(cell: _Cell) -> float:
    return HEIGHT if isinstance(cell, str) else _SLOT
